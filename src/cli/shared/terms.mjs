// SPDX-License-Identifier: MIT
//
// The names of the objective's terms, which the engine alone knows: asked of a build without its weights and without a
// worker, in a few milliseconds.

import { readFile } from 'node:fs/promises'
import { Wasm } from '../../api/worker/wasm.js'
import { FILES } from '../../api/shared/files.js'
import { flagOf, usageError } from './values.mjs'
import { ROWS } from '../../api/shared/options.js'

/** @returns {Promise<string[]>} */
export async function termNames() {
  const { terms } = await Wasm.open({
    glue: FILES['strotss-single.js'].href, scripts: null, wasm: await readFile(FILES['strotss-single.wasm']),
    build: 'single', threads: 1
  })
  return terms
}

/** Refuses factors of terms that there are not. @param {import('../../api/shared/options.js').RunOptions} options */
export async function checkTerms({ factors }) {
  if (!factors) return
  const terms = await termNames()
  const stray = Object.keys(factors).find((term) => !terms.includes(term))
  if (stray) throw usageError(`--${flagOf('factors', ROWS.factors)}: "${stray}" is not one of ${terms.join(', ')}`)
}
