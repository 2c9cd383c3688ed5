// SPDX-License-Identifier: MIT
//
// How clean a picture looks, in numbers: the standard deviation of light and of colour in the finest bands of its
// Laplacian pyramid, in steps of 255. With t the 8-bit picture and down and up resizing by half and back,
//
//   band = t - up(down(t)),  L = deviation of light = (r + g + b) / 3 of the band,  C = deviation of band - light
//
// and then the same of down(t). A picture is clean where the colour of its finest band is at most that of its style at
// the same long side: far above is coloured speckle, far below blur, or a style that was not taken up. Resizing is
// Pillow's, in 8 bits: triangle for the bands, Lanczos to the long side. Alpha is not looked at.

/** @typedef {import('../types.js').Picture} Picture */
/** L: light; C: colour. @typedef {{ L: number, C: number }} Band */
/**
 * Bands finest first; finest_colour: that of the result over that of the style, null where the style has none.
 * @typedef {{ bands: { result: Band[], style: Band[], content: Band[] }, finest_colour: number|null }} Look
 */
/** reach: beyond it the weight is 0. @typedef {{ reach: number, weight: (x: number) => number }} Filter */

const BANDS = 4

/** @type {Filter} */
const triangle = { reach: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) }
const sinc = (/** @type {number} */ x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))
/** @type {Filter} */
const lanczos = { reach: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) }

/**
 * Along rows; the filter is widened where the picture shrinks.
 * @param {Picture} picture @param {number} width @param {Filter} filter @returns {Picture}
 */
function resizeRows({ width: from, height, data }, width, { reach, weight }) {
  const scale = from / width, wide = Math.max(scale, 1)
  const out = new Uint8ClampedArray(4 * width * height)
  for (let x = 0; x < width; x++) {
    const centre = (x + 0.5) * scale
    const first = Math.max(0, Math.trunc(centre - reach * wide + 0.5))
    const end = Math.min(from, Math.trunc(centre + reach * wide + 0.5))
    const weights = Array.from({ length: end - first }, (_, i) => weight((first + i - centre + 0.5) / wide))
    const whole = weights.reduce((sum, part) => sum + part, 0)
    for (let y = 0; y < height; y++)
      for (let c = 0; c < 3; c++) {
        let sum = 0
        for (let i = 0; i < weights.length; i++) sum += weights[i] * data[4 * (y * from + first + i) + c]
        out[4 * (y * width + x) + c] = sum / whole
      }
  }
  return { width, height, data: out }
}

/** @param {Picture} picture @returns {Picture} */
function transpose({ width, height, data }) {
  const out = new Uint8ClampedArray(data.length)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) out[4 * (x * height + y) + c] = data[4 * (y * width + x) + c]
  return { width: height, height: width, data: out }
}

/** @param {Picture} picture @param {number} width @param {number} height @param {Filter} filter */
function resize(picture, width, height, filter) {
  const wide = picture.width === width ? picture : resizeRows(picture, width, filter)
  return wide.height === height ? wide : transpose(resizeRows(transpose(wide), height, filter))
}

/** @param {Picture} picture @param {number} side the long one */
function fitted(picture, side) {
  const { width, height } = picture
  const factor = side / Math.max(width, height)
  const [w, h] = [width, height].map((length) => Math.max(1, Math.round(length * factor)))
  return factor === 1 ? picture : resize(picture, w, h, lanczos)
}

/** Of t - shown. @param {Picture} t @param {Picture} shown @returns {Band} */
function deviations({ data }, { data: shown }) {
  const pixels = data.length / 4
  let lights = 0, lightSquares = 0, colourSquares = 0
  for (let p = 0; p < data.length; p += 4) {
    const [r, g, b] = [data[p] - shown[p], data[p + 1] - shown[p + 1], data[p + 2] - shown[p + 2]]
    const light = (r + g + b) / 3
    lights += light
    lightSquares += light ** 2
    colourSquares += (r - light) ** 2 + (g - light) ** 2 + (b - light) ** 2
  }
  // The three parts of a pixel's colour sum to nothing, so their mean is 0.
  return { L: Math.sqrt(lightSquares / pixels - (lights / pixels) ** 2), C: Math.sqrt(colourSquares / (3 * pixels)) }
}

/** The four finest. @param {Picture} picture @returns {Band[]} */
function bands(picture) {
  let here = picture
  return Array.from({ length: BANDS }, () => {
    const { width, height } = here
    const small = resize(here, Math.max(width >> 1, 1), Math.max(height >> 1, 1), triangle)
    const band = deviations(here, resize(small, width, height, triangle))
    here = small
    return band
  })
}

/**
 * All at the result's long side.
 * @param {{ content: Picture, style: Picture, result: Picture }} pictures @returns {Look}
 */
export function look({ content, style, result }) {
  const side = Math.max(result.width, result.height)
  const of = {
    result: bands(result), style: bands(fitted(style, side)), content: bands(fitted(content, side))
  }
  return { bands: of, finest_colour: of.style[0].C ? of.result[0].C / of.style[0].C : null }
}
