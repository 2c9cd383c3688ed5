// SPDX-License-Identifier: MIT
//
// The first five seconds: what the page is, a finished example to compare, examples and styles with one tap, and little
// to load before any of it.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { begin, finish, withFakeEngine } from './fake_engine.mjs'
import { choose, closeAll, content, host, pictureFile, skip, visit } from './support.mjs'

after(closeAll)

const shown = (page) => page.waitForFunction(() => {
  const image = document.querySelector('#hero .after')
  return image.complete && image.naturalWidth > 0
})
const caption = (page, role) => page.locator(`#${role} .caption span`)

test('the first view: a sentence, a finished example, under 500 kB, no engine and no model', { skip }, async () => {
  let bytes = 0
  const asked = []
  const { page, close } = await visit(await host(), { prepare: async (context) => context.on('response', async (response) => {
    asked.push(new URL(response.url()).pathname)
    bytes += (await response.body().catch(() => Buffer.alloc(0))).length
  }) })
  await shown(page)
  await page.getByRole('heading', { name: 'Turn a photo into a painting.' }).waitFor()
  await page.getByText('The model (15 MB) is downloaded once, with your first picture.').waitFor()
  await page.waitForLoadState('networkidle')
  assert.ok(bytes > 50000 && bytes < 500000, `${bytes} bytes`)
  assert.deepEqual(asked.filter((path) => /wasm\/|weights\/|api\/worker/.test(path)), [])
  await close()
})

test('the comparison of the example is live: by keys, by mouse, by finger', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  await shown(page)
  const slider = page.locator('#hero input[type=range]')
  const split = () => page.locator('#hero .plane').evaluate((plane) => parseFloat(plane.style.getPropertyValue('--split')))
  assert.equal(await split(), 50)
  await slider.focus()
  await page.keyboard.press('Home')
  assert.equal(await split(), 0)
  const box = await page.locator('#hero .plane').boundingBox()
  await page.mouse.move(box.x + 20, box.y + 50)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.75, box.y + 50, { steps: 4 })
  await page.mouse.up()
  assert.ok(Math.abs(await split() - 75) < 2)
  await close()
})

test('an example opens its finished picture at once, and can be painted here', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  await shown(page)
  await page.getByRole('button', { name: /^Rocket/ }).click()
  await page.waitForFunction(() => /rocket-starry-night/.test(document.querySelector('#hero .after').src) &&
    document.querySelector('#hero .after').naturalWidth > 0)
  assert.equal(await page.locator('#example-name').textContent(), 'Rocket, after Van Gogh’s Starry Night')
  assert.equal(await page.evaluate(() => window.engines), undefined, 'nothing is computed for it')
  await begin(page, '#example-paint')
  assert.deepEqual(await page.evaluate(() => Object.keys(window.run.given)), ['content', 'style', 'regions', 'resumed'])
  await finish(page, 20)
  assert.match(await page.locator('#keep-title').textContent(), /Your picture/)
  await page.locator('#tab-pictures').click()
  assert.match(await caption(page, 'content').textContent(), /^rocket\.jpg/)
  assert.match(await caption(page, 'style').textContent(), /^starry-night\.jpg/)
  await page.getByRole('button', { name: /^Cat/ }).click() // again in sight, the wells kept
  assert.ok(await page.locator('#hero').isVisible())
  assert.match(await caption(page, 'content').textContent(), /^rocket\.jpg/)
  await close()
})

test('three strengths, small: a press on one chooses it', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  await choose(page)
  const offer = page.locator('#triple')
  await page.evaluate(() => (window.run = null))
  await offer.click()
  for (const grey of [80, 150, 240]) {
    await page.waitForFunction(() => window.run)
    await page.evaluate((shade) => {
      const { finish } = window.run
      window.run = null
      finish(shade)
    }, grey)
  }
  await page.locator('#strengths button:enabled').nth(2).waitFor()
  await offer.getByText('See all three').waitFor()
  const shades = await page.locator('#strengths canvas').evaluateAll((all) =>
    all.map((canvas) => canvas.getContext('2d').getImageData(0, 0, 1, 1).data[0]))
  for (const [i, grey] of [80, 150, 240].entries()) assert.ok(Math.abs(shades[i] - grey) < 3, `${shades}`)
  await page.getByRole('button', { name: 'Strong' }).click()
  assert.equal(await page.locator('#weight').inputValue(), '0.25')
  assert.ok(await page.getByRole('radio', { name: 'Strong' }).isChecked())
  assert.ok(await page.locator('#history').isHidden(), 'they are not kept')

  await page.evaluate(() => (window.run = null))
  await offer.click()
  await page.waitForFunction(() => window.run)
  await page.setInputFiles('#content-file', content) // other pictures end them
  await page.locator('#strengths').waitFor({ state: 'hidden' })
  assert.equal(await page.locator('#notices .notice').count(), 0)
  await close()
})

