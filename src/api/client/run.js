// SPDX-License-Identifier: MIT
//
// One run as its caller holds it: a promise of the result, and pause, resume, cancel, snapshot, checkpoint.
//
// Cancelling. A run that waits for its turn is over at once. A run at work ends after the step it is in, and `result`
// rejects with the picture and the state there; where that step takes longer than PATIENCE_MS, `result` rejects before,
// with the latest picture and state that were told or asked for, and the step ends unheard. Only a step that takes many
// times what it should (#stepLimit) loses its worker; whatever else waits goes on in the next one.

import { iterationCost } from '../shared/cost.js'
import { StrotssError, tell } from '../errors.js'

/** @typedef {import('../types.js').Picture} Picture */
/** @typedef {import('../types.js').RunEvent} RunEvent */
/** @typedef {import('../types.js').RunResult} RunResult */

/** How long a cancelled run waits for the end of the step it is in. */
const PATIENCE_MS = 600
/** A step hangs that takes so many of the slowest so far, scaled to this size; at least and at most so long. */
const STEP_LIMIT = 5
const MIN_STEP_LIMIT_MS = 5000
const MAX_STEP_LIMIT_MS = 60000

/**
 * What the engine does for a run. prepare: checks and reads the inputs, and gives the size of the result; post: hands
 * it to the worker; ask: puts a request about it; cancel: has the worker end it, which loses the worker where that
 * takes longer than `limit` milliseconds, if any are given.
 * @typedef {{ prepare: () => Promise<number>, post: () => Promise<RunResult>, cancel: (limit?: number) => void,
 *   ask: <T extends 'pause'|'resume'|'snapshot'|'checkpoint'>(type: T) =>
 *     Promise<import('../types.js').Requests[T]['value']> }} Hands
 */

/** In a caller's words where it gave some. @param {unknown} reason of an AbortSignal, or given to cancel */
function cancelled(reason) {
  const { name = '', message = '' } = reason instanceof Error ? reason : {}
  const why = message && name !== 'AbortError' ? `: ${message}` : ''
  return new StrotssError('ABORTED', `the run was cancelled${why}`, { cause: reason })
}

export class Run {
  #hands
  #onProgress
  /** @type {'preparing'|'posted'|'settled'} */
  #state = 'preparing'
  #begun = false
  #paused = false
  /** Why it is to end before its end. @type {StrotssError|null} */
  #stopped = null
  /**
   * The latest that was reported, for when the worker cannot be asked any more.
   * @type {{ image: Picture|null, checkpoint: Uint8Array<ArrayBuffer>|null }}
   */
  #latest = { image: null, checkpoint: null }
  /** Long side of the result. */
  #size = 0
  /** At work, as told. */
  #seconds = 0
  /** The slowest step, in seconds for one of cost.js; no less than on the machine named there. */
  #slowness = 1
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #patience
  /** @type {(error: unknown) => void} */
  #reject = () => undefined

