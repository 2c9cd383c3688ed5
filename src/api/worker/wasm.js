// SPDX-License-Identifier: MIT
//
// The engine's C functions (wasm_api.c) with JavaScript values: pictures, options by name, errors thrown. Runs in the
// worker. Whatever is taken from the WebAssembly heap for a call is given back when the call ends; results are copies.

import { DEFAULTS, QUALITIES, ROWS } from '../shared/options.js'
import { describe, StrotssError } from '../errors.js'
import { MAX_THREADS } from '../shared/build.js'

/** @typedef {import('../types.js').Picture} Picture */
/** @typedef {import('../types.js').Terms} Terms */
/** @typedef {import('../errors.js').ErrorCode} ErrorCode */
/** An address in the WebAssembly heap. @typedef {number} Pointer */
/** The glue's functions. @typedef {{ [name: string]: (...numbers: number[]) => number }} Module */
/** What wasm_run_progress tells; phase: what the next step will do.
 * @typedef {{ phase: 'style'|'content'|'iterate'|'done', scale: number, scales: number, width: number, height: number,
 *   iteration: number, iterations: number, terms: Terms }} Progress */

/** In pages of 64 KB, as the build's INITIAL_MEMORY. */
const INITIAL_PAGES = 256
/** 4 GB where it can be had, less where it is refused (iOS); it is address space, not memory. */
const MAXIMUM_PAGES = [65536, 32768, 16384]
/** Larger sizes would come to the heap's 32 bits as small ones. */
const LARGEST = 2 ** 32 - 1
const PHASES = /** @type {const} */ (['style', 'content', 'iterate', 'done'])
const COLUMN = 2179
/** What a run's estimate adds for the odds and ends beside the large pieces, and for rounding up to whole pages. */
const SMALL_PIECES = 1 << 18
/** The hole that the weights file leaves where a thread that starts meanwhile takes memory behind it. */
const WEIGHTS_HOLE = 15 << 20
const LEVELS = ['rgb', 'relu1_1', 'relu1_2', 'relu2_1', 'relu2_2', 'relu3_1', 'relu3_2', 'relu3_3', 'relu4_3',
  'relu5_3', 'all']
export const VERSION = '0.2.0'

/** @param {boolean} shared */
function createMemory(shared) {
  for (const maximum of MAXIMUM_PAGES) {
    try {
      return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared })
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
  }
  throw new StrotssError('OUT_OF_MEMORY', 'memory: the runtime refuses even 1 GB of address space')
}

export class Wasm {
  /** Of each run, where its numbers, picture and state are written for us to copy, and for how many bytes.
   * @type {Map<Pointer, { at: Pointer, bytes: number }>} */
  #room = new Map()

  /**
   * glue: as import() takes it; scripts: of a build with threads, the glue and what starts a thread, as new Worker()
   * takes them.
   * @param {Omit<import('../types.js').Requests['open']['args'], 'backend'|'webgpu'>} from
   */
  static async open({ glue, scripts, wasm, build, threads }) {
    const memory = createMemory(build.startsWith('threads'))
    const loaded = await import(/* webpackIgnore: true */ /* @vite-ignore */ glue)
    /** @type {(settings: object) => Promise<Module>} */
    const factory = loaded.default ?? /** @type {{ createStrotss?: unknown }} */ (globalThis).createStrotss
    const module = await factory({
      wasmBinary: wasm,
      wasmMemory: memory,
      poolSize: Math.max(threads - 1, 1), /* of none, Emscripten 3.1.6 waits for ever */
      printErr: () => undefined, /* what it would say comes with the error */
      mainScriptUrlOrBlob: scripts?.main,
      locateFile: () => scripts?.thread ?? ''
    })
    return new Wasm(module, memory, threads, build.startsWith('single'))
  }

