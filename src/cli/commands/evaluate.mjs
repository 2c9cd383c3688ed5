// SPDX-License-Identifier: MIT
//
// strotss evaluate, strotss distances and strotss hypercolumn: numbers on stdout, as lines or as JSON.

import { look } from '../../api/shared/bands.js'
import { readImage } from '../../api/index.node.mjs'

/** @typedef {import('../../api/client/engine.js').Engine} Engine */
/** @typedef {ReturnType<typeof import('../parse.mjs').parse>} Order */

/** @param {Engine} engine @param {Extract<Order, { command: 'evaluate' }>} order */
export async function evaluate(engine, { files, alpha, draws, seed, json }) {
  const [content, style, result] = await Promise.all(files.map((file) => readImage(engine, file)))
  const terms = await engine.evaluate({ content, style, result, alpha, draws, seed })
  const { bands, finest_colour: colour } = look({ content, style, result })
  if (json) return console.log(JSON.stringify({ ...terms, bands, finest_colour: colour }, null, 2))
  for (const [name, value] of Object.entries(terms)) console.log(`${name.padEnd(16)} ${value.toFixed(6)}`)
  for (const [name, four] of Object.entries(bands)) {
    const values = four.map(({ L, C }) => `L ${L.toFixed(2)} C ${C.toFixed(2)}`)
    console.log(`${name.padEnd(16)} ${values.join('  ')}`)
  }
  console.log(`finest_colour    ${colour?.toFixed(6) ?? 'none in the style'}`)
}

/** @param {Engine} engine @param {Extract<Order, { command: 'distances' }>} order */
export async function distances(engine, { files: [a, b], size, count, seed, json }) {
  const found = await engine.distances(a, b, { size, count, seed })
  if (json) return console.log(JSON.stringify(found, null, 2))
  console.log('level        remd      emd sinkhorn')
  for (const { name, remd, emd, sinkhorn } of found.levels) {
    console.log([name.padEnd(8), ...[remd, emd, sinkhorn].map((value) => value.toFixed(5).padStart(8))].join(' '))
  }
}

/** @param {Engine} engine @param {Extract<Order, { command: 'hypercolumn' }>} order */
export async function hypercolumn(engine, { files: [image], at, json }) {
  const columns = await engine.hypercolumns({ image, at })
  const pixels = columns.map((values, i) => ({ at: at[i], values: Array.from(values) }))
  if (json) console.log(JSON.stringify(pixels))
  else for (const { at: place, values } of pixels) console.log(`${place.join(',')}: ${values.join(' ')}`)
}