test('turn and crop in the well, by keys and by finger; what comes out is painted', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  const buffer = await pictureFile(page, 90, 60, (x, y) => (x < 45 ? [200, 0, 0, 255] : y < 30 ? [0, 200, 0, 255] : [0, 0, 200, 255]))
  await choose(page, { name: 'flag.png', mimeType: 'image/png', buffer })
  await page.getByRole('button', { name: 'Turn photo' }).click()
  await caption(page, 'content').getByText('flag-turned.png · 60 × 90').waitFor()
  await page.getByRole('button', { name: 'Crop photo' }).click()
  await page.getByRole('heading', { name: 'Crop' }).waitFor()
  await page.getByLabel('Top', { exact: true }).focus()
  for (let k = 0; k < 5; k++) await page.keyboard.press('PageUp') // ten per cent each
  await page.keyboard.press('Enter')
  await caption(page, 'content').getByText('flag-cropped.png · 60 × 45').waitFor()
  await page.getByRole('button', { name: 'Crop photo' }).click()
  const box = await page.locator('#crop .plate').boundingBox()
  await page.mouse.move(box.x + box.width / 2, box.y + 1)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width + 20, box.y + box.height + 20, { steps: 5 })
  await page.mouse.up()
  await page.locator('#crop').getByRole('button', { name: 'Crop', exact: true }).click()
  await caption(page, 'content').getByText(/flag-cropped\.png · 30 × 4[45]/).waitFor()
  await page.getByRole('button', { name: 'Crop photo' }).click()
  await page.keyboard.press('Escape') // left as it is
  await caption(page, 'content').getByText(/flag-cropped\.png · 30 × 4[45]/).waitFor()
  await begin(page)
  const pixel = await page.evaluate(() => [...window.run.given.content.data.slice(0, 4)])
  assert.deepEqual(pixel, [0, 200, 0, 255].map((value, i) => (pixel[1] > 100 ? value : [200, 0, 0, 255][i])))
  await close()
})

test('a notification: asked for by a press, told when the page is out of sight', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine((context) => context.addInitScript(() => {
    window.told = []
    window.Notification = class {
      static permission = 'default'
      static async requestPermission() { return (window.Notification.permission = 'granted') }
      constructor(title) { window.told.push(title) }
    }
  })))
  await choose(page)
  await begin(page)
  await page.getByRole('button', { name: 'Tell me when it is done' }).click()
  await page.locator('#notify').waitFor({ state: 'hidden' })
  await finish(page, 20)
  assert.deepEqual(await page.evaluate(() => window.told), [], 'the page is in sight')
  await begin(page)
  await page.evaluate(() => Object.defineProperty(document, 'visibilityState', { value: 'hidden' }))
  await finish(page, 30)
  await page.waitForFunction(() => window.told.length === 1)
  assert.equal(await page.title(), 'Done · Strotss')
  await close()
})

test('a style with one tap; the style of an example on a photo of one’s own', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  const styles = page.locator('#styles button')
  await styles.first().waitFor()
  assert.ok(await styles.count() >= 9)
  await page.getByRole('button', { name: 'The Harvest' }).click()
  await caption(page, 'style').getByText(/^harvest\.jpg/).waitFor()
  assert.ok(await page.locator('#hero').isHidden(), 'the example makes room')
  await page.reload()
  await shown(page)
  const [dialog] = await Promise.all([page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Use this style on my photo' }).click()])
  await dialog.setFiles(content)
  await caption(page, 'content').getByText(/^cat\.jpg/).waitFor()
  await caption(page, 'style').getByText(/^church-at-auvers\.jpg/).waitFor()
  await page.locator('#start:enabled').waitFor()
  await choose(page)
  await close()
})
