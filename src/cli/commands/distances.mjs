// SPDX-License-Identifier: MIT
//
// strotss distances A B: transport between the features of two pictures, a line for each tap of the network and one for
// all of them.

import { DISTANCES_ROWS } from '../../api/shared/options.js'

/** @typedef {import('../shared/command.mjs').Order<typeof DISTANCES_ROWS>} Order */

/** @type {import('../shared/command.mjs').Command} */
export const distances = {
  name: 'distances',
  forms: [{ operands: ['A', 'B'], usage: 'prints how far two pictures are apart by relaxed, exact and entropic ' +
    'transport: one line per tap of the network, and one for all of them' }],
  options: DISTANCES_ROWS,

  async run(/** @type {Order} */ { files: [a, b], size, count, seed, json }, { open }) {
    const engine = await open()
    const found = await engine.distances(a, b, { size, count, seed })
    if (json) return console.log(JSON.stringify(found, null, 2))
    console.log('level        remd      emd sinkhorn')
    for (const { name, remd, emd, sinkhorn } of found.levels) {
      console.log([name.padEnd(8), ...[remd, emd, sinkhorn].map((value) => value.toFixed(5).padStart(8))].join(' '))
    }
  }
}
