// SPDX-License-Identifier: MIT
//
// A run as a person sees it: start, watch, pause, lose the page, go on, cancel, keep the result.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import {
  choose, closeAll, content, download, drawn, engineReady, finished, host, paints, pictureFile, skip, smallest, style,
  transferOf, visit
} from './support.mjs'

/** The PNG of an uninterrupted run, which a continued one must equal. @type {Buffer} */
let uninterrupted

after(closeAll)

const start = (page) => page.locator('#start').click()
/** Iterations are going on at this scale, counted from 1. */
const painting = (page, scale) =>
  page.locator('#run-phase', { hasText: `Painting, step ${scale} of` }).waitFor({ timeout: 120000 })

test('run, watch, compare, keep: no task of the page takes long', { skip }, async () => {
  const { page, close } = await visit(await host(), { permissions: ['clipboard-read', 'clipboard-write'] })
  await engineReady(page)
  await choose(page)
  await smallest(page)
  await page.locator('#threads').evaluate((field) => (field.value = '1'))
  await page.locator('#threads').dispatchEvent('change')
  await page.locator('#estimate').getByText(/About \d/).waitFor()
  await page.evaluate(() => {
    window.phases = []
    new MutationObserver(() => window.phases.push(document.getElementById('announcer').textContent))
      .observe(document.getElementById('announcer'), { childList: true, characterData: true, subtree: true })
    window.previews = 0
    const put = CanvasRenderingContext2D.prototype.putImageData
    CanvasRenderingContext2D.prototype.putImageData = function (...args) {
      window.previews++
      return put.apply(this, args)
    }
  })
  const began = await page.evaluate(() => performance.now())
  await start(page)
  await painting(page, 1)
  assert.equal(await page.evaluate(() => document.activeElement.id), 'pause')
  await painting(page, 2)
  await page.locator('#run-left', { hasText: /^\d+ % · (about \d+ (s|min)|a few seconds) left$/ }).waitFor()
  const [bar, words] = await page.evaluate(() =>
    [document.getElementById('run-done').value, parseInt(document.getElementById('run-left').textContent, 10)])
  assert.equal(Math.floor(100 * bar), words, 'the bar and the words are one')
  assert.ok(Number(await page.locator('#terms .value').last().textContent()) > 0)
  assert.match(await page.locator('#terms path').last().getAttribute('d'), /^M.*L/)
  assert.match(await page.title(), /^\d+ % · Strotss$/)
  await finished(page)
  const seen = await page.evaluate((from) => ({
    slow: window.longTasks.filter(({ startTime, duration }) => startTime > from && duration > 50),
    seconds: (performance.now() - from) / 1000, previews: window.previews, phases: window.phases
  }), began)
  assert.ok(seen.previews >= Math.floor(seen.seconds / 2.5), `${seen.previews} repaints in ${seen.seconds} s`)
  assert.ok(seen.phases.length < 20 && seen.phases.at(-1) === 'Finished', `live region: ${seen.phases}`)
  assert.equal(await page.evaluate(() => document.activeElement.id), 'save')
  assert.equal(await page.title(), 'Done · Strotss')
  assert.ok(await page.locator('#beside').evaluate((image) => image.naturalWidth > 0), 'the style beside the picture')

  const png = await download(page, 'PNG')
  assert.equal(png.name, 'cat-by-church-at-auvers-128-w0.5-draft-seed0.png')
  uninterrupted = png.bytes
  assert.deepEqual(seen.slow, [], 'tasks over 50 ms')
  const jpeg = await download(page, 'JPEG')
  for (const { name, bytes } of [png, jpeg]) {
    const [width, height, alike] = await page.evaluate(async ([text, type]) => {
      const data = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
      const bitmap = await createImageBitmap(new Blob([data], { type }))
      const shown = document.querySelector('#compare .after')
      return [bitmap.width, bitmap.height, bitmap.width === shown.width && bitmap.height === shown.height]
    }, [bytes.toString('base64'), name.endsWith('png') ? 'image/png' : 'image/jpeg'])
    assert.ok(alike && Math.max(width, height) === 128, `${name}: ${width} × ${height}`)
  }
  const told = JSON.parse((await download(page, 'Save settings')).bytes.toString())
  assert.deepEqual([told.settings.size, told.content.name, told.settings.quality], [128, 'cat.jpg', 'draft'])
  await page.getByText('More', { exact: true }).click()
  await page.getByRole('button', { name: 'Copy terminal command' }).click()
  await page.getByText('Command copied.').waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()),
    'npx strotss cat.jpg church-at-auvers.jpg -o cat-by-church-at-auvers-128-w0.5-draft-seed0.png ' +
    '--size 128 --content-weight 0.5 --quality draft --seed 0')
  await page.getByRole('button', { name: 'Copy picture' }).click()
  await page.getByText('Picture copied.').waitFor()

  await page.locator('#split').fill('40')
  assert.equal(await page.locator('#compare .plane').evaluate((plane) => plane.style.getPropertyValue('--split')), '40%')
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await page.locator('#zoom-fit', { hasText: '150 %' }).click()
  await page.locator('#zoom-fit', { hasText: 'Fit' }).waitFor()
  assert.equal(await page.locator('#strip button').count(), 2)
  await page.getByRole('button', { name: 'Show the picture at 64 pixels' }).click()
  await page.waitForFunction(() =>
    Math.max(document.querySelector('#compare .after').width, document.querySelector('#compare .after').height) === 64)
  await page.getByRole('button', { name: 'Show the picture at 128 pixels' }).click()
  await page.waitForFunction(() =>
    Math.max(document.querySelector('#compare .after').width, document.querySelector('#compare .after').height) === 128)

  const pixels = () => page.locator('#compare .after').evaluate((canvas) =>
    [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].slice(0, 400).join())
  const free = await pixels()
  await page.getByText('Keep the photo’s colours').click()
  await page.waitForTimeout(500)
  assert.notEqual(await pixels(), free)
  await page.getByText('Keep the photo’s colours').click()
  await page.waitForTimeout(500)
  assert.equal(await pixels(), free)
  await close()
})

