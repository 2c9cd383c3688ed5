// SPDX-License-Identifier: MIT
//
// Runs that wait: told how many are before them, not held up by one that is paused, and continued to the bytes of an
// uninterrupted run. And what a checkpoint says without an engine.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createEngine, readCheckpoint, StrotssError } from '../../src/api/index.node.mjs'
import { unpackCheckpoint } from '../../src/api/shared/checkpoint.js'
import { content, halves, style } from './pictures.mjs'

const SMALL = { content, style, size: 72, iterations: 3 }

/** @type {Awaited<ReturnType<typeof createEngine>>} */
let engine
before(async () => {
  engine = await createEngine({ threads: 2 })
  await engine.ready
})
after(() => engine.dispose())

const bytes = ({ image }) => Buffer.from(image.data.buffer)
const failure = (promise) => promise.then(() => assert.fail('it succeeded'), (error) => error)

/** A run, what it reports, and a promise that settles at its nth event of a type. */
function started(options, type, nth = 1) {
  /** @type {any[]} */
  const told = []
  let reach
  const reached = new Promise((resolve) => (reach = resolve))
  const run = engine.start({ ...SMALL, previewEvery: 0, ...options, onProgress: (event) => {
    told.push(event)
    if (told.filter((other) => other.type === type).length === nth && event.type === type) reach()
  } })
  return { run, told, reached }
}
const queued = ({ told }) => told.filter(({ type }) => type === 'queued').map(({ ahead }) => ahead)

test('a run that waits is told how many are before it, whenever that changes', async () => {
  const runs = [started({ iterations: 2000 }, 'iteration'),
    ...[1, 2, 3].map(() => started({ iterations: 1 }, 'queued'))]
  await Promise.all(runs.map(({ reached }) => reached))
  await runs[1].run.cancel()
  await runs[0].run.cancel()
  await Promise.all([runs[2].run.result, runs[3].run.result])
  assert.deepEqual(runs.map(queued), [[], [1], [2, 1], [3, 2, 1]])
  assert.deepEqual(runs[1].told.map(({ type }) => type), ['queued'])
  assert.equal(runs[3].told[3].type, 'phase')
})

test('a paused run does not block the others, and continues to the same bytes when its turn comes again', async () => {
  for (const more of [{}, { keepColors: true, regions: { content: halves(80, 60), style: halves(72, 72) } }]) {
    const whole = await engine.stylize({ ...SMALL, ...more })
    const paused = started(more, 'iteration', 4)
    const other = started({ seed: 5, iterations: 1 })
    await paused.reached
    const state = await paused.run.pause()
    await other.run.result
    assert.deepEqual(unpackCheckpoint(await paused.run.checkpoint()).state, unpackCheckpoint(state).state)
    assert.equal((await paused.run.snapshot())?.width, 72)
    await paused.run.resume()
    const result = await paused.run.result
    assert.deepEqual(bytes(result), bytes(whole))
    assert.deepEqual(result.stats.scales.map(({ iterations, terms }) => [iterations, terms]),
      whole.stats.scales.map(({ iterations, terms }) => [iterations, terms]))
    assert.ok(result.stats.seconds > 0)
  }
})

test('a paused run that is resumed while another works waits for that one', async () => {
  const first = started({}, 'iteration')
  await first.reached
  await first.run.pause()
  const second = started({ seed: 1 }, 'iteration')
  await second.reached
  const third = started({ seed: 2 }, 'queued')
  await third.reached
  await first.run.resume()
  const order = []
  await Promise.all([first, second, third].map(({ run }, i) => run.result.then(() => order.push(i))))
  assert.deepEqual(order, [1, 0, 2])
  assert.deepEqual(queued(first), [1])
  assert.deepEqual(queued(third), [1, 2, 1])
})

test('a paused run that has given its turn away can be cancelled, and leaves picture and state', async () => {
  const paused = started({}, 'iteration', 2)
  await paused.reached
  await paused.run.pause()
  const other = started({ seed: 1, iterations: 1 }, 'iteration')
  await other.reached
  await paused.run.cancel()
  const error = await failure(paused.run.result)
  assert.deepEqual([error.code, error.image.width], ['ABORTED', 64])
  const whole = await engine.stylize(SMALL)
  await other.run.result
  assert.deepEqual(bytes(await engine.stylize({ content, style, resume: error.checkpoint })), bytes(whole))
})

test('runs that are all paused wait, and whichever is resumed is done', async () => {
  const runs = [started({}, 'iteration'), started({ seed: 1, iterations: 1 })]
  await runs[0].reached
  await Promise.all(runs.map(({ run }) => run.pause()))
  await runs[1].run.resume()
  await runs[1].run.result
  await runs[0].run.resume()
  assert.deepEqual(bytes(await runs[0].run.result), bytes(await engine.stylize(SMALL)))
})

test('readCheckpoint tells build, options, fraction and scales; what is no checkpoint is refused', async () => {
  const paused = started({ seed: 3, quality: 'draft' }, 'iteration', 4)
  await paused.reached
  const state = await paused.run.pause()
  await paused.run.cancel()
  const { build, options, fraction, scales } = readCheckpoint(state)
  assert.equal(build, engine.info.build)
  assert.deepEqual([options.seed, options.size, options.quality, options.iterations], [3, 72, 'draft', 3])
  assert.ok(fraction > 0 && fraction < 1)
  assert.deepEqual(scales.map(({ size }) => size), [64, 72])
  for (const wrong of [undefined, 'state', new Uint8Array(9), state.slice(0, 30)]) {
    assert.throws(() => readCheckpoint(wrong), (error) => (
      error instanceof StrotssError && error.code === 'BAD_STATE' && error.message.startsWith('saved state: ')))
  }
})
