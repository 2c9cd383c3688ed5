// SPDX-License-Identifier: MIT
//
// Which back end an engine takes, and that every fault of a graphics card ends on the CPU, in words. The cards are
// fake_gpu.mjs's; what real ones compute, tests/browser/gpu.test.mjs sees.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEngine } from '../../src/api/index.node.mjs'
import { packCheckpoint, unpackCheckpoint } from '../../src/api/shared/checkpoint.js'

const picture = (seed) => ({
  width: 64, height: 4, data: Uint8ClampedArray.from({ length: 4 * 64 * 4 }, (_, i) => (i * 7919 + seed) >> 3 & 255)
})
const short = { content: picture(1), style: picture(2), size: 64, quality: 'draft', styleDraws: 1, iterations: 1 }

/** What the engine says of itself, and a run's back end. */
async function seen(options) {
  const engine = await createEngine({ threads: 1, ...options })
  try {
    await engine.ready
    const { backend, card } = engine.info
    return { backend, card, ran: (await engine.stylize(short)).stats.backend }
  } finally {
    engine.dispose()
  }
}

const fake = (kind) => new URL(`./fake_gpu.mjs?${kind}`, import.meta.url)

test('the CPU unless asked otherwise', async () => {
  const found = await seen({ webgpu: fake('wrong') })
  assert.deepEqual(found, { backend: 'wasm', card: 'the CPU, as asked for', ran: 'wasm' })
})

/** [backend, kind of card, what info.card says] */
const cases = [
  ['auto', undefined, /^the CPU, since there is no graphics card to be had$/],
  ['auto', 'none', /^the CPU, since there is no graphics card to be had$/],
  ['auto', 'software', /^the CPU, since the graphics card is one in software$/],
  ['webgpu', 'refusing', /cannot be used: the graphics card gives no device: not today$/],
  ['webgpu', 'wrong', /cannot be used: it computes wrongly: total is 0, not /],
  ['webgpu', 'software', /cannot be used: it computes wrongly: /],
  ['webgpu', 'shaders', /cannot be used: the graphics card does not take \w+: syntax$/],
  ['webgpu', 'small', /cannot be used: the graphics card allows buffers of 1 MB /],
  ['webgpu', 'lost', /cannot be used: the graphics card was lost: someone pulled it out$/]
]

for (const [backend, kind, words] of cases) {
  test(`${backend} with ${kind ? `a card: ${kind}` : 'no package'}`, async () => {
    const { card, ...rest } = await seen({ backend, ...(kind && { webgpu: fake(kind) }) })
    assert.deepEqual(rest, { backend: 'wasm', ran: 'wasm' })
    assert.match(card, /^the CPU, since /)
    assert.match(card, words)
  })
}

test('a package that is not there', async () => {
  const { card, ran } = await seen({ backend: 'webgpu', webgpu: new URL('./no_such_package.mjs', import.meta.url) })
  assert.match(card, /cannot be used: .*no_such_package/)
  assert.equal(ran, 'wasm')
})

test('another back end is refused', async () => {
  await assert.rejects(createEngine({ backend: 'opengl' }),
    { code: 'BAD_ARGUMENT', message: 'backend: "opengl" is none of auto, wasm, webgpu' })
})

test('a state of the other back end goes on only when that is asked for', async () => {
  const engine = await createEngine({ threads: 1 })
  const { checkpoint } = await engine.stylize(short)
  const { header, state } = unpackCheckpoint(checkpoint)
  assert.equal(header.backend, 'wasm')
  const resume = packCheckpoint({ ...header, backend: 'webgpu' }, state)
  await assert.rejects(engine.stylize({ ...short, resume }), {
    code: 'BAD_STATE',
    message: 'saved state: it was made by backend webgpu, which rounds differently from wasm; resume it in an ' +
      "engine with backend: 'webgpu', or here with convert: true"
  })
  assert.equal((await engine.stylize({ ...short, resume, convert: true })).stats.backend, 'wasm')
  engine.dispose()
})