test('pause, reload, continue: the same bytes as an uninterrupted run', { skip }, async () => {
  const { page, close } = await visit(await host())
  page.on('dialog', (dialog) => dialog.accept())
  await choose(page)
  await smallest(page)
  await start(page)
  await painting(page, 2)
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.locator('#run-phase', { hasText: 'Paused' }).waitFor()
  const at = await page.title()
  await page.waitForTimeout(1200)
  assert.equal(await page.title(), at)
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.waitForTimeout(300)
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.locator('#run-phase', { hasText: 'Paused' }).waitFor()

  await page.reload()
  await page.getByText('Continue last run').waitFor()
  assert.match(await page.locator('#last .card span').textContent(),
    /cat\.jpg after church-at-auvers\.jpg, 128 px, \d+ % painted, today, \d\d:\d\d/)

  const other = await transferOf(page, 'other.jpg', 'image/jpeg', await readFile(style))
  await page.evaluate((transfer) => { // another picture taken while those of the last run are being read
    document.querySelector('#last .primary').click()
    const input = document.getElementById('content-file')
    input.files = transfer.files
    input.dispatchEvent(new Event('change'))
  }, other)
  await page.locator('#content', { hasText: 'other.jpg' }).waitFor()
  await page.locator('#start:enabled').waitFor()
  await page.locator('#style', { hasText: 'church-at-auvers.jpg' }).waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()
  await painting(page, 2)
  await finished(page)
  assert.ok((await download(page, 'PNG')).bytes.equals(uninterrupted), 'the same PNG')

  await page.reload()
  await page.locator('#history .sample').click()
  assert.ok((await download(page, 'PNG')).bytes.equals(uninterrupted), 'the same PNG, kept')
  await page.reload()
  await page.getByRole('button', { name: /^Delete cat/ }).click()
  await page.locator('#history').waitFor({ state: 'hidden' })
  await page.reload()
  await engineReady(page)
  assert.ok(await page.locator('#history').isHidden())
  await close()
})

