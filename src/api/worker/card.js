// SPDX-License-Identifier: MIT
//
// Whether a graphics card does the iterations, and why: none is used that a test at the start finds wrong, nor, unless
// it is asked for by name, one in software or one that would be slower than the CPU. The code for it and its kernels
// are loaded only then.

import { iterationCost } from '../shared/cost.js'

/** @typedef {import('./wasm.js').Wasm} Wasm */
/** @typedef {import('./gpu.js').Gpu} Gpu */
/**
 * Where a card comes from. gpu: navigator.gpu, or what an npm package gives; kernel: a kernel's text.
 * @typedef {{ gpu: (from: string|undefined) => Promise<any>, kernel: (file: string) => Promise<string> }} Cards
 */

/** Of the test at the start: low pictures are quick, but leave out the deepest layers, which have the same kernels. */
const WIDTH = 64
const [HEIGHT, SOFTWARE_HEIGHT] = [16, 4]
/** What terms and gradient may be off by, relative to the CPU's. */
const [TERMS, GRADIENT] = [3e-4, 5e-3]
const MEASURED = 3
/** The side that a card is judged by, and millions of operations a pixel there: the convolutions, both ways. */
const SIDE = 512
const MILLIONS_A_PIXEL = 1.22

/** @param {number} height @param {number} seed */
const noise = (height, seed) => ({
  width: WIDTH, height,
  data: Uint8ClampedArray.from({ length: 4 * WIDTH * height }, (_, i) => (i * 7919 + seed * 104729) >> 3 & 255)
})

/** Older browsers say so by the adapter's name only. @param {any} adapter */
function isSoftware({ info, isFallbackAdapter }) {
  const { vendor, architecture, device, description } = info ?? {}
  return Boolean(info?.isFallbackAdapter ?? isFallbackAdapter) ||
    /swiftshader|llvmpipe|basic render/i.test([vendor, architecture, device, description].join(' '))
}

/** @param {Float32Array} found @param {Float32Array} wanted */
function distance(found, wanted) {
  let [apart, size] = [0, 0]
  for (let i = 0; i < wanted.length; i++) {
    apart += (found[i] - wanted[i]) ** 2
    size += wanted[i] ** 2
  }
  return Math.sqrt(apart / size)
}

/**
 * A run on noise whose style is known, given to `work`.
 * @template T
 * @param {Wasm} wasm @param {number} height @param {number} iterations @param {(run: number) => Promise<T>} work
 */
async function withRun(wasm, height, iterations, work) {
  const options = /** @type {const} */ ({ size: WIDTH, styleDraws: 1, quality: 'draft' })
  const run = wasm.createRun({ content: noise(height, 1), style: noise(height, 2) }, { ...options, iterations })
  try {
    wasm.step(run) // the style
    return await work(run)
  } finally {
    wasm.destroyRun(run)
  }
}

/**
 * One iteration on both; rejects where the card is wrong. With Adam the first moments after one are the gradient but
 * for a factor.
 * @param {Wasm} wasm @param {Gpu} gpu @param {typeof import('./gpu.js').GpuScale} GpuScale @param {number} height
 */
async function testCard(wasm, gpu, GpuScale, height) {
  const there = await withRun(wasm, height, 1, async (run) => {
    const scale = await GpuScale.open(gpu, run)
    const { terms } = await scale.step().finally(() => scale.close())
    return { terms, mean: wasm.moments(run).mean }
  })
  const here = await withRun(wasm, height, 1, async (run) => {
    wasm.step(run) // the content
    wasm.step(run)
    return { terms: wasm.progress(run).terms, mean: wasm.moments(run).mean }
  })
  for (const [name, value] of Object.entries(here.terms)) {
    if (Math.abs(there.terms[name] - value) <= TERMS * Math.abs(value)) continue
    throw new Error(`it computes wrongly: ${name} is ${there.terms[name]}, not ${value}`)
  }
  const apart = distance(there.mean, here.mean)
  if (!(apart <= GRADIENT)) throw new Error(`it computes wrongly: its gradient is off by ${apart}`)
}

/**
 * Seconds of an iteration at SIDE on the card, from a few on small pictures, where the terms are as much work.
 * @param {Wasm} wasm @param {Gpu} gpu @param {typeof import('./gpu.js').GpuScale} GpuScale
 */
const timeCard = (wasm, gpu, GpuScale) => withRun(wasm, HEIGHT, 1 + MEASURED, async (run) => {
  const scale = await GpuScale.open(gpu, run)
  try {
    await scale.step()
    const start = performance.now()
    while (!scale.done) await scale.step()
    const seconds = (performance.now() - start) / 1000 / MEASURED
    return (scale.millions + MILLIONS_A_PIXEL * SIDE * SIDE) / scale.millions * seconds
  } finally {
    scale.close()
  }
})

/**
 * @param {{ wasm: Wasm, weights: Uint8Array, backend: 'auto'|'wasm'|'webgpu', from: string|undefined, cards: Cards,
 *   slowness: () => Promise<number> }} what weights: a file that the engine has taken; slowness: of the CPU
 * @returns {Promise<{ gpu: Gpu|null, why: string }>}
 */
export async function openCard({ wasm, weights, backend, from, cards, slowness }) {
  const none = (/** @type {string} */ why) => ({ gpu: null, why })
  if (backend === 'wasm') return none('the CPU, as asked for')
  /** @type {Gpu|null} */
  let gpu = null
  try {
    const adapter = await (await cards.gpu(from))?.requestAdapter({ powerPreference: 'high-performance' })
    if (!adapter) return none('the CPU, since there is no graphics card to be had')
    const software = isSoftware(adapter)
    if (software && backend === 'auto') return none('the CPU, since the graphics card is one in software')
    const { Gpu, GpuScale } = await import('./gpu.js')
    gpu = await Gpu.open(wasm, adapter, cards.kernel)
    await gpu.loadWeights(weights)
    await testCard(wasm, gpu, GpuScale, software ? SOFTWARE_HEIGHT : HEIGHT)
    if (backend === 'webgpu') return { gpu, why: `${gpu.name}, as asked for` }
    const there = await timeCard(wasm, gpu, GpuScale)
    const here = await slowness() * iterationCost(SIDE * SIDE)
    const times = `an iteration at ${SIDE} px takes it ${there.toPrecision(2)} s, the CPU ${here.toPrecision(2)} s`
    if (there < here) return { gpu, why: `${gpu.name}: ${times}` }
    gpu.close()
    return none(`the CPU, since ${gpu.name} is slower: ${times}`)
  } catch (error) {
    gpu?.close()
    return none(`the CPU, since the graphics card cannot be used: ${/** @type {Error} */ (error).message}`)
  }
}
