// SPDX-License-Identifier: MIT
//
// The worker's side of types.js, the same in browsers and in Node: answers requests, and works through the queue of
// runs, one step at a time, listening between steps. Runs are done one after another, in their order. A paused run
// gives its turn and its memory to the next that waits; its state is kept, and it continues from there when its turn
// comes again.

import { DEFAULTS } from '../shared/options.js'
import { iterationCost, pixelsAt, scaleCost, scaleSizes } from '../shared/cost.js'
import { asStrotssError, StrotssError } from '../errors.js'
import { openCard } from './card.js'
import { Job, startOptions } from './job.js'
import { VERSION, Wasm } from './wasm.js'

/** @typedef {import('../types.js').Request} Request */
/** @typedef {import('../types.js').Reply} Reply */
/** @typedef {import('../types.js').Source} Source */
/** @typedef {import('../types.js').Picture} Picture */
/** @typedef {import('../types.js').StartArgs} StartArgs */

/**
 * A run from its 'start' to its answer. job: while it is its turn; parked: what there was of it when it gave its turn
 * away; ahead: how many runs it was last told to wait for; wake: looks again at a pause.
 * @typedef {{ id: number, args: StartArgs, job: Job|null, paused: boolean, cancelled: boolean, ahead: number,
 *   parked: { image: Picture, checkpoint: Uint8Array<ArrayBuffer> }|null, wake: () => void }} Entry
 */

const CALIBRATION_SIDE = 64
const CALIBRATION_MS = 500

/** Every buffer in a message: they are moved, not copied. @param {unknown} value @returns {ArrayBuffer[]} */
function buffersOf(value) {
  if (ArrayBuffer.isView(value)) return [/** @type {ArrayBuffer} */ (value.buffer)]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(buffersOf)
}

/**
 * @param {{ post: (reply: Reply, transfer: ArrayBuffer[]) => void, listen: (hear: (request: Request) => void) => void,
 *   breathe: () => Promise<void>, cards: import('./card.js').Cards }} port breathe: lets waiting messages in
 */