test('a hidden page keeps its state; a closed one is continued', { skip }, async () => {
  const { page, context, close } = await visit(await host(), {
    prepare: (context) =>
      context.addInitScript(() => (window.setInterval = () => 0)) // what is kept now and then anyway
  })
  await choose(page)
  await smallest(page)
  await page.getByLabel('Fine').check({ force: true }) // a first scale long enough
  await start(page)
  const kept = () => page.evaluate(() => new Promise((resolve) => {
    const request = indexedDB.open('strotss')
    request.onsuccess = () => {
      const read = request.result.transaction('states').objectStore('states').getAll()
      read.onsuccess = () => {
        const [state] = read.result
        resolve({ fraction: state?.fraction ?? 0, scales: state?.scales.length })
      }
    }
  }))
  let first
  while (!(first = (await kept()).fraction)) await page.waitForTimeout(50)
  await page.waitForFunction((percent) => parseInt(document.title, 10) > percent, 100 * first + 1)
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  let hidden
  while ((hidden = await kept()).fraction <= first) await page.waitForTimeout(50)
  assert.equal(hidden.scales, 0, 'kept by the hiding, not by the end of a scale')
  await page.close()
  const again = await context.newPage()
  await again.goto(await host())
  await again.getByRole('button', { name: 'Continue' }).click()
  await again.locator('#terms path[d]').first().waitFor({ state: 'attached' })
  const began = Number((await again.title()).split(' ')[0])
  assert.ok(began > 0, `${began} % of the run was done`)
  await again.getByRole('button', { name: 'Stop' }).click()
  await finished(again)
  await close()
})

test('a region takes its style from its counterpart', { skip }, async () => {
  const { page, close } = await visit(await host())
  /** A strip whose halves are of two colours, with some noise or none. */
  const strip = async (left, right, noise) => ({
    name: 'strip.png', mimeType: 'image/png', buffer: await pictureFile(page, 128, 32, (x, y) => {
      const grain = ((y * 128 + x) * 7919 % 101) / 101 * noise
      return [...(x < 64 ? left : right).map((c) => c + grain), 255]
    })
  })
  /** How much bluer than red the left half is, compared with the right. */
  const contrast = async () => {
    await page.locator('#start').click()
    await finished(page)
    return page.locator('#compare .after').evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      let sum = 0
      for (let i = 0; i < data.length; i += 4) sum += (i / 4 % canvas.width < canvas.width / 2 ? 1 : -1) *
        (data[i + 2] - data[i])
      return 2 * sum / (data.length / 4)
    })
  }
  const [red, blue, grey] = [[170, 30, 30], [30, 30, 170], [100, 100, 100]]
  await choose(page, await strip(grey, grey, 90), await strip(red, blue, 80))
  await smallest(page)
  const free = await contrast()
  await page.locator('#tab-regions').click()
  await page.getByLabel('Guidance picture of the photo').setInputFiles(await strip([255, 0, 0], [0, 0, 255], 0))
  await page.getByLabel('Guidance picture of the style').setInputFiles(await strip([0, 0, 255], [255, 0, 0], 0))
  await page.locator('#regions').getByText(/100 %|50/).first().waitFor()
  const paired = await contrast()
  assert.ok(paired > 100 && paired > Math.abs(free) + 80, `${paired} with regions, ${free} without`)
  await close()
})

test('killed with its renderer, continued in a new tab: the same bytes as an uninterrupted run', { skip }, async () => {
  const { page, context, close } = await visit(await host())
  await choose(page)
  await smallest(page)
  await start(page)
  await painting(page, 2)
  const crashed = page.waitForEvent('crash')
  const cdp = await context.newCDPSession(page)
  cdp.send('Page.crash').catch(() => undefined)
  await crashed
  const again = await context.newPage()
  await again.goto(await host())
  await again.getByText('Continue last run').waitFor()
  await again.getByRole('button', { name: 'Continue' }).click()
  await finished(again)
  assert.ok((await download(again, 'PNG')).bytes.equals(uninterrupted), 'the same PNG')
  await close()
})

