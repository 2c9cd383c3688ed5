// SPDX-License-Identifier: MIT
//
// The library in the browser:
//
//   import { createEngine } from 'strotss'
//   const engine = await createEngine()
//   const { image } = await engine.stylize({ content, style, size: 512, onProgress: console.log })
//
// Pictures are ImageData-like { width, height, data }, or Blobs of picture files. What else there is: client.js,
// run.js, protocol.js.

import { openEngine } from './client/engine.js'
import { readBody } from './shared/download.js'

export { StrotssError } from './errors.js'

/** @typedef {import('./types.js').Picture} Picture */
/** @typedef {import('./client/engine.js').Engine} Engine */
/** @typedef {import('./client/run.js').Run} Run */

/**
 * @param {URL|string} from @param {(loaded: number, total: number) => void} [onProgress]
 * @returns {Promise<Uint8Array>}
 */
async function read(from, onProgress) {
  const response = await fetch(from)
  if (!response.ok || !response.body) throw new Error(`${from} answered ${response.status}`)
  return readBody(response, onProgress)
}

/** @type {import('./client/engine.js').Platform} */
const browser = {
  cores: globalThis.navigator?.hardwareConcurrency ?? 1,
  base: new URL(/* webpackIgnore: true */ /* @vite-ignore */ '../../build/wasm/', import.meta.url),
  weights: new URL('../../weights/vgg16.q8.bin', import.meta.url),
  read,
  place(base) {
    const address = new URL(base, globalThis.location?.href).href
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
  async source(input) {
    if (!(input instanceof Blob)) return input
    const name = 'name' in input ? String(input.name) : ''
    return { bytes: new Uint8Array(await input.arrayBuffer()), name }
  }
}

/**
 * Starts an engine in a worker; the weights load meanwhile.
 * @param {import('./client/engine.js').EngineOptions} [options] @returns {Promise<Engine>}
 */
export const createEngine = (options = {}) => openEngine(options, browser)
