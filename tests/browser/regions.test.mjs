// SPDX-License-Identifier: MIT
//
// The region editor in Chromium, alone on regions.html: painted on as a person would, by mouse, touch, pen and keys.
// What is on the pictures is read from save(), which is what a saved run keeps.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import test, { after } from 'node:test'
import { readGuidance, writeGuidance } from '../../src/guidance/guidance.js'
import { countLabels, createMap, fillRect, paintSegment } from '../../web/regions/labels.js'
import { REGION_COLORS } from '../../src/guidance/palette.js'
import { serve } from '../../web/dev_server.mjs'
import { closeAll, root, sample, shoot, skip, visit } from './support.mjs'

const server = skip ? null : await serve({ folder: root, port: 0 })
after(async () => {
  await closeAll()
  await server?.close()
})

/** @returns the editor on a watched page, fully laid out */
async function open(options = {}, query = '') {
  const visited = await visit(`${server.url}tests/browser/regions.html${query}`, options)
  await visited.page.waitForFunction(() => window.editor)
  return visited
}

/** @returns {Promise<{ content, style }>} the label maps */
async function maps(page) {
  const [content, style] = (await page.evaluate(() => window.editor.save().maps.map(({ width, height, labels }) =>
    ({ width, height, text: labels.reduce((text, label) => text + String.fromCharCode(label), '') }))))
    .map(({ width, height, text }) =>
      ({ width, height, labels: Uint8Array.from(text, (letter) => letter.charCodeAt(0)) }))
  return { content, style }
}

const view = (page, side) => page.getByLabel(`${side}: paint regions`)
const region = (page, k) => page.getByRole('button', { name: new RegExp(`^Region ${k}(,|$)`) })
const tool = (page, name) => page.getByRole('button', { name, exact: true })
const differing = (a, b) => a.labels.reduce((n, label, i) => n + (label !== b.labels[i] ? 1 : 0), 0)

/**
 * A whole screen pixel about the middle of a map's pixel at zoom 1; pixel: the map's that it lies in.
 * @returns {Promise<{ x: number, y: number, pixel: number[] }>}
 */
async function spot(page, side, map, x, y) {
  const box = await view(page, side).boundingBox()
  const fit = Math.min(box.width / map.width, box.height / map.height)
  const [left, top] = [box.x + (box.width - map.width * fit) / 2, box.y + (box.height - map.height * fit) / 2]
  const at = { x: Math.round(left + (x + 0.5) * fit), y: Math.round(top + (y + 0.5) * fit) }
  return { ...at, pixel: [Math.floor((at.x - left) / fit), Math.floor((at.y - top) / fit)] }
}

async function drag(page, from, to, steps = 8) {
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(to.x, to.y, { steps })
  await page.mouse.up()
}

async function setBrush(page, value) {
  await page.getByLabel('Brush size').fill(String(value))
}

test('the mouse paints round strokes without gaps on the picture under it, region by region', { skip }, async () => {
  const { page, close } = await open()
  const before = await maps(page)
  assert.deepEqual([before.content.width, before.content.height, before.style.width, before.style.height],
    [480, 320, 300, 400])
  assert.equal(await page.evaluate(() => window.editor.regions), null)
  await region(page, 3).click()
  await setBrush(page, 50)
  const radius = 50 ** 2 / 25 / 2000 * 480
  const a = await spot(page, 'Photo', before.content, 60, 50)
  const b = await spot(page, 'Photo', before.content, 400, 250)
  await drag(page, a, b, 2) // a fast hand: two events for 340 pixels
  const want = createMap(480, 320)
  paintSegment(want, { x: 60.5, y: 50.5 }, { x: 400.5, y: 250.5 }, radius, 3)
  const { content, style } = await maps(page)
  assert.ok(countLabels(content)[3] > 10000)
  assert.ok(differing(content, want) < 0.03 * countLabels(want)[3], `${differing(content, want)} pixels off`)
  assert.equal(countLabels(style)[0], 300 * 400)
  assert.equal(await page.evaluate(() => window.editor.regions), null)
  assert.match(await page.locator('.warnings').textContent(), /Region 3: painted on the photo only: paint region 3 on the style too/)
  assert.match(await region(page, 3).getAttribute('aria-label'), /painted on the photo only/)
  assert.match(await region(page, 3).getAttribute('class'), /flagged/)
  const [c, d] = [await spot(page, 'Style', before.style, 50, 300), await spot(page, 'Style', before.style, 200, 300)]
  await drag(page, c, d)
  assert.equal(await page.locator('.warnings').textContent(), '')
  await page.getByLabel('Importance of region 3').fill('2.5')
  const regions = await page.evaluate(() => {
    const { content: forContent, style: forStyle, weights } = window.editor.regions
    return { weights, sizes: [forContent.width, forContent.height, forContent.labels.length, forStyle.labels.length] }
  })
  assert.deepEqual(regions, { weights: [1, 1, 1, 2.5, 1, 1, 1, 1, 1], sizes: [480, 320, 480 * 320, 300 * 400] })
  assert.ok(await page.evaluate(() => window.changes) >= 3)
  await close()
})

