// SPDX-License-Identifier: MIT
//
// Keeps the tables of the documents true: options with their ranges and defaults, limits, iterations and times are
// compared with the library, the command line's help, the header, the page's form and the benchmark's results.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createEngine } from '../../src/api/index.node.mjs'
import { DEFAULTS, OPTIONS, ROWS } from '../../src/api/shared/options.js'
import { help } from '../../src/cli/help.mjs'
import { COMMANDS } from '../../src/cli/commands.mjs'
import { FAILURES } from '../../src/cli/shared/status.mjs'
import { flagOf } from '../../src/cli/shared/values.mjs'
import { MAX_REGIONS } from '../../src/guidance/palette.js'
import { SECTION_IDS } from '../../src/report/report.mjs'
import { engineOptions, openWasm } from './wasm.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (/** @type {string} */ file) => readFileSync(path.join(root, file), 'utf8')
const picture = { width: 1024, height: 1024 }
const engine = await createEngine()
after(() => engine.dispose())

/**
 * Rows of every table of a document whose first column has this head, as cells.
 * @param {string} document @param {string} head @returns {string[][]}
 */
function rows(document, head) {
  const tables = read(document).matchAll(new RegExp(`^\\| ${head} \\|.*\\n(?:\\|.*\\n)+`, 'gm'))
  return [...tables].flatMap(([table]) => table.trim().split('\n').slice(2)
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim())))
}
/** @param {string} cell "64 to 1024; ..." @returns {[number, number]|null} */
function rangeOf(cell) {
  const [, low, high] = /(\d+) to (\d+)\b/.exec(cell) ?? []
  return low === undefined ? null : [Number(low), Number(high)]
}
const unquoted = (/** @type {string} */ cell) => cell.replace(/`'?|'?`/g, '')

test('docs/cli.md lists the options of the help, and only those', () => {
  const { stdout } = spawnSync(process.execPath, ['src/cli/strotss.mjs', '--help'], { cwd: root, encoding: 'utf8' })
  const named = (/** @type {string} */ text) => [...new Set(text.match(/--[a-z][a-z-]*/g))].sort()
  assert.deepEqual(named(rows('docs/cli.md', 'option').map(([option]) => option).join()), named(stdout))
})

test("a command's own help has its options and no other's, with their ranges and defaults", async () => {
  for (const command of COMMANDS) {
    const text = await help(command)
    const lines = text.split('\n\n')[1]
    const named = [...lines.matchAll(/^ {4}(?:-\w, )?--([a-z-]+)/gm)].map((m) => m[1])
    assert.deepEqual(named, Object.entries(command.options).map(([name, row]) => flagOf(name, row)), command.name)
    for (const [name, { kind, lowest, standard, help: about, value }] of Object.entries(command.options)) {
      const [shown = ''] = new RegExp(`^ {4}(-\\w, )?--${flagOf(name, command.options[name])}[ \n]` +
        '[^]*?(?=\n {4}-|$(?!\n))', 'm').exec(lines) ?? []
      const said = shown.replace(/\s+/g, ' ')
      assert.ok(said.includes(about), `${name}: ${said}`)
      assert.equal(value === undefined, kind === 'flag', name)
      if (lowest !== undefined) assert.match(said, new RegExp(`\\(.*\\b(from )?${lowest}\\b`), name)
      if (standard !== undefined && kind !== 'flag') assert.ok(said.includes(`default: ${standard})`), said)
    }
  }
  const { terms } = await openWasm()
  const [, words] = (await help(COMMANDS[0])).replace(/\s+/g, ' ').split('--loss ')
  assert.ok(words.includes(`(0 to 1000 for each of ${terms.join(', ')}; default: 1 each)`), words)
  const [, sections] = rows('docs/cli.md', 'option').find(([option]) => option.startsWith('`--sections')) ?? []
  assert.deepEqual([...sections.matchAll(/`([\w-]+)`/g)].map((m) => m[1]), SECTION_IDS)
})

