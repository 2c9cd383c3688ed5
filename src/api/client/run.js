// SPDX-License-Identifier: MIT
//
// One run as its caller holds it: a promise of the result, and pause, resume, cancel, snapshot, checkpoint.

import { StrotssError } from '../errors.js'

/** @typedef {import('../types.js').Picture} Picture */
/** @typedef {import('../types.js').RunResult} RunResult */

/** A cancelled run that has not answered after so long loses its worker, so that all is over within a second. */
const PATIENCE_MS = 600

/**
 * What the engine does for a run. post: hands it to the worker; ask: puts a request about it; drop: takes the worker
 * away from it.
 * @typedef {{ prepare: () => Promise<void>, post: () => Promise<RunResult>, drop: (error: StrotssError) => void,
 *   ask: <T extends 'pause'|'resume'|'cancel'|'snapshot'|'checkpoint'>(type: T) =>
 *     Promise<import('../types.js').Requests[T]['value']> }} Hands
 */

export class Run {
  #hands
  /** @type {'preparing'|'posted'|'settled'} */
  #state = 'preparing'
  #paused = false
  /** @type {StrotssError|null} */
  #cancelled = null
  /**
   * The latest that was told, for when the worker cannot be asked any more.
   * @type {{ image: Picture|null, checkpoint: Uint8Array|null }}
   */
  #latest = { image: null, checkpoint: null }
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #patience
  /** @type {(error: StrotssError) => void} */
  #reject = () => undefined

  /** @param {Hands} hands @param {AbortSignal} [signal] */
  constructor(hands, signal) {
    this.#hands = hands
    const onAbort = () => {
      this.cancel(signal?.reason)
    }
    /**
     * Rejects with what there was, the picture and the state so far; when the run is cancelled, with an AbortError.
     * @type {Promise<RunResult>}
     */
    this.result = new Promise((resolve, reject) => {
      this.#reject = reject
      this.#go().then(resolve, (error) => reject(this.#withLatest(error)))
    })
    this.result.catch(() => undefined).then(() => {
      this.#state = 'settled'
      clearTimeout(this.#patience)
      signal?.removeEventListener('abort', onAbort)
    })
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort)
  }

  async #go() {
    await this.#hands.prepare()
    if (this.#cancelled) throw this.#cancelled
    this.#state = 'posted'
    const result = this.#hands.post()
    if (this.#paused) this.#hands.ask('pause').catch(() => undefined)
    return result
  }

  /**
   * Remembers what an event or an answer shows.
   * @param {{ type?: string, image?: Picture|null, checkpoint?: Uint8Array|null }} told
   */
  note({ image, checkpoint }) {
    if (image) this.#latest.image = image
    if (checkpoint) this.#latest.checkpoint = checkpoint
  }

  /** @param {unknown} error */
  #withLatest(error) {
    if (!(error instanceof StrotssError)) return error
    const { code, message, cause } = error
    const { image, checkpoint } = this.#latest
    return new StrotssError(code, message, {
      image: error.image ?? image, checkpoint: error.checkpoint ?? checkpoint, cause
    })
  }

  /**
   * Stops after the iteration at work.
   * @returns {Promise<Uint8Array|null>} the state; null when the run has not begun or is over
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
   * Ends the run; `result` rejects. Settles when it has ended: after the iteration at work, or, should that take long,
   * within a second by ending the worker, which leaves the latest preview and the latest state that was told or asked
   * for.
   * @param {unknown} [reason]
   */
  async cancel(reason) {
    if (this.#state === 'settled') return
    const latest = () => new StrotssError('ABORTED', 'the run was cancelled', { ...this.#latest, cause: reason })
    if (!this.#cancelled) {
      this.#cancelled = latest()
      if (this.#state === 'preparing') this.#reject(this.#cancelled)
      else {
        this.#hands.ask('cancel').catch(() => undefined)
        this.#patience = setTimeout(() => this.#hands.drop(latest()), PATIENCE_MS)
      }
    }
    await this.result.catch(() => undefined)
  }

  /** The picture so far. @returns {Promise<Picture|null>} null when the run has not begun or is over */
  async snapshot() {
    const image = this.#state === 'posted' ? await this.#hands.ask('snapshot') : null
    this.note({ image })
    return image
  }

  /** The state so far. @returns {Promise<Uint8Array|null>} null when the run has not begun or is over */
  async checkpoint() {
    return this.#askState('checkpoint')
  }

  /** @param {'pause'|'checkpoint'} type */
  async #askState(type) {
    const checkpoint = this.#state === 'posted' ? await this.#hands.ask(type) : null
    this.note({ checkpoint })
    return checkpoint
  }
}
