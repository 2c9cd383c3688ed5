// SPDX-License-Identifier: MIT
//
// What a run says of itself, on a model of the engine that takes exactly `SLOW` seconds for one of the table's: the
// time left and the share done must be right from the first step, also where the run goes on from a saved state.

import assert from 'node:assert/strict'
import test from 'node:test'
import { columnsCost, iterationCost, pixelsAt, scaleSizes } from '../../src/api/shared/cost.js'
import { Job } from '../../src/api/worker/job.js'

const SLOW = 3
const SIZE = 512
const ITERATIONS = 20
const made = { build: 'single', threads: 1 }
const picture = { width: 4, height: 3, data: new Uint8ClampedArray(48) }
const pixels = scaleSizes(SIZE).map((side) => pixelsAt(picture, side))

/** The engine's order of work (src/engine/run.c), its time on a clock of its own. */
class Model {
  seconds = 0
  peakBytes = 0
  at = { phase: 'style', scale: 0, iteration: 0 }

  createRun() { return 1 }
  destroyRun() {}
  iterations() { return pixels.map(() => ITERATIONS) }
  optionsDigest() { return 'the same' }
  progress() { return { ...this.at, scales: pixels.length, width: 4, height: 3, iterations: ITERATIONS, terms: {} } }
  snapshot() { return picture }
  save() { return new TextEncoder().encode(JSON.stringify(this.at)) }
  /** @param {number} _ @param {Uint8Array} state */
  restore(_, state) {
    this.at = { ...JSON.parse(new TextDecoder().decode(state)), phase: 'style' }
  }

  step() {
    const { at } = this
    if (at.phase === 'style' && at.iteration === ITERATIONS) Object.assign(at, { scale: at.scale + 1, iteration: 0 })
    const { phase } = at
    const cost = phase === 'iterate' ? iterationCost(pixels[at.scale]) : columnsCost(pixels[at.scale])
    this.seconds += SLOW * cost
    if (phase === 'style') at.phase = 'content'
    else if (phase === 'content') at.phase = 'iterate'
    else if (++at.iteration === ITERATIONS) at.phase = at.scale === pixels.length - 1 ? 'done' : 'style'
  }
}

/** @param {any} t @param {Uint8Array|null} resume @param {number} slowness as known before */
function start(t, resume, slowness) {
  const model = new Model()
  t.mock.method(performance, 'now', () => 1000 * model.seconds)
  /** @type {any[]} */
  const events = []
  const job = new Job(/** @type {any} */ (model), /** @type {any} */ (made), slowness, { content: picture,
    style: picture, regions: null, options: { size: SIZE }, resume, previewEvery: 0 },
  (event) => event.type === 'iteration' && events.push({ ...event, at: model.seconds }))
  return { job, model, events }
}

test('after Continue the time left is right from the start, and the share done never goes back', async (t) => {
  for (const done of [1, ITERATIONS + 7, 3 * ITERATIONS + 5, 4 * ITERATIONS - 1, 2 * ITERATIONS]) {
    const first = start(t, null, SLOW)
    while (first.events.length < done) await first.job.step()
    const [saved, fraction] = [first.job.checkpoint(), first.job.fraction()]
    t.mock.reset()

    for (const slowness of [SLOW, 0]) {
      const { job, model, events } = start(t, saved, slowness)
      while (!job.done) await job.step()
      for (const { secondsLeft, at } of events) {
        const left = model.seconds - at
        assert.ok(Math.abs(secondsLeft - left) <= 0.01 * left + 1e-9,
          `${done} iterations before: ${secondsLeft} s told, ${left} s true`)
      }
      assert.ok(events[0].fraction > fraction, `${events[0].fraction} after ${fraction}`)
      t.mock.reset()
    }
  }
})
