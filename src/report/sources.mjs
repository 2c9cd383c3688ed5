// SPDX-License-Identifier: MIT
//
// The pictures the experiments start from: the shipped samples, or the user's files. Each carries a digest of its
// pixels, so that a stored result of other pixels is not taken for one of these.

import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { readGuidance, writeGuidance } from '../guidance/guidance.js'
import { readImage } from '../api/index.node.mjs'

/** @typedef {import('../api/client/engine.js').Engine} Engine */
/** @typedef {import('../api/types.js').Picture} Picture */
/**
 * name: of its files in the report.
 * @typedef {{ name: string, title: string, image: Picture, digest: string }} Source
 */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

const samples = (/** @type {string} */ file) => fileURLToPath(new URL(`../../web/samples/${file}`, import.meta.url))

/** @param {Picture} picture @param {Box} box inside it @returns {Picture} */
export function crop({ width: stride, data }, { x, y, width, height }) {
  const out = new Uint8ClampedArray(4 * width * height)
  for (let row = 0; row < height; row++) {
    const from = 4 * ((y + row) * stride + x)
    out.set(data.subarray(from, from + 4 * width), 4 * width * row)
  }
  return { width, height, data: out }
}

/** @param {{ width: number, height: number }} size @param {Uint8Array|Uint8ClampedArray} values */
export const digest = ({ width, height }, values) => (
  createHash('sha256').update(`${width}x${height}:`).update(values).digest('hex').slice(0, 16))

/** @param {string} name @param {string} title @param {Picture} image @returns {Source} */
export const source = (name, title, image) => ({ name, title, image, digest: digest(image, image.data) })

/** The shipped pictures that the experiments use. @param {Engine} engine */
export async function readSamples(engine) {
  /** @param {string} file */
  const read = (file) => readImage(engine, samples(file))
  const [cat, church, rocket, cafe, painter] = await Promise.all(
    ['cat.jpg', 'church-at-auvers.jpg', 'rocket.jpg', 'cafe-terrace.jpg', 'painter-on-his-way.jpg'].map(read))
  const regions = readGuidance(await read('cat.regions.png'), await read('church-at-auvers.regions.png'))
  return {
    cat: source('cat', 'Chelsea the cat', cat),
    church: source('church', 'The Church at Auvers', church),
    rocket: source('rocket', 'a rocket at night', rocket),
    cafe: source('cafe', 'Café Terrace at Night', cafe),
    sky: source('sky', 'brush strokes of a sky', crop(church, { x: 0, y: 8, width: 160, height: 120 })),
    leaves: source('leaves', 'brush strokes of fallen leaves',
      crop(painter, { x: 8, y: 346, width: 176, height: 132 })),
    regionNames: ['rest', 'red', 'blue'],
    catByChurch: { content: regions.content, style: regions.style },
    catGuide: source('cat-regions', 'regions of the cat', writeGuidance(regions.content, regions.palette)),
    churchGuide: source('church-regions', 'regions of the church', writeGuidance(regions.style, regions.palette))
  }
}
