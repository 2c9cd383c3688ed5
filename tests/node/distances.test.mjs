// SPDX-License-Identifier: MIT
//
// Transport distances between two pictures, through the library and the command line: the bounds hold at every level,
// one thread or three give the same numbers, and what is wrong is refused.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createEngine, writeImage } from '../../src/api/index.node.mjs'
import { content, style } from './pictures.mjs'

const script = fileURLToPath(new URL('../../src/cli/strotss.mjs', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'strotss-distances-'))
const SMALL = { size: 64, count: 96 }

/** @type {Awaited<ReturnType<typeof createEngine>>} */
let engine
before(async () => {
  engine = await createEngine({ threads: 3 })
  await writeImage(engine, path.join(folder, 'a.png'), content)
  await writeImage(engine, path.join(folder, 'b.png'), style)
})
after(() => {
  engine.dispose()
  rmSync(folder, { recursive: true })
})

test('at every level the relaxed distance is at most the exact one, and the entropic plan costs no less', async () => {
  const { levels } = await engine.distances(content, style, SMALL)
  assert.deepEqual(levels.map(({ name }) => name), ['rgb', 'relu1_1', 'relu1_2', 'relu2_1', 'relu2_2',
    'relu3_1', 'relu3_2', 'relu3_3', 'relu4_3', 'relu5_3', 'all'])
  for (const { name, remd, emd, sinkhorn } of levels) {
    assert.ok(remd > 0 && remd / emd <= 1, `${name}: ${remd} / ${emd}`)
    assert.ok(sinkhorn > emd - 4e-3 && sinkhorn < 1, `${name}: ${sinkhorn}, ${emd}`)
  }
  const alone = await createEngine({ threads: 1 })
  assert.deepEqual((await alone.distances(content, style, SMALL)).levels, levels)
  alone.dispose()
  assert.notDeepEqual((await engine.distances(content, style, { ...SMALL, seed: 1 })).levels, levels)
})

test(
  'a picture is nowhere apart from itself where all its pixels are looked at; a tap without a map tells nothing apart',
  async () => {
    /* fewer pixels than are asked for; no map below level 1 */
    const strip = { width: 64, height: 2, data: content.data.slice(0, 512) }
    for (const { name, remd, emd } of (await engine.distances(strip, strip, { size: 64, count: 1024 })).levels) {
      const empty = /^relu[345]/.test(name)
      assert.ok(Math.abs(remd - Number(empty)) < 1e-6 && Math.abs(emd - Number(empty)) < 1e-6,
        `${name}: ${remd}, ${emd}`)
    }
  })

test('what is wrong is refused', async () => {
  for (const [options, words] of [[{ size: 63 }, /size: 63/], [{ count: 0 }, /count: 0/],
    [{ count: 1025 }, /count/], [{ seed: -1 }, /seed/]]) {
    await assert.rejects(engine.distances(content, style, options),
      (error) => error.code === 'BAD_ARGUMENT' && words.test(error.message))
  }
  await assert.rejects(engine.distances(content, undefined), { code: 'BAD_IMAGE', message: 'b: missing' })
})

test('the command line: lines, or JSON', () => {
  const run = (/** @type {string[]} */ ...words) => spawnSync(process.execPath, [script, 'distances', ...words],
    { cwd: folder, encoding: 'utf8' })
  const lines = run('a.png', 'b.png', '--size', '64', '--count', '32')
  assert.equal(lines.status, 0, lines.stderr)
  assert.match(lines.stdout, /^level +remd +emd sinkhorn\nrgb +0\.\d{5} +0\.\d{5} +0\.\d{5}\n[^]*^all /m)
  const json = run('a.png', 'b.png', '--size', '64', '--count', '32', '--json')
  assert.equal(JSON.parse(json.stdout).levels.length, 11)
  for (const [words, status, why] of /** @type {[string[], number, RegExp][]} */ ([
    [['a.png'], 2, /expected A and B, got 1 file/], [['a.png', 'b.png', '--count', '5000'], 2, /count: "5000"/],
    [['a.png', 'c.png'], 3, /c\.png/]])) {
    const refused = run(...words)
    assert.equal(refused.status, status)
    assert.match(refused.stderr, why)
    assert.equal(refused.stdout, '')
  }
})