  /**
   * @param {Module} module @param {WebAssembly.Memory} memory @param {number} threads
   * @param {boolean} single a build that knows no other threads
   */
  constructor(module, memory, threads, single) {
    this.module = module
    this.memory = memory
    this.threads = threads
    this.single = single
    /** @type {Pointer} */
    this.engine = this.within((put) => {
      const out = put(4)
      const status = module._wasm_engine_create(out, threads)
      if (status !== 0) {
        const code = this.#code(status)
        throw new StrotssError(code, code === 'BAD_ARGUMENT' ? `threads: ${threads} is not from 1 to ${MAX_THREADS}`
          : `threads: ${threads} threads could not be started`)
      }
      return this.words(out, 1)[0]
    })
    /** Bytes in use between runs, once the network is there. */
    this.held = module._wasm_held_bytes() + module._wasm_network_bytes()
    /** What the objective's terms are called. @type {string[]} */
    this.terms = this.#list(module._wasm_term_count(), module._wasm_term_name)
    /** The numbers that the engine tells of them, in its order. @type {string[]} */
    this.values = ['total', ...this.#list(module._wasm_value_count(), module._wasm_value_name)]
  }

  // ---- the heap ----------------------------------------------------------------------------------------------------

  /** Bytes of WebAssembly memory; it never shrinks, so this is the peak. */
  get peakBytes() {
    return this.memory.buffer.byteLength
  }

  /** @param {number} bytes @returns {Pointer} */
  #take(bytes) {
    const pointer = bytes > LARGEST ? 0 : this.module._malloc(Math.max(bytes, 1)) >>> 0
    if (!pointer) throw new StrotssError('OUT_OF_MEMORY',
      `not enough memory: ${Math.ceil(bytes / 1e6)} MB could not be allocated`)
    return pointer
  }

  /** A copy of what lies at an address. @param {Pointer} pointer @param {number} length */
  bytes(pointer, length) {
    return new Uint8Array(this.memory.buffer, pointer, length).slice()
  }

