// SPDX-License-Identifier: MIT
//
// Regions: a pair with and without its guidance pair, and how near each region comes to the style region it
// is paired with:
//
//   mean colour   of the region's pixels, and its Euclidean distance from the paired style region's, in sRGB
//                 of 0 to 255
//   palette       the objective's palette term between the two sets of pixels
//
// The palette term reads single pixels, so a region's pixels laid out as a square have the region's palette.

import { contactSheet, html, number, table } from '../markup.mjs'
import { original, originalFigure } from '../original.mjs'
import { painted, painting, termsTable } from '../painting.mjs'

/** @typedef {import('../../api/types.js').Picture} Picture */
/** @typedef {import('../../api/types.js').LabelMap} LabelMap */
/** @typedef {[number, number, number]} Color */
/**
 * distance, palette: to the style's region.
 * @typedef {{ label: number, share: number, mean: Color, styleMean: Color, distance: number, palette: number }} Region
 */
/** @typedef {import('../runner.mjs').Task<{ regions: Region[] }>} Statistics */

const SQUARE = 64

/**
 * Where the pixels of a region are, its labels brought to the picture's size.
 * @param {Picture} picture @param {LabelMap} map @param {number} label @returns {number[]}
 */
export function pixelsOf({ width, height }, map, label) {
  const pixels = []
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y + 0.5) * map.height / height) * map.width
    for (let x = 0; x < width; x++) {
      if (map.labels[row + Math.floor((x + 0.5) * map.width / width)] === label) pixels.push(y * width + x)
    }
  }
  return pixels
}

/** @param {Picture} picture @param {number[]} pixels @returns {Color} */
export function meanColor({ data }, pixels) {
  const mean = (/** @type {number} */ channel) =>
    pixels.reduce((sum, i) => sum + data[4 * i + channel], 0) / pixels.length
  return [mean(0), mean(1), mean(2)]
}

/**
 * Evenly chosen pixels as a picture of SQUARE squared.
 * @param {Picture} picture @param {number[]} pixels @returns {Picture}
 */
function asSquare({ data }, pixels) {
  const out = new Uint8ClampedArray(4 * SQUARE * SQUARE)
  for (let i = 0; i < SQUARE * SQUARE; i++) {
    const from = 4 * pixels[Math.floor(i * pixels.length / (SQUARE * SQUARE))]
    out.set(data.subarray(from, from + 4), 4 * i)
  }
  return { width: SQUARE, height: SQUARE, data: out }
}

/**
 * @param {import('../painting.mjs').Painting} painting @param {import('../sources.mjs').Source} style
 * @param {import('../../api/types.js').Regions} regions @returns {Statistics}
 */
export const regionStatistics = (painting, style, regions) => ({
  name: `${painting.name}-statistics`, settings: { of: painting.settings }, cost: 2,
  async perform({ engine, picture }) {
    const image = await picture(painting)
    const labels = [...new Set(regions.style.labels)].sort((a, b) => a - b)
    const values = []
    for (const label of labels) {
      const [own, other] = [pixelsOf(image, regions.content, label), pixelsOf(style.image, regions.style, label)]
      if (!own.length || !other.length) continue
      const [mean, styleMean] = [meanColor(image, own), meanColor(style.image, other)]
      const square = asSquare(image, own)
      const { palette } = await engine.evaluate({
        content: square, style: asSquare(style.image, other), result: square
      })
      values.push({ label, share: own.length / (image.width * image.height), mean, styleMean,
        distance: Math.hypot(...mean.map((value, c) => value - styleMean[c])), palette })
    }
    return { values: { regions: values } }
  }
})

/** @param {Color} color */
const swatch = (color) => html`<span class="swatch" style="background:rgb(${color.map(Math.round).join(' ')})"></span>${
  color.flatMap((value, i) => [i ? ' ' : '', number(value, 0)])}`

/**
 * names: of the regions, by label.
 * @param {import('../painting.mjs').Results} results @param {string} caption @param {string[]} names
 * @param {[string, Statistics][]} rows
 */
export const statisticsTable = (results, caption, names, rows) => table(
  caption, ['', 'region', 'share', 'mean colour', 'of the style’s region', 'distance', 'palette term'],
  rows.flatMap(([name, task]) => results(task).regions.map(({ label, share, mean, styleMean, distance, palette }) => (
    [name, names[label], html`${(100 * share).toFixed(0)} %`, swatch(mean), swatch(styleMean), number(distance, 1),
      number(palette, 4)])))
)

/** @param {import('../report.mjs').Plan} plan @returns {import('../page.mjs').Section} */
export function regionsSection({ base, samples: { cat, church, catByChurch, regionNames, catGuide, churchGuide } }) {
  const pair = { content: cat, style: church }
  const paintings = [painting(base, pair), painting(base, { ...pair, regions: catByChurch })]
  const titles = ['Without regions', 'With regions']
  const statistics = paintings.map((task) => regionStatistics(task, church, catByChurch))
  const guides = [original(catGuide), original(churchGuide)]
  const titled = titles.map((title, i) => /** @type {import('../painting.mjs').Titled} */ ([title, paintings[i]]))
  return {
    title: 'Regions', tasks: [...guides, ...paintings, ...statistics],
    lead: 'A guidance pair says what is to be made of what: red is the cat and the church with its ground, blue the ' +
      'background and the sky.',
    body: (results) => html`${contactSheet([
      originalFigure(results, 'Content’s regions', catGuide.title, guides[0]),
      originalFigure(results, 'Style’s regions', churchGuide.title, guides[1]),
      ...titled.map((one) => painted(results, one))])}
${statisticsTable(results, 'Each region of the result against the style region it is paired with; lower is nearer.',
      regionNames, titles.map((title, i) => [title, statistics[i]]))}
${termsTable(results, 'Every term of each picture, measured without regions.', titled)}`
  }
}
