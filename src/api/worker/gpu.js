// SPDX-License-Identifier: MIT
//
// Iterations of a run on a graphics card. C plans them in the WebAssembly heap (src/gpu), the executor carries them
// out, and two are in flight, so that reading back never stops the queue. The run in the heap stands where the device
// was last read back, at most STATE_MS ago: from there it is shown, saved, or goes on without the device. Loaded only
// when a graphics card is to be used.

import { Executor, GpuError, readPlan } from '../../gpu/executor.js'
import { StrotssError } from '../errors.js'

export { GpuError }

/** @typedef {import('./wasm.js').Wasm} Wasm */
/** @typedef {import('../../gpu/executor.js').Range} Range */
/** @typedef {import('../../gpu/executor.js').Program} Program */

const LAYERS = 13
const IN_FLIGHT = 2
const STATE_MS = 1000
/** As GPU_START, GPU_CONTENT and GPU_ITERATE of plan.h. */
const [START, CONTENT, ITERATE] = [0, 1, 2]
const PLACES = 8
/** What a dispatch may hold, in millions of operations, until the device has shown its rate. */
const MILLIONS = 2000

/** A graphics card with the network on it. */
export class Gpu {
  /** @param {Wasm} wasm @param {Executor} executor @param {string} name of the card */
  constructor(wasm, executor, name) {
    this.wasm = wasm
    this.executor = executor
    this.name = name
  }

  /**
   * @param {Wasm} wasm @param {any} adapter a GPUAdapter
   * @param {(file: string) => Promise<string>} read a kernel's text
   */
  static async open(wasm, adapter, read) {
    const { module } = wasm
    /** @type {import('../../gpu/executor.js').Kernel[]} */
    const kernels = []
    for (let file = module._wasm_gpu_kernel_file(0); file; file = module._wasm_gpu_kernel_file(kernels.length)) {
      kernels.push({ file: wasm.text(file), constants: wasm.text(module._wasm_gpu_kernel_constants(kernels.length)) })
    }
    const { vendor, architecture, device, description } = adapter.info ?? {}
    const name = description || device || [vendor, architecture].filter(Boolean).join(' ') || 'a graphics card'
    return new Gpu(wasm, await Executor.open(adapter, kernels, read), name)
  }

  /** A weights file that the engine has taken. @param {Uint8Array} file */
  async loadWeights(file) {
    const { wasm, executor } = this
    const { module } = wasm
    /** @type {{ filters: number, size: number, backward: number, bias: number, biases: number }[]} */
    const layers = wasm.within((put) => {
      const places = put(24)
      return Array.from({ length: LAYERS }, (_, layer) => {
        module._wasm_gpu_weights_places(places, layer)
        const [filters, size, backward, , bias, biases] = wasm.words(places, 6)
        return { filters, size, backward, bias, biases }
      })
    })
    const last = layers[LAYERS - 1]
    await executor.takeWeights([last.filters + last.size, last.backward + last.size, last.bias + last.biases])
    wasm.within((put) => {
      const most = Math.max(...layers.map(({ size }) => size))
      const bytes = put(file)
      const [filters, backward, scratch, bias] = [put(most), put(most), put(most), put(last.biases)]
      layers.forEach((layer, k) => {
        module._wasm_gpu_weights_layer(filters, backward, bias, scratch, bytes, k)
        executor.writeWeights(0, layer.filters, wasm.bytes(filters, layer.size))
        executor.writeWeights(1, layer.backward, wasm.bytes(backward, layer.size))
        executor.writeWeights(2, layer.bias, wasm.bytes(bias, layer.biases))
      })
    })
  }

  close() {
    this.executor.close()
  }
}

/** The iterations of the scale at which a run stands. */
export class GpuScale {
  #gpu
  #scale
  #iterations
  #at = { iteration: 0, candidates: 0 }
  /** @type {{ iteration: Range, candidates: Range, blocks: Range, results: Range, state: Range[] }} */
  #places
  /** @type {Program} */
  #program
  #submitted
  #lastState = performance.now()
  /** @type {{ iteration: number, withState: boolean, parts: Promise<Uint8Array[]> }[]} */
  #pending = []
  /** As wasm_gpu_terms gave them last. */
  #terms

