// SPDX-License-Identifier: MIT
//
// What callers may give: every public method's inputs are checked here, before the method returns, in words that name
// the input. Pixels, bytes and label maps are copied at the same time, so the caller may change them after the call.
//
// Refuses with BAD_ARGUMENT what is of another kind or out of range, with BAD_IMAGE pictures without pixels, with
// BAD_REGIONS label maps that do not fit, with BAD_STATE what is not a saved state, and with OUT_OF_MEMORY what there
// is no memory to copy. This is JavaScript's only check of ranges and choices; the engine refuses what only it knows:
// terms that do not exist, and what is wrong inside a file.

import { MAX_THREADS } from '../shared/build.js'
import { unpackCheckpoint } from '../shared/checkpoint.js'
import { DISTANCES_ROWS, ENCODE_ROWS, EVALUATE_ROWS, OPTIONS, ROWS } from '../shared/options.js'
import { describe, StrotssError, tagOf } from '../errors.js'

/** @typedef {import('../types.js').Picture} Picture */
/** @typedef {import('../types.js').LabelMap} LabelMap */
/** @typedef {import('../types.js').PictureFile} PictureFile */
/** @typedef {import('../types.js').RunOptions} RunOptions */

/** As strotss.h has them. */
const MIN_SIDE = 2
const MAX_SIDE = 16384
const MAX_MEGAPIXELS = 100
const MAX_LABELS = 256
const MAX_POINTS = 64
const MAX_WEIGHT = 1e6
/** 571 MB of numbers. */
const MAX_PLACES = 65536
/** @type {unknown[]} */
const BACKENDS = ['auto', 'wasm', 'webgpu']

/** @param {string} why @returns {StrotssError} */
const bad = (why) => new StrotssError('BAD_ARGUMENT', why)

// ---- plain values ---------------------------------------------------------------------------------------------------

/** @typedef {Record<string, unknown>} Given an object of a caller, nothing of which is known */

/** @param {string} name @param {unknown} value @returns {Given} */
function takeObject(name, value) {
  if (typeof value === 'object' && value !== null) return /** @type {Given} */ (value)
  throw bad(`${name}: ${describe(value)} is not an object`)
}

/**
 * @param {string} name @param {unknown} value @param {number} low @param {number} high @param {boolean} [whole]
 * @returns {number}
 */
function takeNumber(name, value, low, high, whole = false) {
  if (typeof value !== 'number' || !(whole ? Number.isSafeInteger : Number.isFinite)(value)) {
    throw bad(`${name}: ${describe(value)} is not a ${whole ? 'whole ' : ''}number from ${low} to ${high}`)
  }
  if (value < low || value > high) throw bad(`${name}: ${value} is not from ${low} to ${high}`)
  return value
}

/** @param {string} name @param {unknown} value @param {readonly string[]} choices */
function checkChoice(name, value, choices) {
  if (choices.includes(/** @type {string} */ (value))) return
  throw bad(`${name}: ${describe(value)} is not one of ${choices.join(', ')}`)
}

/** @param {string} name @param {unknown} value @param {'boolean'|'string'|'function'} type */
function checkType(name, value, type) {
  if (value !== undefined && typeof value !== type) throw bad(`${name}: ${describe(value)} is not a ${type}`)
}

/**
 * The numbers of a call as its list has them, those not given by their defaults.
 * @template {string} Name
 * @param {{ readonly [name in Name]: { lowest: number, highest: number, standard: number, whole?: boolean } }} rows
 * @param {unknown} options @returns {{ [name in Name]: number }}
 */
function takeNumbers(rows, options) {
  const given = takeObject('options', options)
  const taken = /** @type {{ [name in Name]: number }} */ ({})
  for (const name of /** @type {Name[]} */ (Object.keys(rows))) {
    const { lowest, highest, standard, whole } = rows[name]
    const { [name]: value = standard } = given
    taken[name] = takeNumber(name, value, lowest, highest, whole)
  }
  return taken
}

// ---- bytes ----------------------------------------------------------------------------------------------------------

/** Of any realm, on any kind of buffer. @param {unknown} value @returns {value is Uint8Array} */
export const isBytes = (value) => ArrayBuffer.isView(value) && tagOf(value) === 'Uint8Array'

