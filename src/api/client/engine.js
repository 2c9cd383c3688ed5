// SPDX-License-Identifier: MIT
//
// The caller's side: an engine that owns one worker and turns its messages (protocol.js) into promises and events. The
// same in browsers (engine.js) and in Node (node.mjs), which say how to start a worker and how to read files and
// pictures.

import { chooseBuild } from './build.js'
import { unpackCheckpoint } from '../shared/checkpoint.js'
import { DEFAULTS, OPTIONS, QUALITIES, SIMILARITIES, TRANSPORTS } from '../shared/options.js'
import { scaleSizes } from '../shared/cost.js'
import { StrotssError } from '../errors.js'
import { Run } from './run.js'

/** @typedef {import('../types.js').Picture} Picture */
/** @typedef {import('../types.js').Source} Source */
/** @typedef {import('../types.js').Requests} Requests */
/** @typedef {import('../types.js').RunEvent} RunEvent */
/** @typedef {import('../types.js').RunResult} RunResult */

const MAX_LABELS = 256

/**
 * @typedef {object} EngineOptions
 * @property {number} [threads] 1 to 64; one for each core, up to eight
 * @property {URL|string|Uint8Array|(() => Promise<Uint8Array>)} [weights] where they are, themselves, or how to get
 *   them
 * @property {URL|string} [base] the folder of the WebAssembly builds
 * @property {'auto'|import('./build.js').Build} [build]
 * @property {URL|string} [worker] the worker's script
 * @property {(event: import('../types.js').DownloadEvent) => void} [onProgress] of the weights' download, in a
 *   browser
 */

/**
 * One worker, in the browser or in Node.
 * @typedef {object} Port
 * @property {(message: import('../types.js').Request, transfer: Transferable[]) => void} post
 * @property {() => void} terminate
 * @property {(busy: boolean) => void} hold keeps the process alive while busy
 */

/**
 * What differs between browsers and Node. folder: as workers take it.
 * @typedef {object} Platform
 * @property {number} cores
 * @property {URL} base
 * @property {URL} weights
 * @property {(script: URL|string|undefined, hear: (reply: import('../types.js').Reply) => void,
 *   fail: (why: string) => void) => Port} spawn
 * @property {(from: URL|string, onProgress?: (loaded: number, total: number) => void) => Promise<Uint8Array>} read
 * @property {(base: URL|string) => { address: string, folder: string }} place
 * @property {(input: any) => Promise<Source>|Source} source
 */

/**
 * @typedef {import('../types.js').RunOptions & {
 *   content: any, style: any, regions?: import('../types.js').Regions|null, resume?: Uint8Array,
 *   previewEvery?: number, signal?: AbortSignal, onProgress?: (event: RunEvent) => void }} StartOptions
 */

/**
 * A request that waits for its answer.
 * @typedef {{ id: number, type: keyof Requests, args: any, resolve: (value: any) => void,
 *   reject: (error: unknown) => void, hear?: (event: RunEvent) => void }} Pending
 */

/** @param {string} name @param {unknown} value @param {number} low @param {number} high @param {boolean} [whole] */
function checkRange(name, value, low, high, whole = false) {
  if (value === undefined) return
  if (typeof value !== 'number' || !(whole ? Number.isSafeInteger : Number.isFinite)(value)) {
    throw new StrotssError('BAD_ARGUMENT', `${name}: ${String(value)} is not a ${whole ? 'whole ' : ''}number`)
  }
  if (value < low || value > high) throw new StrotssError('BAD_ARGUMENT',
    `${name}: ${value} is not from ${low} to ${high}`)
}

/** @param {string} name @param {string|undefined} value @param {readonly string[]} choices */
function checkChoice(name, value, choices) {
  if (value === undefined || choices.includes(value)) return
  throw new StrotssError('BAD_ARGUMENT', `${name}: "${value}" is none of ${choices.join(', ')}`)
}

/** Refuses options out of range, before any work. @param {import('../types.js').RunOptions} options */
export function checkOptions({
  size, contentWeight, quality, iterations, seed, factors = {}, transport, selfSimilarity
}) {
  checkRange('size', size, 64, 1024, true)
  checkRange('contentWeight', contentWeight, 0, 16)
  checkChoice('quality', quality, QUALITIES)
  checkRange('iterations', iterations, 1, 2000, true)
  checkRange('seed', seed, 0, Number.MAX_SAFE_INTEGER, true)
  for (const [name, value] of Object.entries(factors ?? {})) {
    checkRange(`factors.${name}`, value, 0, 1000)
  }
  checkChoice('transport', transport, TRANSPORTS)
  checkChoice('selfSimilarity', selfSimilarity, SIMILARITIES)
}

