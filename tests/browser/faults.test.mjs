// SPDX-License-Identifier: MIT
//
// What may go wrong around the page: workers that do not start, trap or vanish, storage that is missing or full, an old
// browser, hosts that serve wrongly, kills and many runs. The page keeps the pictures, the regions and the last
// preview, says what happened in words, and can start again.

import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { after, test } from 'node:test'
import {
  choose, closeAll, content, download, engineReady, finished, host, paints, pictureFile, root, site, skip, smallest,
  visit
} from './support.mjs'

after(closeAll)

const blocked = { serviceWorkers: /** @type {const} */ ('block') }
const start = (page) => page.locator('#start').click()
const notice = (page, text) => page.locator('#notices .notice', { hasText: text }).first()
const secondScale = (page) =>
  page.locator('#run-phase', { hasText: 'Painting, step 2 of' }).waitFor({ timeout: 120000 })

/** Serves another worker instead. @param {import('playwright-core').BrowserContext} context @param {string} body */
const serveWorker = (context, body) => context.route('**/api/worker/entry.browser.js', (route) => route.fulfill({
  body, contentType: 'text/javascript', headers: { 'Cross-Origin-Embedder-Policy': 'require-corp' } }))

/** The site's worker, which traps at its nth step. @param {number} nth */
async function trapping(nth) {
  return `${await readFile(path.join(site, 'api/worker/entry.browser.js'), 'utf8')}
    import { Wasm } from './wasm.js'
    const { step } = Wasm.prototype
    let steps = 0
    Wasm.prototype.step = function (run) {
      if (++steps === ${nth}) throw new WebAssembly.RuntimeError('unreachable')
      return step.call(this, run)
    }`
}

/** A flat picture of two colours, left and right. */
const halves = async (page, left, right) => ({ name: 'halves.png', mimeType: 'image/png',
  buffer: await pictureFile(page, 64, 32, (x) => [...(x < 32 ? left : right), 255]) })

async function drawRegions(page) {
  await page.locator('#tab-regions').click()
  await page.getByLabel('Guidance picture of the photo').setInputFiles(await halves(page, [255, 0, 0], [0, 0, 255]))
  await page.getByLabel('Guidance picture of the style').setInputFiles(await halves(page, [0, 0, 255], [255, 0, 0]))
  await page.locator('#regions').getByText('2 regions found').waitFor({ state: 'attached' })
}

async function keptEverything(page) {
  assert.match(await page.locator('#content .caption span').textContent(), /cat\.jpg/)
  assert.match(await page.locator('#style .caption span').textContent(), /church/)
  assert.ok(await page.locator('.after').evaluate((canvas) => new Set(
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size > 20), 'the last preview')
}

// ---- workers --------------------------------------------------------------------------------------------------------

for (const [name, serveFault, words] of [
  ['is not there', (context) => context.route('**/api/worker/entry.browser.js', (route) => route.fulfill({ status: 404 })),
    'it could not be loaded'],
  ['throws at its start', (context) => serveWorker(context, 'throw new Error("no luck")'), 'no luck']
]) {
  test(`a worker that ${name}: said, and tried again`, { skip }, async () => {
    const { page, context, close } = await visit(await host(),
      { ...blocked, expected: /404|no luck/, prepare: serveFault })
    await notice(page, words).waitFor()
    await page.setInputFiles('#content-file', content)
    await page.locator('#content .problem', { hasText: words }).waitFor()
    await context.unroute('**/api/worker/entry.browser.js')
    await choose(page)
    await paints(page)
    await close()
  })
}

test('a worker that traps in a run: pictures, regions and preview stay, and the run continues from its last state',
  { skip }, async () => {
    const { page, close } = await visit(await host(),
      { ...blocked, prepare: async (context) => serveWorker(context, await trapping(36)) })
    await choose(page)
    await drawRegions(page)
    await smallest(page)
    await start(page)
    await notice(page, 'unreachable').waitFor({ timeout: 120000 })
    await finished(page)
    assert.match(await page.locator('#keep-title').textContent(), /Stopped at \d+ %/)
    await keptEverything(page)
    await page.locator('#tab-regions').click()
    await page.locator('#regions').getByText('2 regions found').waitFor({ state: 'attached' })
    await page.locator('#tab-result').click()
    assert.ok((await download(page, 'Download PNG')).bytes.length > 1000)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.locator('#keep').waitFor({ state: 'hidden' })
    await finished(page)
    assert.equal(await page.locator('#keep-title').textContent(), 'Your picture')
    assert.equal(await page.locator('#notices .notice', { hasText: 'unreachable' }).count(), 1,
      'what the first run ended by')
    await close()
  })

test('a worker that vanishes without a word: Cancel brings the preview, and the run continues', { skip }, async () => {
  const { page, close } = await visit(await host(), {
    prepare: (context) => context.addInitScript(() => {
      const { Worker } = window
      window.Worker = class extends Worker {
        constructor(...args) {
          super(...args)
          window.latestWorker = this
        }
      }
    })
  })
  await choose(page)
  await smallest(page)
  await start(page)
  await secondScale(page)
  await page.evaluate(() => window.latestWorker.terminate())
  await page.getByRole('button', { name: 'Stop' }).click()
  await finished(page)
  await keptEverything(page)
  await page.getByRole('button', { name: 'Continue' }).click()
  await secondScale(page)
  await page.getByRole('button', { name: 'Stop' }).click()
  await finished(page)
  await close()
})

// ---- browsers that lack something -----------------------------------------------------------------------------------

test('no WebAssembly SIMD: said, at once and beside the picture that cannot be read', { skip }, async () => {
  const { page, close } = await visit(await host(), { ...blocked, prepare: (context) => context.addInitScript(() => {
    WebAssembly.validate = () => false
  }) })
  await notice(page, 'no WebAssembly SIMD').waitFor()
  await page.setInputFiles('#content-file', content)
  await page.locator('#content .problem', { hasText: 'no WebAssembly SIMD' }).waitFor()
  await close()
})

test('no SharedArrayBuffer: one thread, and a run', { skip }, async () => {
  const { page, close } = await visit(await host(), { ...blocked, prepare: (context) => context.addInitScript(() => {
    delete window.SharedArrayBuffer
  }) })
  await engineReady(page)
  assert.match(await page.locator('#engine-info').getAttribute('title'), /single/)
  await choose(page)
  await paints(page)
  await close()
})

test('a private window, where nothing can be stored: said once, and a run', { skip }, async () => {
  const { page, close } = await visit(await host(), { ...blocked, prepare: (context) => context.addInitScript(() => {
    const refuse = { get() { throw new DOMException('denied', 'SecurityError') } }
    for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, refuse)
    for (const name of ['indexedDB', 'caches']) Object.defineProperty(window, name, { value: undefined })
  }) })
  await choose(page)
  await paints(page)
  assert.equal(await notice(page, 'keeps nothing').count(), 1)
  await page.locator('#theme').click()
  await close()
})