export function serve({ post, listen, breathe, cards }) {
  /** @type {Wasm} */
  let wasm
  /** @type {import('../types.js').Requests['open']['args']} */
  let made
  /** The graphics card that does the iterations. @type {import('./gpu.js').Gpu|null} */
  let gpu = null
  let slowness = 0
  /** @type {Entry[]} */
  const queue = []
  /** Whose turn it is. @type {Entry|null} */
  let current = null

  /** @param {Reply} reply */
  const send = (reply) => post(reply, [...new Set(buffersOf(reply))])

  /** What cannot be loaded leaves no engine. @param {import('../types.js').Requests['open']['args']} args */
  async function open(args) {
    try {
      wasm = await Wasm.open(args)
    } catch (error) {
      if (error instanceof StrotssError) throw error
      throw new StrotssError('WORKER_FAILED', `the engine stopped: ${error instanceof Error ? error.message : error}`)
    }
    made = args
    return { version: VERSION }
  }

  /** @param {Uint8Array} bytes @returns {Promise<import('../types.js').Requests['weights']['value']>} */
  async function loadWeights(bytes) {
    wasm.loadWeights(bytes)
    const { backend, webgpu } = made
    const card = await openCard({
      wasm, weights: bytes, backend, from: webgpu, cards, slowness: async () => (await calibrate()).slowness
    })
    gpu = card.gpu
    return { backend: gpu ? 'webgpu' : 'wasm', card: card.why }
  }

  /** A card that failed is not asked again. @param {import('./gpu.js').GpuError} error */
  function lost({ kind }) {
    if (kind === 'memory') return
    gpu?.close()
    gpu = null
  }

  /** @param {Source} source @param {string} role @returns {Picture} */
  function picture(source, role) {
    if (!('bytes' in source)) return source
    try {
      return wasm.decode(source.bytes)
    } catch (error) {
      const { code, message } = asStrotssError(error)
      throw new StrotssError(code, `${source.name || role}: ${message.replace(/^(picture|image): /, '')}`)
    }
  }

  /** Times iterations of a run's first scale, the quickest of half a second or, on a slow device, of the first two. */
  async function calibrate() {
    const side = CALIBRATION_SIDE
    const noise = { width: side, height: side,
      data: Uint8ClampedArray.from({ length: 4 * side * side }, (_, i) => (i * 7919) >> 3 & 255) }
    const run = wasm.createRun({ content: noise, style: noise }, { size: side })
    try {
      let best = Infinity
      const end = performance.now() + CALIBRATION_MS
      for (let left = 2; left > 0 || performance.now() < end;) {
        const { phase } = wasm.progress(run)
        if (phase === 'done') break
        const start = performance.now()
        wasm.step(run)
        if (phase === 'iterate') {
          best = Math.min(best, (performance.now() - start) / 1000)
          left--
        }
        await breathe()
      }
      slowness = best / iterationCost(side * side)
    } finally {
      wasm.destroyRun(run)
    }
    return { slowness }
  }

  /** @param {import('../types.js').EstimateOptions} options @returns {import('../types.js').Estimate} */
  function estimate(options) {
    const { content, style, size = DEFAULTS.size, init } = options
    const sides = scaleSizes(size)
    const [bytes, iterations] = [wasm.estimate(options), wasm.iterations(startOptions(wasm, options), sides.length)]
    const scales = sides.map((side, i) => {
      const cost = scaleCost(pixelsAt(content, side), pixelsAt(style, side), iterations[i], options.transport)
      return { size: side, iterations: iterations[i], ...(slowness ? { seconds: cost * slowness } : {}) }
    }).slice(init ? -1 : 0)
    return {
      bytes, scales,
      ...(slowness ? { seconds: scales.reduce((sum, { seconds = 0 }) => sum + seconds, 0) } : {})
    }
  }

  /** To its end, or until it gives its turn away. @param {Entry} entry */
  async function perform(entry) {
    const { id, args } = entry
    entry.parked = null
    const pictures = { content: picture(args.content, 'content'), style: picture(args.style, 'style'),
      init: args.init && picture(args.init, 'init') }
    const job = new Job(wasm, made, slowness, { ...args, ...pictures }, (event) => send({ id, event }), gpu, lost)
    entry.job = job
    try {
      while (!job.done) {
        if (entry.cancelled) {
          throw new StrotssError('ABORTED', 'the run was cancelled', {
            image: job.snapshot(), checkpoint: job.checkpoint()
          })
        }
        if (!entry.paused) await job.step()
        else if (queue.every(({ paused }) => paused)) await new Promise((resolve) => (entry.wake = () => resolve(null)))
        else {
          entry.parked = { image: job.snapshot(), checkpoint: job.checkpoint() }
          entry.args = { ...args, resume: entry.parked.checkpoint, convert: true, seconds: job.seconds }
          return undefined
        }
        await breathe()
      }
      return job.result()
    } finally {
      slowness = job.slowness || slowness
      entry.job = null
      job.end()
    }
  }

  async function work() {
    while (!current && queue.length) {
      const entry = queue.find(({ paused }) => !paused) ?? queue[0]
      current = entry
      tellQueue()
      await answer(entry.id, () => perform(entry))
      current = null
      if (!entry.parked) leave(entry)
    }
  }

  /** @param {Entry} entry */
  const leave = (entry) => queue.splice(queue.indexOf(entry), 1)

  /** Tells each run that waits for how many, where that changed; and a paused run whose turn it is, that some wait. */
  function tellQueue() {
    const waiting = queue.filter((entry) => entry !== current && !entry.paused)
    for (const [i, entry] of waiting.entries()) {
      const ahead = i + Number(current !== null)
      if (ahead !== entry.ahead) send({ id: entry.id, event: { type: 'queued', ahead } })
      entry.ahead = ahead
    }
    if (current) current.ahead = 0
    current?.wake()
  }

  /** @param {number} id */
  const find = (id) => queue.find((entry) => entry.id === id)

  /** A copy, since what is sent is gone. @param {Entry} [entry] */
  const imageOf = (entry) => entry?.job?.snapshot() ?? structuredClone(entry?.parked?.image ?? null)
  /** @param {Entry} [entry] */
  const checkpointOf = (entry) => entry?.job?.checkpoint() ?? entry?.parked?.checkpoint.slice() ?? null

  /** @param {Request} request @returns {unknown} the answer, or a promise of it */
  function handle({ id, type, args }) {
    switch (type) {
      case 'open':
        return open(args)
      case 'weights':
        return loadWeights(args.bytes)
      case 'decode':
        return picture(args.picture, 'picture')
      case 'encode':
        return wasm.encode(args.picture, args.quality)
      case 'estimate':
        return estimate(args)
      case 'calibrate':
        return calibrate()
      case 'evaluate':
        return wasm.evaluate(picture(args.content, 'content'), picture(args.style, 'style'),
          picture(args.result, 'result'), args.alpha, args.draws, args.seed)
      case 'distances':
        return wasm.distances(picture(args.a, 'a'), picture(args.b, 'b'), args.size, args.count, args.seed)
      case 'hypercolumns':
        return wasm.hypercolumns(picture(args.image, 'image'), args.at)
      case 'pause': {
        const entry = find(args.run)
        if (entry) entry.paused = true
        tellQueue()
        return checkpointOf(entry)
      }
      case 'resume':
      case 'cancel': {
        const entry = find(args.run)
        if (!entry) return null
        entry.cancelled = type === 'cancel'
        entry.paused = false
        if (type === 'cancel' && entry !== current) {
          leave(entry)
          answer(entry.id, () => { throw new StrotssError('ABORTED', 'the run was cancelled', entry.parked ?? {}) })
        }
        tellQueue()
        return null
      }
      case 'snapshot':
        return imageOf(find(args.run))
      case 'checkpoint':
        return checkpointOf(find(args.run))
      default:
        throw new StrotssError('BAD_ARGUMENT', `request ${id}: unknown type "${type}"`)
    }
  }

  /** @param {number} id @param {() => unknown} task */
  async function answer(id, task) {
    try {
      const value = await task()
      if (value !== undefined) send({ id, value })
    } catch (error) {
      const { code, message, image, checkpoint } = asStrotssError(error)
      send({ id, error: { code, message, image, checkpoint } })
    }
  }

  listen((request) => {
    if (request.type !== 'start') return void answer(request.id, () => handle(request))
    queue.push({
      id: request.id, args: request.args, job: null, parked: null, paused: request.args.paused, cancelled: false,
      ahead: 0, wake: () => undefined
    })
    work()
    tellQueue()
  })
}
