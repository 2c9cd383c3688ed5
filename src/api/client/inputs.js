// SPDX-License-Identifier: MIT
//
// What callers may give: every public method's inputs are checked here, at once, in words that name the input. What is
// kept (pixels, bytes, label maps) is copied in the same breath, so that the caller may change it right after the call.
//
// Refuses with BAD_ARGUMENT what is of another kind or out of range, with BAD_IMAGE pictures that are none, with
// BAD_REGIONS label maps that do not fit, with BAD_STATE what is no saved state, and with OUT_OF_MEMORY what there is no
// room to copy. What only the content of a file tells, the engine refuses.

import { MAX_THREADS } from '../shared/build.js'
import { unpackCheckpoint } from '../shared/checkpoint.js'
import { OPTIONS, ROWS } from '../shared/options.js'
import { describe, StrotssError, tagOf } from '../errors.js'

/** @typedef {import('../types.js').Picture} Picture */
/** @typedef {import('../types.js').LabelMap} LabelMap */

/** As strotss.h has them. */
const MIN_SIDE = 2
const MAX_SIDE = 16384
const MAX_MEGAPIXELS = 100
const MAX_LABELS = 256
/** 571 MB of numbers. */
const MAX_PLACES = 65536

/** @param {string} why @returns {StrotssError} */
const bad = (why) => new StrotssError('BAD_ARGUMENT', why)

// ---- plain values ---------------------------------------------------------------------------------------------------

/** @param {string} name @param {unknown} value */
export function checkObject(name, value) {
  if (typeof value !== 'object' || value === null) throw bad(`${name}: ${describe(value)} is not an object`)
}

/** @param {string} name @param {unknown} value @param {number} low @param {number} high @param {boolean} [whole] */
export function checkRange(name, value, low, high, whole = false) {
  if (value === undefined) return
  if (typeof value !== 'number' || !(whole ? Number.isSafeInteger : Number.isFinite)(value)) {
    throw bad(`${name}: ${describe(value)} is not a ${whole ? 'whole ' : ''}number from ${low} to ${high}`)
  }
  if (value < low || value > high) throw bad(`${name}: ${value} is not from ${low} to ${high}`)
}

/** @param {string} name @param {unknown} value @param {readonly string[]} choices */
export function checkChoice(name, value, choices) {
  if (value === undefined || choices.includes(/** @type {string} */ (value))) return
  throw bad(`${name}: ${describe(value)} is none of ${choices.join(', ')}`)
}

/** @param {string} name @param {unknown} value @param {'boolean'|'string'|'function'} type */
function checkType(name, value, type) {
  if (value !== undefined && typeof value !== type) throw bad(`${name}: ${describe(value)} is not a ${type}`)
}

/** @param {unknown} seed */
const checkSeed = (seed) => checkRange('seed', seed, ROWS.seed.lowest, ROWS.seed.highest, true)

// ---- bytes ----------------------------------------------------------------------------------------------------------

/** Of any realm, on any kind of buffer. @param {unknown} value @returns {value is Uint8Array} */
export const isBytes = (value) => ArrayBuffer.isView(value) && tagOf(value) === 'Uint8Array'

/**
 * A copy in a buffer of its own, which is neither shared nor detached: Buffers lie in pools, and messages take whole
 * buffers.
 * @template {Uint8Array|Uint8ClampedArray} T @param {new (from: ArrayLike<number>) => T} Kind
 * @param {ArrayLike<number>} view @param {string} name @returns {T}
 */
function copy(Kind, view, name) {
  try {
    return new Kind(view)
  } catch (error) {
    throw new StrotssError('OUT_OF_MEMORY', `${name}: there is no memory to hold it`, { cause: error })
  }
}

/**
 * Bytes that nobody else holds, as they are where their buffer holds nothing else.
 * @param {Uint8Array} bytes @returns {Uint8Array}
 */
export const ownBytes = (bytes) => (bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes))

/** @param {string} name @param {Uint8Array} bytes @param {'BAD_IMAGE'|'BAD_STATE'} code where there are none */
function takeBytes(name, bytes, code) {
  if (!bytes.length) throw new StrotssError(code, `${name}: no bytes: it is empty, or its buffer was given away`)
  return copy(Uint8Array, bytes, name)
}

/** Those of a picture file. @param {string} name @param {Uint8Array} bytes */
export const takeFile = (name, bytes) => takeBytes(name, bytes, 'BAD_IMAGE')

// ---- pictures -------------------------------------------------------------------------------------------------------