test('a full disk and a database that does not open: said, and the run is finished', { skip }, async () => {
  for (const fault of [
    () => {
      IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError') }
      if ('Cache' in window) Cache.prototype.put = async () => { throw new DOMException('full', 'QuotaExceededError') }
    },
    () => { IDBFactory.prototype.open = () => { throw new DOMException('denied', 'UnknownError') } }
  ]) {
    const { page, close } = await visit(await host(),
      { ...blocked, prepare: (context) => context.addInitScript(fault) })
    await choose(page)
    await smallest(page)
    await page.getByLabel('Fine').check({ force: true }) // a run long enough to be cancelled
    await start(page)
    await notice(page, 'keeps nothing').waitFor()
    await page.waitForFunction(() => parseInt(document.title, 10) >= 3, null,
      { timeout: 120000 }) // the page has a state to go on from
    await page.getByRole('button', { name: 'Stop' }).click()
    await finished(page)
    await keptEverything(page)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.locator('#terms path[d]').first().waitFor({ state: 'attached', timeout: 120000 })
    await close()
  }
})

// ---- hosts that serve wrongly ---------------------------------------------------------------------------------------

test('WebAssembly of a wrong MIME type', { skip }, async () => {
  const { page, close } = await visit(await host(), {
    ...blocked, prepare: (context) => context.route('**/*.wasm', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, headers: { ...response.headers(), 'content-type': 'text/html' } })
    })
  })
  await choose(page)
  await paints(page)
  await close()
})

test('WebAssembly that is missing or cut: said, and tried again', { skip }, async () => {
  for (const [reply, words] of [[{ status: 404 }, /\.wasm.*404/],
    [{ body: Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0]) }, /engine stopped|worker failed/]]) {
    const { page, context, close } = await visit(await host(), { ...blocked, expected: /404|wasm/i,
      prepare: (context) => context.route('**/*.wasm', (route) => route.fulfill(reply)) })
    await notice(page, words).waitFor()
    await context.unroute('**/*.wasm')
    await choose(page)
    await close()
  }
})

test('weights that are cut, altered or do not come: said, and Paint tries again', { skip }, async () => {
  const good = await readFile(path.join(site, 'weights/vgg16.q8.bin'))
  const altered = Buffer.from(good)
  altered[5000000] ^= 1
  for (const [answer, words] of [[(route) => route.fulfill({ body: good.subarray(0, 5000000) }), /cut short/],
    [(route) => route.fulfill({ body: altered }), /checksum/],
    [(route) => route.abort('connectionreset'), /model could not be downloaded/]]) {
    const { page, context, close } = await visit(await host(), { ...blocked,
      expected: /ERR_CONNECTION_RESET|Failed to load/, prepare: (context) => context.route('**/weights/*', answer) })
    await notice(page, words).waitFor()
    await context.unroute('**/weights/*')
    await choose(page)
    await paints(page)
    await close()
  }
})

