// SPDX-License-Identifier: MIT
//
// One run from its start, or from a checkpoint, to its end: starts the engine, hands its events on, and keeps the run's
// state in the history, so that it can go on after whatever happens to the page. Keeps the screen awake meanwhile.

import { keepState } from './history.js'

const SAVE_EVERY = 30000

/**
 * @typedef {{ content: import('./pictures.js').Picture, style: import('./pictures.js').Picture,
 *   regions: any, settings: import('./settings.js').Settings }} Job
 */

/**
 * @param {any} engine @param {Job} job
 * @param {import('./history.js').State|null} from where an earlier run stood
 * @param {(event: any) => void} onEvent
 */
export function startRun(engine, job, from, onEvent) {
  const { size, contentWeight, quality, seed } = job.settings
  const state = from ?? { checkpoint: new Uint8Array(), image: null, fraction: 0, done: false, scales: [], seconds: 0 }
  const scales = [...state.scales]
  let { image, fraction, seconds } = state
  const before = seconds
  let live = true
  let writing = Promise.resolve()

  const run = engine.start({
    content: job.content.image, style: job.style.image, regions: job.regions ?? undefined,
    size, contentWeight, quality, seed, previewEvery: 1000,
    resume: from?.checkpoint,
    /** @param {any} event */
    onProgress(event) {
      if (event.type === 'iteration') {
        fraction = event.fraction
        seconds = before + event.secondsElapsed
      }
      if (event.image) image = event.image
      if (event.type === 'scale') {
        scales[event.scale] = event.image
        save(event.checkpoint)
      }
      onEvent(event)
    }
  })

  /** @param {Uint8Array} checkpoint @param {boolean} [done] */
  function save(checkpoint, done = false) {
    if (!image) return writing
    const now = { checkpoint, image, fraction, done, scales, seconds }
    return (writing = writing.then(() => keepState(now)).then(() => undefined))
  }

  const saveNow = async () => {
    const checkpoint = await run.checkpoint().catch(() => null)
    if (live && checkpoint) await save(checkpoint)
  }
  const onHide = () => {
    if (document.visibilityState === 'hidden') saveNow()
    else awake()
  }
  /** @type {any} */
  let lock
  const awake = async () => {
    lock = await navigator.wakeLock?.request('screen').catch(() => undefined)
    if (!live) lock?.release()
  }
  const timer = setInterval(saveNow, SAVE_EVERY)
  document.addEventListener('visibilitychange', onHide)
  awake()

  /** Settles once everything is kept. A cancelled run resolves too, `done` false. */
  async function finish() {
    try {
      const { image: last, stats, checkpoint } = await run.result
      image = last
      fraction = 1
      await save(checkpoint, true)
      return { done: true, image: last, stats, scales, checkpoint, seconds, fraction }
    } catch (error) {
      const left = /** @type {any} */ (error)
      if (left.name !== 'AbortError') throw error
      if (left.image) image = left.image
      if (left.checkpoint) await save(left.checkpoint)
      return { done: false, image, stats: null, scales, checkpoint: left.checkpoint, seconds, fraction }
    } finally {
      live = false
      clearInterval(timer)
      document.removeEventListener('visibilitychange', onHide)
      lock?.release()
    }
  }

  return {
    scales,
    result: finish(),
    async pause() {
      await save(await run.pause())
    },
    resume: () => run.resume(),
    cancel: () => run.cancel()
  }
}
