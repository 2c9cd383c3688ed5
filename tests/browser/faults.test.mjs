// SPDX-License-Identifier: MIT
//
// Workers that do not start, or trap in a run. The page keeps the pictures, the regions and the last preview, says what happened
// in words, and can start again.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { after, test } from 'node:test'
import { choose, closeAll, content, download, finished, host, paints, site, skip, smallest, visit } from './support.mjs'

after(closeAll)

const blocked = { serviceWorkers: /** @type {const} */ ('block') }
const start = (page) => page.locator('#start').click()
const notice = (page, text) => page.locator('#notices .notice', { hasText: text }).first()

/** Serves another worker instead. @param {import('playwright-core').BrowserContext} context @param {string} body */
const serveWorker = (context, body) => context.route('**/api/worker.js', (route) => route.fulfill({
  body, contentType: 'text/javascript', headers: { 'Cross-Origin-Embedder-Policy': 'require-corp' } }))

/** The site's worker, which traps at its nth step. @param {number} nth */
async function trapping(nth) {
  return `${await readFile(path.join(site, 'api/worker.js'), 'utf8')}
    import { Wasm } from './wasm.js'
    const { step } = Wasm.prototype
    let steps = 0
    Wasm.prototype.step = function (run) {
      if (++steps === ${nth}) throw new WebAssembly.RuntimeError('unreachable')
      return step.call(this, run)
    }`
}

/** A flat picture of two colours, left and right. */
async function halves(page, left, right) {
  const text = await page.evaluate(async ([a, b]) => {
    const canvas = new OffscreenCanvas(64, 32)
    const pen = canvas.getContext('2d')
    pen.fillStyle = a
    pen.fillRect(0, 0, 32, 32)
    pen.fillStyle = b
    pen.fillRect(32, 0, 32, 32)
    const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())
    return btoa(String.fromCharCode(...bytes))
  }, [left, right])
  return { name: 'halves.png', mimeType: 'image/png', buffer: Buffer.from(text, 'base64') }
}

async function drawRegions(page) {
  await page.locator('#tab-regions').click()
  await page.getByLabel('Guidance picture of the content').setInputFiles(await halves(page, '#f00', '#00f'))
  await page.getByLabel('Guidance picture of the style').setInputFiles(await halves(page, '#00f', '#f00'))
  await page.locator('#regions').getByText(/100 %|50/).first().waitFor()
}

async function keptEverything(page) {
  assert.match(await page.locator('#content .caption span').textContent(), /cat\.jpg/)
  assert.match(await page.locator('#style .caption span').textContent(), /church/)
  assert.ok(await page.locator('.after').evaluate((canvas) =>
    new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size > 20), 'the last preview')
}

// ---- workers -----------------------------------------------------------------------------------------------------------

for (const [name, serveFault, words] of [
  ['is not there', (context) => context.route('**/api/worker.js', (route) => route.fulfill({ status: 404 })), 'it could not be loaded']
]) {
  test(`a worker that ${name}: said, and tried again`, { skip }, async () => {
    const { page, context, close } = await visit(await host(), { ...blocked, expected: /404/, prepare: serveFault })
    await notice(page, words).waitFor()
    await page.setInputFiles('#content-file', content)
    await page.locator('#content .problem', { hasText: words }).waitFor()
    await context.unroute('**/api/worker.js')
    await choose(page)
    await smallest(page)
    await paints(page)
    await close()
  })
}

test('a worker that traps in a run: pictures, regions and preview stay, and the run continues from its last state', { skip }, async () => {
  const { page, close } = await visit(await host(), { ...blocked, prepare: async (context) => serveWorker(context, await trapping(36)) })
  await choose(page)
  await drawRegions(page)
  await smallest(page)
  await start(page)
  await notice(page, 'unreachable').waitFor({ timeout: 120000 })
  await finished(page)
  assert.match(await page.locator('#keep-title').textContent(), /Stopped at \d+ %/)
  await keptEverything(page)
  await page.locator('#tab-regions').click()
  await page.locator('#regions').getByText(/100 %|50/).first().waitFor()
  await page.locator('#tab-result').click()
  assert.ok((await download(page, 'Download PNG')).bytes.length > 1000)
  await page.getByRole('button', { name: 'Continue' }).click()
  await finished(page)
  assert.equal(await page.locator('#keep-title').textContent(), 'Your picture')
  await close()
})
