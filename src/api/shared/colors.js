// SPDX-License-Identifier: MIT
//
// Keep the content's colours: the result's luma with the content's chroma.
//
//   Y = .299 R + .587 G + .114 B       out = Y(result) + s * (content - Y(content)),   alpha of the result
//
// on sRGB values as stored. s <= 1 is the largest scale that leaves the pixel inside 0..255, so that the luma, which
// carries the brush work, is always exactly the result's. The content is sampled by an area-weighted box of at least
// one source pixel: averaging when it is larger than the result, bilinear when it is smaller.

/** @typedef {import('../types.js').Picture} Picture */
/** @typedef {import('../types.js').Pixels} Pixels */

/**
 * The source span [first, last] and weights of one output coordinate's box.
 * @param {number} at @param {number} ratio source pixels per output pixel @param {number} length of the source side
 */
function boxOf(at, ratio, length) {
  const half = Math.max(1, ratio) / 2
  const centre = (at + 0.5) * ratio
  const from = Math.max(0, centre - half)
  const to = Math.min(length, centre + half)
  const first = Math.floor(from)
  const last = Math.min(length - 1, Math.ceil(to) - 1)
  const weights = []
  for (let i = first; i <= last; i++) weights.push(Math.min(i + 1, to) - Math.max(i, from))
  return { first, weights }
}

/**
 * Recolours rows [fromRow, toRow) of `result`; a caller that must not block does a few rows at a time.
 * @param {Pixels} out of the result's size, may be `result` itself
 * @param {Pixels} result @param {Pixels} content of any size @param {number} fromRow @param {number} toRow
 */
export function keepColorsRows(out, result, content, fromRow, toRow) {
  const { width, height } = result
  const columns = Array.from({ length: width }, (_, x) => boxOf(x, content.width / width, content.width))
  for (let y = fromRow; y < toRow; y++) {
    const rows = boxOf(y, content.height / height, content.height)
    for (let x = 0; x < width; x++) {
      const box = columns[x]
      let r = 0, g = 0, b = 0, sum = 0
      for (let j = 0; j < rows.weights.length; j++) {
        let p = 4 * ((rows.first + j) * content.width + box.first)
        for (let i = 0; i < box.weights.length; i++, p += 4) {
          const w = rows.weights[j] * box.weights[i]
          r += w * content.data[p]
          g += w * content.data[p + 1]
          b += w * content.data[p + 2]
          sum += w
        }
      }
      const q = 4 * (y * width + x)
      const luma = 0.299 * result.data[q] + 0.587 * result.data[q + 1] + 0.114 * result.data[q + 2]
      const own = 0.299 * r + 0.587 * g + 0.114 * b
      const chroma = [(r - own) / sum, (g - own) / sum, (b - own) / sum]
      let scale = 1
      for (const c of chroma) {
        if (luma + c > 255) scale = Math.min(scale, (255 - luma) / c)
        else if (luma + c < 0) scale = Math.min(scale, -luma / c)
      }
      for (let k = 0; k < 3; k++) out.data[q + k] = luma + scale * chroma[k]
      out.data[q + 3] = result.data[q + 3]
    }
  }
}

/**
 * @param {Pixels} result @param {Pixels} content
 * @returns {Picture} a new picture of the result's size
 */
export function keepColors(result, content) {
  const { width, height } = result
  const out = { width, height, data: new Uint8ClampedArray(4 * width * height) }
  keepColorsRows(out, result, content, 0, height)
  return out
}