  /**
   * @param {Gpu} gpu @param {number} run whose style is known
   * @returns {Promise<GpuScale>} rejects with a GpuError where the device cannot hold it
   */
  static async open(gpu, run) {
    const { wasm, executor } = gpu
    const { module } = wasm
    const { binding, buffer } = executor.limits
    const scale = wasm.within((put) => {
      const out = put(4)
      const status = module._wasm_gpu_scale_create(out, run, binding, buffer, Math.max(MILLIONS, executor.millions))
      if (status !== 0) throw new GpuError('memory', wasm.text(module._wasm_engine_error(wasm.engine)))
      return wasm.words(out, 1)[0]
    })
    try {
      const numbers = wasm.within((put) => {
        const out = put(4 * (4 + 3 * PLACES))
        module._wasm_gpu_scale_plan(out, scale)
        return wasm.words(out, 4 + 3 * PLACES)
      })
      const program = await executor.load(readPlan(wasm.words(numbers[0], numbers[1])),
        (address, bytes) => wasm.bytes(address, bytes))
      await executor.run(program, START)
      return new GpuScale(gpu, run, scale, program, numbers)
    } catch (error) {
      module._wasm_gpu_scale_destroy(scale)
      throw error
    }
  }

  /**
   * @param {Gpu} gpu @param {number} run @param {number} scale @param {Program} program
   * @param {Uint32Array} numbers of wasm_gpu_scale_plan
   */
  constructor(gpu, run, scale, program, numbers) {
    this.#gpu = gpu
    this.#scale = scale
    this.#program = program
    const [iteration, candidates, blocks, results, ...state] = Array.from({ length: PLACES - 1 }, (_, i) => {
      const [buffer, offset, bytes] = numbers.subarray(4 + 3 * i)
      return { buffer, offset, bytes }
    })
    this.#places = { iteration, candidates, blocks, results, state }
    this.#at = { iteration: numbers[2], candidates: numbers[3] }
    const progress = gpu.wasm.progress(run)
    this.#submitted = progress.iteration
    this.#iterations = progress.iterations
    this.#terms = new Float64Array(gpu.wasm.values.length)
    /** Millions of operations of an iteration. */
    this.millions = program.lists[ITERATE].reduce((sum, { dispatch }) => sum + dispatch.millions, 0)
  }

  async #submit() {
    const { wasm, executor } = this.#gpu
    const places = this.#places
    const iteration = this.#submitted++
    const anew = wasm.module._wasm_gpu_iteration(this.#scale, iteration)
    executor.write(this.#program, places.iteration, wasm.bytes(this.#at.iteration, places.iteration.bytes))
    if (anew) {
      executor.write(this.#program, places.candidates, wasm.bytes(this.#at.candidates, places.candidates.bytes))
      await executor.run(this.#program, CONTENT)
    }
    await executor.run(this.#program, ITERATE)
    const withState = this.#submitted === this.#iterations || performance.now() - this.#lastState > STATE_MS
    if (withState) this.#lastState = performance.now()
    const parts = executor.readBack(this.#program,
      [places.blocks, places.results, ...(withState ? places.state : [])])
    parts.catch(() => undefined)
    this.#pending.push({ iteration, withState, parts })
  }

  /** @param {number} iterations @param {Uint8Array[]} state */
  #take(iterations, state) {
    const { wasm } = this.#gpu
    wasm.within((put) => {
      const [pyramid, mean, square] = state.map((part) => put(part))
      wasm.module._wasm_gpu_state(this.#scale, iterations, put(this.#terms), pyramid, mean, square)
    })
  }

  /**
   * The next iteration's number, from 1, and its terms.
   * @returns {Promise<{ iteration: number, terms: import('../types.js').Terms }>} rejects with NOT_FINITE, the run
   *   being at its last finite picture then, or with a GpuError
   */
  async step() {
    const { wasm, executor } = this.#gpu
    while (this.#pending.length < IN_FLIGHT && this.#submitted < this.#iterations) await this.#submit()
    const { iteration, withState, parts } = /** @type {any} */ (this.#pending.shift())
    const [blocks, results, ...state] = await parts
    const { status, numbers } = wasm.within((put) => {
      const out = put(this.#terms)
      const code = wasm.module._wasm_gpu_terms(out, this.#scale, put(blocks), put(results), iteration)
      return { status: code, numbers: wasm.doubles(out, this.#terms.length) }
    })
    if (status !== 0) {
      const message = wasm.text(wasm.module._wasm_engine_error(wasm.engine))
      this.#take(iteration, await executor.readBack(this.#program, this.#places.state))
      throw new StrotssError('NOT_FINITE', message)
    }
    this.#terms = numbers
    if (withState) this.#take(iteration + 1, state)
    return { iteration: iteration + 1, terms: wasm.termsOf(numbers) }
  }

  /** Whether the run in the heap has all iterations of the scale. */
  get done() {
    return this.#pending.length === 0 && this.#submitted === this.#iterations
  }

  /** What the device and C hold of it; the run in the heap goes on from where it stands. */
  close() {
    this.#program.destroy()
    this.#gpu.wasm.module._wasm_gpu_scale_destroy(this.#scale)
  }
}
