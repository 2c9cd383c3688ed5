// SPDX-License-Identifier: MIT
//
// Points and init through the library: what they do to a run's values, events, times and state, and what is refused.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createEngine } from '../../src/api/index.node.mjs'
import { content, style } from './pictures.mjs'

const SMALL = { content, style, size: 96, iterations: 6 }
const points = [
  { content: /** @type {[number, number]} */ ([20, 30]), style: /** @type {[number, number]} */ ([60, 10]) },
  { content: /** @type {[number, number]} */ ([79, 59]), style: /** @type {[number, number]} */ ([0, 71]), weight: 2 }
]
const engine = await createEngine({ threads: 2 })
after(() => engine.dispose())

/** @param {import('../../src/api/types.js').Picture} picture */
const bytes = ({ data }) => Buffer.from(data.buffer)

test('points bring the output nearer to the style there, and stand in every event', async () => {
  /** @type {any[]} */
  const events = []
  const onProgress = (/** @type {any} */ event) => event.type === 'iteration' && events.push(event.terms.points)
  const idle = await engine.stylize({ ...SMALL, points, factors: { points: 0 } })
  const led = await engine.stylize({ ...SMALL, points, factors: { points: 20 }, onProgress })
  const [without, with_] = [idle, led].map(({ stats }) => /** @type {any} */ (stats.scales.at(-1)).terms.points)
  assert.ok(with_ < 0.8 * without, `${with_} of ${without}`)
  assert.equal(events.length, 12)
  assert.ok(events.every((value) => value > 0))
  const none = await engine.stylize(SMALL)
  assert.equal(/** @type {any} */ (none.stats.scales.at(-1)).terms.points, 0)
  assert.ok(bytes(none.image).equals(bytes(idle.image)))
})

test('a checkpoint continues with its own points and no others', async () => {
  /** @type {Uint8Array|undefined} */
  let resume
  const onProgress = (/** @type {any} */ event) => { if (event.type === 'scale') resume ??= event.checkpoint }
  const { image } = await engine.stylize({ ...SMALL, points, onProgress })
  const again = await engine.stylize({ ...SMALL, points, resume })
  assert.ok(bytes(again.image).equals(bytes(image)))
  await assert.rejects(engine.stylize({ ...SMALL, points: points.slice(1), resume }), { code: 'BAD_STATE' })
})

test('impossible points are refused in words', async () => {
  for (const [given, words] of /** @type {[any, RegExp][]} */ ([
    ['here', /points: .* is not an array/], [[7], /points\[0\]: .* is not an object/],
    [[{ content: [1, 2] }], /points\[0\]\.style: .* is not \[x, y\]/],
    [[{ content: [1, 2, 3], style: [1, 2] }], /points\[0\]\.content: .* is not \[x, y\]/],
    [[{ content: [1, 2.5], style: [1, 2] }], /points\[0\]\.content: y: .* whole number/],
    [[{ content: [1, 2], style: [1, -2] }], /points\[0\]\.style: y: -2 is not from 0/],
    [[{ ...points[0], weight: -1 }], /points\[0\]\.weight: -1 is not from 0/],
    [[{ ...points[0], content: [80, 0] }], /points: number 1 lies outside the content/],
    [[{ ...points[0], style: [0, 72] }], /points: number 1 lies outside the style/],
    [[{ ...points[0], weight: 0 }], /points: every point's weight is 0/],
    [Array(65).fill(points[0]), /points: 65 are more than 64/]
  ])) {
    await assert.rejects(engine.stylize({ ...SMALL, points: given }),
      (/** @type {any} */ error) => error.code === 'BAD_ARGUMENT' && words.test(error.message) ||
        assert.fail(`${error.code}: ${error.message}`))
  }
})

test('a picture is taken up at the last scale, with a third of its iterations', async () => {
  const options = { content, style, size: 96, quality: /** @type {const} */ ('draft') }
  const first = await engine.stylize(options)
  const [, planned] = first.stats.scales.map(({ iterations }) => iterations)
  /** @type {any[]} */
  const events = []
  const onProgress = (/** @type {any} */ event) => events.push(event)
  const next = await engine.stylize({ ...options, contentWeight: 1, init: first.image, previewEvery: 0, onProgress })
  assert.deepEqual(next.stats.scales.map(({ size, iterations }) => [size, iterations]), [[96, Math.ceil(planned / 3)]])
  const fractions = events.flatMap(({ fraction = [] }) => fraction)
  assert.ok(fractions[0] > 0 && fractions[0] < 0.5 && fractions.at(-1) === 1)
  assert.ok(events.filter(({ type }) => type === 'iteration').every(({ scale, scales }) => scale === 1 && scales === 2))

  const asked = await engine.stylize({ ...options, init: first.image, iterations: 2 })
  assert.deepEqual(asked.stats.scales.map(({ iterations }) => iterations), [2])
  const resumed = await engine.stylize({ ...options, contentWeight: 1, init: first.image, resume: next.checkpoint })
  assert.ok(bytes(resumed.image).equals(bytes(next.image)))
  await assert.rejects(engine.stylize({ ...options, contentWeight: 1, resume: next.checkpoint }), { code: 'BAD_STATE' })
  await assert.rejects(engine.stylize({ ...options, init: style }),
    { code: 'BAD_IMAGE', message: /init: 72 x 72 pixels is not of the content's shape, 80 x 60/ })
})

test('the estimate knows of points and init', async () => {
  const sizes = { content, style, size: 96 }
  const [plain, pointed, taken] = await Promise.all([engine.estimate(sizes), engine.estimate({ ...sizes, points: 64 }),
    engine.estimate({ ...sizes, init: { width: 80, height: 60 } })])
  assert.ok(pointed.bytes > plain.bytes && taken.bytes >= plain.bytes)
  assert.deepEqual(taken.scales.map(({ size }) => size), [96])
  assert.equal(taken.scales[0].iterations, Math.ceil(plain.scales[1].iterations / 3))
})