test('60 strokes undo one by one and come back; Ctrl+Z and Ctrl+Shift+Z too', { skip }, async () => {
  const { page, close } = await open()
  const empty = await maps(page)
  await setBrush(page, 25)
  const states = []
  for (let k = 0; k < 60; k++) {
    const [side, map] = k % 2 ? ['Style', empty.style] : ['Photo', empty.content]
    await page.keyboard.press(String(k % 9))
    const at = await spot(page, side, map, 20 + k * 4, 20 + (k * 37) % 250)
    await drag(page, at, { x: at.x + 40, y: at.y + 20 }, 3)
    states.push(await maps(page))
  }
  const same = (a, b) => differing(a.content, b.content) + differing(a.style, b.style) === 0
  const distinct = states.filter((state, k) => !same(state, states[k - 1] ?? empty))
  assert.ok(distinct.length >= 50, `${distinct.length} steps`) // Rest over nothing is no step
  for (let k = distinct.length - 2; k >= 0; k--) {
    await (k % 2 ? page.keyboard.press('Control+z') : tool(page, 'Undo').click())
    assert.ok(same(await maps(page), distinct[k]), `undo to ${k}`)
  }
  await tool(page, 'Undo').click()
  assert.ok(same(await maps(page), empty))
  assert.ok(await tool(page, 'Undo').isDisabled())
  for (let k = 0; k < distinct.length; k++) {
    await (k % 2 ? page.keyboard.press('Control+Shift+z') : tool(page, 'Redo').click())
    assert.ok(same(await maps(page), distinct[k]), `redo to ${k}`)
  }
  assert.ok(await tool(page, 'Redo').isDisabled())
  await close()
})

test('eraser, fill, rectangle, clear', { skip }, async () => {
  const { page, close } = await open()
  const { content: map } = await maps(page)
  const at = (x, y) => spot(page, 'Photo', map, x, y)
  await region(page, 2).click()
  await tool(page, 'Rectangle').click()
  await drag(page, await at(300, 200), await at(100, 50))
  const want = createMap(480, 320)
  fillRect(want, { x0: 100, y0: 50, x1: 301, y1: 201 }, 2)
  assert.equal(differing((await maps(page)).content, want), 0)
  await region(page, 5).click()
  await tool(page, 'Fill').click()
  const point = await at(10, 10)
  await page.mouse.click(point.x, point.y)
  let counts = countLabels((await maps(page)).content)
  assert.deepEqual([counts[0], counts[2], counts[5]], [0, 201 * 151, 480 * 320 - 201 * 151])
  await tool(page, 'Eraser').click()
  await drag(page, await at(100, 120), await at(300, 120))
  const erased = (await maps(page)).content
  for (let x = 100; x <= 300; x++) assert.equal(erased.labels[120 * 480 + x], 0)
  assert.equal(erased.labels[60 * 480 + 200], 2)
  await region(page, 2).click()
  assert.equal(await tool(page, 'Brush').getAttribute('aria-pressed'), 'true') // choosing a region ends erasing
  await tool(page, 'Clear region').click()
  counts = countLabels((await maps(page)).content)
  assert.equal(counts[2], 0)
  assert.ok(counts[5] > 1000)
  await tool(page, 'Clear all').click()
  assert.equal(countLabels((await maps(page)).content)[0], 480 * 320)
  assert.ok(await tool(page, 'Clear all').isDisabled())
  await tool(page, 'Undo').click()
  await tool(page, 'Undo').click()
  assert.equal(differing((await maps(page)).content, erased), 0)
  await close()
})