/**
 * A copy in a buffer of its own, which is neither shared nor detached: Buffers lie in pools, and messages take whole
 * buffers.
 * @template {Uint8Array<ArrayBuffer>|Uint8ClampedArray<ArrayBuffer>} T
 * @param {new (from: ArrayLike<number>) => T} Kind @param {ArrayLike<number>} view @param {string} name @returns {T}
 */
function copy(Kind, view, name) {
  try {
    return new Kind(view)
  } catch (error) {
    throw new StrotssError('OUT_OF_MEMORY', `${name}: not enough memory to copy it`, { cause: error })
  }
}

/**
 * Bytes that nobody else holds, as they are where their buffer holds nothing else.
 * @param {Uint8Array} bytes @returns {Uint8Array<ArrayBuffer>}
 */
export const ownBytes = (bytes) => (bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
  ? /** @type {Uint8Array<ArrayBuffer>} */ (bytes) : new Uint8Array(bytes))

/**
 * @param {string} name @param {Uint8Array} bytes @param {'BAD_IMAGE'|'BAD_STATE'} code where there are none
 * @returns {Uint8Array<ArrayBuffer>}
 */
function takeBytes(name, bytes, code) {
  if (!bytes.length) throw new StrotssError(code, `${name}: no bytes; it is empty, or its buffer was transferred`)
  return copy(Uint8Array, bytes, name)
}

/** @param {string} role @param {Blob} blob @param {string} name @returns {Promise<PictureFile>} */
async function readBlob(role, blob, name) {
  try {
    return { bytes: new Uint8Array(await blob.arrayBuffer()), name }
  } catch (error) {
    throw new StrotssError('BAD_IMAGE', `${name || role}: ${/** @type {Error} */ (error).message}`, { cause: error })
  }
}

/**
 * A picture file as bytes or a Blob, the same everywhere; null where the input is neither.
 * @param {string} role @param {unknown} input @param {string} [name] of the file
 * @returns {PictureFile|Promise<PictureFile>|null}
 */
export function takeFile(role, input, name = '') {
  if (typeof input !== 'object' || input === null) return null
  const tag = tagOf(input)
  if (isBytes(input)) return { bytes: takeBytes(name || role, input, 'BAD_IMAGE'), name }
  if (tag === 'ArrayBuffer' || tag === 'SharedArrayBuffer') {
    return takeFile(role, new Uint8Array(/** @type {ArrayBuffer} */ (input)), name)
  }
  if (tag === 'DataView') {
    const { buffer, byteOffset, byteLength } = /** @type {DataView} */ (input)
    return takeFile(role, new Uint8Array(buffer, byteOffset, byteLength), name)
  }
  const blob = /** @type {File} */ (input)
  return tag === 'Blob' || tag === 'File' ? readBlob(role, blob, name || blob.name || '') : null
}

// ---- pictures -------------------------------------------------------------------------------------------------------

