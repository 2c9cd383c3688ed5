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
 * One iteration on both, and then some on the card alone. With Adam the first moments after one are the gradient but
 * for a factor.
 * @param {Wasm} wasm @param {Gpu} gpu @param {typeof import('./gpu.js').GpuScale} GpuScale @param {number} height
 * @returns {Promise<{ millions: number, seconds: number }>} of an iteration; rejects where the card is wrong
 */
async function testCard(wasm, gpu, GpuScale, height) {
  const options = /** @type {const} */ ({ size: WIDTH, styleDraws: 1, quality: 'draft' })
  const start = (/** @type {number} */ iterations) =>
    wasm.createRun(noise(height, 1), noise(height, 2), null, { ...options, iterations })
  const runs = [start(1), start(1), start(1 + MEASURED)]
  try {
    for (const run of runs) wasm.step(run) // the style
    const [here, there, timed] = runs
    wasm.step(here) // the content
    wasm.step(here)
    const one = await GpuScale.open(gpu, there)
    const { terms } = await one.step().finally(() => one.close())
    const wanted = wasm.progress(here).terms
    for (const [name, value] of Object.entries(wanted)) {
      const apart = Math.abs(terms[name] - value)
      if (apart <= TERMS * Math.abs(value)) continue
      throw new Error(`it computes wrongly: ${name} is ${terms[name]}, not ${value}`)
    }
    const apart = distance(wasm.moments(there).mean, wasm.moments(here).mean)
    if (!(apart <= GRADIENT)) throw new Error(`it computes wrongly: its gradient is off by ${apart}`)
    const many = await GpuScale.open(gpu, timed)
    try {
      await many.step()
      const from = performance.now()
      while (!many.done) await many.step()
      return { millions: many.millions, seconds: (performance.now() - from) / 1000 / MEASURED }
    } finally {
      many.close()
    }
  } finally {
    for (const run of runs) wasm.destroyRun(run)
  }
}

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
    const { millions, seconds } = await testCard(wasm, gpu, GpuScale, software ? SOFTWARE_HEIGHT : HEIGHT)
    if (backend === 'webgpu') return { gpu, why: `${gpu.name}, as asked for` }
    const there = (millions + MILLIONS_A_PIXEL * SIDE * SIDE) / millions * seconds
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