test('keyboard alone: choose, draw a rectangle, fill, erase, undo', { skip }, async () => {
  const { page, close } = await open()
  await view(page, 'Style').focus()
  await page.keyboard.press('4')
  const start = { x: 150, y: 200 }
  for (let k = 0; k < 20; k++) await page.keyboard.press('Shift+ArrowLeft')
  await page.keyboard.press('Enter')
  assert.match(await page.locator('.regions > [role=status]').textContent(), /First corner at 130, 200/)
  for (let k = 0; k < 10; k++) await page.keyboard.press('Shift+ArrowDown')
  for (let k = 0; k < 30; k++) await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('Enter')
  const want = createMap(300, 400)
  fillRect(want, { x0: start.x - 20, y0: 200, x1: start.x + 11, y1: 211 }, 4)
  assert.equal(differing((await maps(page)).style, want), 0)
  assert.match(await page.locator('.regions > [role=status]').textContent(), /Region 4 painted/)
  await page.keyboard.press('f')
  await page.keyboard.press('7')
  await page.keyboard.press('Enter')
  assert.equal(countLabels((await maps(page)).style)[7], 31 * 11)
  await page.keyboard.press('e')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  assert.equal(countLabels((await maps(page)).style)[7], 31 * 11 - 1)
  for (let k = 0; k < 3; k++) await page.keyboard.press('Control+z')
  assert.equal(countLabels((await maps(page)).style)[0], 300 * 400)
  const size = page.getByLabel('Brush size')
  const before = Number(await size.inputValue())
  await page.keyboard.press(']')
  await page.keyboard.press(']')
  await page.keyboard.press('[')
  assert.equal(Number(await size.inputValue()), before + 4)
  await page.keyboard.press('h')
  assert.equal(await tool(page, 'Overlay').getAttribute('aria-pressed'), 'false')
  assert.ok(await page.locator('.overlay').first().isHidden())
  await close()
})

test('zoomed by Ctrl and wheel, moved by Space and middle button: paint lands where it points', { skip }, async () => {
  const { page, close } = await open()
  const { content: map } = await maps(page)
  await setBrush(page, 1)
  const at = await spot(page, 'Photo', map, 333, 77)
  await page.mouse.move(at.x, at.y)
  await page.keyboard.down('Control')
  for (let k = 0; k < 12; k++) await page.mouse.wheel(0, -100)
  await page.keyboard.up('Control')
  const scale = await page.locator('.plate').first().evaluate((plate) => plate.getBoundingClientRect().width / 480)
  assert.ok(scale > 20, `${scale} screen pixels for one`)
  await page.mouse.click(at.x, at.y) // the point under the pointer stays where it is
  const dot = createMap(480, 320)
  const [x, y] = at.pixel
  dot.labels[y * 480 + x] = 1
  assert.equal(differing((await maps(page)).content, dot), 0)
  await page.keyboard.down(' ')
  await drag(page, at, { x: at.x - 3 * scale, y: at.y + 2 * scale })
  await page.keyboard.up(' ')
  await page.mouse.click(at.x, at.y)
  dot.labels[(y - 2) * 480 + x + 3] = 1
  assert.equal(differing((await maps(page)).content, dot), 0)
  await page.mouse.move(at.x, at.y)
  await page.mouse.down({ button: 'middle' })
  await page.mouse.move(at.x + 4 * scale, at.y, { steps: 4 })
  await page.mouse.up({ button: 'middle' })
  await page.mouse.click(at.x, at.y)
  dot.labels[(y - 2) * 480 + x - 1] = 1
  assert.equal(differing((await maps(page)).content, dot), 0)
  await page.getByRole('button', { name: 'Show all of photo' }).click()
  assert.equal(await page.getByLabel('Photo zoom').textContent(), '100 %')
  const scrolled = await page.evaluate(() => scrollY)
  await page.mouse.wheel(0, 50) // without Ctrl the page scrolls
  await page.waitForFunction((y) => scrollY > y, scrolled)
  await close()
})

