// SPDX-License-Identifier: MIT
//
// The caller's side: an engine that owns one worker and turns its messages (types.js) into promises and events. It is
// the same in browsers and in Node; the entries (index.*) say how to start a worker and how to read files and
// pictures. Every method checks and copies its inputs before it returns (inputs.js); what fails is the promise.

/// <reference lib="esnext.disposable" preserve="true" />

import { chooseBuild } from '../shared/build.js'
import { otherBuild } from '../shared/checkpoint.js'
import { FILES, WEIGHTS } from '../shared/files.js'
import { DEFAULTS } from '../shared/options.js'
import { scaleSizes } from '../shared/cost.js'
import { asStrotssError, describe, StrotssError, tell } from '../errors.js'
import { checkEngineOptions, checkName, isBytes, isSignal, ownBytes, takeDistances, takeEncode, takeEstimate,
  takeEvaluate, takeFile, takePicture, takePlaces, takeStart } from './inputs.js'
import { Run } from './run.js'
import { shown } from './shown.js'

export { checkOptions } from './inputs.js'

/** @typedef {import('./platform.js').Port} Port */
/** @typedef {import('./platform.js').Platform} Platform */
/** @typedef {import('../types.js').EngineOptions} EngineOptions */
/** @template [Input=unknown] @typedef {import('../types.js').StartOptions<Input>} StartOptions */
/** @typedef {import('../types.js').Picture} Picture */
/** @typedef {import('../types.js').Source} Source */
/** @typedef {import('../types.js').Requests} Requests */
/** @typedef {import('../types.js').RunResult} RunResult */

/** Requests that do not need the weights. */
const LIGHT = ['decode', 'encode', 'estimate']
/** Requests that hardly keep the worker. */
const SHORT = ['start', 'pause', 'resume', 'cancel', 'snapshot', 'checkpoint', 'estimate']

/**
 * A request that waits for its answer. run: of a 'start'.
 * @typedef {{ id: number, type: keyof Requests, args: Requests[keyof Requests]['args'] & { run?: number },
 *   resolve(value: unknown): void, reject: (error: unknown) => void, run?: Run }} Pending
 */

/**
 * @template Input
 * @param {EngineOptions} options @param {Platform} platform @returns {Promise<Engine<Input>>}
 */
export async function openEngine(options, platform) {
  checkEngineOptions(options)
  const engine = new Engine(options, platform)
  try {
    await engine.opened
  } catch (error) {
    engine.dispose()
    throw error
  }
  return engine
}