/** @param {string} name @param {unknown} size @param {number} [least] @returns {import('../types.js').Size} */
function takeSize(name, size, least = MIN_SIDE) {
  const given = takeObject(name, size)
  const [width, height] = ['width', 'height'].map((side) => {
    if (given[side] === undefined) throw bad(`${name}.${side}: missing`)
    return takeNumber(`${name}.${side}`, given[side], least, MAX_SIDE, true)
  })
  if (width * height > MAX_MEGAPIXELS * 1e6) {
    throw bad(`${name}: ${width} x ${height} pixels are more than ${MAX_MEGAPIXELS} megapixels`)
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
  const { width, height, data } = /** @type {import('../types.js').Pixels} */ (input)
  const bytes = ArrayBuffer.isView(data) && ['Uint8ClampedArray', 'Uint8Array'].includes(tagOf(data))
  if (!bytes || !Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1 ||
    data.length !== 4 * width * height) {
    throw new StrotssError('BAD_IMAGE', `${name}: its data is not width x height RGBA pixels of four bytes each`)
  }
  try {
    takeSize(name, { width, height }, least)
  } catch (error) {
    throw new StrotssError('BAD_IMAGE', /** @type {Error} */ (error).message)
  }
  return { width, height, data: copy(Uint8ClampedArray, data, name) }
}

/** @param {'content'|'style'} side @param {unknown} map @returns {LabelMap} */
function takeLabels(side, map) {
  const { width = NaN, height = NaN, labels } = /** @type {Partial<LabelMap>} */ (map ?? {})
  const whole = [width, height].every((length) => Number.isInteger(length) && length >= 1 && length <= MAX_SIDE)
  if (!whole || !isBytes(labels) || labels.length !== width * height) {
    throw new StrotssError('BAD_REGIONS', `regions.${side}: its labels are not a Uint8Array of width x height bytes`)
  }
  return { width, height, labels: copy(Uint8Array, labels, `regions.${side}`) }
}

/** @param {unknown} given @returns {import('../types.js').Regions|null} */
function takeRegions(given) {
  if (given === undefined || given === null) return null
  const { content, style, weights = [] } = takeObject('regions', given)
  const maps = { content: takeLabels('content', content), style: takeLabels('style', style) }
  if (!Array.isArray(weights)) throw bad(`regions.weights: ${describe(weights)} is not an array of numbers`)
  if (weights.length > MAX_LABELS) throw new StrotssError('BAD_REGIONS', `regions: more than ${MAX_LABELS} weights`)
  return { ...maps, weights: Array.from(weights, (weight, label) =>
    takeNumber(`regions.weights[${label}]`, weight, 0, MAX_WEIGHT)) }
}

/** @param {string} name @param {unknown} place @returns {[number, number]} */
function takePlace(name, place) {
  if (!Array.isArray(place) || place.length !== 2) throw bad(`${name}: ${describe(place)} is not [x, y]`)
  const [x, y] = place
  return [takeNumber(`${name}: x`, x, 0, MAX_SIDE - 1, true), takeNumber(`${name}: y`, y, 0, MAX_SIDE - 1, true)]
}

/**
 * Whether they are inside the pictures the engine says once those are decoded.
 * @param {unknown} points @returns {import('../types.js').Point[]}
 */
function takePoints(points) {
  if (points === undefined || points === null) return []
  if (!Array.isArray(points)) throw bad(`points: ${describe(points)} is not an array of { content, style }`)
  if (points.length > MAX_POINTS) throw bad(`points: ${points.length} are more than ${MAX_POINTS}`)
  return Array.from(points, (point, i) => {
    const { content, style, weight = 1 } = takeObject(`points[${i}]`, point)
    return { content: takePlace(`points[${i}].content`, content), style: takePlace(`points[${i}].style`, style),
      weight: takeNumber(`points[${i}].weight`, weight, 0, MAX_WEIGHT) }
  })
}

// ---- options --------------------------------------------------------------------------------------------------------

/**
 * Refuses options that are out of range. Only the engine knows which terms there are to weigh.
 * @param {unknown} options
 */
export function checkOptions(options) {
  const given = takeObject('options', options)
  for (const name of OPTIONS) {
    const row = ROWS[name]
    const value = given[name]
    if (value === undefined) continue
    if (row.kind === 'flag') checkType(name, value, 'boolean')
    else if (row.kind === 'number') takeNumber(name, value, row.lowest, row.highest, 'whole' in row)
    else if (row.kind !== 'factors') checkChoice(name, value, row.kind)
    else for (const [term, factor] of Object.entries(takeObject(name, value))) {
      takeNumber(`${name}.${term}`, factor, row.lowest, row.highest)
    }
  }
}

/** Those that decide a run's picture, as far as they are given. @param {Given} options @returns {RunOptions} */
function takeRunOptions(options) {
  checkOptions(options)
  return structuredClone(Object.fromEntries(OPTIONS.map((name) => [name, options[name]])
    .filter(([, value]) => value !== undefined)))
}

/**
 * A state to continue from, and its options.
 * @param {unknown} resume @returns {{ resume: Uint8Array<ArrayBuffer>|null, saved: RunOptions|null }}
 */
function takeState(resume) {
  if (resume === undefined || resume === null) return { resume: null, saved: null }
  if (!isBytes(resume)) throw new StrotssError('BAD_STATE', `resume: ${describe(resume)} is not a Uint8Array`)
  const bytes = takeBytes('resume', resume, 'BAD_STATE')
  const { options } = unpackCheckpoint(bytes).header
  try {
    checkOptions(options)
  } catch (error) {
    throw new StrotssError('BAD_STATE', `saved state: ${/** @type {Error} */ (error).message}`)
  }
  return { resume: bytes, saved: options }
}

/** @param {unknown} value @returns {value is AbortSignal} */
export function isSignal(value) {
  const signal = /** @type {Partial<AbortSignal>|null|undefined} */ (value)
  return typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function'
}

/** @param {unknown} signal */
function checkSignal(signal) {
  if (signal === undefined || signal === null || isSignal(signal)) return
  const hint = isSignal(/** @type {Given} */ (signal).signal) ? '; pass its `signal`' : ''
  throw bad(`signal: ${describe(signal)} is not an AbortSignal${hint}`)
}

/**
 * What a run is asked for, all but its pictures.
 * @param {unknown} options of Engine.start
 */
export function takeStart(options) {
  const given = takeObject('options', options)
  const { regions, points, resume, convert = false, previewEvery = 1000, signal, onProgress } = given
  checkType('convert', convert, 'boolean')
  checkType('onProgress', onProgress, 'function')
  checkSignal(signal)
  return { ...takeState(resume), options: takeRunOptions(given), regions: takeRegions(regions),
    points: takePoints(points), convert: Boolean(convert),
    previewEvery: takeNumber('previewEvery', previewEvery, 0, 1e9) }
}

/** @param {unknown} options @returns {import('../types.js').EstimateOptions} */
export function takeEstimate(options) {
  const given = takeObject('options', options)
  const { content, style, pairs, points, init, threads } = given
  return {
    ...takeRunOptions(given), content: takeSize('content', content), style: takeSize('style', style),
    pairs: pairs === undefined ? undefined : takeNumber('pairs', pairs, 1, MAX_LABELS, true),
    points: points === undefined ? undefined : takeNumber('points', points, 0, MAX_POINTS, true),
    init: init === undefined ? undefined : takeSize('init', init),
    threads: threads === undefined ? undefined : takeNumber('threads', threads, 1, MAX_THREADS, true)
  }
}

/** @param {unknown} options @returns {{ type: 'image/png'|'image/jpeg', quality: number }} */
export function takeEncode(options = {}) {
  const { type = 'image/png' } = takeObject('options', options)
  if (type !== 'image/png' && type !== 'image/jpeg') {
    throw bad(`type: ${describe(type)} is not image/png or image/jpeg`)
  }
  return { type, ...takeNumbers(ENCODE_ROWS, options) }
}

/** @param {unknown} options */
export function takeEvaluate(options) {
  return takeNumbers(EVALUATE_ROWS, options)
}

/** @param {unknown} options */
export function takeDistances(options = {}) {
  return takeNumbers(DISTANCES_ROWS, options)
}

/**
 * Pixels, each [y, x]; whether they are inside a picture file the engine tells once it is decoded.
 * @param {unknown} options @returns {[number, number][]}
 */
export function takePlaces(options) {
  const { image, at } = takeObject('options', options)
  if (!Array.isArray(at) || !at.length) throw bad('at: it names no pixel; pass an array of [y, x]')
  if (at.length > MAX_PLACES) {
    throw bad(`at: ${at.length} pixels are more than ${MAX_PLACES}; ask for fewer at a time`)
  }
  const pixels = typeof image === 'object' && image !== null && 'data' in image
  const { width = NaN, height = NaN } = /** @type {Partial<import('../types.js').Size>} */ (pixels ? image : {})
  const [right, bottom] = [width, height].map((side) => (side >= 1 ? side : MAX_SIDE) - 1)
  return Array.from(at, (place, i) => {
    if (!Array.isArray(place) || place.length !== 2) throw bad(`at[${i}]: ${describe(place)} is not [y, x]`)
    const [y, x] = place
    return [takeNumber(`at[${i}]: y`, y, 0, bottom, true), takeNumber(`at[${i}]: x`, x, 0, right, true)]
  })
}

/** Of a picture, for errors. @param {unknown} name */
export const checkName = (name) => checkType('name', name, 'string')

/** Of a new engine; build.js checks threads and build. @param {unknown} options */
export function checkEngineOptions(options) {
  const { weights, base, worker, webgpu, backend = 'wasm', onProgress } = takeObject('options', options)
  if (!BACKENDS.includes(backend)) throw bad(`backend: ${describe(backend)} is none of ${BACKENDS.join(', ')}`)
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
