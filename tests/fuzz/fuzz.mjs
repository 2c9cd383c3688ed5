// SPDX-License-Identifier: MIT
//
// Random inputs for what is written in JavaScript, the counterpart of libFuzzer:
//
//   node tests/fuzz/fuzz_NAME.mjs [--seconds 10] [--seed 1] [--only N]
//
// Input number N depends on the seed and N alone. What goes wrong is told with its number, and --only N repeats it.

import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'

/** Random numbers, the same for the same seed: a Weyl sequence, mixed (the finalizer of MurmurHash3). */
export class Random {
  #state

  /** @param {number} seed */
  constructor(seed) {
    this.#state = Math.imul(seed, 0x9e3779b1)
  }

  /** A whole number from 0 to `count` - 1. @param {number} count */
  below(count) {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let x = this.#state
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
    return ((x ^ (x >>> 16)) >>> 0) % count
  }

  /** True once in `count` times. @param {number} count */
  once(count) {
    return this.below(count) === 0
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  pick(list) {
    return list[this.below(list.length)]
  }

  /**
   * Bytes with up to eight changes: a bit, a byte, a piece left out, doubled or cut off.
   * @param {Uint8Array} bytes @returns {Uint8Array}
   */
  mutate(bytes) {
    let now = Uint8Array.from(bytes)
    for (let n = this.below(9); n > 0 && now.length > 0; n--) {
      const at = this.below(now.length)
      const piece = 1 + this.below(Math.min(16, now.length - at))
      const act = this.below(5)
      if (act === 0) now[at] ^= 1 << this.below(8)
      else if (act === 1) now[at] = this.below(256)
      else if (act === 2) now = Uint8Array.of(...now.subarray(0, at), ...now.subarray(at + piece))
      else if (act === 3) now = Uint8Array.of(...now.subarray(0, at + piece), ...now.subarray(at))
      else if (this.once(8)) now = now.slice(0, at)
    }
    return now
  }
}

/** A refusal as people may see it: one line of some words. @param {string} text */
export function assertSentence(text) {
  assert.ok(typeof text === 'string' && text.length > 0 && text.length < 400 && !text.includes('\n'),
    `no sentence: ${JSON.stringify(text)}`)
  assert.ok(!/\b(undefined|NaN|null|\[object|TypeError|ReferenceError|at file:)/.test(text),
    `no words for people: ${text}`)
}

/** Tries inputs until the time is over. @param {(random: Random, number: number) => unknown} attempt */
export async function fuzz(attempt) {
  const { values } = parseArgs({ options: {
    seconds: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' }, only: { type: 'string' } } })
  const seed = Number(values.seed)
  const one = async (/** @type {number} */ number) => {
    try {
      await attempt(new Random(seed * 1000003 + number), number)
    } catch (error) {
      console.log(`input ${number} of seed ${seed}:`)
      throw error
    }
  }
  if (values.only) return one(Number(values.only))
  const start = performance.now()
  let number = 0
  for (; performance.now() - start < 1000 * Number(values.seconds); number++) await one(number)
  console.log(`Done ${number} runs in ${Math.round((performance.now() - start) / 1000)} second(s)`)
}
