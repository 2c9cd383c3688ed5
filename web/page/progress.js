// SPDX-License-Identifier: MIT
//
// The run as it is watched: the phase in words, one bar weighted by what the parts of the run cost, per cent and time
// left in words that hold; under Details the time spent, and for each term of the objective its value with a small curve
// over all iterations so far. Only phases go to the live region.

import { duration, find, make, remaining, say } from '../shared/dom.js'

/** What each term is called, and where it stands in the engine's terms. @type {[string, string][]} */
const TERMS = [['Transport', 'remd'], ['Moments', 'moment'], ['Palette', 'palette'],
  ['Content', 'content'], ['Total', 'total']]
const POINTS = 160
const SVG = 'http://www.w3.org/2000/svg'

export function createProgress() {
  /** @type {HTMLProgressElement} */
  const bar = find('run-done')
  /** @type {Map<string, { value: HTMLElement, path: SVGPathElement, points: number[] }>} */
  const rows = new Map()
  for (const [name, key] of TERMS) {
    const svg = document.createElementNS(SVG, 'svg')
    const path = document.createElementNS(SVG, 'path')
    svg.setAttribute('viewBox', `0 0 ${POINTS} 24`)
    svg.setAttribute('preserveAspectRatio', 'none')
    svg.ariaHidden = 'true'
    svg.append(path)
    const value = make('span', { className: 'value' })
    find('terms').append(make('dt', {}, name), make('dd', {}, svg, value))
    rows.set(key, { value, path, points: [] })
  }
  /** Every `stride`-th iteration becomes a point; doubled when the curve is full. */
  let stride = 1
  let seen = 0
  let drawn = 0
  let waiting = false
  let before = 0

  /** @param {number} fraction painted @param {number} secondsLeft 0: not known */
  function done(fraction, secondsLeft) {
    const percent = `${Math.floor(100 * fraction)} %`
    bar.value = fraction
    say('run-left', secondsLeft > 0 ? `${percent} · ${remaining(secondsLeft)}` : percent)
    document.title = `${percent} · Strotss`
  }

  /** @param {string} text */
  function phase(text) {
    if (find('run-phase').textContent === text) return
    say('run-phase', text)
    say('announcer', text)
  }

  /** @param {import('../api/index.browser.js').Terms} terms */
  function addTerms(terms) {
    if (seen++ % stride === 0) for (const [key, row] of rows) row.points.push(terms[key])
    if ((rows.get('total')?.points.length ?? 0) > POINTS) {
      for (const row of rows.values()) row.points = row.points.filter((_, i) => i % 2 === 0)
      stride *= 2
    }
  }

  /** @param {import('../api/index.browser.js').Terms} terms */
  function drawTerms(terms) {
    for (const [key, { value, path, points }] of rows) {
      const top = Math.max(...points, 1e-9)
      const y = (/** @type {number} */ p) => (22 - 20 * Math.max(0, p) / top).toFixed(1)
      const x = POINTS / Math.max(1, points.length - 1)
      path.setAttribute('d', points.map((p, i) => `${i ? 'L' : 'M'}${(i * x).toFixed(1)} ${y(p)}`).join(''))
      value.textContent = terms[key].toPrecision(3)
    }
  }

  return {
    phase,
    /** @param {number} seconds painted before @param {number} fraction */
    begin(seconds, fraction) {
      before = seconds
      stride = 1
      seen = 0
      for (const row of rows.values()) Object.assign(row, { points: [] }).path.removeAttribute('d')
      for (const { value } of rows.values()) value.textContent = ''
      done(fraction, 0)
      say('run-spent', '')
      phase('Preparing')
    },
    /** @param {string} text how much of the weights has come, shown while the run waits for them */
    download(text) {
      if (waiting) say('run-left', text)
    },
    /** @param {import('../api/index.browser.js').RunEvent} event */
    event(event) {
      if (event.type === 'queued') return
      const { scale, scales } = event
      if (event.type === 'phase') {
        const step = `step ${scale + 1} of ${scales}`
        waiting = event.phase === 'weights'
        if (waiting) phase('Downloading the model (once, 15 MB)')
        else if (event.phase === 'style') phase(`Studying the style (${step})`)
        else if (event.phase === 'content') phase(`Studying the photo (${step})`)
        else if (event.phase === 'iterate') phase(`Painting, ${step}`)
      } else if (event.type === 'iteration') {
        addTerms(event.terms)
        const now = performance.now()
        if (now - drawn < 200 && event.iteration < event.iterations) return
        drawn = now
        drawTerms(event.terms)
        const { secondsLeft, secondsElapsed, fraction } = event
        done(fraction, secondsLeft)
        say('run-spent', `${duration(before + secondsElapsed)} so far`)
      }
    }
  }
}
