// SPDX-License-Identifier: MIT
//
// Whole iterations on a graphics card beside the same on the CPU, from one saved state. Runs in browsers and in Node
// alike; what is measured comes back as numbers, for the test to judge.

import { Gpu, GpuScale } from '../../src/api/worker/gpu.js'
import { Wasm } from '../../src/api/worker/wasm.js'

/**
 * The engine and the card, both with the network.
 * @param {{ adapter: any, kernel: (file: string) => Promise<string>, folder: string,
 *   wasm: Uint8Array, weights: Uint8Array }} from folder: of the builds, as import() takes it
 */
export async function openBoth({ adapter, kernel, folder, wasm: module, weights }) {
  const wasm = await Wasm.open({
    glue: `${folder}strotss-single.js`, scripts: null, wasm: module, build: 'single', threads: 1
  })
  const gpu = await Gpu.open(wasm, adapter, kernel)
  wasm.loadWeights(weights)
  await gpu.loadWeights(weights)
  return { wasm, gpu }
}

/** A smooth picture with a hard edge. */
function picture(width, height, seed) {
  return {
    width, height,
    data: Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => {
      const [x, y, c] = [(i >> 2) % width, Math.floor((i >> 2) / width), i % 4]
      if (c === 3) return 255
      return 128 + 70 * Math.sin(seed + c + x / (2 + c)) + 50 * Math.cos(y / 3 * seed) + (x > width / 2 ? 30 : -30)
    })
  }
}

/** Left and right half. */
const halves = ({ width, height }, at) => ({
  width, height, labels: Uint8Array.from({ length: width * height }, (_, i) => Number(i % width < at * width))
})

/** @param {{ width?: number, height?: number, regions?: boolean, options?: any }} what */
function makeRun(wasm, { width = 64, height = 4, regions = false, options = {} }) {
  const [content, style] = [picture(width, height, 1), picture(48, 32, 2)]
  const painted = regions ? { content: halves(content, 0.4), style: halves(style, 0.6) } : null
  const run = wasm.createRun({ content, style, regions: painted },
    { size: 64, quality: 'draft', styleDraws: 1, ...options })
  wasm.step(run) // the style
  return run
}

/** The parts of a saved state (run_state.c). */
function partsOf(wasm, run) {
  const state = wasm.save(run)
  const head = 24 + 8 * wasm.values.length
  const floats = new Float32Array(state.slice(head, state.length - 8).buffer)
  const n = floats.length / 3
  return { pyramid: floats.subarray(0, n), mean: floats.subarray(n, 2 * n), square: floats.subarray(2 * n) }
}

function apart(found, wanted) {
  let [difference, size] = [0, 0]
  for (let i = 0; i < wanted.length; i++) {
    difference += (found[i] - wanted[i]) ** 2
    size += wanted[i] ** 2
  }
  return Math.sqrt(difference / size)
}

/**
 * One iteration on both. With Adam the first moments are then 0.3 of the gradient, so that its relative distance is
 * theirs; with RMSprop the square root of the second ones has its place.
 * @returns {Promise<{ terms: Record<string, number>, gradient: number }>} relative distances
 */
export async function compareIterations({ wasm, gpu }, what) {
  const [here, there] = [makeRun(wasm, what), makeRun(wasm, what)]
  wasm.step(here) // the content
  wasm.step(here)
  const scale = await GpuScale.open(gpu, there)
  const { terms } = await scale.step()
  while (!scale.done) await scale.step()
  const wanted = wasm.progress(here).terms
  const [a, b] = [partsOf(wasm, here), partsOf(wasm, there)]
  const name = what.options?.optimizer === 'rmsprop' ? 'square' : 'mean'
  scale.close()
  return {
    terms: Object.fromEntries(Object.entries(wanted).map(([term, value]) =>
      [term, value ? Math.abs(terms[term] / value - 1) : Math.abs(terms[term])])),
    gradient: apart(b[name], a[name])
  }
}

/** The same iterations from the start, twice. @returns {Promise<boolean>} whether they end in the same bytes */
export async function twice({ wasm, gpu }, what) {
  const states = []
  for (let i = 0; i < 2; i++) {
    const run = makeRun(wasm, what)
    const scale = await GpuScale.open(gpu, run)
    while (!scale.done) await scale.step()
    scale.close()
    states.push(wasm.save(run))
  }
  return states[0].every((byte, i) => byte === states[1][i])
}

/** A card that is lost in the middle. @returns {Promise<{ kind: string, goesOn: boolean }>} */
export async function lose({ wasm, gpu }, what) {
  const run = makeRun(wasm, what)
  const scale = await GpuScale.open(gpu, run)
  await scale.step()
  gpu.executor.close()
  let kind = 'none'
  try {
    while (!scale.done) await scale.step()
  } catch (error) {
    kind = error.kind
  }
  scale.close()
  const before = wasm.progress(run)
  wasm.step(run) // the content
  wasm.step(run)
  return { kind, goesOn: wasm.progress(run).iteration === before.iteration + 1 }
}

/** A network with a weight that is no number. @returns {Promise<{ code: string, message: string }>} */
export async function notFinite({ wasm, gpu }, what) {
  gpu.executor.writeWeights(0, 7 * 4096, new Uint8Array(Float32Array.of(NaN).buffer))
  const run = makeRun(wasm, what)
  const scale = await GpuScale.open(gpu, run)
  try {
    await scale.step()
  } catch ({ code, message }) {
    return { code, message }
  }
  return { code: 'none', message: '' }
}