/** @param {string} name @param {unknown} size @param {number} [least] */
export function checkSize(name, size, least = MIN_SIDE) {
  checkObject(name, size)
  const { width, height } = /** @type {any} */ (size)
  for (const [side, length] of Object.entries({ width, height })) {
    if (length === undefined) throw bad(`${name}.${side}: missing`)
    checkRange(`${name}.${side}`, length, least, MAX_SIDE, true)
  }
  if (width * height > MAX_MEGAPIXELS * 1e6) {
    throw bad(`${name}: ${width} x ${height} is more than ${MAX_MEGAPIXELS} megapixels`)
  }
  return { width, height }
}

/**
 * @param {string} name @param {unknown} input @param {string} kinds what else may stand here, in words
 * @param {number} [least] pixels of a side @returns {Picture}
 */
export function takePicture(name, input, kinds, least) {
  if (input === undefined || input === null) throw new StrotssError('BAD_IMAGE', `${name}: missing`)
  const like = typeof input === 'object' && ('data' in input || tagOf(input) === 'Object')
  if (!like) throw bad(`${name}: ${describe(input)} is not ${kinds}`)
  const { width, height, data } = /** @type {Picture} */ (input)
  const bytes = ArrayBuffer.isView(data) && ['Uint8ClampedArray', 'Uint8Array'].includes(tagOf(data))
  if (!bytes || !Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1 ||
    data.length !== 4 * width * height) {
    throw new StrotssError('BAD_IMAGE', `${name}: not an image of width times height RGBA pixels, four bytes each`)
  }
  try {
    checkSize(name, { width, height }, least)
  } catch (error) {
    throw new StrotssError('BAD_IMAGE', /** @type {Error} */ (error).message)
  }
  return { width, height, data: copy(Uint8ClampedArray, data, name) }
}

/** @param {'content'|'style'} side @param {any} map @returns {LabelMap} */
function takeLabels(side, map) {
  const { width, height, labels } = map ?? {}
  const whole = [width, height].every((length) => Number.isInteger(length) && length >= 1 && length <= MAX_SIDE)
  if (!whole || !isBytes(labels) || labels.length !== width * height) {
    throw new StrotssError('BAD_REGIONS', `regions: the ${side}'s labels are not width times height bytes`)
  }
  return { width, height, labels: copy(Uint8Array, labels, 'regions') }
}

/** @param {any} regions @returns {import('../types.js').Regions|null} */
function takeRegions(regions) {
  if (regions === undefined || regions === null) return null
  checkObject('regions', regions)
  const { content, style, weights = [] } = regions
  const maps = { content: takeLabels('content', content), style: takeLabels('style', style) }
  if (!Array.isArray(weights)) throw bad(`regions.weights: ${describe(weights)} is not an array of numbers`)
  if (weights.length > MAX_LABELS) throw new StrotssError('BAD_REGIONS', `regions: more than ${MAX_LABELS} weights`)
  for (const [label, weight] of weights.entries()) {
    checkRange(`regions.weights[${label}]`, weight ?? null, 0, 1e6)
  }
  return { ...maps, weights: [...weights] }
}

// ---- options --------------------------------------------------------------------------------------------------------

/**
 * Refuses options out of range, before any work. Which terms there are to weigh, only the engine knows.
 * @param {import('../types.js').RunOptions} options
 */
export function checkOptions(options) {
  for (const name of OPTIONS) {
    const row = ROWS[name]
    const value = options[name]
    if (row.kind === 'flag') checkType(name, value, 'boolean')
    else if (row.kind === 'number') checkRange(name, value, row.lowest, row.highest, 'whole' in row)
    else if (row.kind !== 'factors') checkChoice(name, value, row.kind)
    else if (value !== undefined) {
      checkObject(name, value)
      for (const [term, factor] of Object.entries(value)) checkRange(`${name}.${term}`, factor, row.lowest, row.highest)
    }
  }
}

/** Those that decide a run's picture, as far as they are given. @param {any} options */
function takeRunOptions(options) {
  checkOptions(options)
  /** @type {import('../types.js').RunOptions} */
  const taken = Object.fromEntries(OPTIONS.map((name) => [name, options[name]])
    .filter(([, value]) => value !== undefined))
  if (taken.factors) taken.factors = { ...taken.factors }
  return taken
}

/** A state to go on from, and its options. @param {any} resume */
function takeState(resume) {
  if (resume === undefined || resume === null) return { resume: null, saved: null }
  if (!isBytes(resume)) throw new StrotssError('BAD_STATE', `resume: ${describe(resume)} is not the bytes of a state`)
  const bytes = takeBytes('resume', resume, 'BAD_STATE')
  const { options } = unpackCheckpoint(bytes).header
  try {
    checkOptions(options)
  } catch (error) {
    throw new StrotssError('BAD_STATE', `saved state: ${/** @type {Error} */ (error).message}`)
  }
  return { resume: bytes, saved: options }
}

/** @param {any} signal @returns {signal is AbortSignal} */
export const isSignal = (signal) =>
  typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function'

