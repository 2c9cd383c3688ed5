// SPDX-License-Identifier: MIT
//
// What a browser can draw, as pixels: an ImageBitmap, <img>, <canvas>, OffscreenCanvas, <video> or VideoFrame, as it is
// at the time of the call; and picture files that the engine's decoder does not know (WebP, AVIF), as the browser
// decodes them. A canvas of a few rows is drawn again and again, since some browsers have none of a hundred megapixels.
// Colours become sRGB; where alpha is 0, a canvas keeps no colour.
//
// Refuses with BAD_IMAGE what has no pixels, and what came from another origin without leave.

import { StrotssError, tagOf } from '../errors.js'

/** @typedef {import('../types.js').Picture} Picture */
/** @typedef {Exclude<CanvasImageSource, SVGImageElement>} Drawable */

const DRAWABLE = ['ImageBitmap', 'HTMLImageElement', 'HTMLCanvasElement', 'OffscreenCanvas', 'HTMLVideoElement',
  'VideoFrame']
/** Pixels of the canvas. */
const BAND = 1 << 22

/** @param {unknown} input @returns {input is Drawable} */
export const isDrawable = (input) => typeof input === 'object' && input !== null && DRAWABLE.includes(tagOf(input))

/** In its own pixels. @param {Drawable} source @returns {import('../types.js').Size} */
function sizeOf(source) {
  if ('naturalWidth' in source) return { width: source.naturalWidth, height: source.naturalHeight }
  if ('videoWidth' in source) return { width: source.videoWidth, height: source.videoHeight }
  if ('displayWidth' in source) return { width: source.displayWidth, height: source.displayHeight }
  return { width: source.width, height: source.height }
}

/** @param {string} name @param {Drawable} source @returns {Picture} */
function draw(name, source) {
  const { width, height } = sizeOf(source)
  if (!(width > 0 && height > 0)) {
    throw new StrotssError('BAD_IMAGE',
      `${name}: the ${tagOf(source)} has no pixels; it is empty, closed or not loaded`)
  }
  const rows = Math.min(height, Math.max(1, Math.floor(BAND / width)))
  const context = new OffscreenCanvas(width, rows).getContext('2d', { willReadFrequently: true })
  if (!context) throw new StrotssError('OUT_OF_MEMORY', `${name}: the browser has no canvas to read its pixels with`)
  try {
    const data = new Uint8ClampedArray(4 * width * height)
    for (let y = 0; y < height; y += rows) {
      context.clearRect(0, 0, width, rows)
      context.drawImage(source, 0, -y, width, height)
      data.set(context.getImageData(0, 0, width, Math.min(rows, height - y)).data, 4 * width * y)
    }
    return { width, height, data }
  } catch (error) {
    const { name: kind, message } = /** @type {Error} */ (error)
    if (kind === 'RangeError') throw new StrotssError('OUT_OF_MEMORY', `${name}: not enough memory to copy it`)
    throw new StrotssError('BAD_IMAGE', `${name}: ${kind === 'SecurityError'
      ? 'it shows a picture of another origin; fetch that one with CORS (crossorigin="anonymous")' : message}`,
    { cause: error })
  }
}

/** At once, unless it is an <img> that still loads. @param {string} name @param {Drawable} source */
export async function takeDrawn(name, source) {
  if ('decode' in source && !source.complete) await source.decode().catch(() => undefined) /* draw() tells */
  return draw(name, source)
}

/** PNG, JPEG, GIF, BMP or PNM, by the first bytes: the engine's decoder reads them. @param {Uint8Array} bytes */
const isOurs = (bytes) => /^(\x89PNG|\xff\xd8|GIF8|BM|P[1-7])/.test(String.fromCharCode(...bytes.subarray(0, 4)))

/**
 * A file of another kind as pixels, where the browser can decode it: what it cannot, the engine reads (TGA) or refuses.
 * @param {import('../types.js').PictureFile} file @param {string} role @returns {Promise<import('../types.js').Source>}
 */
export async function openFile(file, role) {
  if (isOurs(file.bytes)) return file
  const bitmap = await createImageBitmap(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (file.bytes)]))
    .catch(() => null)
  if (!bitmap) return file
  try {
    return draw(file.name || role, bitmap)
  } finally {
    bitmap.close()
  }
}
