// SPDX-License-Identifier: MIT
//
// A checkpoint: the engine's state of a run (run_state.c) behind a header that says which run it is, so that a caller
// can show and check it. The engine itself refuses a state of other inputs, options or weights.
//
//   offset  size  what, little-endian
//        0     8  "STROTSC2"
//        8     4  n, bytes of the header
//       12     4  digest of the header: FNV-1a of 32 bits
//       16     n  the header, JSON in UTF-8 (type Header)
//   16 + n        the engine's state, which has a digest of its own
//
// Refuses what is cut or altered up to the engine's state, or is of another version; the engine checks the rest.

import { BUILDS } from './build.js'
import { StrotssError } from '../errors.js'

const MAGIC = 'STROTSC2'
const PREFIX = 16

/**
 * build: rounding differs between relaxed and plain builds, so only builds alike in that give the same bytes.
 * backend: of the iterations since the last start, 'wasm' where it is not there; it rounds otherwise too.
 * scales: those done; the last may be the one at work.
 * @typedef {{ build: string, backend?: 'wasm'|'webgpu', options: import('../types.js').RunOptions, fraction: number,
 *   scales: import('../types.js').ScaleStats[] }} Header
 */

/** @param {Uint8Array} bytes */
const digest = (bytes) => bytes.reduce((sum, byte) => Math.imul(sum ^ byte, 0x01000193), 0x811c9dc5) >>> 0

/** @param {Header} header @param {Uint8Array} state @returns {Uint8Array<ArrayBuffer>} */
export function packCheckpoint(header, state) {
  const json = new TextEncoder().encode(JSON.stringify(header))
  const bytes = new Uint8Array(PREFIX + json.length + state.length)
  bytes.set(new TextEncoder().encode(MAGIC))
  const view = new DataView(bytes.buffer)
  view.setUint32(8, json.length, true)
  view.setUint32(12, digest(json), true)
  bytes.set(json, PREFIX)
  bytes.set(state, PREFIX + json.length)
  return bytes
}

/** @param {Uint8Array} bytes @returns {{ header: Header, state: Uint8Array }} */
export function unpackCheckpoint(bytes) {
  const fail = (/** @type {string} */ why) => new StrotssError('BAD_STATE', `saved state: ${why}`)
  if (!(bytes instanceof Uint8Array)) throw fail('it is not a Uint8Array')
  const text = (/** @type {Uint8Array} */ part) => new TextDecoder().decode(part)
  if (text(bytes.subarray(0, MAGIC.length)) !== MAGIC) throw fail('the bytes are not one, or one of another version')
  if (bytes.length < PREFIX) throw fail('it is cut short')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint32(8, true)
  if (bytes.length <= PREFIX + length) throw fail('it is cut short')
  const json = bytes.subarray(PREFIX, PREFIX + length)
  if (view.getUint32(12, true) !== digest(json)) throw fail('it was altered')
  let header
  try {
    header = JSON.parse(text(json))
  } catch {
    throw fail('it was altered')
  }
  const { build, backend = 'wasm', options, scales } = header ?? {}
  if (!BUILDS.includes(build) || !['wasm', 'webgpu'].includes(backend) ||
    typeof options !== 'object' || !options || !Array.isArray(scales))
    throw fail('it was altered')
  return { header, state: bytes.subarray(PREFIX + length) }
}
