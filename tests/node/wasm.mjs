// SPDX-License-Identifier: MIT
//
// The engine without a worker, for tests of what it tells about itself.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Wasm } from '../../src/api/worker/wasm.js'

const builds = new URL('../../build/wasm/', import.meta.url)

/** One thread, no weights. */
export const openWasm = () => Wasm.open({
  glue: new URL('strotss-single.js', builds).href, folder: fileURLToPath(builds),
  wasm: readFileSync(new URL('strotss-single.wasm', builds)), build: 'single', threads: 1
})
