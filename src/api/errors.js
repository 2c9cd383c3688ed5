// SPDX-License-Identifier: MIT
//
// The one kind of error that the library throws. Its message is one sentence that names the input to blame. The error
// of a run that had begun also holds the last picture and the last state that were reported.

/** @typedef {import('./types.js').Picture} Picture */

/** What may have gone wrong. The first eight are the engine's; a test compares this list with docs/library.md's. */
export const CODES = /** @type {const} */ (['BAD_ARGUMENT', 'OUT_OF_MEMORY', 'BAD_WEIGHTS', 'BAD_IMAGE', 'BAD_REGIONS',
  'BAD_STATE', 'NOT_FINITE', 'CANNOT_ENCODE', 'NO_SIMD', 'WEIGHTS_FETCH', 'WORKER_FAILED', 'CALLBACK_FAILED',
  'INTERNAL', 'DISPOSED', 'ABORTED'])
/** @typedef {typeof CODES[number]} ErrorCode */

export class StrotssError extends Error {
  /**
   * @param {ErrorCode} code @param {string} message
   * @param {{ image?: Picture|null, checkpoint?: Uint8Array<ArrayBuffer>|null, cause?: unknown }} [more]
   */
  constructor(code, message, more = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    const timeout = more.cause instanceof Error && more.cause.name === 'TimeoutError'
    /** 'StrotssError'; of ABORTED 'AbortError', or 'TimeoutError' where the reason is one. */
    this.name = code !== 'ABORTED' ? 'StrotssError' : timeout ? 'TimeoutError' : 'AbortError'
    /** What kind of failure it is. */
    this.code = code
    /** The picture of a run when it ended. */
    this.image = more.image ?? null
    /** The state of a run when it ended, for `resume`. */
    this.checkpoint = more.checkpoint ?? null
  }
}

/** What a value is, in a few words on one line. @param {unknown} value @returns {string} */
export function describe(value) {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  if (typeof value !== 'object' || value === null) return String(value)
  const tag = tagOf(value)
  return /^([AEIO]|HTML|SVG)/.test(tag) ? `an ${tag}` : `a ${tag}`
}

/** "Object", "ImageData", "Uint8Array": the same in every realm. @param {object} value @returns {string} */
export const tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1)

/** @param {unknown} error */
const words = (error) => (error instanceof Error ? error.message : String(error))

/**
 * As it is, or by its kind: only a trap leaves WebAssembly, and with it the worker, in no state to work on.
 * @param {unknown} error @returns {StrotssError}
 */
export function asStrotssError(error) {
  if (error instanceof StrotssError) return error
  const [code, what] = /** @type {[ErrorCode, string]} */ (
    error instanceof WebAssembly.RuntimeError ? ['WORKER_FAILED', 'the engine stopped']
      : error instanceof RangeError || /out of memory/i.test(words(error)) ? ['OUT_OF_MEMORY', 'not enough memory']
        : ['INTERNAL', 'internal error'])
  return new StrotssError(code, `${what}: ${words(error)}`, { cause: error })
}

/**
 * Calls a caller's onProgress; what it throws, or the promise that it gives is rejected with, goes to `fail`.
 * @template T
 * @param {((event: T) => unknown)|undefined} onProgress @param {T} event @param {(error: StrotssError) => void} fail
 */
export function tell(onProgress, event, fail) {
  const threw = (/** @type {unknown} */ error) =>
    fail(new StrotssError('CALLBACK_FAILED', `onProgress threw: ${words(error)}`, { cause: error }))
  try {
    Promise.resolve(onProgress?.(event)).catch(threw)
  } catch (error) {
    threw(error)
  }
}
