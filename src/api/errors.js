// SPDX-License-Identifier: MIT
//
// The one kind of error that the library throws. `code` is one of
//
//   BAD_ARGUMENT OUT_OF_MEMORY BAD_WEIGHTS BAD_IMAGE BAD_REGIONS BAD_STATE NOT_FINITE CANNOT_ENCODE   from the engine
//   NO_SIMD         this runtime has no WebAssembly SIMD
//   WEIGHTS_FETCH   the weights could not be read
//   WORKER_FAILED   the worker or the WebAssembly files could not be loaded, or the worker broke
//   CALLBACK_FAILED onProgress threw; cause is what it threw
//   INTERNAL        a fault of the library's own, which ended one request and nothing else
//   DISPOSED        the engine was disposed of
//   ABORTED         the run was cancelled; cause is the signal's reason, or what was given to cancel(); name is
//                   'AbortError', or 'TimeoutError' where the reason is one, as of AbortSignal.timeout()
//
// and `message` is one sentence naming the input that is to blame. The error of a run that had begun also holds the
// last picture and the last state that were told of it.

/** @typedef {import('./types.js').Picture} Picture */

export class StrotssError extends Error {
  /**
   * @param {string} code @param {string} message
   * @param {{ image?: Picture|null, checkpoint?: Uint8Array<ArrayBuffer>|null, cause?: unknown }} [more]
   */
  constructor(code, message, more = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    const timeout = more.cause instanceof Error && more.cause.name === 'TimeoutError'
    this.name = code !== 'ABORTED' ? 'StrotssError' : timeout ? 'TimeoutError' : 'AbortError'
    this.code = code
    /** Of a run: the picture so far. */
    this.image = more.image ?? null
    /** Of a run: the state so far, for `resume`. */
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
  return /^[AEIO]/.test(tag) ? `an ${tag}` : `a ${tag}`
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
  const [code, what] = error instanceof WebAssembly.RuntimeError ? ['WORKER_FAILED', 'the engine stopped']
    : error instanceof RangeError || /out of memory/i.test(words(error)) ? ['OUT_OF_MEMORY', 'not enough memory']
      : ['INTERNAL', 'internal error']
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
