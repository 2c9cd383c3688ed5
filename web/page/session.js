// SPDX-License-Identifier: MIT
//
// From pressing the button to the kept result: shows the run, keeps it in the history, and afterwards holds its result.

import { notice } from './chrome.js'
import { createCompare } from './compare.js'
import { click, find, say } from '../shared/dom.js'
import { keepInputs } from '../last-run/store.js'
import { createKeep } from './keep.js'
import { createProgress } from './progress.js'
import { recolor } from './recolor.js'
import { startRun } from './run.js'

/** @typedef {import('./keep.js').Result} Result @typedef {import('./run.js').Job} Job */

/**
 * @param {{ engine: () => Promise<any>, use: import('../platform/engine_host.js').Use, job: () => Job,
 *   drawn: () => import('../regions/editor.js').Saved|null, changed: () => void }} page
 *   `changed`: a run began or ended
 */
export function createSession({ engine, use, job: currentJob, drawn, changed }) {
  const progress = createProgress()
  const compare = createCompare()
  const keep = createKeep({ use, current: () => result, onScale: (i) => result && show(result.job, result.scales[i]) })
  /** @type {any} */
  let run = null
  /** @type {() => unknown} */
  let cancel = () => undefined
  let running = false
  let paused = false
  /** As the engine gave it. @type {any} */
  let raw = null
  /** As shown. @type {Result|null} */
  let result = null
  let turn = 0

  /** @param {Job} job @param {import('../shared/dom.js').Pixels} image */
  async function show(job, image) {
    const mine = ++turn
    const shown = job.settings.keepColors ? await recolor(image, job.content.image) : image
    if (mine === turn) compare.show(shown)
    return shown
  }

  /** @param {Job} job @param {any} outcome of a run, or the last one from the history */
  async function finish(job, outcome) {
    raw = outcome
    result = { ...outcome, job, image: await show(job, outcome.image) }
    keep.show(/** @type {Result} */ (result))
  }

  /**
   * All that must be there first.
   * @param {Job} job @param {import('../last-run/store.js').State|null} from @returns {Promise<any>} the engine
   */
  async function prepare({ content, style, settings }, from) {
    const working = await engine()
    progress.begin((await working.estimate({ ...settings, content: content.image, style: style.image })).scales)
    if (!from) await keepInputs({ content: file(content), style: file(style), regions: drawn(), settings })
    return working
  }

  /** @param {import('../last-run/store.js').State|null} from null: from the start @param {Job} [job] the one it is of */
  async function begin(from, job = currentJob()) {
    if (running) return
    running = true
    paused = false
    raw = result = null
    const { content, settings } = job
    compare.reset(content.url)
    compare.show(from?.image ?? content.image)
    keep.strip(from?.scales ?? [], settings.size)
    progress.begin([])
    say('pause', 'Pause')
    changed()
    find('pause').focus({ preventScroll: true })
    try {
      const early = new Promise((resolve) => (cancel = () => resolve(null)))
      const working = await Promise.race([prepare(job, from), early])
      run = working && startRun(working, job, from, (event) => {
        progress.event(event)
        if (event.image) show(job, event.image)
        if (event.type === 'scale') keep.strip(run.scales, settings.size)
      })
      cancel = () => run.cancel()
      const outcome = await run?.result
      progress.phase(outcome?.done ? 'Finished' : outcome?.error ? 'Stopped' : 'Cancelled')
      if (outcome?.error) notice(outcome.error)
      if (outcome?.image) await finish(job, outcome)
    } catch (error) {
      notice(error instanceof Error ? error.message : String(error))
    }
    cancel = () => undefined
    run = null
    running = false
    document.title = 'Strotss'
    changed()
    if (result) find('save-png').focus({ preventScroll: true })
  }

  async function togglePause() {
    if (!run) return
    paused = !paused
    say('pause', paused ? 'Go on' : 'Pause')
    if (paused) {
      await run.pause()
      if (paused) progress.phase('Paused')
    } else {
      run.resume()
      progress.phase('Painting')
    }
  }

  click('pause', togglePause)
  click('cancel', () => cancel())
  click('carry-on', () => result && begin(raw, result.job))
  addEventListener('beforeunload', (event) => running && event.preventDefault())

  return {
    begin,
    togglePause,
    compare,
    download: progress.download,
    get running() { return running },
    get result() { return result },
    /** Shows a finished run of before. @param {import('../last-run/store.js').State} state */
    async reopen(state) {
      const job = currentJob()
      compare.reset(job.content.url)
      await finish(job, state)
      changed()
    },
    /** The colour setting acts on the shown result at once. @param {boolean} keepColors */
    async setKeepColors(keepColors) {
      if (running || !result || result.job.settings.keepColors === keepColors) return
      result.job.settings.keepColors = keepColors
      await finish(result.job, raw)
    }
  }
}

/** @param {import('./pictures.js').Picture} picture */
function file({ name, blob }) {
  return { name, blob }
}