test('the exit statuses of docs/cli.md are those of the help', async () => {
  const text = await help(null)
  const listed = rows('docs/cli.md', 'status')
  assert.deepEqual(listed.slice(1, -1).map(([status, meaning]) => [Number(status), unquoted(meaning)]),
    Object.values(FAILURES).map(({ status, help: meaning }) => [status, meaning]))
  for (const [status, meaning] of listed) assert.ok(text.replace(/ +/g, ' ').includes(` ${status} ${unquoted(meaning)}`))
})

test('ranges and defaults of docs/library.md are those of the library, and docs/cli.md has the same', async () => {
  /** @param {object} options */
  const refused = (options) => engine.estimate({ content: picture, style: picture, ...options })
    .then(() => false, (error) => error.code === 'BAD_ARGUMENT' || assert.fail(error))
  /** @type {Map<string, string[]>} */
  const listed = new Map(rows('docs/library.md', 'option').map(([option, ...cells]) => [unquoted(option), cells]))
  for (const name of OPTIONS) {
    const [value, standard] = listed.get(name) ?? assert.fail(`docs/library.md does not list ${name}`)
    const range = rangeOf(value)
    const choices = [...value.matchAll(/'(\w+)'/g)].map((m) => m[1])
    const as = (/** @type {unknown} */ given) => (
      name === 'factors' ? { factors: { remd: given } } : { [name]: given })
    for (const good of range ?? choices) assert.equal(await refused(as(good)), false, `${name}: ${good}`)
    for (const bad of range ? [range[0] - 1, range[1] + 1] : choices.length ? ['other'] : []) assert.equal(
      await refused(as(bad)), true, `${name}: ${bad}`)
    assert.ok(range || choices.length || value === '`true` or `false`', `${name}: ${value}`)
    const known = /** @type {Record<string, unknown>} */ (DEFAULTS)[name]
    if (known !== undefined) assert.equal(unquoted(standard), String(known), name)
    const flag = `--${flagOf(name, ROWS[name])}`
    const [, told, toldDefault] = rows('docs/cli.md', 'option')
      .find(([option]) => new RegExp(`^\`${flag}\\b`).test(option)) ?? assert.fail(`docs/cli.md does not list ${flag}`)
    if (range && name !== 'seed') assert.deepEqual(rangeOf(told), range, flag)
    for (const choice of choices) assert.ok(told.includes(`\`${choice}\``), `${flag}: ${choice}`)
    if (typeof known !== 'boolean') assert.equal(unquoted(toldDefault), unquoted(standard), flag)
  }
})

