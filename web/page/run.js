// SPDX-License-Identifier: MIT
//
// One run from its start, or from a checkpoint, to its end: starts the engine, hands its events on, and keeps the run's
// state, so that it can go on after whatever happens to the page. Keeps the screen awake meanwhile.

const SAVE_EVERY = 15000

/** @typedef {import('../api/index.browser.js').RunEvent} RunEvent */
/** @typedef {import('../shared/dom.js').Pixels} Pixels */
/**
 * @typedef {{ checkpoint: Uint8Array|null, image: Pixels|null, fraction: number, done: boolean, seconds: number,
 *   scales: Pixels[], stats?: import('../api/index.browser.js').RunStats|null, error?: string,
 *   ofWeights?: boolean }} Outcome
 */
/**
 * @typedef {{ content: import('./pictures.js').Picture, style: import('./pictures.js').Picture,
 *   regions: import('../regions/editor.js').Regions|null, drawn: import('../regions/editor.js').Saved|null,
 *   settings: import('./settings.js').Settings }} Job regions: for the engine; drawn: all that was painted
 */

/**
 * @param {import('../platform/engine_host.js').Engine} engine @param {Job} job
 * @param {import('../last-run/store.js').State|null} from where an earlier run stood
 * @param {(state: import('../last-run/store.js').State) => Promise<void>} keep
 * @param {(event: RunEvent) => void} onEvent
 */
export function startRun(engine, job, from, keep, onEvent) {
  const { size, contentWeight, quality, seed } = job.settings
  const { checkpoint = null, image = null, fraction = 0, seconds: before = 0, scales = [] } = from ?? {}
  /**
   * @type {Omit<import('../last-run/store.js').State, 'checkpoint'|'image'> & {
   *   checkpoint: Uint8Array|null, image: import('../shared/dom.js').Pixels|null }}
   */
  const state = { checkpoint, image, fraction, done: false, seconds: before, scales: [...scales] }
  let live = true
  let begun = false

  const run = engine.start({
    content: job.content.image, style: job.style.image, regions: job.regions ?? undefined,
    size, contentWeight, quality, seed, previewEvery: 1000,
    resume: state.checkpoint ?? undefined,
    onProgress(event) {
      if ('image' in event) state.image = event.image
      if (event.type === 'iteration') {
        state.fraction = event.fraction
        state.seconds = before + event.secondsElapsed
        if (!begun) saveNow()
        begun = true
      } else if (event.type === 'scale') {
        state.scales[event.scale] = event.image
        save(event.checkpoint)
      }
      onEvent(event)
    }
  })

  /** @param {Uint8Array|null} checkpoint */
  function save(checkpoint) {
    if (checkpoint) state.checkpoint = checkpoint
    return state.checkpoint && state.image && keep(/** @type {import('../last-run/store.js').State} */ (state))
  }

  async function saveNow() {
    try {
      const [checkpoint, image] = await Promise.all([run.checkpoint(), run.snapshot()])
      if (!live) return
      if (image) state.image = image
      await save(checkpoint)
    } catch {
      // the run is over, or lost its worker: its result tells
    }
  }
  const onHide = () => {
    if (document.visibilityState === 'hidden') saveNow()
    else awake()
  }
  /** @type {WakeLockSentinel|undefined} */
  let lock
  const awake = async () => {
    lock = await navigator.wakeLock?.request('screen').catch(() => undefined)
    if (!live) lock?.release()
  }
  const timer = setInterval(saveNow, SAVE_EVERY)
  document.addEventListener('visibilitychange', onHide)
  awake()

  /**
   * A finished run settles once it is kept; a cancelled or failed one, `done` false, with the latest that is known.
   * @returns {Promise<Outcome>}
   */
  async function finish() {
    try {
      const { image, stats, checkpoint } = await run.result
      Object.assign(state, { image, done: true, fraction: 1 })
      await save(checkpoint)
      return { ...state, stats }
    } catch (error) {
      const { name, code = '', message, image, checkpoint } =
        /** @type {import('../api/index.browser.js').StrotssError} */ (error)
      if (image) state.image = image
      save(checkpoint)
      return { ...state, stats: null, error: name === 'AbortError' ? '' : message, ofWeights: /WEIGHTS/.test(code) }
    } finally {
      live = false
      clearInterval(timer)
      document.removeEventListener('visibilitychange', onHide)
      lock?.release()
    }
  }

  return {
    scales: state.scales,
    result: finish(),
    pause: async () => save(await run.pause().catch(() => null)),
    resume: () => run.resume().catch(() => undefined),
    cancel: () => run.cancel()
  }
}
