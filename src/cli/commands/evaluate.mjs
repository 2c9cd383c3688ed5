// SPDX-License-Identifier: MIT
//
// strotss evaluate CONTENT STYLE RESULT: the terms of the objective, and the look, of any finished picture.

import { readImage } from '../../api/index.node.mjs'
import { look } from '../../api/shared/bands.js'
import { EVALUATE_ROWS } from '../../api/shared/options.js'

/** @typedef {import('../shared/command.mjs').Order<typeof EVALUATE_ROWS>} Order */

/** @type {import('../shared/command.mjs').Command} */
export const evaluate = {
  name: 'evaluate',
  forms: [{ operands: ['CONTENT', 'STYLE', 'RESULT'],
    usage: 'prints the terms of the objective of a finished picture, and how clean it looks' }],
  options: EVALUATE_ROWS,

  async run(/** @type {Order} */ { files, alpha, draws, seed, json }, { open }) {
    const engine = await open()
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
}
