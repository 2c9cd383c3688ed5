// SPDX-License-Identifier: MIT
//
// The library in the browser:
//
//   import { createEngine } from 'strotss'
//   const engine = await createEngine()
//   const { image } = await engine.stylize({ content, style, size: 512, onProgress: console.log })
//
// Pictures may be addresses, files, bytes, what can be drawn, or pixels; a string is refused. What else there is:
// client/engine.js, client/run.js, types.js.

import { isDrawable, openFile, takeDrawn } from './client/drawn.js'
import { openEngine } from './client/engine.js'
import { readBody } from './shared/download.js'
import { describe, StrotssError } from './errors.js'

export * from './common.js'

/**
 * What may be a picture: the address of a file, a file, its bytes, something that can be drawn, or pixels.
 * @typedef {URL | Blob | Uint8Array | ArrayBufferLike | DataView | import('./client/drawn.js').Drawable | ImageData |
 *   import('./types.js').Pixels} PictureInput
 */
/** @typedef {import('./client/engine.js').Engine<PictureInput>} Engine */
/** @typedef {import('./types.js').StartOptions<PictureInput>} StartOptions */
/** @typedef {import('./types.js').EvaluateOptions<PictureInput>} EvaluateOptions */
/** @typedef {import('./types.js').HypercolumnsOptions<PictureInput>} HypercolumnsOptions */

/**
 * @param {URL|string} from @param {(loaded: number, total: number) => void} [onProgress]
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function read(from, onProgress) {
  const response = await fetch(from)
  if (!response.ok || !response.body) throw new Error(`${from}: HTTP status ${response.status}`)
  return readBody(response, onProgress)
}

/** @param {URL} address of a picture file @returns {Promise<import('./types.js').PictureFile>} */
async function fetchFile({ href }) {
  try {
    return { bytes: await read(href), name: href }
  } catch (error) {
    const { message } = /** @type {Error} */ (error)
    throw new StrotssError('BAD_IMAGE', message.startsWith(href) ? message : `${href}: ${message}`, { cause: error })
  }
}

/** What a page does that has the library from elsewhere. */
const COPY = "copy the package's src/api and build/wasm to a folder of the page's own origin, and pass " +
  "`worker: 'folder/src/api/worker/entry.browser.js'` and `base: 'folder/build/wasm/'`"

/** @param {string} script @param {unknown} [cause] */
const foreign = (script, cause) => new StrotssError('WORKER_FAILED',
  `${script}: browsers start workers only from the page's own origin; ${COPY}`, { cause })

/** @type {import('./client/platform.js').Platform} */
const browser = {
  cores: globalThis.navigator?.hardwareConcurrency ?? 1,
  read,
  inFolder(base, name) {
    try {
      const folder = new URL(base, globalThis.location?.href)
      return new URL(`${folder.pathname.replace(/\/?$/, '/')}${name}`, folder)
    } catch (error) {
      throw new StrotssError('BAD_ARGUMENT', `base: ${describe(String(base))} is not a URL`, { cause: error })
    }
  },
  /* Turbopack's URLs of files are relative to the page. */
  address: ({ href }) => new URL(href, globalThis.location?.href).href,
  script(file) {
    const address = browser.address(file)
    if (globalThis.location && new URL(address).origin !== location.origin) throw foreign(address)
    return address
  },
  spawn(script, hear, fail) {
    let worker
    try {
      worker = script ? new Worker(script, { type: 'module' })
        : new Worker(new URL('./worker/entry.browser.js', import.meta.url), { type: 'module' })
    } catch (error) {
      throw /** @type {Error} */ (error).name === 'SecurityError' ? foreign(String(script ?? 'worker'), error) : error
    }
    worker.addEventListener('message', ({ data }) => hear(data))
    worker.addEventListener('error', (event) => fail(event.message ||
      'its script could not be loaded, or a content security policy (worker-src) does not allow it'))
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      terminate: () => worker.terminate(),
      hold: () => undefined
    }
  },
  kinds: 'a URL, a Blob or the bytes of a picture file, something drawable (ImageBitmap, <img>, <canvas>, ' +
    'OffscreenCanvas, <video>, VideoFrame), an ImageData or { width, height, data }',
  take(role, input) {
    if (input instanceof URL) return fetchFile(input)
    return isDrawable(input) ? takeDrawn(role, input) : null
  },
  open: openFile,
  picture: ({ data, width, height }) => new ImageData(data, width, height)
}

/**
 * Starts an engine in a worker; the weights load meanwhile.
 * @param {import('./types.js').EngineOptions} [options] @returns {Promise<Engine>}
 */
export const createEngine = (options = {}) => /** @type {Promise<Engine>} */ (openEngine(options, browser))
