// SPDX-License-Identifier: MIT
//
// strotss hypercolumn IMAGE --at Y,X: what the network gives at pixels.

import { nameOf, readPicture } from '../shared/files.mjs'
import { own } from '../shared/own_options.mjs'
import { usageError } from '../shared/values.mjs'

const options = own('at')
/** @typedef {import('../shared/command.mjs').Order<typeof options>} Order */

/** @type {import('../shared/command.mjs').Command} */
export const hypercolumn = {
  name: 'hypercolumn',
  forms: [{ operands: ['IMAGE'], usage: "prints the network's 2179 numbers at each pixel that is named" }],
  options,

  async run(/** @type {Order} */ { files: [file], at = [], json }, { open }) {
    const engine = await open()
    const image = await readPicture(engine, file)
    const stray = at.find(([y, x]) => y >= image.height || x >= image.width)
    if (stray) throw usageError(`--at: ${stray} is outside ${nameOf(file)}, which is ${image.width}x${image.height}`)
    const columns = await engine.hypercolumns({ image, at })
    const pixels = columns.map((values, i) => ({ at: at[i], values: Array.from(values) }))
    if (json) console.log(JSON.stringify(pixels))
    else for (const { at: place, values } of pixels) console.log(`${place.join(',')}: ${values.join(' ')}`)
  }
}
