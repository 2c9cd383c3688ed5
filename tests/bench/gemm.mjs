// SPDX-License-Identifier: MIT
//
// node tests/bench/gemm.mjs [threads [seconds]]: builds gemm.c to build/bench and runs it here, first with multiplications and
// additions apart, then relaxed (where this Node has it; 20 does not). gemm.c says what it prints.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
const out = 'build/bench'
const debian = '/usr/share/nodejs' // where Debian's emcc looks for acorn
mkdirSync(out, { recursive: true })
writeFileSync(`${out}/package.json`, '{ "type": "commonjs" }\n')
const flags =
  '-std=gnu11 -O3 -msimd128 -Wall -Wextra -Werror -Isrc/engine -Isrc/kernels -pthread -sPTHREAD_POOL_SIZE=8 ' +
  '-sINITIAL_MEMORY=400MB -sMODULARIZE -sEXPORT_NAME=createBench -sENVIRONMENT=node,worker -sINVOKE_RUN=0 ' +
  '-sEXPORTED_RUNTIME_METHODS=callMain tests/bench/gemm.c src/kernels/gemm.c src/kernels/gemm_kernels.c src/engine/threads.c'
execFileSync('emcc', [...flags.split(' '), '-o', `${out}/gemm.js`], {
  env: { ...process.env, ...(existsSync(`${debian}/acorn`) && { NODE_PATH: debian }) }, stdio: 'inherit'
})
execFileSync('node', ['src/kernels/relax.mjs', `${out}/gemm.wasm`, `${out}/gemm-relaxed.wasm`], { stdio: 'inherit' })

const createBench = createRequire(import.meta.url)(`../../${out}/gemm.js`)
for (const name of ['gemm', 'gemm-relaxed']) {
  const wasmBinary = readFileSync(`${out}/${name}.wasm`)
  console.log(`\n${name}`)
  if (WebAssembly.validate(wasmBinary)) (await createBench({ wasmBinary })).callMain(process.argv.slice(2))
  else console.log('this Node has no relaxed SIMD')
}
process.exit()
