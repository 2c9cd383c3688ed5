// SPDX-License-Identifier: MIT
//
// Where the package's WebAssembly builds and weights are. Each file is named by itself: bundlers understand
// new URL('a literal', import.meta.url), put the file beside what they build, and know no folders.

/** Of a build: its WebAssembly, the script that runs it, and the script of its threads. */
export const FILES = {
  'strotss-threads-relaxed.wasm': new URL('../../../build/wasm/strotss-threads-relaxed.wasm', import.meta.url),
  'strotss-threads.wasm': new URL('../../../build/wasm/strotss-threads.wasm', import.meta.url),
  'strotss-threads.js': new URL('../../../build/wasm/strotss-threads.js', import.meta.url),
  'strotss-threads.worker.js': new URL('../../../build/wasm/strotss-threads.worker.js', import.meta.url),
  'strotss-single-relaxed.wasm': new URL('../../../build/wasm/strotss-single-relaxed.wasm', import.meta.url),
  'strotss-single.wasm': new URL('../../../build/wasm/strotss-single.wasm', import.meta.url),
  'strotss-single.js': new URL('../../../build/wasm/strotss-single.js', import.meta.url)
}

export const WEIGHTS = new URL('../../../weights/vgg16.q8.bin', import.meta.url)
