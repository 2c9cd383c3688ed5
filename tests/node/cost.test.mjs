// SPDX-License-Identifier: MIT
//
// The time that is told: the table of cost.js, and how it is corrected by what a run's steps really took.

import assert from 'node:assert/strict'
import test from 'node:test'
import { columnsCost, iterationCost, Pace, pixelsAt, scaleCost, scaleSizes } from '../../src/api/shared/cost.js'

test('a larger scale costs more, and a scale is its iterations and two looks', () => {
  const pixels = [12, 48 ** 2, 64 ** 2, 100 ** 2, 128 ** 2, 300 * 400, 512 ** 2, 700 ** 2, 1024 ** 2,
    1500 ** 2, 2048 ** 2]
  for (const cost of [iterationCost, columnsCost]) {
    const costs = pixels.map(cost)
    assert.ok(costs[0] > 0 && costs.every((seconds, i) => !i || seconds > costs[i - 1]), String(costs))
  }
  assert.ok(Math.abs(scaleCost(4096, 2048, 10) - columnsCost(2048) - columnsCost(4096) -
    10 * iterationCost(4096)) < 1e-12)
  const more = scaleCost(4096, 2048, 10, 'sinkhorn') - scaleCost(4096, 2048, 10, 'remd')
  assert.ok(more > 0 && Math.abs(more - 10 * (iterationCost(4096, 'sinkhorn') - iterationCost(4096))) < 1e-12)
})

/**
 * A run on a device that takes `real` seconds for one of the table's, told `slowness` before: what it says is left
 * after each scale.
 */
function told(real, slowness, jitter) {
  const pace = new Pace(slowness)
  const plan = scaleSizes(512).map((side) => ({ pixels: pixelsAt({ width: 4, height: 3 }, side), iterations: 40 }))
  const costs = plan.map(({ pixels, iterations }) => scaleCost(pixels, pixels, iterations))
  return plan.map(({ pixels, iterations }, scale) => {
    const steps = [columnsCost(pixels), columnsCost(pixels), ...Array(iterations).fill(iterationCost(pixels))]
    for (const [i, cost] of steps.entries()) pace.note(cost * real * (1 + jitter * (i % 2 ? 1 : -1)), cost)
    const left = costs.slice(scale + 1).reduce((sum, cost) => sum + cost, 0)
    return { told: left * pace.slowness, true: left * real }
  }).slice(0, -1)
}

test('whatever was expected before, the time left is right within a tenth by the end of the first scale', () => {
  for (const [real, slowness] of [[1, 1], [4, 1], [0.3, 1], [8, 0], [1, 20]]) {
    for (const jitter of [0, 0.5]) {
      for (const left of told(real, slowness, jitter)) {
        assert.ok(Math.abs(left.told / left.true - 1) < 0.1,
          `${left.told} s told, ${left.true} s true, ${slowness} before`)
      }
    }
  }
})

test('before the first step calibration is believed, and one odd step does not overturn it', () => {
  assert.equal(new Pace(0).slowness, 0)
  const pace = new Pace(2)
  assert.equal(pace.slowness, 2)
  pace.note(10 * iterationCost(4096), iterationCost(4096))
  assert.ok(pace.slowness > 2 && pace.slowness < 6, String(pace.slowness))
})
