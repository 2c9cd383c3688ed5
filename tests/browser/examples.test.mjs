// SPDX-License-Identifier: MIT
//
// examples/page and examples/worker in Chromium, from the repo's root as their comments say.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { closeAll, content, host, root, skip, style, visit } from './support.mjs'

after(closeAll)

test('the page of examples/page paints', { skip }, async () => {
  const { page, close } = await visit(`${await host({ folder: root })}examples/page/`, { expected: /favicon|404/ })
  await page.setInputFiles('#content', content)
  await page.setInputFiles('#style', style)
  await page.fill('#size', '64')
  await page.click('#paint')
  await page.waitForFunction(() => /[^%]$/.test(document.querySelector('#said').value))
  assert.equal(await page.locator('#said').textContent(), 'Done')
  const [width, height] = await page.locator('#picture')
    .evaluate((canvas) => [canvas.width, canvas.height])
  assert.equal(Math.max(width, height), 64)
  await close()
})

test('the worker of examples/worker answers with a picture', { skip }, async () => {
  const at = await host({ folder: root })
  const { page, close } = await visit(`${at}examples/page/`, { expected: /favicon|404/ })
  const [width, height] = await page.evaluate(async (base) => {
    const [photo, painting] = await Promise.all(['cat.jpg', 'church-at-auvers.jpg'].map(async (name) => (
      (await fetch(`${base}web/samples/${name}`)).blob())))
    const worker = new Worker(`${base}examples/worker/worker.js`, { type: 'module' })
    const { picture, error } = await new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data)
      worker.postMessage({ content: photo, style: painting, size: 64 })
    })
    return error ? [error] : [picture.width, picture.height]
  }, at)
  assert.equal(Math.max(width, height), 64, width)
  await close()
})
