// SPDX-License-Identifier: MIT
//
// strotss completion: what the script for bash offers, in bash, and that for zsh, in zsh, whose own functions are
// replaced by some that say how they were called.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { SIMILARITIES } from '../../src/api/shared/options.js'
import { COMMANDS } from '../../src/cli/commands.mjs'
import { allOptions } from '../../src/cli/shared/own_options.mjs'
import { flagOf } from '../../src/cli/shared/values.mjs'
import { openWasm } from './wasm.mjs'

const program = fileURLToPath(new URL('../../src/cli/strotss.mjs', import.meta.url))
const without = (/** @type {string} */ shell) => spawnSync(shell, ['--version']).error && `no ${shell}`

/** @param {string} shell @param {string[]} options @param {string} script @param {string[]} words */
function run(shell, options, script, words = []) {
  const { status, stdout, stderr } = spawnSync(shell, [...options, '-c', script, shell, ...words], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  assert.equal(stderr, '')
  return stdout
}

/** @param {string} shell */
function scriptFor(shell) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'completion', shell], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return stdout
}

const flags = (/** @type {number} */ i) => Object.entries(allOptions(COMMANDS[i].options))
  .flatMap(([name, row]) => [`--${flagOf(name, row)}`, ...(row.short ? [`-${row.short}`] : [])])

test('bash: what is offered for the last word', { skip: without('bash') }, async () => {
  const script = `${scriptFor('bash')}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_strotss
printf '%s\\n' "\${COMPREPLY[@]}"`
  const offers = (/** @type {string[]} */ ...words) => (
    run('bash', ['--norc'], script, ['strotss', ...words]).split('\n').filter(Boolean))
  const { terms } = await openWasm()
  assert.deepEqual(offers(''), COMMANDS.map(({ name }) => name))
  assert.deepEqual(offers('ev'), ['evaluate'])
  for (const [i, { name }] of COMMANDS.entries()) assert.deepEqual(offers(name, '-'), flags(i), name)
  assert.deepEqual(offers('a.png', 'b.png', '-'), flags(0), 'no command is named: the first')
  assert.deepEqual(offers('--si'), ['--size'])
  assert.deepEqual(offers('a.png', '--quality', ''), ['draft', 'standard', 'fine'])
  assert.deepEqual(offers('batch', '--self-similarity', '='), SIMILARITIES)
  assert.deepEqual(offers('batch', '--self-similarity', '=', 'ce'), ['centred'])
  assert.deepEqual(offers('--loss', ''), terms.map((term) => `${term}=`))
  assert.deepEqual(offers('report', '--sections', 'ablation,t'), ['ablation,transport', 'ablation,timing'])
  assert.deepEqual(offers('completion', ''), ['bash', 'zsh'])
  /* numbers are for the user to say, and files for bash */
  for (const words of [['--size', ''], ['-o', ''], ['a.png', ''], ['batch', '--list', ''], ['--sections', ''], ['a,b'], ['--size', '1,2'], ['a.png', 'x,']]) {
    assert.deepEqual(offers(...words), [], words.join(' '))
  }
})

test('zsh: the specifications that its own completion gets', { skip: without('zsh') }, () => {
  const script = `function compdef _describe _files { }
function _arguments { printf '%s\\n' "$words[*]" "$CURRENT" "$@" }
${scriptFor('zsh')}
words=(strotss "$@") CURRENT=$(($# + 1))
_strotss`
  const given = (/** @type {string[]} */ ...words) => run('zsh', ['-f'], script, words).trim().split('\n')
  for (const [i, { name }] of COMMANDS.entries()) {
    const [words, current, ...specifications] = given(name, '')
    assert.deepEqual([words, current], [`${name} `, '2'])
    assert.deepEqual(specifications.slice(0, -1).map((text) => /^(?:\*|\(.*?\))(-[\w-]+)/.exec(text)?.[1]), flags(i), name)
  }
  assert.equal(given('a.png', '')[0], 'strotss a.png ')
  assert.ok(given('batch', '').some((text) => /^\(--format\)--format=\[.*\]:F:\(png jpg\)$/.test(text)))
  assert.ok(given('a.png', '').some((text) => /^\(--keep-colors\)--keep-colors\[.*content's colours.*\]$/.test(text)))
  assert.ok(given('report', '').includes('(--output -o)-o+[the folder to write, made where there is none]:DIR:_files -/'))
  assert.equal(given('completion', '').at(-1), '1:: :(bash zsh)')
})

test('another shell is refused', () => {
  const { status, stderr } = spawnSync(process.execPath, [program, 'completion', 'fish'], { encoding: 'utf8' })
  assert.equal(status, 2)
  assert.match(stderr, /^strotss: "fish" is not one of bash, zsh; see strotss completion --help\n$/)
})