/** Adds a line to a script of the site, the first so many times it is fetched. */
const amend = (name, line, times) => async (context) => {
  await context.route(`**/${name}`, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: `${await response.text()}\n${line}` })
  }, { times })
}

/**
 * Presses Cancel as soon as the phase reads so.
 * @returns {Promise<number>} milliseconds until the run is off the screen
 */
const cancelAt = (page, words) => page.evaluate((text) => new Promise((resolve) => {
  const at = (id) => document.getElementById(id)
  const look = () => {
    if (at('running').hidden || !at('run-phase').textContent.startsWith(text)) return
    watch.disconnect()
    const began = performance.now()
    at('cancel').click()
    const over = new MutationObserver(() =>
      at('running').hidden && requestAnimationFrame(() => resolve(performance.now() - began)))
    over.observe(at('running'), { attributes: true })
  }
  const watch = new MutationObserver(look)
  watch.observe(at('panel'), { attributes: true, childList: true, subtree: true })
  look()
}), words)

test('cancel within a second at 512 px, in each phase; what there is stays and goes on', { skip }, async () => {
  const { page, close } = await visit(await host(), {
    serviceWorkers: 'block',
    prepare: amend('api/worker/wasm.js',
      `for (const [name, at] of [['createRun', 1], ['estimate', 0]]) { // two iterations a scale
      const whole = Wasm.prototype[name]
      Wasm.prototype[name] = function (...args) {
        args[at] = { ...args[at], iterations: 2 }
        return whole.apply(this, args)
      }
    }`)
  })
  await choose(page)
  for (const [button, phase] of [['Paint', 'Studying the style (step 4'],
    ['Continue', 'Studying the photo (step 4'], ['Continue', 'Painting, step 4']]) {
    const took = cancelAt(page, phase)
    await page.getByRole('button', { name: button, exact: true }).click()
    assert.ok(await took <= 1000, `${await took} ms from "${phase}"`)
    await page.getByText(/^Stopped at \d+ % after/).waitFor()
    assert.equal(await page.locator('#announcer').textContent(), 'Stopped')
    assert.equal(await page.locator('#strip button').count(), 3)
  }
  const { name, bytes } = await download(page, 'PNG')
  assert.ok(bytes.length > 1000)
  await page.locator('#tab-pictures').click()
  await choose(page, style, content) // for another run: this one goes on with its own
  await smallest(page)
  await page.locator('#content').getByText(/^church-at-auvers.jpg/).waitFor()
  await page.locator('#style').getByText(/^cat.jpg/).waitFor()
  await page.locator('#tab-result').click()
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await page.getByText('Your picture', { exact: true }).waitFor({ timeout: 120000 })
  assert.equal((await download(page, 'PNG')).name, name)
  assert.ok(await page.locator('#compare .before').evaluate((image) => image.complete && image.naturalWidth > 0))
  await close()
})

test('cancel while the engine or the weights are on their way', { skip }, async () => {
  for (const [file, phase] of [['wasm/*.wasm', 'Preparing'], ['weights/*', 'Downloading']]) {
    let release = () => undefined
    const held = new Promise((resolve) => (release = resolve))
    const { page, close } = await visit(await host(), {
      serviceWorkers: 'block',
      prepare: (context) => context.route(`**/${file}`, async (route) => {
        await held
        await route.continue()
      })
    })
    const webp = { name: 'a.webp', mimeType: 'image/webp', buffer: await drawn(page, 'image/webp') } // needs no engine
    await choose(page, webp, webp)
    const took = cancelAt(page, phase)
    await start(page)
    assert.ok(await took <= 1000, `${await took} ms from "${phase}"`)
    assert.ok(await page.locator('#view-pictures').isVisible())
    release()
    await paints(page)
    await close()
  }
})

