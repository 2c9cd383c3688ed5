// SPDX-License-Identifier: MIT
//
// The regions' own colours and patterns: number k has colour REGION_COLORS[k] and pattern (k - 1) mod 8, so that no
// region is told by colour alone. Colours lie at least 57 apart in RGB, also from white, black and the rest's grey,
// which survives any JPEG. Pure; the drawing of pixels is pane.js's.

/** @typedef {[number, number, number]} Color */

export const MAX_REGIONS = 32

/** The colour of unpainted pixels in an exported guidance picture: a grey nobody picks, read back as label 0. */
export const REST_COLOR = /** @type {Color} */ ([127, 128, 129])

/** Index k is region k; index 0 the rest. @type {readonly Color[]} */
export const REGION_COLORS = [REST_COLOR, ...(
  'e5484d 3b7be0 2fa866 f2c230 9a55d6 f08a3c 26b5c4 ea7fb8 6efa14 1414a0 fa14fa 8c1414 6efaf0 b4fa78 5014fa 3c6e14 ' +
  'd214a0 50fa8c 14d214 96a014 501e5a a0aafa 14fafa fac88c 7814aa 145a5a befa14 fa1414 a01e64 14fa5a 96d2b4 b45a14'
).split(' ').map((hex) => colorOf(parseInt(hex, 16)))]

/** @param {number} rgb 0xRRGGBB @returns {Color} */
export function colorOf(rgb) {
  return [rgb >> 16, (rgb >> 8) & 255, rgb & 255]
}

/** "#rrggbb" @param {Color} color */
export const hexOf = (color) => `#${color.map((value) => value.toString(16).padStart(2, '0')).join('')}`

/** @param {Color} a @param {Color} b squared distance in RGB */
export function colorDistance(a, b) {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2
}

/** @param {Color} color black or white, whichever reads better on it @returns {Color} */
export function inkOn(color) {
  return 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2] > 120 ? [0, 0, 0] : [255, 255, 255]
}

/** Eight patterns on a tile of side p: is (x, y) ink, with lines t wide? */
const PATTERNS = /** @type {((x: number, y: number, p: number, t: number) => boolean)[]} */ ([
  (x, y, p, t) => (x + y) % p < t,
  (x, y, p, t) => (x - y + p) % p < t,
  (x, y, p, t) => y % p < t,
  (x, y, p, t) => x % p < t,
  (x, y, p) => (x - p / 2 + 0.5) ** 2 + (y - p / 2 + 0.5) ** 2 < (p / 4) ** 2,
  (x, y, p, t) => (x + y) % p < t || (x - y + p) % p < t,
  (x, y, p, t) => x % p < t || y % p < t,
  (x, y, p) => (x < p / 2) === (y < p / 2)
])

/** @param {number} label from 1 @param {number} period side of the tile @returns {Uint8Array} 1 where ink is, [p][p] */
export function patternTile(label, period) {
  const tile = new Uint8Array(period * period)
  const isInk = PATTERNS[(label - 1) % PATTERNS.length]
  const line = Math.max(1, Math.round(period / 6))
  for (let i = 0; i < tile.length; i++) {
    tile[i] = isInk(i % period, Math.floor(i / period), period, line) ? 1 : 0
  }
  return tile
}