/** @param {import('../types.js').Regions} regions */
function checkRegions(regions) {
  for (const side of /** @type {const} */ (['content', 'style'])) {
    const { width, height, labels } = regions[side] ?? {}
    if (!(labels instanceof Uint8Array) || !(width > 0) || labels.length !== width * height) {
      throw new StrotssError('BAD_REGIONS', `regions: the ${side}'s labels are not width times height bytes`)
    }
  }
  const { weights = [] } = regions
  if (weights.length > MAX_LABELS) throw new StrotssError('BAD_REGIONS', `regions: more than ${MAX_LABELS} weights`)
  for (const [label, weight] of weights.entries()) checkRange(`regions.weights[${label}]`, weight, 0, 1e6)
}

/**
 * A view of a buffer that holds nothing else: messages copy whole buffers.
 * @template {Uint8Array|Uint8ClampedArray} T @param {T} view @returns {T}
 */
const alone = (view) => /** @type {T} */ (view.byteLength === view.buffer.byteLength ? view : view.slice())

/** @param {Source} source @param {string} role @returns {Source} */
function checkSource(source, role) {
  if ('bytes' in source) return { ...source, bytes: alone(source.bytes) }
  const { width, height, data } = source
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0
  if (!whole || !ArrayBuffer.isView(data) || data.byteLength !== 4 * width * height) {
    throw new StrotssError('BAD_IMAGE', `${role}: not an image of width times height RGBA pixels`)
  }
  return { width, height, data: alone(data) }
}

/** @param {EngineOptions} options @param {Platform} platform @returns {Promise<Engine>} */
export async function openEngine(options, platform) {
  const engine = new Engine(options, platform)
  try {
    await engine.opened
  } catch (error) {
    engine.dispose()
    throw error
  }
  return engine
}

export class Engine {
  #platform
  #options
  /** @type {Port|null} */
  #port = null
  /** @type {Map<number, Pending>} */
  #pending = new Map()
  #lastId = 0
  #disposed = false
  /**
   * The weights on their way into the worker, or there; null where they have to be loaded (again).
   * @type {Promise<void>|null}
   */
  #weights = null
  /** Why the last worker was given up. @type {StrotssError|null} */
  #fault = null

  /** @param {EngineOptions} options @param {Platform} platform */
  constructor(options, platform) {
    const { build, threads } = options
    this.#platform = platform
    this.#options = options
    const choice = chooseBuild({ build, threads, cores: platform.cores })
    /** @type {import('../types.js').Info} */
    this.info = { ...choice, version: '' }
    this.opened = this.#open()
  }

  // ---- the worker --------------------------------------------------------------------------------------------------

  /** Starts a worker, loads the build, then, without waiting for them, the weights. */
  async #open() {
    const { base = this.#platform.base, worker } = this.#options
    const { build, threads } = this.info
    const { address, folder } = this.#platform.place(base)
    const port = this.#platform.spawn(worker, (reply) => {
      if (port === this.#port) this.#hear(reply)
    }, (why) => {
      if (port === this.#port) this.#break(new StrotssError('WORKER_FAILED', `the worker failed: ${why}`))
    })
    this.#port = port
    try {
      const glue = `${address}strotss-${build.replace('-relaxed', '')}.js`
      const wasm = await this.#platform.read(`${address}strotss-${build}.wasm`).catch((error) => {
        throw new StrotssError('WORKER_FAILED', `strotss-${build}.wasm: ${error.message}`, { cause: error })
      })
      if (port !== this.#port) throw this.#fault
      const { version } = await this.#post('open', { glue, folder, wasm, build, threads }, { transfer: [wasm.buffer] })
      this.info.version = version
    } catch (error) {
      if (port === this.#port) this.#end()
      throw error
    }
    this.#loaded().catch(() => undefined)
  }