test('a worker that never answers is replaced, and the page starts again', { skip }, async () => {
  const { page, close } = await visit(await host(), {
    serviceWorkers: 'block',
    prepare: amend('api/worker/job.js', `const step = Job.prototype.step
      let steps = 0
      Job.prototype.step = function () {
        if (++steps > 9) {
          console.log('stuck')
          for (;;);
        }
        return step.call(this)
      }`, 1)
  })
  const stuck = page.waitForEvent('console', (message) => message.text() === 'stuck')
  await choose(page)
  await smallest(page)
  await start(page)
  await stuck
  const took = await cancelAt(page, '')
  assert.ok(took <= 1000, `${took} ms`)
  await page.getByText(/^Stopped at \d+ % after/).waitFor()
  await start(page)
  await finished(page)
  assert.ok((await download(page, 'PNG')).bytes.equals(uninterrupted), 'the same PNG')
  await close()
})

test('an example is painted here with its regions; other pictures can follow', { skip }, async () => {
  const { page, close } = await visit(await host(), { permissions: ['clipboard-read', 'clipboard-write'] })
  await page.getByRole('button', { name: 'Paint it here' }).click()
  await painting(page, 1)
  await page.locator('#terms path[d]').first().waitFor({ state: 'attached' })
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText(/Stopped at \d+ %/).waitFor()
  await page.getByText('More', { exact: true }).click()
  await page.getByRole('button', { name: 'Copy terminal command' }).click()
  await page.getByText('Export the regions').waitFor()
  assert.match(await page.evaluate(() => navigator.clipboard.readText()),
    /^npx strotss cat\.jpg church-at-auvers\.jpg .*-gr content-regions\.png style-regions\.png$/)
  await page.locator('#tab-regions').click()
  assert.equal(await page.locator('.swatch.used').count(), 2)
  assert.equal(await page.locator('.warnings').textContent(), '')
  assert.match(await page.locator('#regions > .figures').textContent(),
    /^Region 1: [1-9]\d*\.\d % of the photo, [1-9]\d*\.\d % of the style$/)
  await page.locator('#tab-pictures').click()
  await page.setInputFiles('#content-file', content)
  await page.locator('#content .caption span', { hasText: 'cat.jpg' }).waitFor()
  await close()
})

test('transparency: kept in the PNG and in the copied picture, over white in the JPEG', { skip }, async () => {
  const { page, close } = await visit(await host(), { permissions: ['clipboard-read', 'clipboard-write'] })
  await choose(page, { name: 'clear.png', mimeType: 'image/png', buffer: await drawn(page, 'image/png') }, content)
  await smallest(page)
  await start(page)
  await painting(page, 1)
  await page.locator('#terms path[d]').first().waitFor({ state: 'attached' })
  await page.getByRole('button', { name: 'Stop' }).click()
  await finished(page)
  /** The top left pixel, and one of the square. @returns {Promise<number[][]>} */
  const pixels = (blob) => page.evaluate(async ([source]) => {
    const bytes = source && Uint8Array.from(atob(source), (letter) => letter.charCodeAt(0))
    const picture = bytes ? new Blob([bytes]) : await (await navigator.clipboard.read())[0].getType('image/png')
    const bitmap = await createImageBitmap(picture)
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
    context.drawImage(bitmap, 0, 0)
    return [[0, 0], [bitmap.width / 3, bitmap.height / 2]].map(([x, y]) => [...context.getImageData(x, y, 1, 1).data])
  }, [blob?.toString('base64')])
  const png = await pixels((await download(page, 'PNG')).bytes)
  assert.deepEqual(png.map(([, , , alpha]) => alpha), [0, 255])
  const jpeg = await pixels((await download(page, 'JPEG')).bytes)
  assert.ok(Math.min(...jpeg[0]) > 244, `${jpeg[0]}`) // what is painted beside it rings into the block
  assert.ok(jpeg[1].every((value, c) => Math.abs(value - png[1][c]) < 40), `${jpeg[1]} for ${png[1]}`)
  await page.getByRole('button', { name: 'Copy picture' }).click()
  await page.getByText('Picture copied.').waitFor()
  assert.deepEqual(await pixels(), png)
  await close()
})
