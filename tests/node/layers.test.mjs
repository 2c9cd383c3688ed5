// SPDX-License-Identifier: MIT
//
// Keeps the rooms of src and web in their layers. The table of docs/architecture.md is the only list: each row names a
// room and the rooms above it in the table that it may use, so the arrows that it allows cannot form a circle. Every
// include of C, and every import (static, dynamic, or a worker's script by new URL) of JavaScript, must follow it. A
// type in a JSDoc comment is no arrow: nothing of it is left when the code runs.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const RULES = 'docs/architecture.md'

/**
 * A room is a folder with all that is in it, or a file. A folder with rooms inside it holds only the files beside them.
 * @typedef {{ room: string, uses: string[] }} Row
 */

/** @param {string} document @returns {Row[]} of the table whose head begins with "room" */
function readTable(document) {
  const [table = ''] = /^\| room \|.*\n(\|.*\n?)+/m.exec(document) ?? []
  return table.trim().split('\n').slice(2).map((line) => {
    const [, name, , uses] = line.split('|')
    const paths = (/** @type {string} */ cell) => [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1])
    return { room: paths(name)[0], uses: paths(uses) }
  })
}

/** @param {Row[]} table @returns {string[]} what is wrong with it */
const tableFaults = (table) => table.flatMap(({ room, uses }, i) => uses
  .filter((used) => !table.slice(0, i).some((row) => row.room === used))
  .map((used) => `${RULES}: ${room} may use only rooms above it in the table, and ${used} is none of them`))

/** @param {Row[]} table @param {string} file @returns {Row|undefined} the room it is in */
function roomOf(table, file) {
  const rooms = table.map(({ room }) => room)
  const own = rooms.includes(file) ? file
    : rooms.filter((room) => file.startsWith(`${room}/`)).sort((a, b) => b.length - a.length)[0]
  const deeper = file !== own && path.posix.dirname(file) !== own
  if (deeper && rooms.some((room) => room.startsWith(`${own}/`))) return undefined
  return table.find(({ room }) => room === own)
}

