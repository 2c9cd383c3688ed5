// SPDX-License-Identifier: MIT
//
// What a batch writes into its pictures about how they were made: read back the same, of no effect on the picture, and
// well formed: the checksum of PNG's chunk, JFIF's segment in its place.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEngine } from '../../src/api/index.node.mjs'
import { crc32, readRecord, withRecord } from '../../src/cli/shared/record.mjs'
import { style } from './pictures.mjs'

const record = { content: 'c0ffee', size: 64, factors: { remd: 1 } }

test('a record in PNG and in JPEG', async () => {
  const engine = await createEngine({ threads: 1 })
  for (const type of /** @type {const} */ (['image/png', 'image/jpeg'])) {
    const plain = await engine.encode(style, { type })
    assert.equal(readRecord(plain), null)
    const told = withRecord(plain, record)
    assert.deepEqual(readRecord(told), record)
    assert.deepEqual((await engine.decode(told)).data, (await engine.decode(plain)).data)
    const bytes = Buffer.from(told)
    if (type === 'image/png') {
      assert.equal(bytes.toString('latin1', 37, 41), 'tEXt')
      assert.equal(bytes.toString('latin1', 41 + bytes.readUInt32BE(33) + 8, 41 + bytes.readUInt32BE(33) + 12), 'sRGB')
    } else {
      assert.equal(bytes.toString('latin1', 6, 10), 'JFIF')
      assert.equal(bytes.readUInt16BE(4 + bytes.readUInt16BE(4)), 0xfffe)
    }
    for (const part of [bytes.subarray(0, 60), Buffer.from('strotss\0{ no JSON\n'), Buffer.alloc(0)])
      assert.equal(readRecord(part), null)
  }
  engine.dispose()
})

test('the checksum is that of the standard, in its place', async () => {
  assert.equal(crc32(Buffer.from('IEND')), 0xae426082)
  const engine = await createEngine({ threads: 1 })
  const told = Buffer.from(withRecord(await engine.encode(style), record))
  engine.dispose()
  const end = 41 + told.readUInt32BE(33)
  assert.equal(told.readUInt32BE(end), crc32(told.subarray(37, end)))
})
