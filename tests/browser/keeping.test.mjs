// SPDX-License-Identifier: MIT
//
// Nothing that a person made is lost: finished pictures, runs half painted, regions, and pictures whose files change.
// Two tabs do not take each other's runs.

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { begin, finish, iterate, withFakeEngine } from './fake_engine.mjs'
import { choose, closeAll, content, download, host, pictureFile, sample, set, skip, style, visit } from './support.mjs'

after(closeAll)

const cards = (page) => page.locator('#last .card')
const pictures = (page) => page.locator('#history .sample')
const details = (page) => cards(page).locator('span')
const shade = async (page) => (await download(page, 'PNG')).bytes[0]
const accept = (page) => page.on('dialog', (dialog) => dialog.accept())
const painting = (page) => page.locator('#running').waitFor({ state: 'visible' })
const picture = async (page, width, height, name = 'flat.png') => ({ name, mimeType: 'image/png',
  buffer: await pictureFile(page, width, height, (x) => [x < width / 2 ? 40 : 200, 90, 90, 255]) })

test('a finished picture stays until the next is finished: over Paint, reload and Cancel', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  accept(page)
  await choose(page)
  await begin(page)
  await finish(page, 10)
  await begin(page)
  await page.reload()
  await pictures(page).first().waitFor()

  await choose(page)
  await begin(page)
  await iterate(page, 0.25)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Stopped at 25 %').waitFor()
  await page.locator('#tab-pictures').click()
  assert.equal(await pictures(page).count(), 1)
  await pictures(page).first().click()
  await page.getByText('Your picture', { exact: true }).waitFor()
  await page.waitForFunction(() => document.activeElement.id === 'save')
  assert.equal(await shade(page), 10)
  await page.locator('#tab-pictures').click()
  await cards(page).getByText(/25 % painted/).waitFor()

  await begin(page) // nothing painted yet: the picture that was on show is on show again
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Your picture', { exact: true }).waitFor()
  assert.equal(await shade(page), 10)

  await begin(page)
  await iterate(page, 0.5)
  await finish(page, 20)
  await page.reload()
  await pictures(page).nth(1).waitFor()
  await pictures(page).first().click()
  await page.getByText('Your picture', { exact: true }).waitFor()
  assert.equal(await shade(page), 20)
  await close()
})

test('a run that fails leaves its picture, and the one before', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  await choose(page)
  await begin(page)
  await finish(page, 10)
  await begin(page)
  await iterate(page, 0.4)
  await page.evaluate(() => window.run.fail('out of luck'))
  await page.getByText('Stopped at 40 %').waitFor()
  await page.locator('#tab-pictures').click()
  await pictures(page).first().waitFor()
  await close()
})

test('the last twenty pictures are kept, to open, compare, paint again with changes, and delete', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  accept(page)
  await choose(page)
  for (let k = 1; k <= 22; k++) {
    await begin(page)
    await finish(page, 200 + k)
  }
  await page.reload()
  await pictures(page).nth(19).waitFor()
  assert.equal(await pictures(page).count(), 20)
  await page.locator('#styles button').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('#styles .recent')) // their style is in the gallery
  await pictures(page).nth(19).click()
  await page.getByText('Your picture', { exact: true }).waitFor()
  assert.equal(await shade(page), 203)

  const left = () => page.waitForFunction(async () => {
    const image = document.querySelector('#compare .before')
    await image.decode()
    const context = new OffscreenCanvas(1, 1).getContext('2d')
    context.drawImage(image, 0, 0, 1, 1)
    return Math.abs(context.getImageData(0, 0, 1, 1).data[0] - 222) < 3
  })
  assert.equal(await page.locator('#against option').count(), 20) // the photo, and the others
  await page.locator('#against').selectOption({ index: 1 })
  await left()

  await set(page, '#weight', '2') // with a change, from what was opened
  await begin(page)
  await finish(page, 99)
  assert.match((await download(page, 'PNG')).name, /^cat-by-church-at-auvers-512-w2-/)
  await page.locator('#tab-pictures').click()
  assert.equal(await pictures(page).count(), 20)
  await page.getByRole('button', { name: /^Delete cat\.jpg after/ }).first().click()
  await page.waitForFunction(() => document.querySelectorAll('#history .sample').length === 19)
  await page.getByRole('button', { name: 'Delete all' }).click()
  await page.locator('#history').waitFor({ state: 'hidden' })
  await page.reload()
  await page.locator('#samples').waitFor()
  assert.ok(await page.locator('#history').isHidden())
  await close()
})

