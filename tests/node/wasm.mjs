// SPDX-License-Identifier: MIT
//
// The engine without a worker, for tests of what it says about itself.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Wasm } from '../../src/api/worker/wasm.js'

const builds = new URL('../../build/wasm/', import.meta.url)

/** One thread, no weights. */
export const openWasm = () => Wasm.open({
  glue: new URL('strotss-single.js', builds).href, folder: fileURLToPath(builds),
  wasm: readFileSync(new URL('strotss-single.wasm', builds)), build: 'single', threads: 1
})

/**
 * Every option of the engine, the factors of the terms among them, by name; standard: NaN where it is the quality's.
 * @param {Wasm} wasm @returns {Map<string, { lowest: number, highest: number, standard: number }>}
 */
export function engineOptions({ module, memory }) {
  const text = (/** @type {number} */ at) => {
    const heap = Buffer.from(memory.buffer)
    return heap.toString('utf8', at, heap.indexOf(0, at))
  }
  return new Map(Array.from({ length: module._wasm_option_count() }, (_, i) => [text(module._wasm_option_name(i)), {
    lowest: module._wasm_option_lowest(i), highest: module._wasm_option_highest(i),
    standard: module._wasm_option_default(i)
  }]))
}
