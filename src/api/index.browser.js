// SPDX-License-Identifier: MIT
//
// The library in the browser:
//
//   import { createEngine } from 'strotss'
//   const engine = await createEngine()
//   const { image } = await engine.stylize({ content, style, size: 512, onProgress: console.log })
//
// Pictures are ImageData-like { width, height, data }, or Blobs of picture files; a string is refused. What else there
// is: client/engine.js, client/run.js, types.js.

import { openEngine } from './client/engine.js'
import { readBody } from './shared/download.js'
import { describe, StrotssError } from './errors.js'

export * from './common.js'

/** What may be a picture. @typedef {Blob | import('./types.js').Pixels} PictureInput */
/** @typedef {import('./client/engine.js').Engine<PictureInput>} Engine */
/** @typedef {import('./client/engine.js').StartOptions<PictureInput>} StartOptions */

/**
 * @param {URL|string} from @param {(loaded: number, total: number) => void} [onProgress]
 * @returns {Promise<Uint8Array>}
 */
async function read(from, onProgress) {
  const response = await fetch(from)
  if (!response.ok || !response.body) throw new Error(`${from}: HTTP status ${response.status}`)
  return readBody(response, onProgress)
}

/** @param {string} role @param {Blob} blob @returns {Promise<import('./types.js').PictureFile>} */
async function readBlob(role, blob) {
  const name = 'name' in blob ? String(blob.name) : ''
  try {
    return { bytes: new Uint8Array(await blob.arrayBuffer()), name }
  } catch (error) {
    throw new StrotssError('BAD_IMAGE', `${name || role}: ${/** @type {Error} */ (error).message}`, { cause: error })
  }
}

/** @param {URL|string} base @returns {string} */
function addressOf(base) {
  try {
    return new URL(base, globalThis.location?.href).href
  } catch (error) {
    throw new StrotssError('BAD_ARGUMENT', `base: ${describe(String(base))} is not a URL`, { cause: error })
  }
}

/** @type {import('./client/engine.js').Platform<PictureInput>} */
const browser = {
  cores: globalThis.navigator?.hardwareConcurrency ?? 1,
  base: new URL(/* webpackIgnore: true */ /* @vite-ignore */ '../../build/wasm/', import.meta.url),
  weights: new URL('../../weights/vgg16.q8.bin', import.meta.url),
  read,
  place(base) {
    const address = addressOf(base)
    return { address, folder: address }
  },
  spawn(script, hear, fail) {
    const worker = script ? new Worker(script, { type: 'module' })
      : new Worker(new URL('./worker/entry.browser.js', import.meta.url), { type: 'module' })
    worker.addEventListener('message', ({ data }) => hear(data))
    worker.addEventListener('error', (event) => fail(event.message || 'it could not be loaded'))
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      terminate: () => worker.terminate(),
      hold: () => undefined
    }
  },
  kinds: 'a Blob of a picture file, an ImageData or { width, height, data }',
  file: (role, input) => (input instanceof Blob ? readBlob(role, input) : null)
}

/**
 * Starts an engine in a worker; the weights load meanwhile.
 * @param {import('./client/engine.js').EngineOptions} [options] @returns {Promise<Engine>}
 */
export const createEngine = (options = {}) => openEngine(options, browser)
