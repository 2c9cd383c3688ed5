// SPDX-License-Identifier: MIT
//
// Guidance pictures: flat areas of a few colours, blurred, noisy, speckled, cut or of impossible sizes. They are
// refused with BAD_REGIONS in a sentence, or give label maps of their sizes that name colours of the palette, and a
// report in words. Maps come back the same through writeGuidance where nothing had to be snapped.

import assert from 'node:assert/strict'
import { describeGuidance, readGuidance, writeGuidance } from '../../src/guidance/guidance.js'
import { assertSentence, fuzz } from './fuzz.mjs'

/** @typedef {import('./fuzz.mjs').Random} Random */
/** @typedef {{ width: number, height: number, data: Uint8ClampedArray }} Picture */

const MOST_SIDE = 40
const MOST_SHAPES = 12
const MOST_COLORS = 9

/** @param {Random} random @returns {number[]} */
const color = (random) => random.once(3) ? random.pick([[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 0, 255]])
  : [random.below(256), random.below(256), random.below(256)]

/** Rectangles over rectangles. @param {Random} random @param {number[][]} palette @returns {Picture} */
function paint(random, palette) {
  const [width, height] = [1 + random.below(MOST_SIDE), 1 + random.below(MOST_SIDE)]
  const data = new Uint8ClampedArray(4 * width * height)
  for (let shape = random.below(MOST_SHAPES); shape >= 0; shape--) {
    const ink = random.pick(palette)
    const [left, top] = shape === 0 ? [0, 0] : [random.below(width), random.below(height)]
    const [right, bottom] = shape === 0 ? [width, height]
      : [left + 1 + random.below(width), top + 1 + random.below(height)]
    for (let y = top; y < Math.min(bottom, height); y++) {
      for (let x = left; x < Math.min(right, width); x++) data.set(
        [...ink, random.once(50) ? 0 : 255], 4 * (y * width + x))
    }
  }
  return { width, height, data }
}

/** @param {Random} random @param {Picture} picture @returns {Picture} */
function spoil(random, { width, height, data }) {
  const act = random.below(8)
  if (act === 0) { // a smear along the rows
    for (let i = 4; i < data.length; i++) data[i] = (data[i] + data[i - 4]) / 2
  } else if (act === 1) { // noise
    const depth = 1 + random.below(64)
    for (let i = 0; i < data.length; i++) data[i] += random.below(depth) - depth / 2
  } else if (act === 2) { // specks
    for (let n = random.below(20); n > 0; n--) data[random.below(data.length)] = random.below(256)
  } else if (act === 3 && random.once(4)) {
    return { width: random.pick([0, -1, 1.5, NaN, Infinity, width + 1]), height, data }
  } else if (act === 4 && random.once(4)) {
    return { width, height, data: data.slice(0, random.below(data.length)) }
  }
  return { width, height, data }
}

/**
 * @param {Picture} picture @param {{ width: number, height: number, labels: Uint8Array }} map
 * @param {unknown[]} palette
 */
function check({ width, height }, map, palette) {
  assert.deepEqual([map.width, map.height, map.labels.length], [width, height, width * height])
  for (const label of map.labels) assert.ok(label < palette.length, `label ${label} of ${palette.length} colours`)
}

await fuzz((random) => {
  const palette = Array.from({ length: 1 + random.below(MOST_COLORS) }, () => color(random))
  const [content, style] = [spoil(random, paint(random, palette)),
    spoil(random, paint(random, random.once(6) ? [color(random)] : palette))]
  let read
  try {
    read = readGuidance(content, style)
  } catch (error) {
    const { code, message } = /** @type {Error & { code: string }} */ (error)
    assert.equal(code, 'BAD_REGIONS', message)
    return assertSentence(message)
  }
  check(content, read.content, read.palette)
  check(style, read.style, read.palette)
  assert.ok(read.report.regions >= 1 && read.report.regions <= 255)
  for (const line of describeGuidance(read.report)) assertSentence(line)
  const again = readGuidance(
    writeGuidance(read.content, read.palette), writeGuidance(read.style, read.palette), read.palette)
  assert.ok(again.report.exact)
  assert.deepEqual(again.content, read.content)
  assert.deepEqual(again.style, read.style)
})
