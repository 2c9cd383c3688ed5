// SPDX-License-Identifier: MIT
//
// A checkpoint: the engine's state of a run (run_state.c) behind a header that says which run it is, so that a caller can show and
// check it. The engine itself refuses a state of other inputs, options or weights.
//
//   offset  size  what, little-endian
//        0     8  "STROTSSC"
//        8     4  n, bytes of the header
//       12     n  the header, JSON in UTF-8 (type Header)
//   12 + n        the engine's state
//
// Refuses what does not open like this or is of a later version; the engine checks the rest.

import { StrotssError } from './errors.js'

const MAGIC = 'STROTSSC'
const VERSION = 1
const PREFIX = 12

/**
 * build: rounding differs between relaxed and plain builds, so only the same build gives the same bytes.
 * scales: those done; the last may be the one at work.
 * @typedef {{ version: number, build: string, options: import('./protocol.js').RunOptions, fraction: number,
 *   scales: import('./protocol.js').ScaleStats[] }} Header
 */

/** @param {Omit<Header, 'version'>} header @param {Uint8Array} state @returns {Uint8Array} */
export function packCheckpoint(header, state) {
  const json = new TextEncoder().encode(JSON.stringify({ version: VERSION, ...header }))
  const bytes = new Uint8Array(PREFIX + json.length + state.length)
  bytes.set(new TextEncoder().encode(MAGIC))
  new DataView(bytes.buffer).setUint32(MAGIC.length, json.length, true)
  bytes.set(json, PREFIX)
  bytes.set(state, PREFIX + json.length)
  return bytes
}

/** @param {Uint8Array} bytes @returns {{ header: Header, state: Uint8Array }} */
export function unpackCheckpoint(bytes) {
  const fail = (/** @type {string} */ why) => new StrotssError('BAD_STATE', `saved state: ${why}`)
  if (!(bytes instanceof Uint8Array)) throw fail('not bytes')
  const text = (/** @type {number} */ from, /** @type {number} */ to) => new TextDecoder().decode(bytes.subarray(from, to))
  if (text(0, MAGIC.length) !== MAGIC) throw fail('not one')
  if (bytes.length < PREFIX) throw fail('cut short')
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true)
  if (bytes.length <= PREFIX + length) throw fail('cut short')
  let header
  try {
    header = JSON.parse(text(PREFIX, PREFIX + length))
  } catch {
    throw fail('altered')
  }
  if (header?.version !== VERSION) throw fail('of another version')
  if (typeof header.options !== 'object' || !header.options || !Array.isArray(header.scales)) throw fail('altered')
  return { header, state: bytes.subarray(PREFIX + length) }
}
