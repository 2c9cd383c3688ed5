// SPDX-License-Identifier: MIT
//
// From pressing the button to the kept result: shows the run, keeps it in the history, and afterwards holds its result.
// What was held before stays until there is a picture to take its place.

import { createCompare } from './compare.js'
import { click, find, say } from '../shared/dom.js'
import { notice } from '../shared/notices.js'
import { keep as keepRun, newId, own, recall, tryKeeping } from '../last-run/store.js'
import { createKeep } from './keep.js'
import { createProgress } from './progress.js'
import { recolor } from './recolor.js'
import { startRun } from './run.js'

export const ELSEWHERE = 'This run is being painted in another tab.'

/** @typedef {import('../platform/engine_host.js').Engine} Engine */
/** @typedef {import('./keep.js').Result} Result @typedef {import('./run.js').Job} Job */
/** @typedef {import('./run.js').Outcome & { image: import('../shared/dom.js').Pixels }} Outcome */

/**
 * @param {{ engine: () => Promise<Engine>, job: () => Job, use: import('../platform/engine_host.js').Use, changed: () => void }} page
 */
export function createSession({ engine, use, job: currentJob, changed }) {
  const progress = createProgress()
  const compare = createCompare()
  const keep = createKeep({ use, current: () => result, onScale: showScale })
  /** @type {ReturnType<typeof startRun>|null} */
  let run = null
  /** @type {() => unknown} */
  let cancel = () => undefined
  let running = false
  let paused = false
  /** As the engine gave it. @type {Outcome|null} */
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

  /** @param {number|null} scale null: the whole result */
  async function showScale(scale) {
    if (!result || running) return
    const of = result
    const image = await show(of.job, scale === null ? /** @type {Outcome} */ (raw).image : of.scales[scale])
    if (of !== result || running) return
    result = { ...of, image, scale }
    keep.show(result)
  }

  /** @param {Job} job @param {string} id @param {Outcome} outcome of a run, or an earlier one from the history */
  async function finish(job, id, outcome) {
    raw = outcome
    result = { ...outcome, id, job, scale: null, image: await show(job, outcome.image) }
    keep.show(/** @type {Result} */ (result))
  }

  /**
   * @param {import('../last-run/store.js').State|null} from null: from the start
   * @param {Job} [job] the one it is of @param {string} [id] of the run that goes on
   */
  async function begin(from, job = currentJob(), id = newId()) {
    if (running) return
    running = true
    paused = false
    const before = result && { job: result.job, id: result.id, raw: /** @type {Outcome} */ (raw) }
    const { content, style, settings } = job
    const inputs = { content: file(content), style: file(style), regions: job.drawn, settings }
    compare.reset(content.blob)
    compare.show(from?.image ?? content.image)
    keep.strip(from?.scales ?? [], settings.size)
    progress.begin(from?.seconds ?? 0, from?.fraction ?? 0)
    say('pause', 'Pause')
    changed()
    find('stage').scrollIntoView()
    find('pause').focus({ preventScroll: true })
    tryKeeping()
    const early = new Promise((resolve) => (cancel = () => resolve(null)))
    const release = await own(id)
    /** @type {import('./run.js').Outcome|null|undefined} */
    let outcome
    try {
      if (!release) throw new Error(ELSEWHERE)
      const latest = from && (await recall(id))?.state // another tab may have gone on with it
      if (latest && latest.fraction > (from?.fraction ?? 0)) from = latest
      if (from?.done) {
        outcome = { ...from, stats: null }
      } else {
        const working = await Promise.race([engine(), early])
        run = working && startRun(working, job, from, (state) => keepRun(id, inputs, state), (event) => {
          progress.event(event)
          if ('image' in event) show(job, event.image)
          if (event.type === 'scale') keep.strip(run?.scales ?? [], settings.size)
        })
        cancel = () => run?.cancel()
        outcome = await run?.result
      }
      progress.phase(outcome?.done ? 'Finished' : 'Stopped')
      if (outcome?.error && !outcome.ofWeights) notice(outcome.error) // of weights the host tells
    } catch (error) {
      notice(error instanceof Error ? error.message : String(error))
    }
    if (outcome?.image) await finish(job, id, /** @type {Outcome} */ (outcome))
    else if (before) {
      compare.reset(before.job.content.blob)
      await finish(before.job, before.id, before.raw)
    }
    release?.()
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
    say('pause', paused ? 'Resume' : 'Pause')
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
  click('carry-on', () => result &&
    begin(/** @type {import('../last-run/store.js').State} */ (raw), result.job, result.id))

  return {
    begin,
    togglePause,
    compare,
    download: progress.download,
    get running() { return running },
    get result() { return result },
    /** Shows a finished run of before. @param {import('../last-run/store.js').State} state @param {string} id */
    async reopen(state, id) {
      const job = currentJob()
      compare.reset(job.content.blob)
      await finish(job, id, state)
      changed()
      find('save-png').focus({ preventScroll: true })
    },
    /** The colour setting acts on the shown result at once. @param {boolean} keepColors */
    async setKeepColors(keepColors) {
      if (running || !result || result.job.settings.keepColors === keepColors) return
      result.job.settings.keepColors = keepColors
      const { job, id, scale } = result
      await finish(job, id, /** @type {Outcome} */ (raw))
      await showScale(scale)
    }
  }
}

/** @param {import('./pictures.js').Picture} picture */
function file({ name, blob }) {
  return { name, blob }
}
