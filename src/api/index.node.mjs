// SPDX-License-Identifier: MIT
//
// The library in Node: as index.browser.js, but pictures may be files, or Buffers of picture files. Wherever a file or
// a folder is named, a string is a path, unless it begins with "file:", which makes it the text of a URL. The work is
// done in worker threads, so the event loop stays free.

import { randomUUID } from 'node:crypto'
import { chmod, chown, readFile, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { openEngine } from './client/engine.js'
import { describe, StrotssError } from './errors.js'
import { isBytes, ownBytes } from './client/inputs.js'

export * from './common.js'

/** @typedef {import('./types.js').Picture} Picture */
/**
 * What may be a picture: the path or the file: URL of a file, its bytes, also as a Blob or a stream, or pixels.
 * @typedef {string | URL | Uint8Array | ArrayBufferLike | DataView | Blob | AsyncIterable<Uint8Array> |
 *   import('./types.js').Pixels} PictureInput
 */
/** @typedef {import('./client/engine.js').Engine<PictureInput>} Engine */
/** @typedef {import('./types.js').StartOptions<PictureInput>} StartOptions */
/** @typedef {import('./types.js').EvaluateOptions<PictureInput>} EvaluateOptions */
/** @typedef {import('./types.js').HypercolumnsOptions<PictureInput>} HypercolumnsOptions */

/** What a failed file operation is called, in words. @type {Record<string, string>} */
const WORDS = {
  ENOENT: 'there is no such file', EACCES: 'permission denied', EPERM: 'permission denied', EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder', EEXIST: 'the file already exists',
  EROFS: 'the file system is read-only', ENOSPC: 'the disk is full', ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long'
}

/** What can be written. @type {Record<string, 'image/png'|'image/jpeg'>} */
const TYPES = { '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg' }

/** @param {unknown} error */
export function fileFault(error) {
  const { code = '', message } = /** @type {NodeJS.ErrnoException} */ (error)
  return WORDS[code] ?? message
}

/**
 * The one rule for names of files and folders.
 * @param {string} role what it names @param {unknown} place @returns {string} a path
 */
function pathOf(role, place) {
  if (!place || (typeof place !== 'string' && !(place instanceof URL))) {
    throw new StrotssError('BAD_ARGUMENT', `${role}: ${describe(place)} is not a path or a file URL`)
  }
  if (typeof place === 'string' && !/^file:/i.test(place)) return place
  try {
    return fileURLToPath(place)
  } catch (error) {
    throw new StrotssError('BAD_ARGUMENT',
      `${role}: ${describe(String(place))} is not the URL of a file on this machine`, { cause: error })
  }
}

/** @param {URL|string} from @returns {Promise<Uint8Array<ArrayBuffer>>} */
async function read(from) {
  const file = pathOf('file', from)
  try {
    return ownBytes(await readFile(file))
  } catch (error) {
    throw new Error(`${file}: ${fileFault(error)}`, { cause: error })
  }
}

/** @param {string} role @param {AsyncIterable<unknown>} stream @returns {Promise<import('./types.js').PictureFile>} */
async function readStream(role, stream) {
  /** @type {Uint8Array[]} */
  const chunks = []
  try {
    for await (const chunk of stream) {
      if (!isBytes(chunk)) throw new Error(`the stream gave ${describe(chunk)}, not bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    throw new StrotssError('BAD_IMAGE', `${role}: ${fileFault(error)}`, { cause: error })
  }
  return { bytes: ownBytes(Buffer.concat(chunks)), name: '' }
}

/** @param {string} name a path @returns {Promise<import('./types.js').PictureFile>} */
async function readPicture(name) {
  try {
    return { bytes: ownBytes(await readFile(name)), name }
  } catch (error) {
    throw new StrotssError('BAD_IMAGE', `${name}: ${fileFault(error)}`, { cause: error })
  }
}

/** Worker threads inherit Node's options, but do not start with this one. */
const execArgv = process.execArgv.some((option) => option.startsWith('--input-type')) ? [] : undefined

/** @type {import('./client/platform.js').Platform} */
const node = {
  cores: availableParallelism(),
  read,
  inFolder: (base, name) => pathToFileURL(path.resolve(pathOf('base', base), name)),
  address: ({ href }) => href,
  script: fileURLToPath,
  spawn(script, hear, fail) {
    const worker = script ? new Worker(path.resolve(pathOf('worker', script)), { execArgv })
      : new Worker(new URL('./worker/entry.node.mjs', import.meta.url), { execArgv })
    worker.on('message', hear)
    worker.on('error', (error) => fail(error.message))
    worker.on('exit', (code) => fail(`it exited with status ${code}`))
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      terminate: () => void worker.terminate(),
      hold: (busy) => (busy ? worker.ref() : worker.unref())
    }
  },
  kinds: 'a path, a file: URL, the bytes, a Blob or a stream of a picture file, or { width, height, data }',
  take(role, input) {
    if (typeof input === 'string' || input instanceof URL) return readPicture(pathOf(role, input))
    const streams = typeof input === 'object' && input !== null && Symbol.asyncIterator in input
    return streams ? readStream(role, /** @type {AsyncIterable<unknown>} */ (input)) : null
  },
  open: async (file) => file,
  picture: (picture) => picture
}

/**
 * Starts an engine in worker threads; the weights load meanwhile.
 * @param {import('./types.js').EngineOptions} [options] @returns {Promise<Engine>}
 */
export const createEngine = (options = {}) => /** @type {Promise<Engine>} */ (openEngine(options, node))

/** @param {Engine} engine @param {string|URL} file of a picture @returns {Promise<Picture>} */
export async function readImage(engine, file) {
  const { bytes, name } = await readPicture(pathOf('file', file))
  return engine.decode(bytes, name)
}

/** Longer chains of links are circles, for every system. */
const MOST_LINKS = 40

/** The file that a name leads to over links, whether it is there yet or not. @param {string} file */
export async function behindLinks(file) {
  for (let hop = 0; hop < MOST_LINKS; hop++) {
    const link = await readlink(file).catch(() => null)
    if (link === null) return file
    file = path.resolve(await realpath(path.dirname(file)), link)
  }
  throw Object.assign(new Error('ELOOP'), { code: 'ELOOP' })
}

/**
 * Writes all or nothing: a file of this name stays as it is until the new one is complete. A link stays one, and what
 * it leads to is replaced; who may read and write a file that was there stays as it was.
 * @param {string} file @param {Uint8Array} bytes
 */
export async function replaceFile(file, bytes) {
  const target = await behindLinks(file)
  const before = await stat(target).catch(() => null)
  const draft = path.join(path.dirname(target), `.strotss-${randomUUID()}.part`)
  try {
    await writeFile(draft, bytes, { flag: 'wx' })
    if (before) {
      await chown(draft, before.uid, before.gid).catch(() => undefined)
      await chmod(draft, before.mode & 0o7777)
    }
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/**
 * Writes PNG or JPEG, as the name ends.
 * @param {Engine} engine @param {string|URL} file @param {import('./types.js').Pixels} image
 * @param {number} [quality] of JPEG
 */
export async function writeImage(engine, file, image, quality) {
  const name = pathOf('file', file)
  const type = TYPES[path.extname(name).toLowerCase()]
  if (!type) {
    throw new StrotssError('BAD_ARGUMENT', `file: ${describe(name)} does not end in ${Object.keys(TYPES).join(', ')}`)
  }
  await replaceFile(name, await engine.encode(image, { type, quality }))
}