  /**
   * @param {Hands} hands @param {AbortSignal} [signal]
   * @param {(event: RunEvent) => unknown} [onProgress] what it throws ends the run
   */
  constructor(hands, signal, onProgress) {
    this.#hands = hands
    this.#onProgress = onProgress
    const onAbort = () => {
      this.cancel(signal?.reason)
    }
    /**
     * Rejects with what there was, the picture and the state so far; when the run is cancelled, with an error whose
     * code is ABORTED and whose cause is the reason, named AbortError, or TimeoutError where the reason is.
     * @type {Promise<RunResult>}
     */
    this.result = new Promise((resolve, reject) => {
      this.#reject = (error) => {
        this.#settle()
        reject(this.#withLatest(error))
      }
      this.#go().then((result) => {
        this.#settle()
        resolve(result)
      }, this.#reject)
    })
    this.result.catch(() => undefined).then(() => signal?.removeEventListener('abort', onAbort))
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort)
  }

  #settle() {
    this.#state = 'settled'
    clearTimeout(this.#patience)
  }

  async #go() {
    this.#size = await this.#hands.prepare()
    if (this.#stopped) throw this.#stopped
    this.#state = 'posted'
    return this.#hands.post()
  }

  /** Nobody waits for it any more: it need not be done. */
  get over() {
    return this.#state === 'settled' || this.#stopped !== null
  }

  /** What the worker is to know of a run that it begins, or that goes on in another worker. */
  get standing() {
    const { checkpoint } = this.#latest
    return { paused: this.#paused, seconds: this.#seconds, ...(checkpoint && { resume: checkpoint, convert: true }) }
  }

  /** @param {RunEvent} event */
  hear(event) {
    if (this.#state === 'settled') return
    this.#begun = event.type !== 'queued' && (this.#begun || this.#state === 'posted')
    this.#note(/** @type {any} */ (event))
    if (event.type === 'iteration') {
      const { width, height, secondsElapsed } = event
      this.#slowness = Math.max(this.#slowness, (secondsElapsed - this.#seconds) / iterationCost(width * height))
      this.#seconds = secondsElapsed
    }
    tell(this.#onProgress, event, (error) => this.#stop(error, true))
  }

  /**
   * Remembers what an event or an answer shows.
   * @param {{ image?: Picture|null, checkpoint?: Uint8Array<ArrayBuffer>|null }} told
   */
  #note({ image, checkpoint }) {
    if (image) this.#latest.image = image
    if (checkpoint) this.#latest.checkpoint = checkpoint
  }

  /** @param {unknown} error */
  #withLatest(error) {
    if (!(error instanceof StrotssError)) return error
    const { code, message, cause } = this.#stopped ?? error
    return new StrotssError(code, message, {
      image: error.image ?? this.#latest.image, checkpoint: error.checkpoint ?? this.#latest.checkpoint, cause
    })
  }

  /** @param {StrotssError} error why @param {boolean} [now] without waiting for the end of the step at work */
  #stop(error, now = false) {
    if (this.over) return
    this.#stopped = error
    const posted = this.#state === 'posted'
    if (now || !posted || !this.#begun) this.#reject(error)
    else this.#patience = setTimeout(() => this.#reject(error), PATIENCE_MS)
    if (posted) this.#hands.cancel(this.#begun ? this.#stepLimit() : undefined)
  }

  /** Milliseconds after which a step has hung. */
  #stepLimit() {
    const slowest = this.#slowness * iterationCost(this.#size ** 2)
    return Math.min(Math.max(MIN_STEP_LIMIT_MS, 1000 * STEP_LIMIT * slowest), MAX_STEP_LIMIT_MS)
  }

  /**
   * Stops after the iteration at work.
   * @returns {Promise<Uint8Array<ArrayBuffer>|null>} the state; null when the run has not begun or is over
   */
  async pause() {
    this.#paused = true
    return this.#askState('pause')
  }

  async resume() {
    this.#paused = false
    if (this.#state === 'posted') await this.#hands.ask('resume')
  }

  /**
   * Ends the run; `result` rejects, within a second of the call. Settles when `result` has.
   * @param {unknown} [reason] the error's cause
   */
  async cancel(reason) {
    this.#stop(cancelled(reason))
    await this.result.catch(() => undefined)
  }

  /** The picture so far. @returns {Promise<Picture|null>} null when the run has not begun or is over */
  async snapshot() {
    const image = this.#state === 'posted' ? await this.#hands.ask('snapshot') : null
    this.#note({ image })
    return image
  }

  /** The state so far. @returns {Promise<Uint8Array<ArrayBuffer>|null>} null when the run has not begun or is over */
  async checkpoint() {
    return this.#askState('checkpoint')
  }

  /** @param {'pause'|'checkpoint'} type */
  async #askState(type) {
    const checkpoint = this.#state === 'posted' ? await this.#hands.ask(type) : null
    this.#note({ checkpoint })
    return checkpoint
  }
}