  /** A worker that is up: a new one where there is none any more. */
  #up() {
    if (!this.#port && !this.#disposed) {
      this.opened = this.#open()
      this.opened.catch(() => undefined)
    }
    return this.opened
  }

  /** The weights in the worker; where that failed before, it is tried again. */
  #loaded() {
    if (!this.#port) return Promise.reject(this.#fault)
    if (!this.#weights) {
      const weights = this.#loadWeights()
      this.#weights = weights
      weights.catch(() => {
        if (this.#weights === weights) this.#weights = null
      })
    }
    return this.#weights
  }

  async #loadWeights() {
    const { weights = this.#platform.weights, onProgress } = this.#options
    const port = this.#port
    let bytes
    try {
      if (weights instanceof Uint8Array) bytes = weights
      else if (typeof weights === 'function') bytes = await weights()
      else bytes = await this.#platform.read(weights,
        (loaded, total) => onProgress?.({ type: 'download', loaded, total }))
    } catch (error) {
      throw new StrotssError('WEIGHTS_FETCH', `weights: ${/** @type {Error} */ (error).message}`, { cause: error })
    }
    if (port !== this.#port) throw this.#fault
    try {
      await this.#post('weights', { bytes })
    } catch (error) {
      const { code, message } = /** @type {StrotssError} */ (error)
      const named = typeof weights === 'string' || weights instanceof URL
      throw new StrotssError(code, named ? `${weights}: ${message.replace(/^weights: /, '')}` : message)
    }
  }

  /** Settles once the weights are loaded; rejects with BAD_WEIGHTS or WEIGHTS_FETCH. */
  get ready() {
    return this.opened.then(() => this.#loaded())
  }

  /**
   * @template {keyof Requests} T
   * @param {T} type @param {Requests[T]['args']} args
   * @param {{ id?: number, hear?: (event: RunEvent) => void, transfer?: Transferable[] }} [more]
   * @returns {Promise<Requests[T]['value']>}
   */
  #post(type, args, { id = ++this.#lastId, hear, transfer = [] } = {}) {
    const port = this.#port
    if (!port) return Promise.reject(this.#fault)
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { id, type, args, resolve, reject, hear })
      port.hold(true)
      port.post(/** @type {any} */ ({ id, type, args }), transfer)
    })
  }

  /** @param {import('../types.js').Reply} reply */
  #hear({ id, event, value, error }) {
    const pending = this.#pending.get(id)
    if (!pending) return
    if (event) return pending.hear?.(event)
    this.#pending.delete(id)
    if (!this.#pending.size) this.#port?.hold(false)
    if (!error) return pending.resolve(value)
    pending.reject(new StrotssError(error.code, error.message, error))
    if (error.code === 'WORKER_FAILED' && pending.type !== 'open') {
      this.#break(new StrotssError('WORKER_FAILED', error.message))
    }
  }

  #end() {
    this.#port?.terminate()
    this.#port = null
    this.#weights = null
  }

  /**
   * The worker is of no more use: what waits fails, and the next request finds a new one.
   * @param {StrotssError} error
   */
  #break(error) {
    const lost = [...this.#pending.values()]
    this.#pending.clear()
    this.#fault = error
    this.#end()
    for (const { reject } of lost) reject(error)
  }

  /** A new worker for all that waits, but for one run. @param {number} run @param {StrotssError} error */
  #replace(run, error) {
    const waiting = [...this.#pending.values()]
    this.#pending.clear()
    this.#fault = error
    this.#end()
    for (const { id, type, args, resolve, reject, hear } of waiting) {
      if (id === run || args.run === run) reject(error)
      else this.#request(type, args, { id, hear }).then(resolve, reject)
    }
  }

  /**
   * Posts when the worker is up, and the weights are in where they are needed.
   * @template {keyof Requests} T
   * @param {T} type @param {Requests[T]['args']} args
   * @param {{ id?: number, hear?: (event: RunEvent) => void }} [more]
   * @returns {Promise<Requests[T]['value']>}
   */
  async #request(type, args, more) {
    await this.#up()
    if (['start', 'evaluate', 'distances', 'hypercolumns', 'calibrate'].includes(type)) await this.#loaded()
    return this.#post(type, args, more)
  }

  /** @param {any} input @param {string} role */
  async #source(input, role) {
    if (input === undefined || input === null) throw new StrotssError('BAD_IMAGE', `${role}: missing`)
    return checkSource(await this.#platform.source(input), role)
  }

  // ---- pictures and estimates --------------------------------------------------------------------------------------

  /**
   * Decodes a picture file as the command line does.
   * @param {Uint8Array} bytes @param {string} [name] for errors @returns {Promise<Picture>}
   */
  decode(bytes, name = 'picture') {
    return this.#request('decode', { picture: { bytes, name } })
  }

  /**
   * quality: of JPEG, 1 to 100.
   * @param {Picture} picture @param {{ type?: 'image/png'|'image/jpeg', quality?: number }} [options]
   * @returns {Promise<Uint8Array>}
   */
  async encode(picture, { type = 'image/png', quality = 92 } = {}) {
    if (type !== 'image/png' && type !== 'image/jpeg') {
      throw new StrotssError('BAD_ARGUMENT', `type: "${type}" is not image/png or image/jpeg`)
    }
    checkRange('quality', quality, 1, 100, true)
    const checked = /** @type {Picture} */ (checkSource(picture, 'picture'))
    return this.#request('encode', { picture: checked, quality: type === 'image/png' ? 0 : quality })
  }

  /**
   * What a run would take.
   * @param {import('../types.js').EstimateOptions} options @returns {Promise<import('../types.js').Estimate>}
   */
  async estimate({ content, style, ...options }) {
    checkOptions(options)
    const size = (/** @type {import('../types.js').Size} */ { width, height }) => ({ width, height })
    return this.#request('estimate', { content: size(content), style: size(style), ...options })
  }

  /** Measures this device, in about half a second. @returns {Promise<import('../types.js').Calibration>} */
  calibrate() {
    return this.#request('calibrate', {})
  }

  /**
   * The objective's terms of any finished picture.
   * @param {{ content: any, style: any, result: any, alpha?: number, draws?: number, seed?: number }} options
   * @returns {Promise<import('../types.js').Terms>}
   */
  async evaluate({ content, style, result, alpha = 1, draws = 4, seed = 0 }) {
    checkRange('alpha', alpha, 0, 1e6)
    checkRange('draws', draws, 1, 1000, true)
    checkRange('seed', seed, 0, Number.MAX_SAFE_INTEGER, true)
    return this.#request('evaluate', {
      content: await this.#source(content, 'content'), style: await this.#source(style, 'style'),
      result: await this.#source(result, 'result'), alpha, draws, seed
    })
  }

  /**
   * How far two pictures are apart in the network's eyes, at long side `size` and `count` pixels of each.
   * @param {any} a @param {any} b @param {{ size?: number, count?: number, seed?: number }} [options]
   * @returns {Promise<import('../types.js').Distances>}
   */
  async distances(a, b, { size = 256, count = 512, seed = 0 } = {}) {
    checkRange('size', size, 64, 1024, true)
    checkRange('count', count, 1, 1024, true)
    checkRange('seed', seed, 0, Number.MAX_SAFE_INTEGER, true)
    return this.#request('distances', {
      a: await this.#source(a, 'a'), b: await this.#source(b, 'b'), size, count, seed
    })
  }

  /**
   * The 2179 numbers at each pixel (y, x).
   * @param {{ image: any, at: [number, number][] }} options @returns {Promise<Float32Array[]>}
   */
  async hypercolumns({ image, at }) {
    if (!Array.isArray(at) || !at.length) throw new StrotssError('BAD_ARGUMENT', 'at: no pixel is named')
    for (const place of at) for (const number of place) checkRange('at', number, 0, 1e6, true)
    return this.#request('hypercolumns', { image: await this.#source(image, 'image'), at })
  }

  // ---- runs --------------------------------------------------------------------------------------------------------

  /** Queues a run; runs are done one after another. @param {StartOptions} options @returns {Run} */
  start(options) {
    const { content, style, regions = null, resume = null, previewEvery = 1000, signal, onProgress } = options
    const id = ++this.#lastId
    /** @type {any} */
    const args = { regions, resume, previewEvery, options: Object.fromEntries(
      OPTIONS.map((name) => [name, options[name]]).filter(([, value]) => value !== undefined)) }
    /** @param {RunEvent} event */
    const hear = (event) => {
      run.note(event)
      onProgress?.(event)
    }
    const prepare = async () => {
      checkOptions(args.options)
      checkRange('previewEvery', previewEvery, 0, 1e9)
      if (regions) checkRegions(regions)
      const saved = resume && unpackCheckpoint(resume).header.options
      if (saved) checkOptions(saved)
      args.content = await this.#source(content, 'content')
      args.style = await this.#source(style, 'style')
      await this.#up()
      let waiting = true
      const weights = this.#loaded().finally(() => (waiting = false))
      await Promise.race([weights, new Promise((resolve) => setTimeout(resolve))])
      const scales = scaleSizes(options.size ?? saved?.size ?? DEFAULTS.size).length
      if (waiting) hear({ type: 'phase', phase: 'weights', scale: 0, scales, width: 0, height: 0 })
      await weights
    }
    const run = new Run({
      prepare,
      post: () => this.#post('start', args, { id, hear }),
      ask: (type) => this.#request(type, { run: id }),
      drop: (error) => this.#replace(id, error)
    }, signal)
    return run
  }

  /** A run's result, nothing more. @param {StartOptions} options @returns {Promise<RunResult>} */
  stylize(options) {
    return this.start(options).result
  }

  /** Ends the worker; what waits rejects. */
  dispose() {
    this.#disposed = true
    this.#break(new StrotssError('DISPOSED', 'the engine was disposed of'))
  }
}
