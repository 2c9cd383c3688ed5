// SPDX-License-Identifier: MIT
//
// strotss batch: many contents by one style, pairs from a list, what is skipped, what fails, and how it ends.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createEngine, writeImage } from '../../src/api/index.node.mjs'
import { content, style } from './pictures.mjs'

const script = fileURLToPath(new URL('../../src/cli/strotss.mjs', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'strotss-batch-'))
const at = (name) => path.join(folder, name)
const SMALL = ['--size', '64', '--iterations', '1', '--threads', '2']

before(async () => {
  const engine = await createEngine({ threads: 1 })
  mkdirSync(at('in'))
  await writeImage(engine, at('in/a.png'), content)
  await writeImage(engine, at('in/b c.png'), style)
  await writeImage(engine, at('in/s.jpg'), style)
  writeFileSync(at('in/bad.png'), 'hello')
  engine.dispose()
})
after(() => rmSync(folder, { recursive: true }))

const strotss = (...words) => spawnSync(process.execPath, [script, 'batch', ...words],
  { cwd: folder, encoding: 'utf8', timeout: 300000 })

test('one style: a failure is told and the rest painted; again, what is there is skipped', () => {
  const contents = ['--style', 'in/s.jpg', 'in/a.png', 'in/bad.png', 'in/b c.png']
  const first = strotss(...contents, '-o', 'out/deep', ...SMALL, '--json')
  assert.equal(first.status, 1, first.stderr)
  assert.match(first.stderr, /bad\.s\.png: failed: .*bad\.png/)
  assert.match(first.stderr, /^strotss: 2 painted, 0 skipped, 1 failed: bad\.s\.png$/m)
  assert.deepEqual(readdirSync(at('out/deep')).sort(), ['a.s.png', 'b c.s.png'])
  assert.deepEqual(JSON.parse(first.stdout).map(({ status }) => status), ['done', 'failed', 'done'])
  writeFileSync(at('out/deep/a.s.png'), 'mine')
  const second = strotss(...contents.filter((name) => name !== 'in/bad.png'), '-o', 'out/deep', ...SMALL)
  assert.equal(second.status, 0, second.stderr)
  assert.match(second.stderr, /^0 painted, 2 skipped, 0 failed$/m)
  assert.equal(second.stdout, '')
  assert.equal(readFileSync(at('out/deep/a.s.png'), 'utf8'), 'mine')
})

test('a name is text, whatever it says: one line for each, nothing that a terminal obeys', () => {
  const { status, stderr } = strotss('--style', 'in/s.jpg', 'no\n\x1b[2Jsuch.png', '-o', 'named', ...SMALL)
  assert.equal(status, 1, stderr)
  assert.match(stderr, /^1\/1 \P{Cc}* failed: no \?\[2Jsuch\.png: there is no such file\nstrotss: \P{Cc}*\n$/u)
})

test('pairs from a list, names relative to it', () => {
  writeFileSync(at('in/list.txt'), '# pairs\r\na.png s.jpg\n\nb c.png\ts.jpg\n')
  const { status, stderr } = strotss('--list', 'in/list.txt', '-o', 'listed', ...SMALL, '--format', 'jpg')
  assert.equal(status, 0, stderr)
  assert.match(stderr, /^2 painted, 0 skipped, 0 failed$/m)
  assert.deepEqual([...readFileSync(at('listed/b c.s.jpg')).subarray(0, 2)], [0xff, 0xd8])
})

test('Ctrl-C: status 130, what was finished stays', async () => {
  const words = ['batch', '--style', 'in/s.jpg', 'in/a.png', 'in/b c.png', '-o', 'cut',
    '--size', '64', '--iterations', '2000', '--threads', '2']
  const child = spawn(process.execPath, [script, ...words], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (part) => {
    if (!/objective/.test(text) && /objective/.test(text += part)) child.kill('SIGINT')
    else text += part
  })
  assert.equal(await new Promise((resolve) => child.on('exit', resolve)), 130, text)
  assert.match(text, /interrupted: 0 painted/)
  assert.deepEqual(readdirSync(at('cut')), [])
})

test('what it refuses', () => {
  const refuses = (status, words, ...command) => {
    const result = strotss(...command)
    assert.equal(result.status, status, result.stderr)
    assert.match(result.stderr, words)
    assert.match(result.stderr, /^strotss: .*\n$/, 'one line')
  }
  writeFileSync(at('in/three.txt'), 'a.png s.jpg x.png y.png\n')
  writeFileSync(at('in/none.txt'), '# nothing\n')
  refuses(2, /missing --style STYLE or --list FILE/, 'in/a.png', 'in/s.jpg', '-o', 'x')
  refuses(2, /expected at least one CONTENT, got no files/, '--style', 'in/s.jpg', '-o', 'x')
  refuses(2, /expected no files, got 1 file/, 'in/a.png', '--list', 'in/list.txt', '-o', 'x')
  refuses(2, /cannot be given together/, 'in/a.png', '--style', 'in/s.jpg', '--list', 'in/list.txt', '-o', 'x')
  refuses(2, /"charm" is not one of content, /, '--list', 'in/list.txt', '-o', 'x', '--loss', 'charm=1')
  refuses(2, /missing -o DIR \(the output folder\)/, '--list', 'in/list.txt')
  refuses(2, /not one of png, jpg/, '--list', 'in/list.txt', '-o', 'x', '--format', 'gif')
  refuses(2, /size/, '--list', 'in/list.txt', '-o', 'x', '--size', '7')
  refuses(2, /two results would be/, '--style', 'in/s.jpg', 'in/a.png', 'in/a.png', '-o', 'x')
  refuses(3, /missing\.txt/, '--list', 'missing.txt', '-o', 'x')
  refuses(3, /line 1/, '--list', 'in/three.txt', '-o', 'x')
  refuses(3, /no pictures/, '--list', 'in/none.txt', '-o', 'x')
  refuses(6, /a\.png/, '--list', 'in/list.txt', '-o', 'in/a.png')
  assert.ok(!existsSync(at('x')))
})
