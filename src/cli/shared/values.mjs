// SPDX-License-Identifier: MIT
//
// An option's text as its value, by the kind of its row (own_options.mjs, api/shared/options.js): numbers in their range,
// choices, files, and lists of pairs. Refuses whatever the row does not allow, with the flag's name.

import { fileURLToPath } from 'node:url'
import { CliError, STATUS } from './status.mjs'

/**
 * kind: of the value; an array: one of these. lowest, highest: both included. standard: the default; usual: in words,
 * where it depends on others. flag: where it is not the name. value: what the help calls it. many: may be given
 * several times. required: what it is, in the refusal where it is missing. of: what a list may hold.
 * @typedef {{ kind: Kind, lowest?: number, highest?: number, whole?: boolean, standard?: unknown, usual?: string,
 *   flag?: string, short?: string, value?: string, many?: boolean, required?: string, of?: readonly string[],
 *   help: string }} Row
 */
/** @typedef {'number'|'flag'|'file'|'folder'|'factors'|'regionWeight'|'point'|'pixel'|'shard'|'list'|
 *   readonly string[]} Kind */
/**
 * @template Kind
 * @typedef {Kind extends 'number' ? number : Kind extends 'flag' ? boolean : Kind extends 'file'|'folder' ? string
 *   : Kind extends 'factors' ? { [term: string]: number } : Kind extends 'list' ? string[]
 *   : Kind extends 'regionWeight'|'pixel'|'shard' ? [number, number]
 *   : Kind extends 'point' ? import('../../api/types.js').Point
 *   : Kind extends readonly (infer Choice)[] ? Choice : never} ValueOf
 */
/**
 * What a command is given, by the names of its rows.
 * @template Rows
 * @typedef {{ -readonly [Name in keyof Rows]?: Rows[Name] extends { kind: infer Kind }
 *   ? Rows[Name] extends { many: true } ? ValueOf<Kind>[] : ValueOf<Kind> : never }} Values
 */

const MOST_LABEL = 255
/** Standard input where a file is read, and standard output where one is written. */
export const STANDARD = '-'

/** @param {string} message */
export const usageError = (message) => new CliError(STATUS.usage, message)

/** "contentWeight" is --content-weight, unless its row says otherwise. @param {string} name @param {Row} row */
export const flagOf = (name, { flag }) => flag ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** "a whole number from 64 to 1024" @param {Row} row */
const range = ({ lowest, highest, whole }) => `a ${whole ? 'whole ' : ''}number from ${lowest} to ${highest}`

/** @param {string} text @param {Row} row @returns {number|undefined} undefined where it is no number of the row */
function number(text, { lowest = -Infinity, highest = Infinity, whole }) {
  const value = text.trim() === '' ? NaN : Number(text)
  const known = (whole ? Number.isSafeInteger : Number.isFinite)(value)
  return known && value >= lowest && value <= highest ? value : undefined
}

/** A file's path, which may be told by a URL. @param {string} word */
export function filePath(word) {
  if (!/^file:/i.test(word)) return word
  try {
    return fileURLToPath(word)
  } catch {
    throw usageError(`"${word}" is not the URL of a file on this machine`)
  }
}

/**
 * @param {string} flag as it is refused @param {Row} row @param {string} text
 * @returns {ValueOf<Kind>}
 */
export function readValue(flag, row, text) {
  const { kind, of = [] } = row
  const choices = typeof kind === 'string' ? [] : kind
  /** @type {(what: string, word?: string) => never} */
  const refuse = (what, word = text) => { throw usageError(`${flag}: "${word}" is not ${what}`) }
  if (text === '') throw usageError(`${flag}: the value is empty`)
  if (kind === 'number') return number(text, row) ?? refuse(range(row))
  if (kind === 'file') return filePath(text)
  if (kind === 'folder') return text === STANDARD ? refuse('a folder') : filePath(text)
  if (kind === 'list') {
    const parts = text.split(',')
    for (const part of parts) if (!of.includes(part)) refuse(`one of ${of.join(', ')}`, part)
    return parts
  }
  if (kind === 'factors') return Object.fromEntries(text.split(',').map((part) => {
    const [, term, factor = ''] = /^(\w+)=(.+)$/.exec(part) ?? []
    return [term, number(factor, row) ?? refuse(`TERM=W, where W is ${range(row)}`, part)]
  }))
  if (kind === 'regionWeight') {
    const [, label, weight = ''] = /^(\d{1,3})=(.+)$/.exec(text) ?? []
    const value = number(weight, row)
    return Number(label) <= MOST_LABEL && value !== undefined ? [Number(label), value]
      : refuse(`K=W, where K is a region from 0 to ${MOST_LABEL} and W is ${range(row)}`)
  }
  if (kind === 'point') {
    const [, cx, cy, sx, sy, weight = '1'] = /^(\d{1,6}),(\d{1,6}):(\d{1,6}),(\d{1,6})(?:=(.+))?$/.exec(text) ?? []
    const value = number(weight, row)
    return cx !== undefined && value !== undefined
      ? { content: [Number(cx), Number(cy)], style: [Number(sx), Number(sy)], weight: value }
      : refuse(`CX,CY:SX,SY or CX,CY:SX,SY=W, where W is ${range(row)}`)
  }
  if (kind === 'pixel') {
    const [, y, x] = /^(\d{1,6}),(\d{1,6})$/.exec(text) ?? refuse('Y,X, the row and the column of a pixel')
    return [Number(y), Number(x)]
  }
  if (kind === 'shard') {
    const [, k, n] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []
    return Number(k) >= 1 && Number(k) <= Number(n) ? [Number(k), Number(n)]
      : refuse('K/N, where K is a whole number from 1 to N')
  }
  return choices.includes(text) ? text : refuse(`one of ${choices.join(', ')}`)
}
