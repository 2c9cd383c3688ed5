// SPDX-License-Identifier: MIT
//
// The folder on hosts of every kind: with headers, without them below a path, offline, without service workers. Weights
// kept and deleted, nothing fetched twice, page code small.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { choose, closeAll, engineReady, host, paints, siteFiles, skip, smallest, visit } from './support.mjs'

after(closeAll)

const info = (page) => page.locator('#engine-info').textContent()
const served = (page) => page.waitForFunction(() => navigator.serviceWorker.controller !== null)

test('with headers: isolated at once, never reloaded, threads', { skip }, async () => {
  const { page, close } = await visit(await host())
  let loads = 0
  page.on('load', () => loads++)
  await engineReady(page)
  await served(page)
  assert.ok(await page.evaluate(() => window.crossOriginIsolated))
  assert.match(await info(page), await page.evaluate(() => navigator.hardwareConcurrency > 1) ? /threads/ : /single/)
  assert.equal(loads, 0)
  assert.equal(await page.locator('#notices .notice').count(), 0)
  await close()
})

test('without headers, below a path: one reload, then isolated by the service worker, and a run',
  { skip }, async () => {
    const { page, close } = await visit(await host({ isolated: false, base: '/some/where/' }))
    await page.waitForFunction(() => window.crossOriginIsolated)
    await engineReady(page)
    let loads = 0
    page.on('load', () => loads++)
    await choose(page)
    await paints(page)
    assert.equal(loads, 0)
    await close()
  })

test('a picture chosen before the reload is not lost: the page asks', { skip }, async () => {
  const { page, close } = await visit(await host({ isolated: false }), {
    prepare: (context) => context.addInitScript(() => {
      if (!navigator.serviceWorker) return
      const register = ServiceWorkerContainer.prototype.register
      ServiceWorkerContainer.prototype.register = async function (...args) {
        await new Promise((resolve) => (window.letRegister = resolve))
        return register.apply(this, args)
      }
    })
  })
  await choose(page)
  await page.evaluate(() => window.letRegister())
  await page.locator('#notices').getByRole('button', { name: 'Reload' }).waitFor()
  assert.match(await info(page), /single/)
  assert.match(await page.locator('#content .caption span').textContent(), /cat/)
  await close()
})

test('neither headers nor service worker: one thread, a visible note, and a run', { skip }, async () => {
  const { page, close } = await visit(await host({ isolated: false }), { serviceWorkers: 'block' })
  await page.getByText('Running on one processor core').waitFor()
  await engineReady(page)
  assert.match(await info(page), /single.*one thread, since the page is not cross-origin isolated/)
  assert.ok(await page.locator('#threads').isDisabled())
  await choose(page)
  await paints(page)
  await close()
})

test('second visit offline: page, samples, engine and weights are there', { skip }, async () => {
  const { page, context, close } = await visit(await host())
  await served(page)
  await page.locator('#about summary').click()
  await page.getByText(/weights \(\d+ MB\) are kept on this device/).waitFor()
  await context.setOffline(true)
  await page.reload()
  await engineReady(page)
  await page.getByRole('button', { name: /Rocket/ }).waitFor()
  await choose(page)
  await paints(page)
  await context.setOffline(false)

  await page.locator('#about summary').click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('weights are not kept').waitFor()
  assert.deepEqual(await page.evaluate(async () => (await caches.open('strotss-weights')).keys()), [])
  await close()
})

test('damaged weights are refused, not kept, and fetched again', { skip }, async () => {
  const { page, context, close } = await visit(await host(), {
    serviceWorkers: 'block',
    prepare: (context) => context.route('**/weights/*', (route) => route.fulfill({ body: 'not the weights' }))
  })
  await page.locator('#notices').getByText(/weights/).waitFor()
  assert.ok(!(await page.evaluate(() => caches.has('strotss-weights'))))
  await context.unroute('**/weights/*')
  await page.reload()
  await page.getByText(/are kept on this device/).waitFor({ state: 'attached' })
  await close()
})

test('the page is usable before the weights arrive', { skip }, async () => {
  let release = () => undefined
  const held = new Promise((resolve) => (release = resolve))
  const { page, close } = await visit(await host(), {
    serviceWorkers: 'block',
    prepare: (context) => context.route('**/weights/*', async (route) => {
      await held
      await route.continue()
    })
  })
  await choose(page)
  await smallest(page)
  await page.locator('#start').click()
  await page.locator('#run-phase', { hasText: 'Fetching the network’s weights' }).waitFor()
  release()
  await page.locator('#run-phase', { hasText: 'Painting scale' }).waitFor()
  await close()
})

test('page code is under 100 kB', { skip }, async (t) => {
  const files = await siteFiles(/^(?!wasm).*\.(html|css|js)$/)
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0)
  t.diagnostic(`${total} bytes in ${files.length} files`)
  assert.ok(total < 100000, `${total} bytes`)
})