test('a recent style goes into the well with one tap', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  await choose(page, content, sample('rocket.jpg'))
  await begin(page)
  await finish(page, 10)
  await page.reload()
  await page.getByRole('button', { name: 'rocket.jpg', exact: true }).click()
  await page.locator('#style .caption', { hasText: 'rocket.jpg' }).waitFor()
  await close()
})

test('the newest runs are kept, and the finished pictures beside them', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  await choose(page)
  await begin(page)
  await finish(page, 10)
  for (let k = 1; k < 7; k++) {
    await begin(page)
    await iterate(page, k / 10)
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText(`Stopped at ${k}0 %`).waitFor()
  }
  await page.reload()
  await cards(page).first().waitFor()
  assert.deepEqual(await cards(page).filter({ visible: true }).count(), 1, 'the newest alone takes room')
  assert.equal(await pictures(page).count(), 1)
  await page.getByText('3 earlier').click()
  await cards(page).nth(3).waitFor()
  assert.deepEqual((await details(page).allTextContents()).map((text) => /\d+ %|$/.exec(text)[0]),
    ['60 %', '50 %', '40 %', '30 %'])
  await cards(page).first().getByRole('button', { name: 'Discard' }).click()
  await page.waitForFunction(() => document.querySelectorAll('#last .card').length === 3)
  assert.equal(await page.evaluate(() => document.activeElement.id), 'stage')
  await close()
})

test('what version 0.1.0 kept is taken over', { skip }, async () => {
  const { page, context, close } = await visit(`${await host()}samples/samples.json`, withFakeEngine())
  await page.evaluate(() => new Promise((resolve) => {
    const request = indexedDB.open('strotss', 1)
    request.onupgradeneeded = () => request.result.createObjectStore('last')
    request.onsuccess = () => {
      const transaction = request.result.transaction('last', 'readwrite')
      const blob = new Blob(['x'])
      const image = { width: 2, height: 2, data: new Uint8ClampedArray(16).fill(77) }
      transaction.objectStore('last').put({ content: { name: 'old.jpg', blob }, style: { name: 'older.jpg', blob },
        regions: null, settings: { size: 128 } }, 'inputs')
      transaction.objectStore('last').put(
        { checkpoint: null, image, fraction: 1, done: true, scales: [], seconds: 1 }, 'state')
      transaction.oncomplete = () => {
        request.result.close()
        resolve()
      }
    }
  }))
  const page2 = await context.newPage()
  await page2.goto(await host())
  await pictures(page2).getByText('old.jpg after older.jpg').waitFor()
  assert.equal(await pictures(page2).locator('small').textContent(), '128 px')
  await close()
})

test('two tabs: each run keeps its own inputs, and is offered only when no tab paints it', { skip }, async () => {
  const { page, context, close } = await visit(await host(), withFakeEngine())
  const other = await context.newPage()
  await other.goto(await host())
  for (const tab of [page, other]) accept(tab)
  await choose(page, content, style)
  await choose(other, sample('coffee.jpg'), sample('rocket.jpg'))
  await begin(page)
  await iterate(page, 0.125)
  await begin(other)
  await iterate(other, 0.25)
  await iterate(page, 0.375)

  const third = await context.newPage()
  await third.goto(await host())
  await third.locator('#samples button').first().waitFor()
  await third.evaluate(() => navigator.locks.query()) // after the page's own questions
  assert.equal(await cards(third).count(), 0)

  await page.close()
  await third.reload()
  await cards(third).first().waitFor()
  assert.deepEqual((await details(third).allTextContents()).map((text) => text.replace(/, today.*/, '')),
    ['cat.jpg after church-at-auvers.jpg, 512 px, 37 % painted'])
  await other.close()
  await third.reload()
  await cards(third).nth(1).waitFor({ state: 'attached' })
  assert.deepEqual((await details(third).allTextContents()).map((text) => text.replace(/, today.*/, '')),
    ['coffee.jpg after rocket.jpg, 512 px, 25 % painted', 'cat.jpg after church-at-auvers.jpg, 512 px, 37 % painted'])
  await close()
})

test('a run that another tab goes on with is not painted twice, nor set back', { skip }, async () => {
  const { page, context, close } = await visit(await host(), withFakeEngine())
  await choose(page)
  await begin(page)
  await iterate(page, 0.25)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Stopped at 25 %').waitFor()
  const other = await context.newPage()
  await other.goto(await host())
  await begin(other, '#last .primary')
  await iterate(other, 0.5)
  await page.locator('#carry-on').click()
  await page.getByText('being painted in another tab').waitFor()
  await page.getByText('Stopped at 25 %').waitFor()
  await finish(other, 30)
  await page.locator('#carry-on').click()
  await page.getByText('Your picture', { exact: true }).waitFor()
  assert.equal(await shade(page), 30)
  await close()
})

