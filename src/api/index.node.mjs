// SPDX-License-Identifier: MIT
//
// The library in Node: as engine.js, and pictures may be file paths, file URLs, or Buffers of picture files. The
// work is done in worker threads, so the event loop stays free.

import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { openEngine } from './client/engine.js'
import { StrotssError } from './errors.js'

export { StrotssError }

/** @typedef {import('./types.js').Picture} Picture */
/** @typedef {import('./client/engine.js').Engine} Engine */
/** @typedef {import('./client/run.js').Run} Run */

/** What a failed file operation is called, in words. @type {Record<string, string>} */
const WORDS = {
  ENOENT: 'there is no such file', EACCES: 'permission denied', EPERM: 'permission denied', EISDIR: 'it is a folder',
  ENOTDIR: 'its folder is a file', EROFS: 'the file system is read-only', ENOSPC: 'the disk is full'
}

/** @param {unknown} error */
export function fileFault(error) {
  const { code = '', message } = /** @type {NodeJS.ErrnoException} */ (error)
  return WORDS[code] ?? message
}

/** @param {URL|string} from a path, a file URL or its text @returns {Promise<Uint8Array>} */
async function read(from) {
  const file = from instanceof URL || from.startsWith('file:') ? fileURLToPath(from) : from
  try {
    return new Uint8Array((await readFile(file)).buffer)
  } catch (error) {
    throw new Error(`${file}: ${fileFault(error)}`, { cause: error })
  }
}

/** Worker threads inherit Node's options, but do not start with this one. */
const execArgv = process.execArgv.some((option) => option.startsWith('--input-type')) ? [] : undefined

/** @type {import('./client/engine.js').Platform} */
const node = {
  cores: availableParallelism(),
  base: new URL('../../build/wasm/', import.meta.url),
  weights: new URL('../../weights/vgg16.q8.bin', import.meta.url),
  read,
  place(base) {
    const folder = base instanceof URL || base.startsWith('file:') ? fileURLToPath(base) : path.resolve(base)
    const inside = folder.endsWith(path.sep) ? folder : folder + path.sep
    return { address: pathToFileURL(inside).href, folder: inside }
  },
  spawn(script = new URL('./worker/entry.node.mjs', import.meta.url), hear, fail) {
    const worker = new Worker(
      script instanceof URL ? script : script.startsWith('file:') ? new URL(script) : script, { execArgv })
    worker.on('message', hear)
    worker.on('error', (error) => fail(error.message))
    worker.on('exit', (code) => fail(`it exited with status ${code}`))
    return {
      post: (message, transfer) => worker.postMessage(message, /** @type {any} */ (transfer)),
      terminate: () => void worker.terminate(),
      hold: (busy) => (busy ? worker.ref() : worker.unref())
    }
  },
  async source(input) {
    if (input instanceof Uint8Array) return { bytes: input, name: '' }
    if (!(typeof input === 'string' || input instanceof URL)) return input
    const name = input instanceof URL ? fileURLToPath(input) : input
    try {
      return { bytes: await readFile(input), name }
    } catch (error) {
      throw new StrotssError('BAD_IMAGE', `${name}: ${fileFault(error)}`, { cause: error })
    }
  }
}

/**
 * Starts an engine in worker threads; the weights load meanwhile.
 * @param {import('./client/engine.js').EngineOptions} [options] @returns {Promise<Engine>}
 */
export const createEngine = (options = {}) => openEngine(options, node)

/** @param {Engine} engine @param {string|URL} file of a picture @returns {Promise<Picture>} */
export async function readImage(engine, file) {
  const { bytes, name } = /** @type {import('./types.js').PictureFile} */ (await node.source(file))
  return engine.decode(bytes, name)
}

/**
 * Writes all or nothing: a file of this name stays as it is until the new one is complete.
 * @param {string} file @param {Uint8Array} bytes
 */
export async function replaceFile(file, bytes) {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.part`)
  try {
    await writeFile(draft, bytes)
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/**
 * Writes PNG, or JPEG where the name ends so.
 * @param {Engine} engine @param {string} file @param {Picture} image @param {number} [quality] of JPEG
 */
export async function writeImage(engine, file, image, quality) {
  await replaceFile(file, await engine.encode(image, {
    type: /\.jpe?g$/i.test(file) ? 'image/jpeg' : 'image/png', quality
  }))
}
