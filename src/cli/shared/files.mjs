// SPDX-License-Identifier: MIT
//
// The files of an order: read in words, checked before the work, and never written over one another. Two names are one
// file where the file system says so: links, other spellings and other case are its business. Refuses an output that
// is an input, that cannot be written, or that is no plain file.

import { randomUUID } from 'node:crypto'
import { access, constants, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { behindLinks, fileFault } from '../../api/index.node.mjs'
import { CliError, STATUS } from './status.mjs'

/**
 * A file and what it is for. picture: may be written over by what is `forced`, which is false where it could be.
 * @typedef {{ role: string, file: string, picture?: boolean, forced?: boolean }} Named
 */

/** How every saved state begins, of whatever version. */
const STATE_BEGINS = 'STROTSC'

/** @param {string} file of an input */
export async function readBytes(file) {
  try {
    return new Uint8Array(await readFile(file))
  } catch (error) {
    throw new CliError(STATUS.input, `${file}: ${fileFault(error)}`)
  }
}

/**
 * Runs `write`, whose failures are the output's.
 * @template T
 * @param {string} file @param {() => Promise<T>} write
 */
export async function writing(file, write) {
  try {
    return await write()
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error)
    throw new CliError(STATUS.output,
      `${file}: cannot be written: ${code === 'ENOENT' ? 'there is no such folder' : fileFault(error)}`)
  }
}

/**
 * Makes a folder and those above it. Not by mkdir's `recursive`: in Node it never ends where the file system takes no
 * new folders, as /proc.
 * @param {string} folder
 */
async function makeFolders(folder) {
  /** @param {NodeJS.ErrnoException} error */
  const unlessThere = async (error) => {
    if (error.code !== 'EEXIST' || !(await stat(folder)).isDirectory()) throw error
  }
  const above = path.dirname(folder)
  await mkdir(folder).catch(async (error) => {
    if (error.code !== 'ENOENT' || above === folder) return unlessThere(error)
    await makeFolders(above)
    await mkdir(folder).catch(unlessThere)
  })
}

/** @param {string} folder of results */
export const makeFolder = (folder) => writing(folder, () => makeFolders(path.resolve(folder)))

/** Fails now rather than after the work. @param {string} file */
export const checkWritable = (file) => writing(file, async () => {
  const target = await behindLinks(file)
  const facts = await stat(target).catch((error) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (facts?.isDirectory()) throw Object.assign(new Error('EISDIR'), { code: 'EISDIR' })
  if (facts && !facts.isFile()) throw new Error('it is not a regular file')
  if (facts) await access(target, constants.W_OK)
  const draft = path.join(path.dirname(target), `.strotss-${randomUUID()}.try`)
  await (await open(draft, 'wx')).close()
  await rm(draft)
})

/** Refuses to save a state over anything else. @param {string} file */
export async function checkState(file) {
  await checkWritable(file)
  const handle = await open(file).catch(() => null)
  if (!handle) return
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(STATE_BEGINS.length)).finally(() => handle.close())
  if (bytesRead && buffer.toString('latin1') !== STATE_BEGINS) throw new CliError(STATUS.output,
    `${file}: already exists and is not a saved state; remove it, or choose another name with --state`)
}

/** What a file is for the file system, or will be once it is there. @param {string} file */
async function identity(file) {
  const number = async (/** @type {string} */ name) => {
    const { dev, ino } = await stat(name, { bigint: true })
    return `${dev}:${ino}`
  }
  try {
    const target = await behindLinks(file)
    return await number(target).catch(async () => (
      `${await number(path.dirname(target))}/${path.basename(target)}`))
  } catch {
    return path.resolve(file) // its folder is not there
  }
}

/** @param {string} a @param {string} b names of files */
export const isSame = async (a, b) => await identity(a) === await identity(b)

/**
 * Refuses, before anything is written, to write over what is read, or twice over the same.
 * @param {Named[]} reads @param {Named[]} writes
 */
export async function checkApart(reads, writes) {
  /** @type {Map<string, Named>} */
  const taken = new Map()
  for (const named of reads) {
    const key = await identity(named.file)
    if (!named.picture || !taken.has(key)) taken.set(key, named)
  }
  for (const named of writes) {
    const key = await identity(named.file)
    const other = taken.get(key)
    if (other && !(named.forced && other.picture)) throw new CliError(STATUS.usage,
      `${named.file}: ${named.role} would overwrite ${other.role}, ${other.file}; choose another name` +
      `${other.picture && named.forced === false ? ', or allow it with --force' : ''}`)
    taken.set(key, named)
  }
}