test('Continue on a card of a run that another tab goes on with: told, and the wells stay as they are', { skip }, async () => {
  const { page, context, close } = await visit(await host(), withFakeEngine())
  await choose(page)
  await begin(page)
  await iterate(page, 0.25)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Stopped at 25 %').waitFor()
  const other = await context.newPage()
  await other.goto(await host())
  await cards(other).first().waitFor()
  await page.locator('#carry-on').click()
  await page.waitForFunction(() => window.run.given.resumed)
  await other.locator('#last .primary').evaluate((button) => button.click()) // the card of before
  await other.getByText('being painted in another tab').waitFor()
  assert.ok(await other.locator('#view-pictures').isVisible())
  assert.ok(await other.locator('#content .filled').isHidden())
  await other.locator('#last').waitFor({ state: 'hidden' })
  await close()
})

test('a file moved or saved again after it was chosen: what was read is painted and kept', { skip }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'strotss-'))
  const { page, close } = await visit(await host(), withFakeEngine())
  accept(page)
  const files = ['content.png', 'style.png'].map((name) => path.join(folder, name))
  for (const [i, file] of files.entries()) await writeFile(file, (await picture(page, 60 + i, 40)).buffer)
  await choose(page, ...files)
  await writeFile(files[0], await readFile(content))
  await rm(files[1])
  await begin(page)
  await iterate(page, 0.25)
  await page.reload()
  await begin(page, '#last .primary')
  assert.deepEqual(await page.evaluate(() => [window.run.given.content.width, window.run.given.style.width]), [60, 61])
  assert.equal(await page.locator('#notices .notice').count(), 0)
  await page.getByRole('button', { name: 'Stop' }).click()
  await rm(folder, { recursive: true })
  await close()
})

// ---- regions --------------------------------------------------------------------------------------------------------

/** A rectangle over a share of the pane, from its left. */
async function paintRectangle(page, side, share) {
  await page.getByRole('button', { name: 'Rectangle', exact: true }).click()
  const view = page.getByLabel(`${side}: paint regions`)
  await view.evaluate((pane) => pane.scrollIntoView({ block: 'center' }))
  const box = await view.boundingBox()
  await page.mouse.move(box.x + 1, box.y + 11) // below the round corner
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * share, box.y + box.height, { steps: 4 })
  await page.mouse.up()
}

const shares = async (page) => (await page.locator('#regions > .figures').textContent()).match(/[\d.]+(?= %)/g).map(Number)
const near = (a, b) => assert.ok(a.every((share, s) => Math.abs(share - b[s]) < 3), `${a} is not about ${b}`)

test('regions go along with Replace and Swap, and so does Undo', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  await choose(page, await picture(page, 120, 80), await picture(page, 100, 100))
  await page.locator('#tab-regions').click()
  await paintRectangle(page, 'Photo', 0.5)
  await paintRectangle(page, 'Style', 0.25)
  near(await shares(page), [50, 25])
  const wells = page.locator('#tab-pictures')
  const regions = page.locator('#tab-regions')

  await wells.click()
  await page.setInputFiles('#content-file', await picture(page, 70, 90, 'new.png'))
  await page.locator('#content', { hasText: 'new.png' }).waitFor()
  await page.locator('#estimate', { hasText: 'with one region' }).waitFor()
  await regions.click()
  near(await shares(page), [50, 25])

  await wells.click()
  await page.locator('#swap').click()
  await regions.click()
  near(await shares(page), [25, 50])
  const undo = page.getByRole('button', { name: 'Undo', exact: true })
  await undo.click()
  near(await shares(page), [0, 50])
  await undo.click()
  near(await shares(page), [0, 0])
  assert.ok(await undo.isDisabled())
  await page.getByRole('button', { name: 'Redo', exact: true }).click()
  await page.getByRole('button', { name: 'Redo', exact: true }).click()
  near(await shares(page), [25, 50])

  await page.locator('.sample', { hasText: 'Rocket' }).evaluate((button) => button.click()) // one without regions
  await page.locator('#example-paint').evaluate((button) => button.click())
  await painting(page)
  await page.waitForFunction(() => window.run)
  assert.ok(await page.evaluate(() => !window.run.given.regions))
  await page.getByText('Undo in Regions brings them back').waitFor()
  await page.getByRole('button', { name: 'Stop' }).click()
  await regions.click()
  await undo.click()
  near(await shares(page), [25, 50])
  await close()
})

