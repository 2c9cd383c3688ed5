// SPDX-License-Identifier: MIT
//
// Where things lie, at every width and scroll position: what looks like Paint is Paint, and nothing that can be pressed
// lies outside its box, whatever the pictures are called and however long or narrow they are.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { begin, finish, withFakeEngine } from './fake_engine.mjs'
import { choose, closeAll, host, pictureFile, skip, visit } from './support.mjs'

after(closeAll)

const windows = [[320, 568], [320, 640], [360, 640], [360, 740], [390, 844], [844, 390], [768, 1024], [1024, 768],
  [1280, 800]]
const NARROW = 896 // up to here a bar at the bottom holds what a run is started and stopped by
const LONG = 'PXL_20240612_154233871.PORTRAIT-01.COVER.jpg'

const file = async (page, width, height, name) => ({ name, mimeType: 'image/png',
  buffer: await pictureFile(page, width, height, (x, y) => [x % 250, y % 250, 99, 255]) })

/** Points of Paint, its centre and corners, at every scroll position that shows them whole, that are not Paint. */
const covered = (page) => page.evaluate(() => {
  const found = []
  let seen = 0
  for (let y = 0; ; y += 24) {
    scrollTo(0, y)
    const { left, right, top, bottom } = document.getElementById('start').getBoundingClientRect()
    if (top >= 0 && bottom <= innerHeight) {
      for (const at of [[(left + right) / 2, (top + bottom) / 2], [left + 6, top + 6], [right - 6, top + 6],
        [left + 6, bottom - 6], [right - 6, bottom - 6]]) {
        const element = document.elementFromPoint(...at)
        seen++
        if (!element?.closest('#start')) found.push(`${element?.outerHTML.slice(0, 60)} at ${at}, scrolled to ${y}`)
      }
    }
    if (scrollY < y) break
  }
  scrollTo(0, 0)
  return { found, seen }
})

/** Controls and pictures that are not inside every box around them, up to one that scrolls. */
const outside = (page) => page.evaluate(() => {
  const boxes = '.well, .filled, .card, .compare, #panel > section, #panel > form, header, main, body'
  const found = []
  const shown = [...document.querySelectorAll('button, summary, input, .choices label, .well img, canvas, #keep-facts, .problem')]
    .filter((element) => element.checkVisibility() && !element.closest('.unseen, dialog, .plane'))
  for (const element of shown) {
    const own = element.getBoundingClientRect()
    for (let box = element.parentElement; box; box = box.parentElement) {
      const { overflowX, position } = getComputedStyle(box)
      const around = box.getBoundingClientRect()
      const clips = overflowX !== 'visible' || box.matches(boxes)
      const scrolls = overflowX === 'auto' || overflowX === 'scroll'
      if (clips && !scrolls && (own.left < around.left - 1 || own.right > around.right + 1 ||
        own.top < around.top - 1 || own.bottom > around.bottom + 1)) {
        found.push(`${element.id || element.outerHTML.slice(0, 50)} in ${box.id || box.className || box.tagName}`)
      }
      if (scrolls || position === 'fixed') break
    }
  }
  return found
})

/** Which of these are not whole in the window, over everything else. */
const cut = (page, ids) => page.evaluate((wanted) => wanted.filter((id) => {
  const { left, right, top, bottom } = document.getElementById(id).getBoundingClientRect()
  const over = (x, y) => document.elementFromPoint(x, y)?.closest(`#${id}`)
  return !over((left + right) / 2, (top + bottom) / 2) || !over(left + 4, top + 4) || !over(right - 4, bottom - 4)
}), ids)

