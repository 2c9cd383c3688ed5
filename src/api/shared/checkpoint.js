// SPDX-License-Identifier: MIT
//
// A checkpoint: the engine's state of a run (run_state.c) behind a header that says which run it is, so that a caller
// can show and check it. The engine itself refuses a state of other inputs, options or weights.
//
//   offset  size  what, little-endian
//        0     8  "STROTSC2"
//        8     4  n, bytes of the header
//       12     4  digest of the header: FNV-1a of 32 bits
//       16     n  the header, JSON in UTF-8 (type Checkpoint)
//   16 + n        the engine's state, which has a digest of its own
//
// Refuses what is cut or altered up to the engine's state, or is of another version; the engine checks the rest.

import { BUILDS, features, roundsLike } from './build.js'
import { StrotssError } from '../errors.js'

const MAGIC = 'STROTSC2'
const PREFIX = 16

/** @typedef {import('./build.js').Build} Build */
/** The header. @typedef {import('../types.js').Checkpoint} Checkpoint */

/** @param {Uint8Array} bytes */
const digest = (bytes) => bytes.reduce((sum, byte) => Math.imul(sum ^ byte, 0x01000193), 0x811c9dc5) >>> 0

/** @param {Checkpoint} header @param {Uint8Array} state @returns {Uint8Array<ArrayBuffer>} */
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

/** @param {Uint8Array} bytes @returns {{ header: Checkpoint, state: Uint8Array }} */
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

/**
 * What a checkpoint says of its run, without its pictures and without an engine.
 * @param {Uint8Array} bytes of RunResult, ScaleEvent, Run.checkpoint or an error @returns {Checkpoint}
 */
export const readCheckpoint = (bytes) => unpackCheckpoint(bytes).header

/**
 * The build that continues a checkpoint in place of `build`; null where that one does, or none that runs here.
 * @param {Build} build @param {unknown} bytes @returns {Build|null}
 */
export function otherBuild(build, bytes) {
  try {
    const other = roundsLike(build, readCheckpoint(/** @type {Uint8Array} */ (bytes)).build)
    return other === build || (other.endsWith('-relaxed') && !features().relaxed) ? null : other
  } catch {
    return null /* it is refused later, in words */
  }
}