/** @param {any} signal */
function checkSignal(signal) {
  if (signal === undefined || signal === null || isSignal(signal)) return
  const hint = typeof signal.signal?.aborted === 'boolean' ? ': give its `signal`' : ''
  throw bad(`signal: ${describe(signal)} is not an AbortSignal${hint}`)
}

/**
 * What a run is asked for, all but its pictures.
 * @param {any} options of Engine.start
 */
export function takeStart(options) {
  checkObject('options', options)
  const { regions, resume, convert = false, previewEvery = 1000, signal, onProgress } = options
  checkType('convert', convert, 'boolean')
  checkRange('previewEvery', previewEvery, 0, 1e9)
  checkType('onProgress', onProgress, 'function')
  checkSignal(signal)
  return { ...takeState(resume), options: takeRunOptions(options), regions: takeRegions(regions), convert,
    previewEvery }
}

/** @param {any} options @returns {import('../types.js').EstimateOptions} */
export function takeEstimate(options) {
  checkObject('options', options)
  const { content, style, pairs, threads } = options
  checkRange('pairs', pairs, 1, MAX_LABELS, true)
  checkRange('threads', threads, 1, MAX_THREADS, true)
  return { ...takeRunOptions(options), content: checkSize('content', content), style: checkSize('style', style), pairs,
    threads }
}

/** @param {any} options @returns {{ type: 'image/png'|'image/jpeg', quality: number }} */
export function takeEncode(options = {}) {
  checkObject('options', options)
  const { type = 'image/png', quality = 92 } = options
  if (type !== 'image/png' && type !== 'image/jpeg') {
    throw bad(`type: ${describe(type)} is not image/png or image/jpeg`)
  }
  checkRange('quality', quality, 1, 100, true)
  return { type, quality }
}

/** @param {any} options */
export function takeEvaluate(options) {
  checkObject('options', options)
  const { alpha = 1, draws = 4, seed = 0 } = options
  checkRange('alpha', alpha, 0, 1e6)
  checkRange('draws', draws, 1, 1000, true)
  checkSeed(seed)
  return { alpha, draws, seed }
}

/** @param {any} options */
export function takeDistances(options = {}) {
  checkObject('options', options)
  const { size = 256, count = 512, seed = 0 } = options
  checkRange('size', size, 64, 1024, true)
  checkRange('count', count, 1, 1024, true)
  checkSeed(seed)
  return { size, count, seed }
}

/**
 * Pixels, each [y, x]; whether they are inside a picture file the engine tells once it is decoded.
 * @param {any} options @returns {[number, number][]}
 */
export function takePlaces(options) {
  checkObject('options', options)
  const { image, at } = options
  if (!Array.isArray(at) || !at.length) throw bad('at: no pixel is named; give an array of [y, x]')
  if (at.length > MAX_PLACES) {
    throw bad(`at: ${at.length} pixels are more than ${MAX_PLACES}; ask for fewer at a time`)
  }
  const [width, height] = [image?.width, image?.height].map((side) => (side >= 1 ? side : MAX_SIDE))
  return Array.from(at, (place, i) => {
    if (!Array.isArray(place) || place.length !== 2) throw bad(`at[${i}]: ${describe(place)} is not [y, x]`)
    const [y, x] = place
    checkRange(`at[${i}]: y`, y ?? null, 0, height - 1, true)
    checkRange(`at[${i}]: x`, x ?? null, 0, width - 1, true)
    return [y, x]
  })
}

/** @param {any} bytes @param {any} name of the file, for errors */
export function takeDecode(bytes, name) {
  checkType('name', name, 'string')
  if (bytes === undefined || bytes === null) throw new StrotssError('BAD_IMAGE', `${name}: missing`)
  if (!isBytes(bytes)) throw bad(`${name}: ${describe(bytes)} is not a Uint8Array of a picture file`)
  return { bytes: takeFile(name, bytes), name }
}

/** Of a new engine; threads and build are build.js's to check. @param {any} options */
export function checkEngineOptions(options) {
  checkObject('options', options)
  const { weights, base, worker, webgpu, backend = 'wasm', onProgress } = options
  if (!['auto', 'wasm', 'webgpu'].includes(backend)) {
    throw bad(`backend: ${describe(backend)} is none of auto, wasm, webgpu`)
  }
  checkType('onProgress', onProgress, 'function')
  for (const [name, place] of Object.entries({ base, worker, webgpu })) {
    if (place !== undefined && typeof place !== 'string' && !(place instanceof URL)) {
      throw bad(`${name}: ${describe(place)} is not a string or a URL`)
    }
  }
  const known = weights === undefined || ['string', 'function'].includes(typeof weights) || weights instanceof URL ||
    isBytes(weights)
  if (!known) throw bad(`weights: ${describe(weights)} is not a string, a URL, a Uint8Array or a function`)
}
