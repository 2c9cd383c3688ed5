// SPDX-License-Identifier: MIT
//
// Line plots as SVG: axes with names, units and round ticks, linear or logarithmic, lines named at their ends. Colours
// come from the page's style sheet (.series-0, .series-1, ...), so a plot is light or dark with the page.

import { html } from './markup.mjs'

/**
 * name: with its unit. log: logarithmic. from, to: where the axis ends rather than around the values. ticks: instead of
 * round ones.
 * @typedef {{ name: string, log?: boolean, from?: number, to?: number, ticks?: { at: number, label: string }[] }} Axis
 */
/**
 * dashed: of another source. labels: of points, where they have some.
 * @typedef {{ name: string, points: [number, number][], labels?: string[], dashed?: boolean }} Series
 */

const WIDTH = 480
const HEIGHT = 320
const LEFT = 56
const RIGHT = 108
const TOP = 14
const BOTTOM = 48
const LINE_HEIGHT = 15
const MOST_TICKS = 6

/** 1, 2 or 5 times a power of ten: the least such step that makes no more than MOST_TICKS. @param {number} span */
function roundStep(span) {
  const power = 10 ** Math.floor(Math.log10(span / MOST_TICKS))
  return power * ([1, 2, 5].find((step) => span / (step * power) <= MOST_TICKS) ?? 10)
}

/** A number without digits that say nothing. @param {number} value */
const plain = (value) => String(Number(value.toPrecision(4)))

/** @param {number} low @param {number} high @param {boolean} log @returns {{ at: number, label: string }[]} within */
function roundTicks(low, high, log) {
  const ticks = []
  if (log) {
    const decades = Math.log10(high / low)
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (const step of decades > 3 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5]) ticks.push(step * 10 ** power)
    }
  } else {
    const step = roundStep(high - low)
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); i++) ticks.push(i * step)
  }
  return ticks.filter((at) => at >= low * (1 - 1e-9) && at <= high * (1 + 1e-9)).map((at) => ({ at, label: plain(at) }))
}

/**
 * Where values lie on an axis, and its ticks.
 * @param {Axis} axis @param {number[]} values @param {number} start @param {number} end pixels
 */
function scale({ log = false, from, to, ticks }, values, start, end) {
  const bend = log ? Math.log : (/** @type {number} */ value) => value
  let low = from ?? Math.min(...values)
  let high = to ?? Math.max(...values)
  if (low === high) [low, high] = log ? [low / 2, high * 2] : [low - 1, high + 1]
  const margin = log ? (high / low) ** 0.04 : (high - low) * 0.06
  if (from === undefined) low = log ? low / margin : low - margin
  if (to === undefined) high = log ? high * margin : high + margin
  const place = (/** @type {number} */ value) =>
    start + (end - start) * (bend(value) - bend(low)) / (bend(high) - bend(low))
  return { place, ticks: ticks ?? roundTicks(low, high, log) }
}

/** Moves the names at the lines' ends apart. @param {number[]} wanted heights @returns {number[]} */
function apart(wanted) {
  const order = [...wanted.keys()].sort((a, b) => wanted[a] - wanted[b])
  const at = [...wanted]
  for (const [k, i] of order.entries()) if (k) at[i] = Math.max(at[i], at[order[k - 1]] + LINE_HEIGHT)
  let floor = HEIGHT - BOTTOM
  for (const i of order.reverse()) floor = (at[i] = Math.min(at[i], floor)) - LINE_HEIGHT
  return at
}

/** @param {number} value */
const px = (value) => value.toFixed(1)

/** @param {{ title: string, x: Axis, y: Axis, series: Series[] }} options */
export function plot({ title, x, y, series }) {
  const points = series.flatMap((line) => line.points)
  const across = scale(x, points.map(([value]) => value), LEFT, WIDTH - RIGHT)
  const up = scale(y, points.map(([, value]) => value), HEIGHT - BOTTOM, TOP)
  const ends = series.map((line) => line.points.reduce((last, point) => (point[0] >= last[0] ? point : last)))
  const names = apart(ends.map(([, value]) => up.place(value)))
  const [left, right, bottom] = [LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM].map(px)
  return html`
<figure class="plot"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<g class="grid">${up.ticks.map(({ at, label }) => html`
<path d="M${left} ${px(up.place(at))}H${right}"/>
<text x="${LEFT - 8}" y="${px(up.place(at) + 4)}" text-anchor="end">${label}</text>`)}
${across.ticks.map(({ at, label }) => html`
<path d="M${px(across.place(at))} ${bottom}v5"/>
<text x="${px(across.place(at))}" y="${HEIGHT - BOTTOM + 19}" text-anchor="middle">${label}</text>`)}
<path class="axis" d="M${left} ${TOP}V${bottom}H${right}"/>
<text class="name" x="${px((LEFT + WIDTH - RIGHT) / 2)}" y="${HEIGHT - 8}" text-anchor="middle">${x.name}</text>
<text class="name" transform="translate(14 ${px((TOP + HEIGHT - BOTTOM) / 2)}) rotate(-90)" text-anchor="middle">
${y.name}</text></g>
${series.map((line, i) => {
    const kind = line.dashed ? 'line dashed' : 'line'
    const placed = line.points.map(([a, b]) => [px(across.place(a)), px(up.place(b))])
    const [endX, endY] = [across.place(ends[i][0]), up.place(ends[i][1])]
    return html`
<g class="series-${i}"><path class="${kind}" d="M${placed.map((at) => at.join(' ')).join('L')}"/>
${placed.map(([a, b], k) => html`<circle cx="${a}" cy="${b}" r="3"/>${line.labels
      ? html`<text class="point" x="${a}" y="${px(Number(b) - 8)}" text-anchor="middle">${line.labels[k]}</text>`
      : ''}`)}
<path class="leader" d="M${px(endX + 5)} ${px(endY)}L${px(WIDTH - RIGHT + 8)} ${px(names[i])}"/>
<text class="end" x="${px(WIDTH - RIGHT + 12)}" y="${px(names[i] + 4)}">${line.name}</text></g>`
  })}
</svg><figcaption>${title}</figcaption></figure>`
}
