// SPDX-License-Identifier: MIT
//
// What the page looks like and whether everyone can use it: axe-core in every view, narrow and wide, light and dark;
// keyboard alone; nothing wider than the window from 320 px to ultra-wide; targets of 44 px. Screenshots go to
// build/screenshots.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { choose, closeAll, host, paints, shoot, skip, smallest, visit } from './support.mjs'

after(closeAll)

const axe = createRequire(import.meta.url).resolve('axe-core')

/** No finding at all, not only none that is serious. */
async function accessible(page, where) {
  const findings = await page.evaluate(async () => (await window.axe.run()).violations
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`))
  assert.deepEqual(findings, [], where)
}

/** Nothing sticks out, and what can be pressed is large enough to press. */
async function fits(page, where) {
  const { wide, small } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - window.innerWidth,
    small: [...document.querySelectorAll('button, summary, input:not([type=file], [type=checkbox], [type=radio])')]
      .map((element) => ({ name: element.id || element.textContent, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.width < 44 || box.height < 44)).map(({ name }) => name)
  }))
  assert.ok(wide <= 0, `${where}: ${wide} px too wide`)
  assert.deepEqual(small, [], `${where}: targets under 44 px`)
}

const sizes = [[360, 740], [1280, 800], [2560, 1440]]
for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`every view, ${colorScheme}`, { skip }, async () => {
    const { page, context, close } = await visit(await host(),
      { colorScheme, prepare: (c) => c.addInitScript({ path: axe }) })
    /** @param {string} view */
    const look = async (view) => {
      for (const [width, height] of [...sizes, [320, 640]]) {
        await page.setViewportSize({ width, height })
        await fits(page, `${view} at ${width}`)
        if (width === 360 || width === 1280) await accessible(page, `${view} at ${width}`)
        if (width !== 320) await shoot(page, `${view}-${width}-${colorScheme}`)
      }
      await page.setViewportSize({ width: 1280, height: 800 })
    }
    await page.locator('#samples img').first().waitFor()
    await look('empty')
    await choose(page)
    await page.locator('#estimate').getByText(/About \d/).waitFor()
    await look('pictures')
    await page.locator('#tab-regions').click()
    await page.locator('#regions canvas').first().waitFor()
    await look('regions')
    await page.locator('#tab-pictures').click()
    await smallest(page)
    await page.locator('#start').click()
    await page.locator('#terms path[d]').first().waitFor({ state: 'attached', timeout: 120000 })
    await page.locator('#run-phase', { hasText: 'step 2 of' }).waitFor({ timeout: 120000 })
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.locator('#run-phase', { hasText: 'Paused' }).waitFor()
    await look('run')
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.locator('#keep:not([hidden])').waitFor()
    await page.locator('#split').fill('35')
    await look('result')
    await page.reload()
    await page.locator('#last:not([hidden])').waitFor()
    await look('last')
    await page.keyboard.press('?')
    await look('shortcuts')
    await context.close()
    await close()
  })
}

test('the keyboard alone: choose, set, run, stop', { skip }, async () => {
  const { page, close } = await visit(await host())
  const at = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent)
  const order = []
  await choose(page)
  await smallest(page)
  await page.locator('.skip').focus()
  for (let i = 0; i < 30 && (await at()) !== 'start'; i++) {
    order.push(await at())
    await page.keyboard.press('Tab')
  }
  const wanted = ['tab-pictures', 'swap', 'size', 'weight', 'colors', 'start']
  assert.deepEqual([...order, 'start'].filter((id) => wanted.includes(id)), wanted)
  await page.keyboard.press('Enter')
  await page.locator('#terms path[d]').first().waitFor({ state: 'attached', timeout: 120000 })
  await page.keyboard.press('Tab')
  assert.equal(await at(), 'cancel')
  await page.keyboard.press('Enter')
  await page.locator('#keep:not([hidden])').waitFor()
  assert.equal(await at(), 'save-png')
  await close()
})

test('200 % zoom and reduced motion', { skip }, async () => {
  const { page, close } = await visit(await host(),
    { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2, reducedMotion: 'reduce' })
  await choose(page)
  await fits(page, '200 %')
  const moving = await page.evaluate(() => [...document.querySelectorAll('*')]
    .filter((element) => parseFloat(getComputedStyle(element).transitionDuration) > 0).length)
  assert.equal(moving, 0)
  await paints(page)
  await close()
})