test('weights that fail while a run waits for them: told once, asked for again only by a person', { skip }, async () => {
  let fail = () => undefined
  let asked = 0
  const held = new Promise((resolve) => (fail = resolve))
  const { page, context, close } = await visit(await host(), { ...blocked,
    expected: /ERR_CONNECTION_RESET|Failed to load/, prepare: (context) => context.route('**/weights/*', async (route) => {
      asked++
      await held
      await route.abort('connectionreset')
    }) })
  await choose(page)
  await start(page)
  await page.locator('#run-phase', { hasText: 'Downloading' }).waitFor()
  fail()
  await page.locator('#running').waitFor({ state: 'hidden' })
  await page.locator('#estimate', { hasText: /^$/ }).waitFor({ state: 'attached' })
  assert.equal(await page.locator('#notices .notice').count(), 1)
  assert.equal(asked, 1)
  await context.unroute('**/weights/*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('#estimate', { hasText: /About \d/ }).waitFor()
  assert.equal(await page.locator('#notices .notice').count(), 0)
  await close()
})

// ---- kills, and many runs -------------------------------------------------------------------------------------------

test('killed and continued in Chromium: the same bytes; a hundred runs in one page: no growth', { skip }, async () => {
  const { page, close } = await visit(await host(), blocked)
  await engineReady(page)
  const devtools = await page.context().newCDPSession(page)
  const heap = async () => {
    await devtools.send('HeapProfiler.collectGarbage')
    return (await devtools.send('Runtime.getHeapUsage')).usedSize
  }
  const killed = await page.evaluate(async () => {
    const { createEngine } = await import(new URL('api/index.browser.js', document.baseURI).href)
    const data = Uint8ClampedArray.from({ length: 4 * 40 * 8 }, (_, i) => (i * i) >> 3)
    const run = { content: { width: 40, height: 8, data }, style: { width: 8, height: 40, data },
      size: 72, iterations: 4 }
    const open = (threads) => createEngine({ threads, base: new URL('wasm/', document.baseURI) })
    window.engine = await open(2)
    window.tiny = { ...run, size: 64, iterations: 1 }
    const text = ({ image }) => image.data.join()
    const whole = text(await window.engine.stylize(run))
    const same = []
    for (const [nth, threads] of [[1, 3], [3, 1], [4, 2], [6, 3]]) {
      const doomed = await open(threads)
      const state = await new Promise((resolve) => {
        let seen = 0
        const started = doomed.start({ ...run, onProgress: ({ type }) => {
          if (type === 'iteration' && ++seen === nth) started.checkpoint().then(resolve)
        } })
        started.result.catch(() => undefined)
      })
      doomed.dispose()
      same.push(text(await window.engine.stylize({ ...run, resume: state })) === whole)
    }
    return same
  })
  assert.deepEqual(killed, [true, true, true, true])
  const runs = (count) => page.evaluate(async (n) => {
    let peak = 0
    for (let i = 0; i < n; i++) peak = (await window.engine.stylize(window.tiny)).stats.peakBytes
    return peak
  }, count)
  const [peak, used] = [await runs(10), await heap()]
  assert.equal(await runs(90), peak, 'WebAssembly memory')
  assert.ok(await heap() < used + 1e6, `JavaScript: ${used} bytes, then ${await heap()}`)
  await close()
})

// ---- nothing gets in ------------------------------------------------------------------------------------------------

test('a file name is text, whatever it says', { skip }, async () => {
  const { page, close } = await visit(await host(), blocked)
  const name = '<img src=x onerror=document.title=1>.jpg'
  const buffer = await readFile(content)
  for (const well of ['content', 'style']) await page.setInputFiles(
    `#${well}-file`, { name, mimeType: 'image/jpeg', buffer })
  await page.locator('#start:enabled').waitFor()
  assert.match(await page.locator('#content .caption span').textContent(), /^<img src=x/)
  await page.setInputFiles('#content-file', { name, mimeType: 'image/png', buffer: Buffer.from('no picture') })
  await page.locator('#content .problem', { hasText: '<img src=x' }).waitFor()
  assert.equal(await page.locator('img[src=x]').count(), 0)
  await close()
})

test('the policy allows scripts, workers and connections of this origin only; no code makes markup or code of text',
  { skip }, async () => {
    const html = await readFile(path.join(site, 'index.html'), 'utf8')
    const policy = /http-equiv="?Content-Security-Policy"? content="([^"]*)"/.exec(html)?.[1] ?? ''
    const rules = Object.fromEntries(policy.split(/; ?/)
      .map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]))
    assert.equal(rules['default-src'], "'none'")
    assert.equal(rules['script-src'], "'self' 'wasm-unsafe-eval'")
    for (const rule of ['worker-src', 'connect-src', 'style-src', 'manifest-src']) assert.equal(rules[rule], "'self'")
    for (const rule of ['base-uri', 'form-action']) assert.equal(rules[rule], "'none'")
    assert.doesNotMatch(html, /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/)
    for (const folder of ['web', 'src/api', 'src/guidance']) {
      for (const name of (await readdir(path.join(root, folder), { recursive: true })).filter((file) => file.endsWith('.js'))) {
        const code = await readFile(path.join(root, folder, name), 'utf8')
        assert.doesNotMatch(code,
          /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|sendBeacon|XMLHttpRequest|WebSocket/,
          name)
      }
    }
  })