test('touch: one finger paints, two pinch and pan without leaving a mark; a pen paints', { skip }, async () => {
  const { page, context, close } = await open({ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true })
  const cdp = await context.newCDPSession(page)
  const { content: map } = await maps(page)
  await view(page, 'Photo').scrollIntoViewIfNeeded()
  await page.evaluate(() => scrollTo(0, 120))
  const touch = (type, ...points) => cdp.send('Input.dispatchTouchEvent',
    { type, touchPoints: points.map(({ x, y }, id) => ({ x, y, id })) })
  const [a, b] = [await spot(page, 'Photo', map, 100, 100), await spot(page, 'Photo', map, 300, 180)]
  await touch('touchStart', a)
  await touch('touchMove', { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })
  await touch('touchMove', b)
  await touch('touchEnd')
  const painted = (await maps(page)).content
  const want = createMap(480, 320)
  paintSegment(want, { x: 100.5, y: 100.5 }, { x: 300.5, y: 180.5 }, 32 ** 2 / 25 / 2000 * 480, 1)
  assert.ok(differing(painted, want) < 0.06 * countLabels(want)[1], `${differing(painted, want)} pixels off`)
  assert.equal(await page.evaluate(() => scrollY), 120)

  await touch('touchStart', a)
  await touch('touchMove', { x: a.x + 5, y: a.y + 30 })
  await touch('touchStart', { x: a.x + 5, y: a.y + 30 }, b)
  await touch('touchMove', { x: a.x - 25, y: a.y + 30 }, { x: b.x + 30, y: b.y })
  await touch('touchMove', { x: a.x - 45, y: a.y + 30 }, { x: b.x + 60, y: b.y })
  await touch('touchEnd')
  assert.equal(differing((await maps(page)).content, painted), 0)
  const zoom = parseInt(await page.getByLabel('Photo zoom').textContent(), 10)
  assert.ok(zoom > 130, `${zoom} %`)
  await tool(page, 'Undo').click()
  assert.equal(countLabels((await maps(page)).content)[1], 0)

  await page.getByRole('button', { name: 'Show all of photo' }).click()
  await page.evaluate(() => scrollTo(0, 120))
  const pen = (type, { x, y }, extra) => cdp.send('Input.dispatchMouseEvent',
    { type, x, y, button: 'left', buttons: 1, pointerType: 'pen', clickCount: 1, ...extra })
  await pen('mousePressed', a)
  await touch('touchStart', { x: b.x, y: b.y + 20 }) // the palm
  await pen('mouseMoved', b)
  await touch('touchEnd')
  await pen('mouseReleased', b, { buttons: 0 })
  const drawn = (await maps(page)).content
  assert.ok(differing(drawn, want) < 0.06 * countLabels(want)[1], `${differing(drawn, want)} pixels off`)
  await close()
})