test('docs/c.md lists every option of the header, with the ranges and defaults of the engine', async () => {
  const header = read('src/include/strotss.h')
  const [, body] = /typedef struct strotss_options \{\n([^]*?)\n\} strotss_options;/.exec(header) ?? []
  const fields = body.replace(/\/\*[^]*?\*\//g, '').match(/\w+(?=(\[\w+\])?\s*[;,])/g)
  const listed = rows('docs/c.md', 'option').map(([option, ...cells]) => [unquoted(option).replace(/\[\w+\]$/, ''),
    ...cells])
  assert.deepEqual(listed.map(([name]) => name), fields)
  const wasm = await openWasm()
  const [options, { terms }] = [engineOptions(wasm), wasm]
  assert.deepEqual([...options.keys()].sort(), [...listed.map(([name]) => name).filter((name) => name !== 'factor'),
    ...terms].sort())
  for (const [name, value, told] of listed) {
    for (const option of name === 'factor' ? terms : [name]) {
      const { lowest, highest, standard } = options.get(option) ?? assert.fail(option)
      const choices = [...value.matchAll(/`(STROTSS_\w+)`/g)].map((m) => m[1])
      const range = choices.length ? [0, choices.length - 1]
        : /^(\d+) (?:to|or) (\d+)/.exec(value)?.slice(1).map(Number)
      if (range) assert.deepEqual(range, [lowest, highest], option)
      else assert.equal(value, 'any 64-bit number', option)
      if (told === 'by quality' || told === 'as given') assert.ok(Number.isNaN(standard), option)
      else assert.equal(choices.length ? choices.indexOf(unquoted(told)) : Number(told), standard, option)
    }
  }
})

test('docs/page.md: the ranges and defaults of the settings are those of the form', () => {
  const html = read('web/index.html')
  for (const [setting, id] of [['size (longest side)', 'size'], ['style strength', 'weight'], ['seed', 'seed']]) {
    const [, value, standard] = rows('docs/page.md', 'setting').find(([name]) => name === setting) ??
      assert.fail(setting)
    const [field] = new RegExp(`<input[^>]*id="${id}"[^>]*`).exec(html) ?? assert.fail(id)
    const attribute = (/** @type {string} */ name) => Number(new RegExp(`\\b${name}="([\\d.]+)"`).exec(field)?.[1])
    assert.deepEqual(rangeOf(value), [attribute('min'), attribute('max')], setting)
    assert.equal(parseFloat(standard), attribute('value'), setting)
  }
})

test('README.md: the limits are those of the header, and the memory that of an estimate', async () => {
  const header = read('src/include/strotss.h')
  const constant = (/** @type {string} */ name) => Number(new RegExp(`\\b${name} = (\\d+)`).exec(header)?.[1])
  const limit = (/** @type {string} */ what) => rows('README.md', 'what').find(([name]) => name === what)?.[1] ?? ''
  assert.deepEqual(rangeOf(limit('size of the result')), [constant('STROTSS_MIN_SIZE'), constant('STROTSS_MAX_SIZE')])
  assert.deepEqual(rangeOf(limit('size of an input')), [constant('STROTSS_MIN_SIDE'), constant('STROTSS_MAX_SIDE')])
  assert.match(header, /STROTSS_MAX_PIXELS \(100 \* 1000 \* 1000\)/)
  assert.match(limit('size of an input'), /at most 100 megapixels/)
  assert.match(limit('pairs of regions'),
    new RegExp(`^${constant('STROTSS_MAX_REGIONS')} in the library; ${MAX_REGIONS} on the page`))
  const told = [...limit('memory').matchAll(/([\d.]+) (MB|GB) at (\d+) px/g)]
  assert.deepEqual(told.map(([, , , size]) => size), ['512', '1024', '2048'])
  for (const [, number, unit, side] of told) {
    const size = Number(side), bytes = Number(number) * (unit === 'MB' ? 1e6 : 1e9)
    const large = { width: size, height: size }
    const found = await engine.estimate({ content: large, style: large, size })
    assert.ok(Math.abs(found.bytes / bytes - 1) < 0.06, `${size} px: ${found.bytes} against ${bytes} bytes`)
  }
})

test('docs/method.md: the iterations of each quality are those that a run takes', async () => {
  for (const [quality, ...iterations] of rows('docs/method.md', 'iterations')) {
    const { scales } = await engine.estimate({ content: picture, style: picture, size: 512,
      quality: /** @type {any} */ (unquoted(quality)) })
    assert.deepEqual(iterations.map(Number), scales.map((scale) => scale.iterations), quality)
  }
})

test('docs/speed.md: its times are those of the latest results', () => {
  const results = read('tests/bench/RESULTS.md')
  /** The row of a size in the table after a heading. @param {string} heading @param {string} size "64 px" */
  function measured(heading, size) {
    const [, table] = results.split(`## ${heading}\n`)
    const line = table.split('\n').find((row) => row.startsWith(`| ${size.replace(' px', '')} |`))
    return line?.split('|').map((cell) => cell.trim().split(',')[0]).slice(1) ?? assert.fail(size)
  }
  const shown = rows('docs/speed.md', 'size')
  const [runs, iterations] = [/^`/, /^[\d.]+ s$/].map((kind) => shown.filter((row) => kind.test(row[1])))
  assert.ok(runs.length > 1 && iterations.length > 1)
  for (const [size, ours, plain, , optimised] of iterations) {
    const row = measured('An iteration', size)
    assert.deepEqual([ours, plain, optimised], [row[1], row[9], row[10]], size)
  }
  for (const [size, quality, ours, peer] of runs) {
    const row = measured('Whole runs', size)
    assert.equal(ours, row[unquoted(quality) === 'draft' ? 4 : 3], `${size} ${quality}`)
    if (peer) assert.equal(peer, row[2], size)
  }
})
