// SPDX-License-Identifier: MIT
//
// "Keep the content's colours" on the page: api/colors.js a few rows at a time, so that the page never stands still.
// Finished pictures take their colours from the full content, as the command line does; previews from a small copy.

import { keepColorsRows } from './api/colors.js'
import { breathe } from './dom.js'

const SLICE_MS = 8
const PREVIEW = 256

/** @typedef {import('./dom.js').Pixels} Pixels */

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

/** A small copy of a picture for previews. @param {{ blob: Blob, image: Pixels }} picture @returns {Promise<Pixels>} */
export async function smallCopy({ blob, image }) {
  const ratio = Math.min(1, PREVIEW / Math.max(image.width, image.height))
  const width = Math.max(1, Math.round(image.width * ratio))
  const height = Math.max(1, Math.round(image.height * ratio))
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
  const bitmap = await createImageBitmap(blob, { resizeWidth: width, resizeHeight: height }).catch(() => null)
  if (!context || !bitmap) return image
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  return context.getImageData(0, 0, width, height)
}