/** Comments blanked, lines kept. @param {string} code of JavaScript */
const withoutComments = (code) => code.replace(/\/\*[^]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
  .replace(/^(\s*)\/\/.*$/gm, '$1')

const INCLUDES = /^[ \t]*#[ \t]*include[ \t]+["<]([^">]+)[">]/gm
const IMPORTS = new RegExp([
  /^[ \t]*(?:import|export)\b[^'"]*?\bfrom[ \t]*['"]([^'"]+)['"]/,
  /^[ \t]*import[ \t]*['"]([^'"]+)['"]/,
  /\bimport\(\s*['"]([^'"]+)['"]\s*\)/,
  /\bnew URL\(\s*['"]([^'"]+\.m?js)['"],\s*import\.meta\.url/
].map(({ source }) => source).join('|'), 'gm')

/**
 * Where a name leads: includes as the compiler is told (-Isrc -Isrc/include, src/vendor); imports of web as the site
 * has them, where the folders of web and src lie side by side and there is no src (web/site.mjs).
 * @param {string} file @param {string} name @param {(file: string) => boolean} isThere
 */
function target(file, name, isThere) {
  const beside = path.posix.join(path.posix.dirname(file), name)
  if (/\.[ch]$/.test(file)) {
    return [beside, `src/${name}`, `src/include/${name}`, `src/vendor/${name}`].find(isThere)
  }
  if (file.startsWith('src/')) return isThere(beside) ? beside : undefined
  const inside = /^web\/(.*)$/.exec(beside)?.[1]
  return [`web/${inside}`, `src/${inside}`].find(isThere)
}

/**
 * @param {Row[]} table @param {Map<string, string>} files path and text of every source
 * @returns {string[]} every fault, with file, line and rule
 */
function faults(table, files) {
  const found = tableFaults(table)
  for (const [file, text] of files) {
    const own = roomOf(table, file)
    if (!own) {
      found.push(`${file}: its folder is no room of the table in ${RULES}`)
      continue
    }
    const c = /\.[ch]$/.test(file)
    const code = c ? text : withoutComments(text)
    for (const match of code.matchAll(c ? INCLUDES : IMPORTS)) {
      const name = /** @type {string} */ (match.slice(1).find((part) => part !== undefined))
      const line = code.slice(0, match.index + match[0].lastIndexOf(name)).split('\n').length
      const to = target(file, name, (place) => files.has(place))
      /* a system header, a package, or what is built */
      const outside = c ? match[0].includes('<') : !name.startsWith('.') || /(^|\/)build\//.test(name)
      if (!to) {
        const where = file.startsWith('web/') ? 'there on the site' : 'there'
        if (!outside) found.push(`${file}:${line}: ${name} is not ${where}`)
        continue
      }
      const other = roomOf(table, to)
      if (!other || other === own || own.uses.includes(other.room)) continue
      found.push(`${file}:${line}: ${name} is in ${other.room}; ${own.room} may use ` +
        `${own.uses.join(', ') || 'nothing'} (${RULES})`)
    }
  }
  return found
}

/** @param {string} folder @param {RegExp} wanted @returns {[string, string][]} */
const sources = (folder, wanted) => readdirSync(path.join(root, folder), { recursive: true })
  .map((name) => path.posix.join(folder, String(name).replaceAll('\\', '/'))).filter((name) => wanted.test(name))
  .map((name) => [name, readFileSync(path.join(root, name), 'utf8')])

test('no arrow leads up, and every folder is a room', () => {
  const table = readTable(readFileSync(path.join(root, RULES), 'utf8'))
  assert.ok(table.length > 10, `${RULES} has no table of rooms`)
  const files = new Map([...sources('src', /\.([ch]|m?js)$/), ...sources('web', /\.m?js$/)])
  assert.deepEqual(faults(table, files), [])
})

test('what is against the rule is named with its file and line', () => {
  const table = readTable('| room | holds | may use |\n|---|---|---|\n| `src/base` | | nothing |\n' +
    '| `src/api/shared` | | nothing |\n| `src/api` | | `src/api/shared` |\n| `web/page` | | `src/api` |\n')
  const good = /** @type {[string, string][]} */ ([
    ['src/base/a.h', '#include <stdio.h>\n'], ['src/base/a.c', '/* */\n#include "base/a.h"\n'],
    ['src/api/shared/b.js', "/** @typedef {import('../index.js').Engine} Engine */\n// import '../index.js'\n"],
    ['src/api/index.js', "import path from 'node:path'\nimport {\n  one\n} from './shared/b.js'\n"],
    ['web/page/p.js', "import '../api/index.js'\nconst later = await import('../api/index.js')\n"]])
  assert.deepEqual(faults(table, new Map(good)), [])

  /** @param {string} file @param {string} text */
  const fault = (file, text) => faults(table, new Map([...good, [file, text]])).join('\n')
  assert.match(fault('src/base/up.c', '\n#include "api/up.h"\n'), /^src\/base\/up\.c:2: api\/up\.h is not there$/)
  for (const [text, line] of /** @type {[string, number][]} */ ([
    ["import { one } from '../index.js'\n", 1], ["import {\n  one\n} from '../index.js'\n", 3],
    ["export * from '../index.js'\n", 1], ["\nimport '../index.js'\n", 2], ["\nawait import('../index.js')\n", 2],
    ["\n\nnew Worker(new URL('../index.js', import.meta.url))\n", 3]])) {
    assert.equal(fault('src/api/shared/up.js', text), `src/api/shared/up.js:${line}: ../index.js is in src/api; ` +
      `src/api/shared may use nothing (${RULES})`)
  }
  assert.match(fault('src/base/up.c', '#include "api/shared/b.js"\n'), /up\.c:1: .* is in src\/api\/shared;/)
  assert.equal(fault('web/page/up.js', "import '../../src/api/index.js'\n"),
    'web/page/up.js:1: ../../src/api/index.js is not there on the site')
  for (const file of ['src/engine/new.c', 'src/api/new/new.js', 'web/new.js']) assert.equal(
    fault(file, ''), `${file}: its folder is no room of the table in ${RULES}`)
  const [base, ...rest] = table
  assert.match(faults([{ ...base, uses: ['src/api'] }, ...rest], new Map()).join('\n'),
    /src\/base may use only rooms above it in the table, and src\/api is none of them/)
})
