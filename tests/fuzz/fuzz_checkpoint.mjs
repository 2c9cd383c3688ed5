// SPDX-License-Identifier: MIT
//
// Checkpoints, the file around the engine's state (fuzz_state.c has the state itself): mutated bytes, and headers of
// any shape with their digest put right. They are refused with BAD_STATE in a sentence, or give a header of the
// promised types, whose options pass or fail checkOptions.

import assert from 'node:assert/strict'
import { packCheckpoint, unpackCheckpoint } from '../../src/api/shared/checkpoint.js'
import { checkOptions } from '../../src/api/client/engine.js'
import { StrotssError } from '../../src/api/errors.js'
import { assertSentence, fuzz } from './fuzz.mjs'

const VALUES = [null, true, 0, -1, 1.5, 64, 1e308, '', 'draft', 'threads-relaxed', [], {}, [null], { size: 64 },
  { remd: 1 }]
const header = { build: 'threads', options: { size: 64, contentWeight: 0.5, quality: 'draft', seed: 0 },
  fraction: 0.5, scales: [] }

/**
 * A copy with something else somewhere.
 * @param {import('./fuzz.mjs').Random} random @param {any} value @returns {any}
 */
function warp(random, value) {
  if (random.once(3) || typeof value !== 'object' || value === null) return random.pick(VALUES)
  const key = random.pick([...Object.keys(value), 'factors', 'keepColors'])
  return { ...value, [key]: random.once(4) ? undefined : warp(random, value[key]) }
}

await fuzz((random) => {
  const state = new Uint8Array(random.below(40))
  const whole = packCheckpoint(random.once(2) ? header : warp(random, header), state)
  let read
  try {
    read = unpackCheckpoint(random.once(2) ? whole : random.mutate(whole))
  } catch (error) {
    assert.ok(error instanceof StrotssError && error.code === 'BAD_STATE', `${error}`)
    return assertSentence(error.message)
  }
  const { build, options, scales } = read.header
  assert.equal(typeof build, 'string')
  assert.ok(typeof options === 'object' && options !== null && Array.isArray(scales))
  try {
    checkOptions(options)
  } catch (error) {
    assert.ok(error instanceof StrotssError && error.code === 'BAD_ARGUMENT', `${error}`)
  }
})
