// SPDX-License-Identifier: MIT
//
// Command lines of right and wrong words: parse gives an order whose options pass checkOptions, or a CliError of status
// 2 in a sentence. Now and then the program itself gets them, in an empty folder, where
// nothing but a report of the shipped pictures can succeed: it ends with one line on stderr, after one for each picture
// of a batch, and a status of its own.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkOptions } from '../../src/api/client/engine.js'
import { COMMANDS } from '../../src/cli/commands.mjs'
import { parse } from '../../src/cli/parse.mjs'
import { COMMON, runOptions } from '../../src/cli/shared/own_options.mjs'
import { CliError, STATUS } from '../../src/cli/shared/status.mjs'
import { flagOf } from '../../src/cli/shared/values.mjs'
import { assertSentence, fuzz } from './fuzz.mjs'

const SPAWN_EVERY = 5000
const script = fileURLToPath(new URL('../../src/cli/strotss.mjs', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'strotss-fuzz-'))
process.on('exit', () => rmSync(folder, { recursive: true }))

const OPTIONS = [COMMON, ...COMMANDS.map(({ options }) => options)].flatMap((rows) => (
  Object.entries(rows).map(([name, row]) => `--${flagOf(name, row)}`)))
const WORDS = ['a.png', 'b.jpg', 'out.png', '-o', '-gr', '--', '-', '', '=', '0', '1', '-1', '64', '1e3', '0x40', '1.5',
  'NaN', 'Infinity', '1e999', '3=0.5', '256=1', '1=.', '3,4', ',', 'draft', 'best', 'auto', 'moment=0,palette=2',
  'remd=-', 'sinkhorn', 'centred', 'ablation,regions', 'threads', 'jpg', 'constructor', '__proto__',
  'file:///a.png', 'file://x/y', 'file:', './file:a.png',
  '\n', '\0', 'ö', '💧']

/** @param {import('./fuzz.mjs').Random} random @returns {string} */
function word(random) {
  const chosen = random.pick(random.once(2) ? OPTIONS : WORDS)
  if (random.once(6)) return `${chosen}=${random.pick(WORDS)}`
  return random.once(6) ? new TextDecoder().decode(random.mutate(new TextEncoder().encode(chosen))) : chosen
}

/** @param {string[]} words */
function tryProgram(words) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [script, ...words],
    { cwd: folder, encoding: 'utf8', timeout: 60000 })
  assert.equal(signal, null, stderr)
  if (status === 0) return assert.equal(stderr, '')
  const batch = words[0] === 'batch'
  if (stdout && batch) assert.ok(JSON.parse(stdout).every(
    (/** @type {{ status: string }} */ outcome) => outcome.status === 'failed'), stdout)
  else assert.equal(stdout, '')
  assert.ok(Object.values(STATUS).includes(Number(status)), `status ${status}`)
  assert.match(stderr, batch ? /^(\d+\/\d+ \P{Cc}*: failed: \P{Cc}*\n)*strotss: \P{Cc}*\n$/u : /^strotss: \P{Cc}*\n$/u)
  assertSentence(stderr.trimEnd().split('\n').at(-1) ?? '')
  if (batch) for (const made of readdirSync(folder)) rmdirSync(path.join(folder, made)) // its folder; nothing is in it
  assert.deepEqual(readdirSync(folder), [], 'nothing is left behind')
}

await fuzz((random, number) => {
  const words = Array.from({ length: random.below(9) }, () => word(random))
  if (random.once(2)) words.unshift(...random.pick([['a.png', 'b.jpg', '-o', 'out.png'],
    ['batch', '--style', 'a.png', 'b.jpg', '-o', 'out'], ['hypercolumn', 'a.png', '--at', '1,2'],
    ['evaluate', 'a.png', 'b.png', 'c.png'], [random.pick(COMMANDS).name]]))
  if (number % SPAWN_EVERY === 0 && words[0] !== 'report' &&
    !words.some((text) => text.includes('\0'))) tryProgram(words)
  try {
    const order = parse(words)
    checkOptions(runOptions(order))
  } catch (error) {
    assert.ok(error instanceof CliError && error.status === STATUS.usage, `${error}: ${JSON.stringify(words)}`)
    assertSentence(error.message.replace(/"[^"]*"|'[^']*'/gs, '""').replaceAll('\n', ' '))
  }
})
