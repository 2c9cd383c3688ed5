// SPDX-License-Identifier: MIT
//
// The look's numbers against Pillow's and numpy's of the same pictures (golden/bands_make.py), and at their edges. The
// decoders' roundings differ by a step here and there, hence 0.5 %.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { look } from '../../src/api/shared/bands.js'
import { createEngine, readImage } from '../../src/api/index.node.mjs'
import { picture } from './pictures.mjs'

const root = new URL('../../', import.meta.url)
/** @type {import('../../src/api/index.node.mjs').Engine} */
let engine
before(async () => { engine = await createEngine({ threads: 1 }) })
after(() => engine.dispose())

const golden = JSON.parse(readFileSync(new URL('tests/golden/bands.json', root), 'utf8'))
for (const wanted of golden) {
  test(`${wanted.result} by ${wanted.style}`, async () => {
    const [result, style] = await Promise.all([wanted.result, wanted.style].map((name) => (
      readImage(engine, new URL(`web/samples/${name}`, root)))))
    const found = look({ content: result, style, result })
    assert.deepEqual(found.bands.content, found.bands.result, 'the content is measured as the result is')
    for (const whose of /** @type {const} */ (['result', 'style'])) {
      found.bands[whose].forEach((band, i) => {
        for (const part of /** @type {const} */ (['L', 'C'])) {
          const ratio = band[part] / wanted.bands[whose][i][part]
          assert.ok(Math.abs(ratio - 1) < 0.005, `${whose}, band ${i}, ${part}: ${ratio} of Pillow's`)
        }
      })
    }
    assert.ok(Math.abs(found.finest_colour / wanted.finest_colour - 1) < 0.005)
  })
}

test('grey has no colour, one colour no band, and tiny pictures are measured', () => {
  const grey = picture(40, 30, (x, y) => { const v = (x * 37 + y * 91) % 256; return [v, v, v] })
  const flat = picture(2, 2, () => [200, 10, 60])
  const { bands, finest_colour: colour } = look({ content: flat, style: grey, result: grey })
  assert.equal(colour, null)
  assert.ok(bands.result.every(({ L, C }) => L > 0 && C === 0))
  assert.deepEqual(bands.content, Array.from({ length: 4 }, () => ({ L: 0, C: 0 })))
})
