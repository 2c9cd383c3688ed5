// SPDX-License-Identifier: MIT
//
// Pairs of a content and a style: read from a list, and a name for the result of each, "CONTENT.STYLE". The names come
// from all pairs together, so that those of one shard are the same as without shards.

import path from 'node:path'
import { readBytes } from './files.mjs'
import { CliError, STATUS } from './status.mjs'
import { filePath } from './values.mjs'

/** @typedef {[content: string, style: string]} Pair */

/** Lines of "CONTENT STYLE", whose names are relative to the list. @param {string} list a file @returns {Promise<Pair[]>} */
export async function readPairs(list) {
  const pairs = new TextDecoder().decode(await readBytes(list)).split(/\r?\n/).flatMap((line, i) => {
    const words = line.trim()
    if (!words || words.startsWith('#')) return []
    const pair = words.split(words.includes('\t') ? /\t+/ : / +/)
      .map((word) => path.resolve(path.dirname(list), filePath(word.trim())))
    if (pair.length !== 2) throw new CliError(STATUS.input, `${list}: line ${i + 1} is not "CONTENT STYLE"`)
    return [/** @type {Pair} */ (pair)]
  })
  if (!pairs.length) throw new CliError(STATUS.input, `${list}: the list names no pictures`)
  return pairs
}

/** Names of a picture in those of its results, the shortest first. @type {((file: string) => string)[]} */
const NAMINGS = [
  (file) => path.parse(file).name,
  (file) => path.basename(file),
  (file) => `${path.basename(path.dirname(path.resolve(file)))}-${path.basename(file)}`
]

/**
 * Where two names would be equal, the part in which the pairs differ is named at more length.
 * @param {Pair[]} pairs @returns {string[]}
 */
export function resultNames(pairs) {
  const names = pairs.map(() => '')
  let groups = [[...pairs.keys()]]
  for (const naming of NAMINGS) {
    for (const group of groups) {
      const parts = [0, 1].map((k) => {
        const varied = new Set(group.map((i) => pairs[i][k])).size > 1
        return (/** @type {number} */ i) => (varied ? naming : NAMINGS[0])(pairs[i][k])
      })
      for (const i of group) names[i] = parts.map((part) => part(i)).join('.')
    }
    /** @type {Map<string, number[]>} */
    const byName = new Map()
    for (const [i, name] of names.entries()) byName.set(name, [...byName.get(name) ?? [], i])
    groups = [...byName.values()].filter((group) => group.length > 1)
  }
  return names
}
