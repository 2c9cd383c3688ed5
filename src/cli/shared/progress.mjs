// SPDX-License-Identifier: MIT
//
// A run's progress on stderr: a bar on a terminal; elsewhere a line at the end of each scale and every ten seconds.

import { printable } from './status.mjs'

const BAR = 24
const LINE_EVERY_MS = 10000
const REDRAW_EVERY_MS = 100

/** "40 s", "3 min 20 s", "1 h 20 min" @param {number} seconds */
export function duration(seconds) {
  const s = Math.round(seconds)
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`
  return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`
}

/** "85 MB", "1.2 GB" @param {number} bytes */
export const amount = (bytes) => (bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`)

/** @param {NodeJS.WriteStream} stream */
export function createProgress(stream) {
  const bar = Boolean(stream.isTTY)
  let last = -Infinity
  let drawn = false

  function clear() {
    if (drawn) stream.write('\r\x1b[K')
    drawn = false
  }

  /** A line of its own. @param {string} text */
  function say(text) {
    clear()
    stream.write(`${printable(text)}\n`)
  }

  /**
   * @param {number} fraction @param {string} what @param {number} secondsLeft 0 while unknown
   * @param {boolean} [due] whatever the time
   */
  function show(fraction, what, secondsLeft, due = false) {
    const now = performance.now()
    if (now - last < (bar ? REDRAW_EVERY_MS : LINE_EVERY_MS) && !due) return
    last = now
    const full = Math.round(BAR * fraction)
    const left = secondsLeft > 0 ? `  ${duration(secondsLeft)} left` : ''
    const head = bar ? `[${'='.repeat(full)}${' '.repeat(BAR - full)}] ` : ''
    const line = `${head}${String(Math.floor(100 * fraction)).padStart(3)} %  ${what}${left}`
    if (!bar) return say(line)
    stream.write(`\r\x1b[K${printable(line).slice(0, (stream.columns || 80) - 1)}`)
    drawn = true
  }

  /** @param {import('../../api/types.js').IterationEvent} event */
  function iteration({ scale, scales, width, height, iteration: done, iterations, fraction, secondsLeft, terms }) {
    const where = `scale ${scale + 1}/${scales} ${width}x${height}`
    const count = `${String(done).padStart(String(iterations).length)}/${iterations}`
    show(fraction, `${where}  ${count}  objective ${terms.total.toFixed(4)}`, secondsLeft, done === iterations)
  }

  /** @param {import('../../report/runner.mjs').Progress} progress */
  const share = ({ done, tasks, name, fraction, left }) => show(fraction, `${done + 1}/${tasks} ${name}`, left)

  return { say, clear, iteration, share }
}