  /** A copy of what the engine gave us, which is freed. @param {Pointer} pointer @param {number} length */
  #given(pointer, length) {
    try {
      return this.bytes(pointer, length)
    } finally {
      this.module._free(pointer)
    }
  }

  /** @param {Pointer} pointer @param {number} length */
  doubles(pointer, length) {
    return new Float64Array(this.bytes(pointer, 8 * length).buffer)
  }

  /** @param {Pointer} pointer @param {number} length */
  words(pointer, length) {
    return new Uint32Array(this.bytes(pointer, 4 * length).buffer)
  }

  /** @param {Pointer} pointer */
  text(pointer) {
    const heap = new Uint8Array(this.memory.buffer, pointer >>> 0)
    return new TextDecoder().decode(heap.slice(0, heap.indexOf(0)))
  }

  /** @param {number} count @param {(i: number) => Pointer} text */
  #list(count, text) {
    return Array.from({ length: count }, (_, i) => this.text(text(i)))
  }

  /** @param {Float64Array} numbers @returns {Terms} */
  termsOf(numbers) {
    return /** @type {Terms} */ (Object.fromEntries(this.values.map((name, i) => [name, numbers[i]])))
  }

  /** @param {number} status but OK @returns {ErrorCode} */
  #code(status) {
    return /** @type {ErrorCode} */ (this.text(this.module._wasm_status_name(status)))
  }

  /** @param {number} status */
  #check(status) {
    if (status === 0) return
    const code = this.#code(status)
    throw new StrotssError(code, this.text(this.module._wasm_engine_error(this.engine)) || code)
  }

  /**
   * Calls `work` with a function that puts bytes (or room for so many) into the heap until `work` is done.
   * @template T
   * @param {(put: (what: ArrayBufferView | string | number) => Pointer) => T} work
   */
  within(work) {
    /** @type {Pointer[]} */
    const taken = []
    try {
      return work((what) => {
        if (typeof what === 'string') what = new TextEncoder().encode(`${what}\0`)
        const pointer = this.#take(typeof what === 'number' ? what : what.byteLength)
        taken.push(pointer)
        if (typeof what !== 'number') {
          const bytes = new Uint8Array(what.buffer, what.byteOffset, what.byteLength)
          new Uint8Array(this.memory.buffer).set(bytes, pointer)
        }
        return pointer
      })
    } finally {
      for (const pointer of taken) this.module._free(pointer)
    }
  }

  // ---- weights and pictures ----------------------------------------------------------------------------------------

  /**
   * The file goes and the network stays: the file is put behind the room that the network will take, lest it leave a
   * hole that nothing large fits in.
   * @param {Uint8Array} bytes
   */
  loadWeights(bytes) {
    this.within((put) => {
      const room = this.#take(this.module._wasm_network_bytes() + SMALL_PIECES)
      let file
      try {
        file = put(bytes)
      } finally {
        this.module._free(room)
      }
      this.#check(this.module._wasm_engine_load_weights(this.engine, file, bytes.length))
    })
  }

  /** @param {Uint8Array} bytes @returns {Picture} */
  decode(bytes) {
    return this.within((put) => {
      const out = put(12)
      this.#check(this.module._wasm_decode(out, this.engine, put(bytes), bytes.length))
      const [width, height, pixels] = this.words(out, 3)
      return { width, height, data: new Uint8ClampedArray(this.#given(pixels, 4 * width * height).buffer) }
    })
  }

  /** @param {Picture} picture @param {number} quality of JPEG, 0 for PNG @returns {Uint8Array<ArrayBuffer>} */
  encode(picture, quality) {
    return this.within((put) => {
      const out = put(8)
      this.#check(this.module._wasm_encode(out, this.engine, put(picture.data), picture.width, picture.height, quality))
      const [pointer, size] = this.words(out, 2)
      return this.#given(pointer, size)
    })
  }

  // ---- runs --------------------------------------------------------------------------------------------------------

  /**
   * Calls `work` with the engine's own options. Values are in range (client/inputs.js); terms may not exist.
   * @template T
   * @param {import('../types.js').RunOptions} options @param {(pointer: Pointer) => T} work
   */
  #withOptions(options, work) {
    const { quality = DEFAULTS.quality, size = DEFAULTS.size } = options
    const pointer = this.module._wasm_options_create(QUALITIES.indexOf(quality), size) >>> 0
    if (!pointer) throw new StrotssError('OUT_OF_MEMORY', 'not enough memory for the options')
    try {
      const set = (/** @type {string} */ name, /** @type {number} */ value) =>
        this.within((put) => this.module._wasm_options_set(pointer, put(name), value))
      for (const [name, { kind, ...row }] of Object.entries(ROWS)) {
        const value = options[/** @type {keyof typeof ROWS} */ (name)]
        if (!('engine' in row) || value === undefined) continue
        set(row.engine, Array.isArray(kind) ? kind.indexOf(value) : Number(value))
      }
      for (const [term, factor] of Object.entries(options.factors ?? {})) {
        if (!this.terms.includes(term)) throw new StrotssError('BAD_ARGUMENT',
          `factors: ${describe(term)} is not one of ${this.terms.join(', ')}`)
        set(term, factor)
      }
      return work(pointer)
    } finally {
      this.module._free(pointer)
    }
  }

  /**
   * Bytes of WebAssembly memory at a run's peak. The run takes its memory while the pictures (and the label maps, if
   * they are as large) lie there too. Decoding them is over then.
   * @param {import('../types.js').EstimateOptions} options
   */
  estimate({ content, style, pairs = 1, points = 0, init, threads = this.threads, ...options }) {
    return this.#withOptions(options, (pointer) => {
      const bytes = this.module._wasm_estimate(pointer, content.width, content.height, style.width, style.height, pairs,
        points, init?.width ?? 0, init?.height ?? 0, this.single ? 1 : threads)
      if (bytes < 0) {
        const code = this.#code(bytes)
        throw new StrotssError(code, code === 'OUT_OF_MEMORY'
          ? 'not enough memory: this run needs more than 4 GB; choose a smaller size or fewer regions'
          : 'estimate: a size, an option or the number of pairs is out of range')
      }
      const pixels = content.width * content.height + style.width * style.height
      const inputs = pixels * (pairs > 1 ? 5 : 4) + (init ? 4 * init.width * init.height : 0)
      const room = this.module._wasm_largest_state_bytes(pointer, content.width, content.height) >>> 0
      return this.held + inputs + bytes + room + SMALL_PIECES + WEIGHTS_HOLE
    })
  }

  /**
   * The same for options that give the same picture.
   * @param {import('../types.js').RunOptions} options @returns {string}
   */
  optionsDigest(options) {
    return this.#withOptions(options, (pointer) => this.within((put) => {
      const out = put(8)
      this.module._wasm_options_digest(out, pointer)
      return this.words(out, 2).join(' ')
    }))
  }

  /** Planned at each of `scales` scales. @param {import('../types.js').RunOptions} options @param {number} scales */
  iterations(options, scales) {
    return this.#withOptions(options, (pointer) =>
      Array.from({ length: scales }, (_, scale) => this.module._wasm_options_iterations(pointer, scale)))
  }

  /**
   * What a graphics card does not do of such a run, in words that follow "the graphics card"; '' where it does it all.
   * @param {import('../types.js').RunOptions} options @param {number} pairs
   */
  gpuRefusal(options, pairs) {
    return this.#withOptions(options, (pointer) => {
      const why = this.module._wasm_gpu_refusal(pointer, pairs)
      return why ? this.text(why) : ''
    })
  }

  /**
   * With room for its largest state, so that nothing asked of it later needs memory that may be refused.
   * @param {import('../types.js').EngineInputs} inputs @param {import('../types.js').RunOptions} options
   * @returns {Pointer}
   */
  createRun({ content, style, regions, points = [], init }, options) {
    const { module } = this
    return this.#withOptions(options, (optionsPointer) => this.within((put) => {
      let regionsPointer = 0
      if (regions) {
        const { content: c, style: s, weights = [] } = regions
        regionsPointer = module._wasm_regions_create(put(c.labels), c.width, c.height,
          put(s.labels), s.width, s.height) >>> 0
        if (!regionsPointer) throw new StrotssError('OUT_OF_MEMORY', 'not enough memory for the regions')
        weights.forEach((weight, label) => module._wasm_regions_weight(regionsPointer, label, weight))
      }
      try {
        const out = put(4)
        const sizes = [content, style, init].flatMap((picture) => [picture?.width ?? 0, picture?.height ?? 0])
        const places = points.flatMap(({ content: c, style: s, weight = 1 }) => [...c, ...s, weight])
        this.#check(module._wasm_run_create(out, this.engine, optionsPointer, put(content.data), put(style.data),
          init ? put(init.data) : 0, put(new Int32Array(sizes)), regionsPointer, put(new Float64Array(places)),
          points.length))
        const run = this.words(out, 1)[0]
        const bytes = module._wasm_largest_state_bytes(optionsPointer, content.width, content.height) >>> 0
        try {
          this.#room.set(run, { at: this.#take(bytes), bytes })
        } catch (error) {
          module._wasm_run_destroy(run)
          throw error
        }
        return run
      } finally {
        module._free(regionsPointer)
      }
    }))
  }

  /** @param {Pointer} run */
  destroyRun(run) {
    this.module._wasm_run_destroy(run)
    this.module._free(this.#roomOf(run).at)
    this.#room.delete(run)
  }

  /** @param {Pointer} run */
  step(run) {
    this.#check(this.module._wasm_run_step(run))
  }

  /** @param {Pointer} run */
  #roomOf(run) {
    return /** @type {{ at: Pointer, bytes: number }} */ (this.#room.get(run))
  }

  /** @param {Pointer} run @returns {Progress} */
  progress(run) {
    const { at } = this.#roomOf(run)
    this.module._wasm_run_progress(at, run)
    const numbers = this.doubles(at, 7 + this.values.length)
    const [phase, scale, scales, width, height, iteration, iterations] = numbers
    return { phase: PHASES[phase], scale, scales, width, height, iteration, iterations,
      terms: this.termsOf(numbers.subarray(7)) }
  }

  /** @param {Pointer} run @returns {Picture} */
  snapshot(run) {
    const { width, height } = this.progress(run)
    const { at } = this.#roomOf(run)
    this.module._wasm_run_snapshot(run, at)
    return { width, height, data: new Uint8ClampedArray(this.bytes(at, 4 * width * height).buffer) }
  }

  /** @param {Pointer} run */
  save(run) {
    const { at } = this.#roomOf(run)
    this.module._wasm_run_save(run, at)
    return this.bytes(at, this.module._wasm_run_state_bytes(run) >>> 0)
  }

  /** The optimizer's first moments (run_state.c has their place in a state). @param {Pointer} run */
  moments(run) {
    const state = this.save(run)
    const floats = new Float32Array(state.slice(24 + 8 * this.values.length, state.length - 8).buffer)
    return { mean: floats.subarray(floats.length / 3, floats.length / 3 * 2) }
  }

  /** @param {Pointer} run @param {Uint8Array} state */
  restore(run, state) {
    const { at, bytes } = this.#roomOf(run)
    /* A state of this run has its place; one of another may be longer. */
    if (state.length <= bytes) new Uint8Array(this.memory.buffer).set(state, at)
    this.within((put) => {
      const from = state.length <= bytes ? at : put(state)
      this.#check(this.module._wasm_run_restore(run, from, state.length))
    })
  }

  // ---- measuring ---------------------------------------------------------------------------------------------------

  /**
   * @param {Picture} content @param {Picture} style @param {Picture} result
   * @param {number} alpha @param {number} draws @param {number} seed @returns {Terms}
   */
  evaluate(content, style, result, alpha, draws, seed) {
    const sizes = [content, style, result].flatMap(({ width, height }) => [width, height])
    return this.within((put) => {
      const out = put(8 * this.values.length)
      this.#check(this.module._wasm_evaluate(out, this.engine, put(content.data), put(style.data), put(result.data),
        put(new Int32Array(sizes)), alpha, draws, seed))
      return this.termsOf(this.doubles(out, this.values.length))
    })
  }

  /**
   * @param {Picture} a @param {Picture} b @param {number} size @param {number} count @param {number} seed
   * @returns {import('../types.js').Distances}
   */
  distances(a, b, size, count, seed) {
    return this.within((put) => {
      const out = put(8 * 3 * LEVELS.length)
      this.#check(this.module._wasm_distances(out, this.engine, put(a.data), put(b.data),
        put(new Int32Array([a.width, a.height, b.width, b.height])), size, count, seed))
      const numbers = this.doubles(out, 3 * LEVELS.length)
      return { levels: LEVELS.map((name, i) => (
        { name, remd: numbers[3 * i], emd: numbers[3 * i + 1], sinkhorn: numbers[3 * i + 2] })) }
    })
  }

  /** @param {Picture} image @param {[number, number][]} at y and x of each pixel @returns {Float32Array[]} */
  hypercolumns(image, at) {
    return this.within((put) => {
      const out = put(4 * COLUMN * at.length)
      this.#check(this.module._wasm_hypercolumns(out, this.engine, put(image.data), image.width, image.height,
        put(new Int32Array(at.flat())), at.length))
      return at.map((_, i) => new Float32Array(this.bytes(out + 4 * COLUMN * i, 4 * COLUMN).buffer))
    })
  }
}