test('a smeared JPEG pair is imported, with the report in words, as one step', { skip }, async () => {
  const { page, close } = await open()
  const flat = [[480, 320], [300, 400]].map(([width, height], s) => {
    const map = createMap(width, height)
    map.labels.fill(1)
    fillRect(map, { x0: 31, y0: 41 + 20 * s, x1: 141, y1: 181 }, 2)
    fillRect(map, { x0: 161, y0: 51, x1: 271, y1: 151 + 30 * s }, 3)
    return map
  })
  const files = await Promise.all(['content', 'style'].map(async (name) => {
    const buffer = await readFile(path.join(root, `tests/fixtures/rectangles_q70_420_${name}.jpg`))
    return { name: 'guide.jpg', mimeType: 'image/jpeg', buffer }
  }))
  await page.getByText('Guidance pictures: import and export').click()
  await page.getByLabel('Guidance picture of the photo').setInputFiles(files[0])
  assert.match(await page.locator('.regions > [role=status]').textContent(), /other guidance picture/)
  await page.getByLabel('Guidance picture of the style').setInputFiles(files[1])
  const report = page.locator('details [role=status]')
  await report.getByText('3 regions found').waitFor()
  assert.match(await report.textContent(), /snapped to the nearest region: [0-9.]+ % of the content's pixels/)
  const got = await maps(page)
  for (const [want, have] of [[flat[0], got.content], [flat[1], got.style]]) {
    const order = [1, 2, 3].map((k) => have.labels[want.labels.indexOf(k) + 5 * want.width + 5])
    const renamed = { ...want, labels: want.labels.map((k) => order[k - 1]) }
    assert.equal(new Set(order).size, 3)
    assert.ok(differing(have, renamed) < 0.005 * want.labels.length, `${differing(have, renamed)} pixels off`)
  }
  assert.ok(await page.evaluate(() => window.editor.regions.weights.length >= 4))
  await tool(page, 'Undo').click()
  assert.equal(countLabels((await maps(page)).content)[0], 480 * 320)
  const wrong = { name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') }
  await page.getByLabel('Guidance picture of the photo').setInputFiles(wrong)
  await page.getByLabel('Guidance picture of the style').setInputFiles(files[1])
  await report.getByText('Not imported').waitFor()
  await close()
})

test('export gives two PNGs that come back label for label, in the editor and in Node', { skip }, async () => {
  const { page, close } = await open()
  const { content: map } = await maps(page)
  await setBrush(page, 30)
  for (const [side, shift] of [['Photo', 0], ['Style', 9]]) {
    for (const k of [1, 4, 8]) {
      await region(page, k).click()
      const size = side === 'Style' ? { width: 300, height: 400 } : map
      const at = await spot(page, side, size, 40 + 20 * k, 30 + 20 * k + shift)
      await drag(page, at, { x: at.x + 50, y: at.y + 30 })
    }
  }
  await tool(page, 'Add region').click()
  assert.equal(await region(page, 9).getAttribute('aria-pressed'), 'true')
  for (const [side, size] of [['Photo', map], ['Style', { width: 300, height: 400 }]]) {
    const at = await spot(page, side, size, 250, 30)
    await drag(page, at, { x: at.x + 30, y: at.y + 30 })
  }
  const painted = await maps(page)
  await page.getByText('Guidance pictures: import and export').click()
  const downloads = []
  const arrived = new Promise((resolve) => page.on('download', (file) => downloads.push(file) === 2 && resolve()))
  await page.getByRole('button', { name: 'Download both as PNG' }).click()
  await arrived
  assert.deepEqual(downloads.map((file) => file.suggestedFilename()), ['content-regions.png', 'style-regions.png'])
  const paths = await Promise.all(downloads.map((file) => file.path()))
  const files = await Promise.all(paths.map(async (path, s) =>
    ({ name: `${s}.png`, mimeType: 'image/png', buffer: await readFile(path) })))

  assert.deepEqual([...files[0].buffer.subarray(12, 26)], [73, 72, 68, 82, 0, 0, 1, 224, 0, 0, 1, 64, 8, 2]) // RGB
  const both = [painted.content, painted.style].map((entry) => writeGuidance(entry, REGION_COLORS))
  assert.deepEqual(readGuidance(both[0], both[1]).content.labels, painted.content.labels)

  await tool(page, 'Clear all').click()
  await page.getByLabel('Guidance picture of the photo').setInputFiles(files[0])
  await page.getByLabel('Guidance picture of the style').setInputFiles(files[1])
  await page.locator('details [role=status]').getByText('4 regions found, colours exact').waitFor()
  const back = await maps(page)
  assert.equal(differing(back.content, painted.content) + differing(back.style, painted.style), 0)
  await close()
})

test('state: save and restore, other pictures, a size at which a region is too small', { skip }, async () => {
  const { page, close } = await open()
  const { content: map } = await maps(page)
  await region(page, 6).click()
  await tool(page, 'Rectangle').click()
  for (const [side, size] of [['Photo', map], ['Style', { width: 300, height: 400 }]]) {
    await drag(page, await spot(page, side, size, 40, 40), await spot(page, side, size, 56, 52))
  }
  await page.getByLabel('Importance of region 6').fill('0.5')
  assert.equal(await page.locator('.warnings').textContent(), '')
  await page.evaluate(() => window.editor.setSize(128))
  assert.match(await page.locator('.warnings').textContent(), /Region 6: very small on the (photo|style) at 128 px/)
  const before = await maps(page)
  const restored = await page.evaluate(() => {
    const saved = window.editor.save()
    window.editor.setPictures(window.grey(240, 160), window.grey(300, 400))
    window.editor.clear()
    const cleared = window.editor.regions === null
    window.editor.restore(saved)
    return { cleared, weights: window.editor.regions.weights }
  })
  assert.equal(restored.cleared, true)
  assert.equal(restored.weights[6], 0.5)
  const after_ = await maps(page)
  assert.deepEqual([after_.content.width, after_.content.height], [240, 160])
  assert.equal(differing(after_.style, before.style), 0)
  assert.ok(Math.abs(countLabels(after_.content)[6] * 4 - countLabels(before.content)[6]) < 60)
  await page.evaluate(() => window.editor.setPictures(window.grey(3000, 20), window.grey(1, 1)))
  assert.deepEqual((await maps(page)).content.width, 1024)
  await close()
})

test('a 1500 px picture is painted within the frame: 8 ms of script a move, 50 at its end', { skip }, async () => {
  const { page, context, close } = await open()
  await page.evaluate(() => window.editor.setPictures(window.grey(1500, 1000), window.grey(1500, 1500)))
  await setBrush(page, 60)
  const map = { width: 1024, height: 683 }
  const [a, b] = [await spot(page, 'Photo', map, 100, 100), await spot(page, 'Photo', map, 900, 600)]
  await drag(page, b, { x: b.x - 20, y: b.y }, 2)
  const cdp = await context.newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' }) // processor time, whatever else is running
  const script = async () => {
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))))
    const { metrics } = await cdp.send('Performance.getMetrics')
    return 1000 * metrics.find(({ name }) => name === 'ScriptDuration').value
  }
  await page.mouse.move(a.x, a.y)
  await page.mouse.down()
  const start = await script()
  await page.mouse.move(b.x, b.y, { steps: 60 })
  const moved = await script()
  await page.mouse.up()
  const lifted = await script()
  assert.ok(moved - start < 60 * 8, `${(moved - start) / 60} ms a move`)
  assert.ok(lifted - moved < 50, `${lifted - moved} ms at the end`)
  console.log(`# ${((moved - start) / 60).toFixed(1)} ms a move, ${(lifted - moved).toFixed(1)} ms at the end`)
  await close()
})