test('a bar at the bottom of narrow windows: Paint, then Pause and Stop, at every scroll position', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  const narrow = windows.filter(([wide]) => wide <= NARROW)
  const each = async (where, ids) => {
    for (const [width, height] of narrow) {
      await page.setViewportSize({ width, height })
      for (const y of [0, 200, 9999]) {
        await page.evaluate((to) => scrollTo(0, to), y)
        assert.deepEqual(await cut(page, ids), [], `${where} at ${width} x ${height}, scrolled to ${y}`)
      }
    }
  }
  await choose(page)
  await each('pictures', ['start'])
  await page.locator('#tab-regions').click()
  await each('regions', ['start'])
  await page.evaluate(() => scrollTo(0, 9999))
  await begin(page)
  await each('run', ['pause', 'cancel'])
  await finish(page, 90)
  await each('result', ['start'])
  await close()
})

test('a run started from a scrolled page shows its picture', { skip }, async () => {
  const { page, close } = await visit(await host(), { ...withFakeEngine(), viewport: { width: 390, height: 844 } })
  await choose(page)
  await page.evaluate(() => scrollTo(0, 9999))
  assert.ok(await page.evaluate(() => scrollY > 200))
  await begin(page)
  const { top, bottom } = await page.locator('#compare').evaluate((box) => box.getBoundingClientRect().toJSON())
  assert.ok(top >= 0 && bottom <= 844, `the picture lies from ${top} to ${bottom}`)
  await close()
})

test('the knob of the comparison is whole at both ends, zoomed too', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  await choose(page)
  await begin(page)
  await finish(page, 90)
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 844 })
    for (const split of [0, 50, 100]) {
      await page.locator('#split').fill(String(split))
      const [left, knob, wide] = await page.evaluate(() => {
        const { left: from, width: whole } = getComputedStyle(document.querySelector('.handle'), '::after')
        return [parseFloat(from), parseFloat(whole), document.querySelector('.plane').offsetWidth]
      })
      assert.ok(left - knob / 2 >= 0 && left + knob / 2 <= wide, `${split} % at ${width}: ${left} of ${wide}`)
      assert.ok(Math.abs(left - wide * split / 100) <= knob / 2, `${split} %: ${left}`)
    }
  }
  await close()
})

for (const [shape, width, height] of [['3:2', 90, 60], ['1:10', 20, 200], ['10:1', 200, 20]]) {
  test(`Paint is Paint, and every control is inside its box: ${shape}`, { skip }, async () => {
    const { page, close } = await visit(await host(), withFakeEngine())
    const each = async (where) => {
      for (const [wide, high] of windows) {
        await page.setViewportSize({ width: wide, height: high })
        assert.deepEqual(await outside(page), [], `${where} at ${wide}`)
      const cut = await page.locator('#style-says').evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)
      assert.ok(cut <= 1, `${where} at ${wide}: ${cut} px of what is said are cut`)
        if (await page.locator('#start').isHidden()) continue
        const { found, seen } = await covered(page)
        assert.deepEqual(found, [], `${where} at ${wide}`)
        assert.ok(seen > 4, `${where}: Paint is never seen whole at ${wide}`)
      }
    }
    await choose(page, await file(page, width, height, LONG), await file(page, width, height, 'cafe-terrace.jpg'))
    for (const quality of ['draft', 'standard', 'fine']) {
      await page.locator(`[value=${quality}]`).check({ force: true })
      await each(`pictures, ${quality}`)
    }
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer()
      dataTransfer.setData('text/uri-list', 'https://example.org/a.jpg')
      document.getElementById('style').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }))
    })
    await page.getByText('Save the picture and drop the file').waitFor()
    await each('an address')
    await begin(page)
    for (const [i, size] of [64, 128].entries()) {
      await page.evaluate(([index, side]) => window.run.scale(index, side, 120), [i, size])
    }
    await page.locator('#strip li').nth(1).waitFor()
    await each('run')
    await finish(page, 130)
    await each('result')
    const strip = await page.locator('#strip').evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)
    assert.ok(strip <= 0, `the scales stick out by ${strip} px`)
    await page.reload()
    await page.locator('#last .card').waitFor()
    await each('last')
    await close()
  })
}
