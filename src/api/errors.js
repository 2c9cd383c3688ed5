// SPDX-License-Identifier: MIT
//
// The one kind of error that the library throws. `code` is one of
//
//   BAD_ARGUMENT OUT_OF_MEMORY BAD_WEIGHTS BAD_IMAGE BAD_REGIONS BAD_STATE NOT_FINITE CANNOT_ENCODE   from the engine
//   NO_SIMD         this runtime has no WebAssembly SIMD
//   WEIGHTS_FETCH   the weights could not be read
//   WORKER_FAILED   the worker or the WebAssembly files could not be loaded, or the worker broke
//   DISPOSED        the engine was disposed of
//   ABORTED         the run was cancelled; name is 'AbortError'
//
// and `message` is one sentence naming the input that is to blame. The error of a run that had begun also holds the
// last picture and the last state that were told of it.

/** @typedef {import('./types.js').Picture} Picture */

export class StrotssError extends Error {
  /**
   * @param {string} code @param {string} message
   * @param {{ image?: Picture|null, checkpoint?: Uint8Array|null, cause?: unknown }} [more]
   */
  constructor(code, message, more = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = code === 'ABORTED' ? 'AbortError' : 'StrotssError'
    this.code = code
    /** Of a run: the picture so far. */
    this.image = more.image ?? null
    /** Of a run: the state so far, for `resume`. */
    this.checkpoint = more.checkpoint ?? null
  }
}

/** @param {unknown} error @returns {StrotssError} as it is, or wrapped as a broken worker */
export function asStrotssError(error) {
  if (error instanceof StrotssError) return error
  const words = error instanceof Error ? error.message : String(error)
  return new StrotssError('WORKER_FAILED', `the engine stopped: ${words}`, { cause: error })
}
