// SPDX-License-Identifier: MIT
//
// The folder on hosts of every kind: with headers, without them below a path, offline, without service workers. Weights
// kept and deleted, nothing fetched twice, page code small.

import assert from 'node:assert/strict'
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { integrity } from '../../web/site.mjs'
import {
  choose, closeAll, engineReady, host, paints, root, site, skip, smallest, visit
} from './support.mjs'

after(closeAll)

const info = (page) => page.locator('#engine-info').getAttribute('title')
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
  await page.getByText(/model \(\d+ MB\) is kept on this device/).waitFor()
  await context.setOffline(true)
  await page.reload()
  await engineReady(page)
  await page.getByRole('button', { name: /Rocket/ }).waitFor()
  await choose(page)
  await paints(page)
  await context.setOffline(false)

  await page.locator('#about summary').click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('is not kept on this device').waitFor()
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
  await page.getByText(/is kept on this device/).waitFor({ state: 'attached' })
  await close()
})

// ---- versions -------------------------------------------------------------------------------------------------------

/** A copy of the site that can be published anew. */
async function publisher() {
  const folder = await mkdtemp(path.join(tmpdir(), 'strotss-site-'))
  await cp(site, folder, { recursive: true })
  const worker = await readFile(path.join(folder, 'sw.js'), 'utf8')
  const [, first] = /VERSION = '(\w+)'/.exec(worker)
  const names = JSON.parse(await readFile(path.join(folder, `files-${first}.json`), 'utf8')).map(([name]) => name)
  return {
    folder,
    /** Main script and region editor tell their version. */
    async publish(version) {
      for (const name of ['page/main.js', 'regions/editor.js']) {
        await appendFile(path.join(folder, name), `\nwindow['${name}'] = '${version}'\n`)
      }
      const list = JSON.stringify(await Promise.all(names.map(async (name) =>
        [name, integrity(await readFile(path.join(folder, name)))])))
      await writeFile(path.join(folder, `files-${version}.json`), list)
      await writeFile(path.join(folder, 'sw.js'), worker.replace(/VERSION = '\w+'/, `VERSION = '${version}'`)
        .replace(/LIST = '[^']+'/, `LIST = '${integrity(list)}'`))
    }
  }
}

/** Looks for a newer version. @returns {Promise<string>} what became of it: 'installed' (it waits) or 'redundant' */
const update = (page) => page.evaluate(async () => {
  const registration = await navigator.serviceWorker.ready
  const found = new Promise((resolve) => registration.addEventListener('updatefound', resolve, { once: true }))
  await registration.update()
  await found
  const newer = registration.installing ?? registration.waiting
  while (newer.state === 'installing') {
    await new Promise((resolve) => newer.addEventListener('statechange', resolve, { once: true }))
  }
  return newer.state
})

test('a newer version waits while another window shows the older, which stays of one version', { skip }, async () => {
  const { folder, publish } = await publisher()
  await publish('one')
  const { page, context, close } = await visit(await host({ folder }))
  await served(page)
  const other = await context.newPage()
  await other.goto(await host({ folder }))
  await engineReady(other)
  await publish('two')
  assert.equal(await update(other), 'installed')
  await other.reload()
  await engineReady(other)
  assert.equal(await other.evaluate(() => window['page/main.js']), 'one')

  await choose(page)
  await page.locator('#tab-regions').click()
  await page.locator('#regions canvas').first().waitFor()
  assert.deepEqual(await page.evaluate(() => [window['page/main.js'], window['regions/editor.js']]), ['one', 'one'])
  await page.close()
  await other.close()
  let version
  for (let visits = 0; visits < 20 && version !== 'two'; visits++) { // the browser counts a closed window for a while
    const next = await context.newPage()
    await next.goto(await host({ folder }))
    await engineReady(next)
    version = await next.evaluate(() => window['page/main.js'])
    await next.close()
  }
  assert.equal(version, 'two')
  await close()
  await rm(folder, { recursive: true })
})

test('a version of which a file is another than was built is not installed', { skip }, async () => {
  const { folder, publish } = await publisher()
  await publish('one')
  const { page, close } = await visit(await host({ folder }), { expected: /integrity/ })
  await served(page)
  await publish('two')
  await appendFile(path.join(folder, 'regions/editor.js'), '\n// half of another version\n')
  assert.equal(await update(page), 'redundant')
  await page.reload()
  await engineReady(page)
  assert.equal(await page.evaluate(() => window['page/main.js']), 'one')
  await close()
  await rm(folder, { recursive: true })
})

test('every host gets the page’s policy as a header, and nobody may frame the page', { skip }, async () => {
  const page = await readFile(path.join(root, 'web/index.html'), 'utf8')
  const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(page)
  for (const name of ['_headers', '.htaccess', 'nginx.conf']) {
    const text = await readFile(path.join(root, 'web/hosting', name), 'utf8')
    assert.ok(text.includes(`${policy}; frame-ancestors 'self'`), name)
  }
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
  await page.locator('#run-phase', { hasText: 'Downloading the model' }).waitFor()
  release()
  await page.locator('#run-phase', { hasText: 'Painting, step' }).waitFor()
  await close()
})
