// SPDX-License-Identifier: MIT
//
// What a run costs: its scales (as schedule.c has them), and the seconds they take here. Every time is one of the
// table's, interpolated, times `slowness`: how many seconds this device takes for one of the machine below. That factor
// is measured by calibration, and corrected by every step of a run (Pace).

const FIRST_SIZE = 64

/**
 * Seconds on two cores of an Intel Xeon (Sapphire Rapids, 3 GHz) with relaxed SIMD, both pictures square: side in
 * pixels; one iteration; the hypercolumns of one picture, which each scale begins with, of the style and of the
 * content.
 * @type {[number, number, number][]}
 */
const MEASURED = [[64, 0.151, 0.04], [128, 0.329, 0.08], [256, 0.681, 0.27], [512, 1.86, 0.69], [1024, 7.2, 2.8],
  [2048, 28.5, 11.3]]
/** What Sinkhorn's transport adds to an iteration on that machine: as many samples at every size. */
const SINKHORN = 0.2

/** Long sides of the scales: 64, 128, ... below `size`, then `size`. @param {number} size */
export function scaleSizes(size) {
  const sides = []
  for (let side = FIRST_SIZE; side < size; side *= 2) sides.push(side)
  return [...sides, size]
}

/**
 * A picture's size at a scale, rounded as resize_fit does.
 * @param {import('../types.js').Size} picture @param {number} side
 */
export function fit({ width, height }, side) {
  const longer = Math.max(width, height)
  const other = Math.max(2, Math.floor((2 * Math.min(width, height) * side + longer) / (2 * longer)))
  return { width: width >= height ? side : other, height: height >= width ? side : other }
}

/** @param {import('../types.js').Size} picture @param {number} side */
export function pixelsAt(picture, side) {
  const { width, height } = fit(picture, side)
  return width * height
}

/** Linear in pixels between the table's rows. @param {number} pixels @param {1|2} column */
function measured(pixels, column) {
  const row = Math.max(1, MEASURED.findIndex(([side]) => side * side >= pixels))
  const [low, high] = MEASURED.slice(row - 1, row + 1)
  const along = (pixels - low[0] ** 2) / (high[0] ** 2 - low[0] ** 2)
  return low[column] + along * (high[column] - low[column])
}

/** One iteration. @param {number} pixels of the output @param {import('../types.js').Transport} [transport] */
export const iterationCost = (pixels, transport) => measured(pixels, 1) + (transport === 'sinkhorn' ? SINKHORN : 0)
/** Hypercolumns of the style or the content, once a scale. @param {number} pixels */
export const columnsCost = (pixels) => measured(pixels, 2)

/**
 * Everything one scale needs.
 * @param {number} pixels @param {number} stylePixels @param {number} iterations
 * @param {import('../types.js').Transport} [transport]
 */
export function scaleCost(pixels, stylePixels, iterations, transport) {
  return columnsCost(stylePixels) + columnsCost(pixels) + iterations * iterationCost(pixels, transport)
}

/** How much of the past the measured pace keeps from one step to the next. */
const MEMORY = 0.9
/** What calibration's word counts beside the first steps, in the table's seconds: about two iterations. */
const TRUST = 0.25

/** Slowness as the steps of a run show it, recent ones most. */
export class Pace {
  #seconds
  #modelled

  /** @param {number} slowness as known before the run, 0 when it is not */
  constructor(slowness) {
    this.#modelled = slowness && TRUST
    this.#seconds = slowness * TRUST
  }

  /** A step that took so long, and its cost by the table. @param {number} seconds @param {number} cost */
  note(seconds, cost) {
    this.#seconds = MEMORY * this.#seconds + seconds
    this.#modelled = MEMORY * this.#modelled + cost
  }

  get slowness() {
    return this.#modelled && this.#seconds / this.#modelled
  }
}