/** @template [Input=unknown] what may be a picture */
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
  /** Continues runs of a build that rounds otherwise. @type {Engine<Input>|null} */
  #twin = null
  /** Why the last worker was given up. @type {StrotssError|null} */
  #fault = null
  #backend

  /** @param {EngineOptions} options @param {Platform} platform */
  constructor(options, platform) {
    const { build, threads, backend = 'wasm' } = options
    this.#platform = platform
    this.#options = options
    const choice = chooseBuild({ build, threads, cores: platform.cores })
    /** @type {import('../types.js').Info} */
    this.info = { ...choice, version: '', backend: 'wasm', card: '' }
    this.#backend = backend
    this.opened = this.#open()
  }

  // ---- the worker --------------------------------------------------------------------------------------------------

  /** Starts a worker, loads the build, then, without waiting for them, the weights. */
  async #open() {
    const { base, worker, webgpu } = this.#options
    const { build, threads } = this.info
    const place = (/** @type {string} */ name) =>
      (base === undefined ? FILES[/** @type {keyof typeof FILES} */ (name)] : this.#platform.inFolder(base, name))
    const kind = build.replace('-relaxed', '')
    const glue = place(`strotss-${kind}.js`)
    const scripts = kind === 'single' ? null : {
      main: this.#platform.script(glue), thread: this.#platform.script(place('strotss-threads.worker.js'))
    }
    const port = this.#spawn(worker)
    this.#port = port
    try {
      const wasm = await this.#platform.read(place(`strotss-${build}.wasm`)).catch((error) => {
        throw new StrotssError('WORKER_FAILED', `strotss-${build}.wasm: ${error.message}`, { cause: error })
      })
      if (port !== this.#port) throw this.#fault
      const args = {
        glue: this.#platform.address(glue), scripts, wasm, build, threads, backend: this.#backend,
        ...(webgpu && { webgpu: String(webgpu) })
      }
      const { version } = await this.#post('open', args, { transfer: [wasm.buffer] })
      this.info.version = version
    } catch (error) {
      if (port === this.#port) this.#end()
      throw error
    }
    this.#loaded().catch(() => undefined)
  }

  /** @param {URL|string|undefined} script @returns {Port} */
  #spawn(script) {
    try {
      const port = this.#platform.spawn(script, (reply) => {
        if (port === this.#port) this.#hear(reply)
      }, (why) => {
        if (port === this.#port) this.#break(new StrotssError('WORKER_FAILED', `the worker failed: ${why}`))
      })
      return port
    } catch (error) {
      if (error instanceof StrotssError) throw error
      throw new StrotssError('WORKER_FAILED', `the worker failed: ${/** @type {Error} */ (error).message}`,
        { cause: error })
    }
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
    const { weights = WEIGHTS, onProgress } = this.#options
    const port = this.#port
    const ours = typeof weights === 'string' || weights instanceof URL
    /** What the caller's onProgress threw. @type {StrotssError|null} */
    let thrown = null
    /** @type {Uint8Array} */
    let bytes
    try {
      if (isBytes(weights)) bytes = weights
      else if (typeof weights === 'function') bytes = await weights()
      else bytes = await this.#platform.read(weights, (loaded, total) => tell(onProgress,
        { type: 'download', loaded, total }, (error) => (thrown ??= error)))
    } catch (error) {
      throw new StrotssError('WEIGHTS_FETCH', `weights: ${/** @type {Error} */ (error).message}`, { cause: error })
    }
    if (thrown) throw thrown
    if (!isBytes(bytes)) {
      throw new StrotssError('BAD_WEIGHTS', `weights: the function returned ${describe(bytes)}, not a Uint8Array`)
    }
    if (port !== this.#port) return this.#moved()
    try {
      const owned = ownBytes(bytes)
      const card = await this.#post('weights', { bytes: owned }, { transfer: ours ? [owned.buffer] : [] })
      Object.assign(this.info, card)
    } catch (error) {
      const { code, message } = /** @type {StrotssError} */ (error)
      throw new StrotssError(code, ours ? `${weights}: ${message.replace(/^weights: /, '')}` : message)
    }
  }

  /** The weights in the worker that took the place of the last, if any did. @returns {Promise<void>} */
  #moved() {
    return this.#port ? this.ready : Promise.reject(this.#fault)
  }

  /** Settles once the weights are loaded; rejects with BAD_WEIGHTS or WEIGHTS_FETCH. */
  get ready() {
    return this.#up().then(() => this.#loaded())
  }

  /**
   * @template {keyof Requests} T
   * @param {T} type @param {Requests[T]['args']} args
   * @param {{ id?: number, run?: Run, transfer?: ArrayBuffer[] }} [more]
   * @returns {Promise<Requests[T]['value']>}
   */
  #post(type, args, { id = ++this.#lastId, run, transfer = [] } = {}) {
    const port = this.#port
    if (!port) return Promise.reject(this.#fault)
    return new Promise((resolve, reject) => {
      try {
        port.post(/** @type {any} */ ({ id, type, args: { ...args, ...run?.standing } }), transfer)
      } catch (error) {
        return reject(asStrotssError(error))
      }
      this.#pending.set(id, { id, type, args, resolve, reject, run })
      port.hold(true)
    })
  }

  /** @param {import('../types.js').Reply} reply */
  #hear({ id, event, value, error }) {
    const { picture } = this.#platform
    const pending = this.#pending.get(id)
    if (!pending) return
    if (event) return pending.run?.hear(shown(event, picture))
    this.#pending.delete(id)
    if (!this.#pending.size) this.#port?.hold(false)
    if (!error) return pending.resolve(shown(value, picture))
    pending.reject(new StrotssError(error.code, error.message, shown(error, picture)))
    if (error.code === 'WORKER_FAILED' && pending.type !== 'open') {
      this.#replace(pending.args.run ?? id, new StrotssError('WORKER_FAILED', error.message))
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

  /**
   * A new worker for all that waits but for what broke or hung the old one; runs go on from their latest states.
   * @param {number} culprit a request, or a run and all that is asked about it @param {StrotssError} error
   */
  #replace(culprit, error) {
    const waiting = [...this.#pending.values()]
    this.#pending.clear()
    this.#fault = error
    this.#end()
    this.#up()
    for (const { id, type, args, resolve, reject, run } of waiting) {
      if (id === culprit || args.run === culprit) reject(error)
      else if (type === 'weights') this.ready.then(resolve, reject)
      else this.#request(type, args, { id, run }).then(resolve, reject)
    }
  }

  /**
   * Posts when the worker is up, and the weights are in where they are needed.
   * @template {keyof Requests} T
   * @param {T} type @param {Requests[T]['args']} args @param {{ id?: number, run?: Run }} [more]
   * @returns {Promise<Requests[T]['value']>}
   */
  async #request(type, args, more) {
    await this.#up()
    if (!LIGHT.includes(type)) await this.#loaded()
    if (more?.run?.over) throw new StrotssError('ABORTED', 'the run was cancelled')
    return this.#post(type, args, more)
  }

  /**
   * Ends a run. A worker that does not answer in time has hung, unless it may still be at something asked before; one
   * that took its place meanwhile never hears of the run.
   * @param {number} run @param {number} [limit] in milliseconds; a run that waits for its turn has none
   */
  #cancel(run, limit) {
    const port = this.#port
    const before = [...this.#pending.values()].filter(({ type }) => !SHORT.includes(type))
    const look = () => {
      if (port !== this.#port) return
      if (before.some((request) => this.#pending.get(request.id) === request)) timer = setTimeout(look, limit)
      else this.#replace(run, new StrotssError('WORKER_FAILED', 'the worker did not answer'))
    }
    let timer = limit === undefined ? undefined : setTimeout(look, limit)
    this.#request('cancel', { run }).catch(() => undefined).then(() => clearTimeout(timer))
  }

  /**
   * Copied or being read by the time this returns.
   * @param {string} role @param {Input} input @param {string} [name] for errors @returns {Promise<Source>}
   */
  async #source(role, input, name) {
    const { take, open, kinds } = this.#platform
    const source = await (takeFile(role, input, name) ?? take(role, input) ?? takePicture(role, input, kinds))
    return 'bytes' in source ? open(source, role) : source
  }

  // ---- pictures and estimates --------------------------------------------------------------------------------------

  /**
   * Anything that may be a picture, as pixels.
   * @param {Input} input @param {string} [name] for errors @returns {Promise<Picture>}
   */
  async decode(input, name = '') {
    checkName(name)
    const source = await this.#source(name || 'picture', input, name)
    return 'bytes' in source ? this.#request('decode', { picture: source }) : this.#platform.picture(source)
  }

  /**
   * quality: of JPEG, 1 to 100.
   * @param {import('../types.js').Pixels} picture
   * @param {import('../types.js').EncodeOptions} [options]
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  async encode(picture, options) {
    const { type, quality } = takeEncode(options)
    const taken = takePicture('picture', picture, '{ width, height, data } of RGBA bytes', 1)
    return this.#request('encode', { picture: taken, quality: type === 'image/png' ? 0 : quality })
  }

  /**
   * What a run would take.
   * @param {import('../types.js').EstimateOptions} options @returns {Promise<import('../types.js').Estimate>}
   */
  async estimate(options) {
    return this.#request('estimate', takeEstimate(options))
  }

  /** Measures this device, in about half a second. @returns {Promise<import('../types.js').Calibration>} */
  calibrate() {
    return this.#request('calibrate', {})
  }

  /**
   * The objective's terms of any finished picture.
   * @param {import('../types.js').EvaluateOptions<Input>} options
   * @returns {Promise<import('../types.js').Terms>}
   */
  async evaluate(options) {
    const numbers = takeEvaluate(options)
    const [content, style, result] = await Promise.all(
      /** @type {const} */ (['content', 'style', 'result']).map((name) => this.#source(name, options[name])))
    return this.#request('evaluate', { content, style, result, ...numbers })
  }

  /**
   * How far two pictures are apart in the network's eyes, at long side `size` and `count` pixels of each.
   * @param {Input} a @param {Input} b @param {import('../types.js').DistancesOptions} [options]
   * @returns {Promise<import('../types.js').Distances>}
   */
  async distances(a, b, options) {
    const numbers = takeDistances(options)
    const [first, second] = await Promise.all([this.#source('a', a), this.#source('b', b)])
    return this.#request('distances', { a: first, b: second, ...numbers })
  }

  /**
   * The 2179 numbers at each pixel (y, x), at most 65536 of them at a time.
   * @param {import('../types.js').HypercolumnsOptions<Input>} options @returns {Promise<Float32Array<ArrayBuffer>[]>}
   */
  async hypercolumns(options) {
    const at = takePlaces(options)
    return this.#request('hypercolumns', { image: await this.#source('image', options.image), at })
  }

  // ---- runs --------------------------------------------------------------------------------------------------------

  /**
   * The engine for a run: where the build was left to us, and a checkpoint was made by one that rounds otherwise, an
   * engine beside this one whose build rounds likewise.
   * @param {unknown} resume @returns {Engine<Input>}
   */
  #engineFor(resume) {
    const { build = 'auto' } = this.#options
    const other = build === 'auto' && !this.#disposed ? otherBuild(this.info.build, resume) : null
    if (!other) return this
    this.#twin ??= new Engine({ ...this.#options, build: other }, this.#platform)
    this.#twin.opened.catch(() => undefined)
    return this.#twin
  }

  /**
   * Queues a run; runs are done one after another. Never throws: what is wrong rejects the run's result.
   * @param {StartOptions<Input>} options @returns {Run}
   */
  start(options) {
    const engine = this.#engineFor(options?.resume)
    if (engine !== this) return engine.start(options)
    const id = ++this.#lastId
    /** @type {import('../types.js').StartArgs} */
    let args
    const { signal, onProgress } = options ?? {}
    const prepare = async () => {
      const { saved, ...rest } = takeStart(options)
      const [content, style, init] = await Promise.all([this.#source('content', options.content),
        this.#source('style', options.style), options.init ? this.#source('init', options.init) : null])
      args = { ...rest, content, style, init, paused: false, seconds: 0 }
      await this.#up()
      let waiting = true
      const weights = this.#loaded().finally(() => (waiting = false))
      await Promise.race([weights, new Promise((resolve) => setTimeout(resolve))])
      const size = rest.options.size ?? saved?.size ?? DEFAULTS.size
      const scales = scaleSizes(size).length
      if (waiting) run.hear({ type: 'phase', phase: 'weights', scale: 0, scales, width: 0, height: 0 })
      await weights
      return size
    }
    /** @type {Run} */
    const run = new Run({
      prepare,
      post: () => this.#request('start', args, { id, run }),
      ask: (type) => this.#request(type, { run: id }),
      cancel: (limit) => this.#cancel(id, limit)
    }, isSignal(signal) ? signal : undefined, onProgress)
    return run
  }

  /** A run's result, nothing more. @param {StartOptions<Input>} options @returns {Promise<RunResult>} */
  stylize(options) {
    return this.start(options).result
  }

  /** Ends the worker; what waits rejects. */
  dispose() {
    this.#disposed = true
    this.#twin?.dispose()
    this.#break(new StrotssError('DISPOSED', 'the engine has been disposed of'))
  }

  /** As dispose(), for `using`. Runtimes without that have no such symbol, and nobody who calls this. */
  [Symbol.dispose]() {
    this.dispose()
  }
}
