// SPDX-License-Identifier: MIT
//
// The engine without a worker, for tests of what it says about itself.

import { readFileSync } from 'node:fs'
import { Wasm } from '../../src/api/worker/wasm.js'

const builds = new URL('../../build/wasm/', import.meta.url)

/** One thread, no weights. */
export const openWasm = () => Wasm.open({
  glue: new URL('strotss-single.js', builds).href, scripts: null,
  wasm: readFileSync(new URL('strotss-single.wasm', builds)), build: 'single', threads: 1
})

/** @param {Wasm} wasm @param {number} at @returns {string} what stands there in the heap */
function text({ memory }, at) {
  const heap = Buffer.from(memory.buffer)
  return heap.toString('utf8', at, heap.indexOf(0, at))
}

/**
 * Every option of the engine, the factors of the terms among them, by name; standard: NaN where it is the quality's.
 * @param {Wasm} wasm @returns {Map<string, { lowest: number, highest: number, standard: number }>}
 */
export const engineOptions = (wasm) => new Map(Array.from({ length: wasm.module._wasm_option_count() }, (_, i) => [
  text(wasm, wasm.module._wasm_option_name(i)), {
    lowest: wasm.module._wasm_option_lowest(i), highest: wasm.module._wasm_option_highest(i),
    standard: wasm.module._wasm_option_default(i)
  }]))

/** What the engine calls each failure. @param {Wasm} wasm @returns {string[]} */
export function engineCodes(wasm) {
  const codes = []
  for (let status = -1; ; status--) {
    const name = text(wasm, wasm.module._wasm_status_name(status))
    if (name === 'UNKNOWN') return codes
    codes.push(name)
  }
}
