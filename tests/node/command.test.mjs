// SPDX-License-Identifier: MIT
//
// The page's "Copy command": a shell takes it apart into words by which the command line does the same run, whatever
// the files are called.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { before, test } from 'node:test'
import { parse } from '../../src/cli/parse.mjs'
import { halves } from './pictures.mjs'

/** @type {typeof import('../../web/page/settings.js').asCommand} */
let asCommand
before(async () => {
  const form = { querySelectorAll: () => [] } // what settings.js looks for
  Object.assign(globalThis, { document: { getElementById: () => form } })
  ;({ asCommand } = await import('../../web/page/settings.js'))
})

const settings = { size: 128, contentWeight: 0.5, quality: /** @type {const} */ ('draft'), keepColors: true, seed: 3 }

/** @param {string} command @returns {any} what the command line makes of it */
const order = (command) => parse(execFileSync('bash', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
  .split('\0').slice(2, -1))

test('any name of a file arrives as itself', { skip: process.platform === 'win32' }, () => {
  for (const name of ['a.png', '-a.png', '--size', '-', '()', '!!!.png', '$x `y`.png', "it's.png", '~.png', '#1.png',
    'file:a.png', 'batch', 'ö ö.png', '💧.png', 'a\nb.png', '*', '&;|<>', '{a,b}', 'a=b.png', '-gr', '--']) {
    const said = order(asCommand(settings, name, name, null))
    assert.equal(said.command.name, 'stylize', name)
    assert.deepEqual(said.files.map((/** @type {string} */ file) => file.replace(/^\.\//, '')), [name, name])
    assert.match(said.output, /\.png$/)
    const { size, contentWeight, quality, keepColors, seed } = said
    assert.deepEqual({ size, contentWeight, quality, keepColors, seed }, settings)
  }
})

test('regions come with their weights, those of no use left out', { skip: process.platform === 'win32' }, () => {
  const regions = { content: halves(8, 8), style: halves(4, 4), weights: [1, 1, 0.25, 7] }
  const said = order(asCommand(settings, 'a.png', 'b.png', regions))
  assert.deepEqual([said.contentGuidance, said.styleGuidance], ['content-regions.png', 'style-regions.png'])
  assert.deepEqual(said.regionWeight, [[2, 0.25]])
  assert.match(asCommand(settings, 'a.png', 'b.png', { ...regions, weights: [1, 1, 1] }), /style-regions\.png$/)
})
