// SPDX-License-Identifier: MIT
//
// One run inside the worker: steps the engine, times it, and reports what happens as events. dispatcher.js decides when
// the steps are done.

import { packCheckpoint, unpackCheckpoint } from '../shared/checkpoint.js'
import { roundsLike } from '../shared/build.js'
import { DEFAULTS, OPTIONS } from '../shared/options.js'
import { keepColors } from '../shared/colors.js'
import { columnsCost, fit, iterationCost, Pace, pixelsAt, scaleCost, scaleSizes } from '../shared/cost.js'
import { StrotssError } from '../errors.js'

/** @typedef {import('../types.js').Picture} Picture */
/** @typedef {import('../types.js').RunEvent} RunEvent */

/** @typedef {'wasm'|'webgpu'} Backend */

/** A state of the other back end's. @param {Backend} saved @param {Backend} backend */
function checkBackend(saved, backend) {
  if (saved === backend) return
  throw new StrotssError('BAD_STATE', `saved state: it was made by backend ${saved}, which rounds differently from ` +
    `${backend}; resume it in an engine with backend: '${saved}', or here with convert: true`)
}

/**
 * The options of a run that goes on from a checkpoint: the checkpoint's, which those given must not contradict. An
 * option given as it would be anyway contradicts nothing.
 * @param {import('./wasm.js').Wasm} wasm @param {import('../types.js').RunOptions} given
 * @param {import('../types.js').Checkpoint} header @param {import('../shared/build.js').Build} build
 */
function resumedOptions(wasm, given, header, build) {
  const other = roundsLike(build, header.build)
  if (other !== build) {
    throw new StrotssError('BAD_STATE',
      `saved state: it was made by build ${header.build}, which rounds differently from ${build}; ` +
      `resume it in an engine with build: '${other}' (command line: --build ${other})`)
  }
  const before = wasm.optionsDigest(header.options)
  for (const name of OPTIONS) {
    const now = { ...header.options, [name]: given[name] ?? header.options[name] }
    if (wasm.optionsDigest(now) === before && Boolean(now.keepColors) === Boolean(header.options.keepColors)) continue
    throw new StrotssError('BAD_STATE', `saved state: it was made with another ${name}`)
  }
  return header.options
}

/** Of the last scale's iterations, what is enough for a picture that a run takes up. */
const INIT_SHARE = 1 / 3

/**
 * Those of a run, where what it starts from decides how many iterations it does.
 * @template {import('../types.js').RunOptions & { init?: unknown }} Options
 * @param {import('./wasm.js').Wasm} wasm @param {Options} options @returns {Options}
 */
export function startOptions(wasm, options) {
  if (!options.init || options.iterations !== undefined) return options
  const scales = scaleSizes(options.size ?? DEFAULTS.size).length
  return { ...options, iterations: Math.ceil(wasm.iterations(options, scales)[scales - 1] * INIT_SHARE) }
}

export class Job {
  #wasm
  #made
  #emit
  #previewEvery
  #options
  #content
  #run
  #plan
  #first
  /** @type {import('../types.js').ScaleStats[]} */
  #scales
  #progress
  #lastPreview = performance.now()
  #lastPhase = ''
  #pace
  /** The graphics card, while it does the iterations. */
  #gpu
  #lost
  /** Of the scale at work, once its iterations have begun there. @type {import('./gpu.js').GpuScale|null} */
  #card = null