test('targets of 44 px, nothing wider than the window, screenshots, at 1280, 360 and 320 px', { skip }, async () => {
  for (const [width, colorScheme] of [[1280, 'light'], [1280, 'dark'], [360, 'light'], [360, 'dark'], [320, 'light']]) {
    const { page, close } = await open({ viewport: { width, height: 800 }, colorScheme },
      '?content=cat.jpg&style=church-at-auvers.jpg')
    await page.getByText('Guidance pictures: import and export').click()
    await page.getByText('Keys and gestures').click()
    await page.getByLabel('Guidance picture of the photo').setInputFiles(sample('cat.regions.png'))
    await page.getByLabel('Guidance picture of the style').setInputFiles(sample('church-at-auvers.regions.png'))
    await page.waitForFunction(() => window.editor.regions)
    const small = await page.evaluate(() => [...document.querySelectorAll('#host :is(button, input, summary)')]
      .map((element) => ({ text: element.ariaLabel ?? element.textContent, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 44 || box.height < 44).map(({ text }) => text))
    assert.deepEqual(small, [])
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
    await shoot(page, `editor-${width}-${colorScheme}`)
    await close()
  }
})

test('axe finds nothing, light and dark', { skip }, async () => {
  const axe = await readFile(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
  for (const colorScheme of ['light', 'dark']) {
    const { page, close } = await open({ colorScheme }, '?content=cat.jpg&style=church-at-auvers.jpg')
    await page.getByText('Guidance pictures: import and export').click()
    await page.getByText('Keys and gestures').click()
    await page.evaluate(axe)
    const violations = await page.evaluate(async () => (await window.axe.run('#host')).violations
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`))
    assert.deepEqual(violations, [], colorScheme)
    await close()
  }
})
