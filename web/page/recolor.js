// SPDX-License-Identifier: MIT
//
// "Keep the photo's colours" on the page: api/colors.js a few rows at a time, so that the page never stands still.

import { keepColorsRows } from '../api/shared/colors.js'
import { breathe } from '../shared/dom.js'

const SLICE_MS = 8

/** @typedef {import('../shared/dom.js').Pixels} Pixels */

/** @param {Pixels} result @param {Pixels} content @returns {Promise<Pixels>} */
export async function recolor(result, content) {
  const { width, height } = result
  const out = { width, height, data: new Uint8ClampedArray(4 * width * height) }
  let since = performance.now()
  for (let y = 0; y < height; y++) {
    keepColorsRows(out, result, content, y, y + 1)
    if (performance.now() - since < SLICE_MS) continue
    await breathe()
    since = performance.now()
  }
  return out
}
