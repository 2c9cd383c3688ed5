// SPDX-License-Identifier: MIT
//
// Exit statuses, and which error means which; what is ended by a signal has 128 and its number (signals.mjs). Every
// failure is one line on stderr that names the input.

import { StrotssError } from '../../api/errors.js'

export const STATUS = { other: 1, usage: 2, input: 3, weights: 4, memory: 5, output: 6 }

/** @type {Record<string, number>} */
const BY_CODE = {
  BAD_ARGUMENT: STATUS.usage, BAD_IMAGE: STATUS.input, BAD_REGIONS: STATUS.input, BAD_STATE: STATUS.input,
  BAD_WEIGHTS: STATUS.weights, WEIGHTS_FETCH: STATUS.weights, OUT_OF_MEMORY: STATUS.memory, CANNOT_ENCODE: STATUS.output
}

export class CliError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

/** One line that a terminal takes for text, whatever a file's name says. @param {string} text */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
export const printable = (text) => text.replace(/\s*\n\s*/g, ' ').replace(/[\x00-\x1f\x7f-\x9f]/g, '?')

/** @param {unknown} error @returns {{ status: number, line: string }} */
export function explain(error) {
  const { message } = /** @type {Error} */ (error)
  const line = `strotss: ${printable(String(message ?? error))}`
  if (error instanceof CliError) return { status: error.status, line }
  return { status: error instanceof StrotssError ? BY_CODE[error.code] ?? STATUS.other : STATUS.other, line }
}
