// SPDX-License-Identifier: MIT
//
// Pictures in by every way a person has, settings and estimate, shortcuts and theme, before anything is run.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import {
  choose, closeAll, content, drawn, engineReady, host, sample, skip, style, transferOf, visit
} from './support.mjs'

after(closeAll)

/** A file dropped onto an element. */
async function drop(page, selector, name, type, bytes) {
  const transfer = await transferOf(page, name, type, bytes)
  for (const event of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent(
    selector, event, { dataTransfer: transfer })
}

const caption = (page, role) => page.locator(`#${role} .caption span`)

/** The JPEG with an EXIF segment that says: turn it a quarter. */
function turned(jpeg) {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]
  const body = [...Buffer.from('Exif\0\0'), ...tiff]
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xe1, 0, body.length + 2, ...body]), jpeg.subarray(2)])
}

test('file dialog, swap and replace', { skip }, async () => {
  const { page, close } = await visit(await host())
  assert.ok(await page.locator('#start').isDisabled())
  await choose(page)
  assert.match(await caption(page, 'content').textContent(), /^cat\.jpg · \d+ × \d+$/)
  await page.getByRole('button', { name: 'Swap photo and style' }).click()
  assert.match(await caption(page, 'content').textContent(), /^church-at-auvers\.jpg/)
  const [dialog] = await Promise.all([page.waitForEvent('filechooser'),
    page.locator('#content').getByRole('button', { name: 'Replace' }).click()])
  await dialog.setFiles(sample('coffee.jpg'))
  await page.waitForFunction(() =>
    document.querySelector('#content .caption span').textContent.startsWith('coffee.jpg'))
  await close()
})

test('drop: PNG, WebP, two at once, beside the wells, a turned JPEG', { skip }, async () => {
  const { page, close } = await visit(await host())
  const jpeg = await readFile(content)
  await drop(page, '#style', 'a.jpg', 'image/jpeg', jpeg)
  await caption(page, 'style').getByText(/^a\.jpg/).waitFor()
  const plain = await caption(page, 'style').textContent()
  const [, width, height] = /· (\d+) × (\d+)/.exec(plain)

  await drop(page, '#content', 'turned.jpg', 'image/jpeg', turned(jpeg))
  await caption(page, 'content').getByText(`turned.jpg · ${height} × ${width}`).waitFor()

  await drop(page, '#content', 'b.webp', 'image/webp', await drawn(page, 'image/webp'))
  await caption(page, 'content').getByText('b.webp · 90 × 60').waitFor()
  await close()

  const fresh = await visit(await host())
  await drop(fresh.page, 'header', 'first.jpg', 'image/jpeg', jpeg)
  await caption(fresh.page, 'content').getByText(/^first\.jpg/).waitFor()
  await drop(fresh.page, 'header', 'second.jpg', 'image/jpeg', jpeg)
  await caption(fresh.page, 'style').getByText(/^second\.jpg/).waitFor()
  await fresh.close()
})

test('a change of threads loses no picture on its way', { skip }, async () => {
  const { page, close } = await visit(await host())
  await engineReady(page)
  const problems = page.locator('.problem', { hasText: /./ })
  for (const threads of ['1', '2', '']) {
    await page.evaluate(() =>
      document.querySelectorAll('.well .filled img').forEach((image) => image.removeAttribute('src')))
    await page.setInputFiles('#content-file', content)
    await page.setInputFiles('#style-file', style)
    await page.locator('#threads').evaluate((field, value) => {
      field.value = value
      field.dispatchEvent(new Event('change', { bubbles: true }))
    }, threads)
    for (const well of ['content', 'style']) {
      await page.locator(`#${well} .filled img[src], #${well} .problem:not(:empty)`).first()
        .waitFor({ state: 'attached' })
    }
    assert.deepEqual(await problems.allTextContents(), [])
  }
  await close()
})

test('AVIF', { skip }, async () => {
  const { page, close } = await visit(await host())
  const buffer = await readFile(new URL('../fixtures/fade.avif', import.meta.url))
  await page.setInputFiles('#content-file', { name: 'c.avif', mimeType: 'image/avif', buffer })
  await caption(page, 'content').getByText('c.avif · 90 × 60').waitFor()
  await close()
})

test('paste goes to the well in focus', { skip }, async () => {
  const { page, close } = await visit(await host(), { permissions: ['clipboard-read', 'clipboard-write'] })
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(70, 50)
    canvas.getContext('2d').fillRect(0, 0, 30, 30)
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': await canvas.convertToBlob() })])
  })
  await page.locator('#style-file').focus()
  await page.keyboard.press('Control+V')
  await caption(page, 'style').getByText(/70 × 50$/).waitFor()
  await page.locator('#help').focus()
  await page.keyboard.press('Control+V')
  await caption(page, 'content').getByText(/70 × 50$/).waitFor()
  await close()
})

test('what is no picture is refused by its name, and the well keeps what it had', { skip }, async () => {
  const { page, close } = await visit(await host())
  await page.setInputFiles('#content-file', content)
  await caption(page, 'content').getByText(/^cat/).waitFor()
  for (const [name, bytes] of [['notes.png', 'not a picture'], ['cut.jpg', (await readFile(content)).subarray(0, 3000)],
    ['empty.png', '']]) {
    await page.setInputFiles('#content-file', { name, mimeType: 'image/png', buffer: Buffer.from(bytes) })
    await page.locator('#content-says').getByText(name).waitFor()
    assert.match(await caption(page, 'content').textContent(), /^cat/)
  }
  await page.setInputFiles('#content-file', style)
  await page.waitForFunction(() => document.getElementById('content-says').textContent === '')
  await close()
})

test('settings: estimate on this device, warning, threads, theme, shortcuts', { skip }, async () => {
  const { page, close } = await visit(await host())
  await engineReady(page)
  await choose(page)
  const estimate = page.locator('#estimate')
  await estimate.getByText(/^About \d+(–\d+)? (s|min) on this device$/).waitFor()
  assert.match(await page.locator('#memory').textContent(), /^\d+ MB of memory$/)
  const small = await estimate.textContent()
  await page.locator('#size').fill('1024')
  await page.waitForFunction((before) => document.getElementById('estimate').textContent !== before, small)
  assert.equal(await page.locator('#size-out').textContent(), '1024 px')

  await page.getByText('Advanced').click()
  await page.locator('#threads').fill('1')
  await page.locator('#threads').blur()
  await page.locator('#engine-info', { hasText: 'Using 1 of' }).waitFor({ state: 'attached' })

  assert.equal(await page.locator('html').getAttribute('data-theme'), 'system')
  await page.locator('#theme').click()
  await page.locator('#theme').click()
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark')
  await page.reload()
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark')

  await page.keyboard.press('?')
  await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('Advanced').click()
  await page.locator('#seed').focus()
  await page.keyboard.type('?7')
  assert.ok(await page.locator('#shortcuts').isHidden())
  await close()
})

test('a run that will not fit is announced before it starts', { skip }, async () => {
  const { page, close } = await visit(await host(), {
    prepare: (context) => context.addInitScript(() => Object.defineProperty(navigator, 'deviceMemory', { value: 0.25 }))
  })
  await choose(page)
  await page.locator('#size').fill('1024')
  await page.locator('#warning').getByText(/needs .* Choose a smaller size/).waitFor()
  assert.equal(await page.locator('#start').textContent(), 'Paint anyway')
  await close()
})