test('regions that come with a sample or a kept run replace the painted ones: weights too, told, undone', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  await choose(page, await picture(page, 120, 80), await picture(page, 100, 100))
  await page.locator('#tab-regions').click()
  await paintRectangle(page, 'Photo', 0.5)
  await paintRectangle(page, 'Style', 0.25)
  const weight = page.getByLabel('Importance of region 1')
  await weight.fill('3')
  const notes = page.locator('#notices .notice', { hasText: 'they are replaced. Undo in Regions brings them back.' })
  const says = page.locator('#regions > [role=status]')
  const undo = page.getByRole('button', { name: 'Undo', exact: true })

  await page.evaluate(() => (window.run = null))
  await page.locator('#example-paint').evaluate((button) => button.click())
  await page.waitForFunction(() => window.run)
  assert.deepEqual(await page.evaluate(() => [...new Set(window.run.given.regions.weights)]), [1])
  assert.equal(await notes.count(), 1)
  await finish(page, 10)
  await page.locator('#tab-regions').click()
  assert.equal(await says.textContent(), '')
  assert.equal(await weight.inputValue(), '1')
  await undo.click()
  near(await shares(page), [50, 25])
  assert.equal(await weight.inputValue(), '3')
  assert.equal(await says.textContent(), '')
  await undo.click()
  assert.equal(await weight.inputValue(), '1', 'the weight alone is a step')
  near(await shares(page), [50, 25])
  for (const button of ['Redo', 'Redo']) await page.getByRole('button', { name: button, exact: true }).click()
  assert.equal(await weight.inputValue(), '1')

  await undo.click()
  await begin(page)
  await finish(page, 20) // so that the sample's run is offered
  await page.locator('#tab-pictures').click()
  await notes.getByRole('button', { name: 'Dismiss' }).click()
  await pictures(page).nth(1).click()
  await notes.waitFor()
  await page.waitForFunction(() => document.activeElement.id === 'save')
  await page.locator('#tab-regions').click()
  assert.equal(await says.textContent(), '')
  assert.equal(await weight.inputValue(), '1')
  await undo.click()
  assert.equal(await weight.inputValue(), '3')
  await page.locator('#tab-pictures').click()
  await page.setInputFiles('#content-file', await picture(page, 70, 90, 'new.png'))
  await page.locator('#content', { hasText: 'new.png' }).waitFor()
  await page.locator('#tab-regions').click()
  assert.match(await says.textContent(), /were kept for the new pictures/)
  await undo.click()
  assert.equal(await says.textContent(), '')
  await close()
})

test('a region on one picture only is told beside Paint, and kept with the run', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine())
  accept(page)
  await choose(page)
  await page.locator('#tab-regions').click()
  await paintRectangle(page, 'Photo', 0.5)
  await page.locator('#warning').getByText('Region 1: painted on the photo only: paint region 1 on the style too.').waitFor()
  assert.equal(await page.locator('#start').textContent(), 'Paint anyway')
  await begin(page, '#start')
  await iterate(page, 0.25)
  await page.reload()
  await begin(page, '#last .primary')
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.locator('#tab-regions').click()
  near(await shares(page), [50, 0])
  await paintRectangle(page, 'Style', 0.5)
  await page.locator('#warning').waitFor({ state: 'hidden' })
  assert.equal(await page.locator('#start').textContent(), 'Paint')
  await close()
})

test('leaving is asked about while a run goes on or regions are not kept, and only then', { skip }, async () => {
  const { page, close } = await visit(await host(), withFakeEngine((context) => context.addInitScript(() => {
    window.asking = new Set()
    const { addEventListener: add, removeEventListener: remove } = window
    window.addEventListener = (type, hear, ...more) => {
      if (type === 'beforeunload') window.asking.add(hear)
      return add.call(window, type, hear, ...more)
    }
    window.removeEventListener = (type, hear, ...more) => {
      if (type === 'beforeunload') window.asking.delete(hear)
      return remove.call(window, type, hear, ...more)
    }
  })))
  const asking = () => page.evaluate(() => window.asking.size)
  await choose(page)
  assert.equal(await asking(), 0)
  await begin(page)
  assert.equal(await asking(), 1)
  await finish(page, 10)
  assert.equal(await asking(), 0)
  await page.locator('#tab-regions').click()
  await paintRectangle(page, 'Photo', 0.5)
  assert.equal(await asking(), 1)
  await begin(page)
  await finish(page, 10)
  assert.equal(await asking(), 0)
  await close()
})
