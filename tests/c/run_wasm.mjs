// SPDX-License-Identifier: MIT
//
// Runs one C test's WebAssembly build in Node: `node tests/c/run_wasm.mjs test_gemm`. The golden files and the weights
// are laid into its file system at /golden and /weights.

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const [name] = process.argv.slice(2)
const root = new URL('../../', import.meta.url)
const createTest = createRequire(import.meta.url)(`../../build/tests-wasm/${name}.js`)

const test = await createTest({ wasmBinary: readFileSync(new URL(`build/tests-wasm/${name}.wasm`, root)) })
test.FS.mkdir('/golden')
test.FS.mkdir('/weights')
for (const file of readdirSync(new URL('tests/golden', root))) {
  test.FS.writeFile(`/golden/${file}`, readFileSync(new URL(`tests/golden/${file}`, root)))
}
test.FS.writeFile('/weights/vgg16.q8.bin', readFileSync(new URL('weights/vgg16.q8.bin', root)))
process.exit(test.callMain(['/golden', '/weights/vgg16.q8.bin']))
