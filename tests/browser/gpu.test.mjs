// SPDX-License-Identifier: MIT
//
// The graphics card's kernels and whole iterations in Chromium with SwiftShader, a graphics card in software, which is
// slow (0.3 GFLOPS): the pictures are as small as there can be.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { closeAll, host, root, skip, visit } from './support.mjs'

after(closeAll)

/** @type {(task: string, ...args: unknown[]) => Promise<any>} */
let ask
/** @type {() => Promise<void>} */
let close

before(async () => {
  if (skip) return
  const visited = await visit(`${await host({ folder: root })}tests/browser/gpu.html`, { gpu: true })
  const { page } = visited
  close = visited.close
  await page.waitForFunction(() => window.inWorker)
  page.setDefaultTimeout(0)
  ask = async (task, ...args) => {
    const { value, error } = await page.evaluate(([...all]) => window.inWorker(...all), [task, ...args])
    assert.equal(error, undefined)
    return value
  }
})

/** The bounds of the golden tests (tests/c/test_golden.c) between the two back ends. */
function checkDistances({ terms, gradient }) {
  for (const [term, distance] of Object.entries(terms)) assert.ok(distance < 3e-4, `${term} is off by ${distance}`)
  assert.ok(gradient < 5e-3, `the gradient is off by ${gradient}`)
}

test('every kernel against plain loops', { skip }, async () => {
  const cases = await ask('cases')
  assert.ok(cases.length >= 20)
  assert.deepEqual(await ask('kernels', cases), [])
})

test('an iteration as on the CPU', { skip }, async () => {
  checkDistances(await ask('compare', { options: { iterations: 1 } }))
})

test('with regions, the content across them, RMSprop and factors', { skip }, async () => {
  checkDistances(await ask('compare', {
    regions: true,
    options: { iterations: 1, contentAcrossRegions: true, optimizer: 'rmsprop', factors: { moment: 0.5, palette: 2 } }
  }))
})

test('the same bytes twice', { skip }, async () => {
  assert.equal(await ask('twice', { options: { iterations: 2 } }), true)
})

test('a lost card leaves the run where it was', { skip }, async () => {
  assert.deepEqual(await ask('lose', { options: { iterations: 4 } }), { kind: 'lost', goesOn: true })
})

test('a number that is not finite stops the run', { skip }, async () => {
  const { code, message } = await ask('notFinite', { options: { iterations: 2 } })
  assert.equal(code, 'NOT_FINITE')
  assert.match(message, /64 px, iteration 1; the run is stopped/)
})

test('no errors in the page', { skip }, () => close())
