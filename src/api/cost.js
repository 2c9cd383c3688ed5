// SPDX-License-Identifier: MIT
//
// What a run costs: its scales (as schedule.c has them) and a model of the seconds they take, in seconds of the machine the
// constants were fitted on (two cores of a Zen 4 server, relaxed build). Times here follow by one factor, measured.

const FIRST_SIZE = 64

/** Long sides of the scales: 64, 128, ... below `size`, then `size`. @param {number} size */
export function scaleSizes(size) {
  const sides = []
  for (let side = FIRST_SIZE; side < size; side *= 2) sides.push(side)
  return [...sides, size]
}

/** A picture's size at a scale, rounded as resize_fit does. @param {import('./protocol.js').Size} picture @param {number} side */
export function fit({ width, height }, side) {
  const longer = Math.max(width, height)
  const other = Math.max(2, Math.floor((2 * Math.min(width, height) * side + longer) / (2 * longer)))
  return { width: width >= height ? side : other, height: height >= width ? side : other }
}

/** @param {import('./protocol.js').Size} picture @param {number} side */
export function pixelsAt(picture, side) {
  const { width, height } = fit(picture, side)
  return width * height
}

/** One iteration. @param {number} pixels of the output */
export const iterationCost = (pixels) => 0.09 + 7.2e-6 * pixels
/** Hypercolumns of the style or the content, once a scale. @param {number} pixels */
export const columnsCost = (pixels) => 0.1 + 3e-6 * pixels
/** One pass of the network on CALIBRATION_SIDE squared pixels, as calibration times it. */
export const CALIBRATION_SIDE = 96
export const CALIBRATION_COST = 0.06
/** Multiplications and additions of the thirteen convolutions, a pixel. */
export const FLOPS_A_PIXEL = 612e3

/** Everything one scale needs. @param {number} pixels @param {number} stylePixels @param {number} iterations */
export function scaleCost(pixels, stylePixels, iterations) {
  return columnsCost(stylePixels) + columnsCost(pixels) + iterations * iterationCost(pixels)
}
