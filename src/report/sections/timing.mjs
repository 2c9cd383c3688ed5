// SPDX-License-Identifier: MIT
//
// Timing by output size. One run through every scale up to the largest, of a few iterations each, gives each scale's
// preparation and the seconds of one iteration, which is the same work each time; a whole run is
//
//   seconds(size) = sum over scales up to size of (preparation + iterations per scale * seconds per iteration)
//
// The paper's seconds stand beside them, marked as another machine's.

import { html, number, seconds, table } from '../markup.mjs'
import { painting, runCost } from '../painting.mjs'
import { plot } from '../plot.mjs'

/**
 * preparation and iteration: seconds.
 * @typedef {{ size: number, width: number, height: number, preparation: number, iteration: number }} Scale
 */
/** @typedef {import('../runner.mjs').Task<{ iterations: number, scales: Scale[] }>} Timing */

const SIZES = [64, 128, 256, 512, 1024]
const SHORT = 80
const FINE = 200

/** Seconds up to each of SIZES, by method, from the paper. @type {[string, (number|null)[]][]} */
const PUBLISHED = [
  ['STROTSS', [20, 38, 60, 95, 154]], ['Gatys', [8, 10, 14, 33, 116]], ['CNNMRF', [3, 8, 27, 117, null]],
  ['Contextual', [13, 40, 189, 277, null]], ['Reshuffle', [null, null, null, 69, null]]
]

/** The largest size timed: 1024 px, less in a report too small to wait for it. @param {number} size the report's */
const largest = (size) => Math.min(1024, Math.floor(size * size / 16))

/** @param {import('../report.mjs').Plan} plan @returns {Timing} */
function timing({ base, pair: { content, style }, timedIterations: iterations }) {
  const options = { ...base, size: largest(base.size), iterations }
  return {
    name: 'timing', settings: { content: content.digest, style: style.digest, options },
    cost: runCost(content, style, options),
    async perform({ engine, signal, progress }) {
      /**
       * Seconds at work at the end of each iteration, by scale.
       * @type {import('../../api/types.js').IterationEvent[][]}
       */
      const events = []
      const { stats } = await engine.stylize({
        ...options, content: content.image, style: style.image, signal, previewEvery: 0,
        onProgress: (event) => {
          if (event.type !== 'iteration') return
          ;(events[event.scale] ??= []).push(event)
          progress(event.fraction)
        }
      })
      const scales = stats.scales.map(({ size, seconds: taken }, i) => {
        const [first, last] = [events[i][0], events[i][iterations - 1]]
        const iteration = (last.secondsElapsed - first.secondsElapsed) / (iterations - 1)
        const preparation = Math.max(0, taken - iterations * iteration)
        return { size, width: first.width, height: first.height, preparation, iteration }
      })
      return { values: { iterations, scales } }
    }
  }
}

/** Of whole runs up to each scale. @param {Scale[]} scales @param {number} iterations @returns {number[]} */
function wholeRuns(scales, iterations) {
  let sum = 0
  return scales.map(({ preparation, iteration }) => (sum += preparation + iterations * iteration))
}

/** @param {import('../report.mjs').Plan} plan @returns {import('../page.mjs').Section} */
export function timingSection(plan) {
  const task = timing(plan)
  const whole = painting(plan.base, plan.pair)
  return {
    title: 'Timing', tasks: [task, whole],
    lead: 'Seconds from nothing to a picture of a size, through all the scales below it: on this machine, and as the ' +
      'paper tells of a GPU.',
    body(results) {
      const { iterations, scales } = results(task)
      const { size, iterations: count } = plan.base
      const computed = wholeRuns(scales.filter((scale) => scale.size <= size), count).slice(-1)[0]
      const [short, fine] = [SHORT, FINE].map((count) => wholeRuns(scales, count))
      const ours = (/** @type {number[]} */ runs) =>
        scales.map(({ size }, i) => /** @type {[number, number]} */ ([size, runs[i]]))
      return html`${table(
        html`This machine. Preparation and iteration were measured over ${
          iterations} iterations at each scale; a whole run
          is computed from them, for ${SHORT} iterations a scale and for ${FINE} (quality “fine”, as published).`,
        ['size', 'picture', 'preparation, s', 'one iteration, s', `${SHORT} a scale, s`, `${FINE} a scale, s`],
        scales.map(({ size, width, height, preparation, iteration }, i) => [`${size} px`, `${width} × ${height}`,
          seconds(preparation), number(iteration), short[i].toFixed(1), fine[i].toFixed(1)])
      )}
${table(
        html`<strong>Another machine:</strong> seconds on one GPU, as the paper states them; not measured here.`,
        ['method', ...SIZES.map((size) => `${size} px`)],
        PUBLISHED.map(([name, times]) => [name, ...times.map((time) => time ?? '–')])
      )}
${plot({
        title: 'Seconds of a whole run by output size; dashed: another machine, a GPU, as published',
        x: { name: 'output size, px', log: true, ticks: SIZES.map((at) => ({ at, label: String(at) })) },
        y: { name: 'seconds', log: true },
        series: [
          { name: `here, ${FINE}`, points: ours(fine) }, { name: `here, ${SHORT}`, points: ours(short) },
          ...PUBLISHED.slice(0, 4).map(([name, times]) => ({
            name, dashed: true,
            points: SIZES.flatMap((size, i) => (
              times[i] === null ? [] : [/** @type {[number, number]} */ ([size, times[i]])]))
          }))
        ]
      })}
<p>A check: the run at ${size} px of ${count} iterations a scale took ${
  seconds(results(whole).seconds)} s; computed like
the table it takes ${computed.toFixed(1)} s.</p>`
    }
  }
}
