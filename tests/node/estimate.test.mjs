// SPDX-License-Identifier: MIT
//
// What the library says of a run before it begins: time and memory, borne out afterwards; which build does it; and the
// codes of errors, one list with the engine's and the documents'.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { CODES } from '../../src/api/errors.js'
import { createEngine } from '../../src/api/index.node.mjs'
import { chooseBuild } from '../../src/api/shared/build.js'
import { content, style } from './pictures.mjs'
import { engineCodes, openWasm } from './wasm.mjs'

/** @type {Awaited<ReturnType<typeof createEngine>>} */
let engine
before(async () => {
  engine = await createEngine({ threads: 2 })
})
after(() => engine.dispose())

test('an estimate before, borne out after', async () => {
  assert.ok((await engine.calibrate()).slowness > 0)
  const estimate = await engine.estimate({ content, style, size: 96, quality: 'fine' })
  assert.deepEqual(estimate.scales.map(({ size, iterations }) => [size, iterations]), [[64, 200], [96, 200]])
  assert.ok(estimate.seconds > 0)
})

test('the memory estimated is the peak: never below it, and above it by a weights file at most', async () => {
  const labels = (/** @type {import('../../src/api/types.js').Picture} */ { width, height }) => (
    { width, height, labels: Uint8Array.from({ length: width * height }, (_, i) => Number(i % width < width / 4)) })
  for (const [threads, size, pairs] of [[1, 64, 1], [2, 96, 1], [3, 130, 1], [1, 96, 2]]) {
    const fresh = await createEngine({ threads })
    const { bytes } = await fresh.estimate({ content, style, size, quality: 'fine', pairs })
    const regions = pairs > 1 ? { content: labels(content), style: labels(style) } : undefined
    const run = { content, style, regions, size, quality: /** @type {const} */ ('fine'), iterations: 1 }
    const { stats } = await fresh.stylize(run)
    const told = `${threads} threads, ${size} px, ${pairs} pairs: ${stats.peakBytes}, estimated ${bytes}`
    assert.ok(stats.peakBytes <= bytes, told)
    /* How regions divide is not known before. */
    assert.ok(stats.peakBytes >= bytes - (pairs > 1 ? 47e6 : 17e6), told)
    const paused = fresh.start(run)
    const checkpoint = await paused.pause()
    await paused.cancel()
    assert.ok((await fresh.stylize({ ...run, resume: checkpoint })).stats.peakBytes <= bytes, `resumed, ${told}`)
    fresh.dispose()
  }
})

test('an estimate of more than there can be is refused, as is one of impossible sizes', async () => {
  const large = { width: 4000, height: 4000 }
  await assert.rejects(engine.estimate({ content: large, style: large, size: 2048, quality: 'fine', pairs: 256 }),
    { code: 'OUT_OF_MEMORY', message: /fewer regions/ })
  const small = { content: large, style: large, size: 512, quality: /** @type {const} */ ('fine'), pairs: 256 }
  assert.ok((await engine.estimate(small)).bytes < 4e9)
  for (const wrong of [{ pairs: 0 }, { pairs: 257 }, { content: { width: 1, height: 9 } },
    { content: { width: 16384, height: 16384 } }]) {
    await assert.rejects(engine.estimate({ content: large, style: large, ...wrong }), { code: 'BAD_ARGUMENT' })
  }
})

test('a threads build runs on one thread where it is asked to', async () => {
  const alone = await createEngine({ threads: 1, build: 'threads' })
  assert.equal(alone.info.threads, 1)
  assert.ok((await alone.estimate({ content, style, size: 64 })).bytes > 0)
  alone.dispose()
})

test('the codes of errors: the engine has the first of them, and docs/library.md lists them all', async () => {
  const own = engineCodes(await openWasm())
  assert.deepEqual(CODES.slice(0, own.length), own)
  const page = readFileSync(new URL('../../docs/library.md', import.meta.url), 'utf8')
  const listed = page.slice(page.indexOf('| code |')).split('\n\n')[0].match(/(?<=^\| `)\w+/gm)
  assert.deepEqual([...listed ?? []].sort(), [...CODES].sort())
})

test('the build that runs: threads and relaxed SIMD where they are', () => {
  const build = (has, cores = 4) => {
    const { build, threads } = chooseBuild({ cores, has: { simd: true, relaxed: true, shared: true, ...has } })
    return [build, threads]
  }
  assert.deepEqual(build({}), ['threads-relaxed', 4])
  assert.deepEqual(build({ relaxed: false }), ['threads', 4])
  assert.deepEqual(build({ shared: false }), ['single-relaxed', 1])
  assert.deepEqual(build({ shared: false, relaxed: false }), ['single', 1])
  assert.deepEqual(build({}, 1), ['single-relaxed', 1])
  assert.throws(() => build({ simd: false }), { code: 'NO_SIMD' })
})
