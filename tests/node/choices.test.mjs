// SPDX-License-Identifier: MIT
//
// The objective's choices through the library and the command line: each changes the picture, is kept in saved states,
// gives the same bytes for any number of threads, and is refused by name when there is no such thing.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { checkOptions } from '../../src/api/client/engine.js'
import { createEngine } from '../../src/api/index.node.mjs'
import { parse } from '../../src/cli/parse.mjs'
import { ROWS } from '../../src/api/shared/options.js'
import { content, halves, style } from './pictures.mjs'
import { engineOptions, openWasm } from './wasm.mjs'

const SMALL = { content, style, size: 64, iterations: 1 }
const REGIONS = { ...SMALL, regions: { content: halves(80, 60), style: halves(72, 72), weights: [1, 1, 1] } }
/** Each choice, with a run that it changes. @type {[Record<string, any>, Record<string, any>][]} */
const CHOICES = [
  [SMALL, { factors: { moment: 0 } }], [SMALL, { selfSimilarity: 'centred' }], [SMALL, { selfSimilarity: 'euclidean' }],
  [SMALL, { transport: 'sinkhorn' }], [SMALL, { optimizer: 'rmsprop' }], [SMALL, { step: 0.2 }],
  [REGIONS, { contentAcrossRegions: true }]
]

/** @type {Awaited<ReturnType<typeof createEngine>>} */
let engine
/** @type {Awaited<ReturnType<typeof createEngine>>} */
let alone
before(async () => {
  engine = await createEngine({ threads: 3 })
  alone = await createEngine({ threads: 1 })
})
after(() => {
  engine.dispose()
  alone.dispose()
})

/** @param {{ image: import('../../src/api/types.js').Picture }} result */
const bytes = ({ image }) => Buffer.from(image.data.buffer)

test(
  'each choice gives another picture, the same for any number of threads, and its state goes on with that choice alone',
  async () => {
    const usual = new Map([[SMALL, await engine.stylize(SMALL)], [REGIONS, await engine.stylize(REGIONS)]])
    for (const [run, choice] of CHOICES) {
      const name = Object.keys(choice)[0]
      const plain = usual.get(run)
      const chosen = await engine.stylize({ ...run, ...choice })
      assert.notDeepEqual(bytes(chosen), bytes(plain), name)
      assert.deepEqual(bytes(await alone.stylize({ ...run, ...choice })), bytes(chosen), name)
      const again = { ...run, size: undefined, iterations: undefined, resume: chosen.checkpoint }
      assert.deepEqual(bytes(await engine.stylize(again)), bytes(chosen), name)
      await assert.rejects(engine.stylize({ ...again, resume: plain.checkpoint, ...choice }), (error) => (
        error.code === 'BAD_STATE' && error.message === `saved state: it was made with another ${name}`))
    }
  })

test('one content term over the whole picture is the method\'s own where there are no regions', async () => {
  const across = await engine.stylize({ ...SMALL, contentAcrossRegions: true })
  assert.deepEqual(bytes(across), bytes(await engine.stylize(SMALL)))
})

test('a term without a factor counts one, and what it is is told all the same', async () => {
  const { stats } = await engine.stylize({ ...SMALL, factors: { content: 0, moment: 0, palette: 0 } })
  const { total, remd, moment } = stats.scales[0].terms
  assert.ok(moment > 0)
  assert.ok(Math.abs(total * (8 + 2) - remd) < 1e-6, 'alpha is 8 at the first scale')
})

test('choices that do not exist are refused by name', async () => {
  for (const [options, words] of [
    [{ selfSimilarity: 'angle' }, /selfSimilarity: "angle" is not one of cosine, centred, euclidean/],
    [{ transport: 'lorry' }, /transport: "lorry" is not one of remd, sinkhorn/],
    [{ factors: { remd: 1001 } }, /factors\.remd: 1001 is not from 0 to 1000/],
    [{ factors: { moment: NaN } }, /factors\.moment/],
    [{ optimizer: 'sgd' }, /^optimizer: "sgd" is not one of rmsprop, adam$/],
    [{ step: 1.5 }, /^step: 1\.5 is not from 0 to 1$/], [{ step: NaN }, /^step: NaN/]
  ]) {
    assert.throws(() => checkOptions(options), (error) => error.code === 'BAD_ARGUMENT' && words.test(error.message))
  }
  /* What only the engine knows. */
  const { terms } = await openWasm()
  const wrong = { code: 'BAD_ARGUMENT', message: `factors: "charm" is not one of ${terms.join(', ')}` }
  await assert.rejects(engine.stylize({ ...SMALL, factors: { charm: 1 } }), wrong)
  await assert.rejects(engine.estimate({ ...SMALL, factors: { charm: 1 } }), wrong)
})

test('the two lists of options: every row of JavaScript is a row of C, with its range and default, and vice versa',
  async () => {
    const wasm = await openWasm()
    const [options, { terms }] = [engineOptions(wasm), wasm]
    const reached = Object.values(ROWS).flatMap((row) => ('engine' in row ? [row.engine] : []))
    assert.deepEqual([...options.keys()].filter((name) => !reached.includes(name)), ['style_draws', ...terms])
    for (const [name, row] of Object.entries(ROWS)) {
      if (!('engine' in row)) continue
      const { lowest, highest, standard } = options.get(row.engine) ?? assert.fail(`${name}: no option ${row.engine}`)
      if ('standard' in row && !Number.isNaN(standard)) {
        const own = Array.isArray(row.kind) ? row.kind.indexOf(row.standard) : Number(row.standard)
        assert.equal(own, standard, name)
      }
      if (Array.isArray(row.kind)) assert.deepEqual([lowest, highest], [0, row.kind.length - 1], name)
      if (row.kind === 'flag') assert.deepEqual([lowest, highest], [0, 1], name)
      /* a seed is any uint64 there; JavaScript counts to 2^53 exactly */
      const most = name === 'seed' ? Number.MAX_SAFE_INTEGER : highest
      if (row.kind === 'number') assert.deepEqual([row.lowest, row.highest], [lowest, most], name)
    }
    for (const term of terms) {
      const { lowest, highest } = options.get(term)
      assert.deepEqual([ROWS.factors.lowest, ROWS.factors.highest], [lowest, highest], term)
    }
  })

test('the command line says the same', () => {
  const words = ['a.png', 'b.png', '-o', 'c.png']
  const said = parse([...words, '--loss', 'moment=0,palette=2.5', '--transport', 'sinkhorn',
    '--self-similarity', 'centred', '--content-across-regions', '--optimizer', 'rmsprop', '--step', '0.25'])
  assert.deepEqual(said.factors, { moment: 0, palette: 2.5 })
  assert.equal(said.transport, 'sinkhorn')
  assert.equal(said.selfSimilarity, 'centred')
  assert.equal(said.contentAcrossRegions, true)
  assert.deepEqual([said.optimizer, said.step], ['rmsprop', 0.25])
  assert.equal(parse(['batch', '--list', 'list.txt', '-o', 'out', '--self-similarity', 'euclidean', '--loss', 'remd=1'])
    .selfSimilarity, 'euclidean')
  for (const loss of ['moment', 'moment=', 'moment=x', '=1', 'moment=1;remd=2', 'moment=-1']) {
    assert.throws(() => parse([...words, '--loss', loss]),
      (error) => error.status === 2 && error.message.includes('--loss'), loss)
  }
})