  /**
   * @param {import('./wasm.js').Wasm} wasm
   * @param {{ build: import('../shared/build.js').Build, threads: number }} made
   * @param {number} slowness as known before, 0 when it is not
   * @param {import('../types.js').EngineInputs & { options: import('../types.js').RunOptions, resume: Uint8Array|null,
   *   convert: boolean, previewEvery: number, seconds: number }} args
   * @param {(event: RunEvent) => void} emit @param {import('./gpu.js').Gpu|null} gpu
   * @param {(error: import('./gpu.js').GpuError) => void} lost told when the card fails
   */
  constructor(wasm, made, slowness, { options, resume, convert, previewEvery, seconds, ...inputs }, emit, gpu, lost) {
    const { content, style, regions, points = [], init } = inputs
    const saved = resume && unpackCheckpoint(resume)
    this.#options = saved ? resumedOptions(wasm, options, saved.header, made.build) : { ...DEFAULTS, ...options }
    if (init) this.#options.iterations = startOptions(wasm, { ...this.#options, init }).iterations
    const { size = DEFAULTS.size, keepColors: keep } = this.#options
    const pairs = 1 + new Set(regions?.content.labels).size
    const refusal = gpu && (points.length ? 'does not do points' : wasm.gpuRefusal(this.#options, pairs))
    this.#gpu = refusal ? null : gpu
    this.#lost = lost
    if (saved && !convert) checkBackend(saved.header.backend ?? 'wasm', this.backend)
    this.#wasm = wasm
    this.#made = made
    this.#pace = new Pace(slowness)
    this.#emit = emit
    this.#previewEvery = previewEvery
    this.seconds = seconds
    this.#content = keep ? content : null
    const sides = scaleSizes(size)
    this.#first = init ? sides.length - 1 : 0
    this.#run = wasm.createRun(inputs, this.#options)
    let iterations
    try {
      if (saved) wasm.restore(this.#run, saved.state)
      iterations = wasm.iterations(this.#options, sides.length)
    } catch (error) {
      wasm.destroyRun(this.#run)
      throw error
    }
    this.#plan = sides.map((side, i) => {
      const pixels = pixelsAt(content, side)
      const stylePixels = pixelsAt(style, side)
      const cost = scaleCost(pixels, stylePixels, iterations[i], this.#options.transport)
      return { side, ...fit(content, side), pixels, stylePixels, iterations: iterations[i], cost }
    })
    this.#scales = saved ? structuredClone(saved.header.scales) : []
    this.#progress = wasm.progress(this.#run)
    if (refusal) this.#tellBackend(`the graphics card ${refusal}`)
  }

  /** The CPU does the iterations. @param {string} why */
  #tellBackend(why) {
    this.#emit({ type: 'backend', backend: 'wasm', why, ...this.where() })
  }

  get done() {
    return this.#progress.phase === 'done'
  }

  /** @returns {Backend} */
  get backend() {
    return this.#gpu ? 'webgpu' : 'wasm'
  }

  /** The scale the next step works at: entering the next one is the first thing a step does there. */
  get scale() {
    const { phase, scale, iteration, iterations } = this.#progress
    return phase === 'style' && iterations > 0 && iteration >= iterations ? scale + 1 : scale
  }

  where() {
    const { width, height } = this.#plan[this.scale]
    return { scale: this.scale, scales: this.#plan.length, width, height }
  }

  /** @returns {Picture} */
  snapshot() {
    const picture = this.#wasm.snapshot(this.#run)
    return this.#content ? keepColors(picture, this.#content) : picture
  }

  checkpoint() {
    const { build } = this.#made
    const { backend } = this
    return packCheckpoint({ build, backend, options: this.#options, fraction: this.fraction(), scales: this.#scales },
      this.#wasm.save(this.#run))
  }

  /** Model seconds left. */
  #left() {
    const { phase, iteration } = this.#progress
    if (phase === 'done') return 0
    const at = this.#plan[this.scale]
    const later = this.#plan.slice(this.scale + 1).reduce((sum, { cost }) => sum + cost, 0)
    const begun = this.scale === this.#progress.scale ? iteration : 0 // a restored run looks again at both pictures
    const columns = (phase === 'style' ? columnsCost(at.stylePixels) : 0) +
      (phase === 'iterate' ? 0 : columnsCost(at.pixels))
    return later + columns + (at.iterations - begun) * iterationCost(at.pixels, this.#options.transport)
  }

  /** Of the whole run by the model, 0 to 1. */
  fraction() {
    return 1 - this.#left() / this.#plan.slice(this.#first).reduce((sum, { cost }) => sum + cost, 0)
  }

  get slowness() {
    return this.#pace.slowness
  }

  #announce() {
    const { phase } = this.#progress
    const key = `${phase} ${this.scale}`
    if (key === this.#lastPhase) return
    this.#lastPhase = key
    this.#emit({ type: 'phase', phase, ...this.where() })
  }

  /** One piece of work by the engine alone. */
  #stepHere() {
    this.#wasm.step(this.#run)
    this.#progress = this.#wasm.progress(this.#run)
  }

  /**
   * One piece of work by the graphics card: the content's columns are found with the iterations there.
   * @param {import('./gpu.js').Gpu} gpu
   */
  async #stepThere(gpu) {
    if (!this.#card) {
      const { GpuScale } = await import('./gpu.js')
      this.#card = await GpuScale.open(gpu, this.#run)
      this.#progress = { ...this.#progress, phase: /** @type {const} */ ('iterate') }
      return
    }
    const { iteration, terms } = await this.#card.step()
    this.#progress = { ...this.#progress, iteration, terms }
    if (!this.#card.done) return
    this.#leaveCard()
    this.#progress = this.#wasm.progress(this.#run)
  }

  #leaveCard() {
    this.#card?.close()
    this.#card = null
  }

  async #work() {
    const gpu = this.#gpu
    if (!gpu || this.#progress.phase === 'style') return this.#stepHere()
    try {
      await this.#stepThere(gpu)
    } catch (error) {
      if (error instanceof StrotssError && error.code === 'NOT_FINITE') throw error
      const fault = /** @type {import('./gpu.js').GpuError} */ (error)
      this.#leaveCard()
      this.#gpu = null
      this.#lost(fault)
      this.#progress = this.#wasm.progress(this.#run)
      this.#tellBackend(fault.message)
    }
  }

  async step() {
    this.#announce()
    const before = this.#left()
    const { phase } = this.#progress
    const at = this.scale
    const start = performance.now()
    await this.#work()
    const seconds = (performance.now() - start) / 1000
    this.#time(seconds, before - this.#left(), at)
    if (phase === 'iterate' && this.#progress.phase !== 'content') this.#iterated(at)
    if (this.done) this.#announce()
  }

  /** @param {number} seconds @param {number} modelled @param {number} scale */
  #time(seconds, modelled, scale) {
    this.seconds += seconds
    this.#pace.note(seconds, modelled)
    const { iteration, terms } = this.#progress
    const { side } = this.#plan[scale]
    const stats = (this.#scales[scale - this.#first] ??= { size: side, iterations: 0, seconds: 0, terms })
    Object.assign(stats, { iterations: iteration, seconds: stats.seconds + seconds, terms })
  }

  /** @param {number} scale */
  #iterated(scale) {
    const { scales, width, height, iteration, iterations, terms } = this.#progress
    const where = { scale, scales, width, height }
    this.#emit({
      type: 'iteration', ...where, iteration, iterations, terms, secondsElapsed: this.seconds,
      secondsLeft: this.#left() * this.slowness, fraction: this.fraction()
    })
    if (iteration === iterations) {
      const image = this.snapshot()
      const { seconds } = this.#scales[scale - this.#first]
      this.#emit({ type: 'scale', ...where, image, checkpoint: this.checkpoint(), seconds, terms })
    } else if (this.#previewEvery > 0 && performance.now() - this.#lastPreview >= this.#previewEvery) {
      this.#lastPreview = performance.now()
      this.#emit({ type: 'preview', ...where, image: this.snapshot() })
    }
  }

  /** @returns {import('../types.js').RunResult} */
  result() {
    const image = this.snapshot()
    const { build, threads } = this.#made
    return {
      image, checkpoint: this.checkpoint(),
      stats: { size: [image.width, image.height], seconds: this.seconds, scales: this.#scales,
        peakBytes: this.#wasm.peakBytes, build, threads, backend: this.backend }
    }
  }

  end() {
    this.#leaveCard()
    this.#wasm.destroyRun(this.#run)
  }
}
