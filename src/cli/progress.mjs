// SPDX-License-Identifier: MIT
//
// A run's progress on stderr: a bar on a terminal; elsewhere a line at each scale's end and now and then between.

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
    stream.write(`${text}\n`)
  }

  /** @param {import('../api/protocol.js').IterationEvent} event */
  function iteration(event) {
    const { scale, scales, width, height, iteration: done, iterations, fraction, secondsLeft, terms } = event
    const now = performance.now()
    if (now - last < (bar ? REDRAW_EVERY_MS : LINE_EVERY_MS) && done < iterations) return
    last = now
    const full = Math.round(BAR * fraction)
    const where = `scale ${scale + 1}/${scales} ${width}x${height}`
    const count = `${String(done).padStart(String(iterations).length)}/${iterations}`
    const left = secondsLeft > 0 ? `  ${duration(secondsLeft)} left` : ''
    const head = bar ? `[${'='.repeat(full)}${' '.repeat(BAR - full)}] ` : ''
    const line = `${head}${String(Math.floor(100 * fraction)).padStart(3)} %  ${where}  ${count}  objective ${terms.total.toFixed(4)}${left}`
    if (!bar) return say(line)
    stream.write(`\r\x1b[K${line.slice(0, (stream.columns || 80) - 1)}`)
    drawn = true
  }

  return { say, clear, iteration }
}
