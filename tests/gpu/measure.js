// SPDX-License-Identifier: MIT
//
// How fast a card does the kernels that take the time: the matrix products of the terms and convolutions of the network
// at 512 px. Runs in browsers and in Node alike. Several dispatches are in flight; the quickest of a few rounds counts.

/** @typedef {import('../../src/gpu/executor.js').Executor} Executor */

const gemm = (turnedB) => `const A_TURNED = false; const B_TURNED = ${turnedB}; const ACCUMULATE = false; ` +
  'const UPPER = false;'

/** A square product of whole tiles. */
const product = (m, n, k, turnedB) => ({
  kernel: { file: 'gemm', constants: gemm(turnedB) }, x: m / 128, y: n / 64, operations: 2 * m * n * k,
  params: [k, k / 4, (turnedB ? k : n) / 4, n / 4], bytes: [4 * m * k, 4 * n * k, 4 * m * n]
})

/** A layer of the network on a square map. */
const convolution = (side, channels, backward = false) => ({
  kernel: { file: 'conv', constants: `const BACKWARD = ${backward};` },
  x: Math.ceil(side * side / 128), y: channels / 64, operations: 18 * side * side * channels * channels,
  params: [side, side, channels, channels, 0, side, 0],
  bytes: [4 * side * side * channels, 36 * channels * channels, 4 * channels, side * side * channels / 8,
    4 * side * side * channels, 4]
})

const cases = {
  'matrix product 1024 x 1024 x 2304': product(1024, 1024, 2304, true),
  'matrix product 1024 x 2304 x 2304': product(1024, 2304, 2304, false),
  'matrix product 4096 x 4096 x 4096': product(4096, 4096, 4096, false),
  'convolution 512 x 512, 64 channels': convolution(512, 64),
  'convolution 256 x 256, 128 channels': convolution(256, 128),
  'convolution 128 x 128, 256 channels': convolution(128, 256),
  'convolution 64 x 64, 512 channels': convolution(64, 512),
  'convolution 32 x 32, 512 channels': convolution(32, 512),
  'convolution 128 x 128, 256, backward': convolution(128, 256, true)
}
export const measured = Object.keys(cases)

const ROUNDS = 5
/** A slow card is not asked for another round after so long. */
const ENOUGH_MS = 2000
const DISPATCHES = 4

/**
 * @param {(kernels: import('../../src/gpu/executor.js').Kernel[]) => Promise<Executor>} makeExecutor
 * @param {string} name @returns {Promise<{ gflops: number, ms: number }>} of one dispatch
 */
export async function measureKernel(makeExecutor, name) {
  const { kernel, x, y, operations, params, bytes } = cases[name]
  const executor = await makeExecutor([kernel])
  const sizes = bytes.map((size) => Math.ceil(size / 256) * 256)
  await executor.takeWeights([256, 256, 256])
  const ranges = sizes.map((size, i) => ({ buffer: 3 + i, offset: 0, bytes: size }))
  const dispatch = { kernel: 0, x, y, millions: operations / 1e6, ranges, params: Uint32Array.from(params) }
  const plan = { buffers: [0, 0, 0, ...sizes], uploads: [], lists: [Array(DISPATCHES).fill(dispatch)] }
  const program = await executor.load(plan, () => new Uint8Array())
  let best = Infinity
  const end = performance.now() + ENOUGH_MS
  for (let round = 0; round === 0 || (round < ROUNDS && performance.now() < end); round++) {
    const start = performance.now()
    await executor.run(program, 0)
    await executor.readBack(program, [{ buffer: 3, offset: 0, bytes: 4 }])
    best = Math.min(best, (performance.now() - start) / DISPATCHES)
  }
  program.destroy()
  executor.close()
  return { gflops: operations / best / 1e6, ms: best }
}
