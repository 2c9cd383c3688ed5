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
/** @type {import('playwright-core').Page} */
let page

before(async () => {
  if (skip) return
  const visited = await visit(`${await host({ folder: root })}tests/browser/gpu.html`, { gpu: true })
  page = visited.page
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

/** @type {(engine: object, run: object) => Promise<any>} */
const paint = (engine, run) => page.evaluate(([...all]) => window.paint(...all), [engine, run])

test('the engine takes the card when it is asked for, and ends as well as with the CPU', { skip }, async () => {
  const run = { iterations: 6 }
  const { info, stats, events } = await paint({ backend: 'webgpu' }, run)
  assert.match(info.card, /swiftshader.*, as asked for$/i)
  assert.equal(info.backend, 'webgpu')
  assert.equal(stats.backend, 'webgpu')
  const done = (/** @type {any[]} */ all) => all.filter(({ type }) => type === 'iteration')
  assert.deepEqual(done(events).map(({ iteration }) => iteration), [1, 2, 3, 4, 5, 6])
  const cpu = await paint({ backend: 'wasm' }, run)
  const [there, here] = [events, cpu.events].map((all) => done(all).at(-1).terms.total)
  assert.ok(Math.abs(there / here - 1) < 0.01, `${there} instead of ${here}`)
})

test('what the card does not do, and a lost card, end on the CPU in words', { skip }, async () => {
  const sinkhorn = await paint({ backend: 'webgpu' }, { iterations: 1, transport: 'sinkhorn' })
  assert.equal(sinkhorn.stats.backend, 'wasm')
  assert.deepEqual(sinkhorn.events.filter(({ type }) => type === 'backend').map(({ why }) => why),
    ['the graphics card does not do entropic transport'])
  const { stats, events } = await paint({ backend: 'webgpu', worker: new URL('losing.worker.js', page.url()).href },
    { iterations: 4 })
  assert.equal(stats.backend, 'wasm')
  assert.match(events.find(({ type }) => type === 'backend').why, /^the graphics card was lost/)
  assert.equal(events.filter(({ type }) => type === 'iteration').at(-1).iteration, 4)
})

test('no errors in the page', { skip }, () => close())
