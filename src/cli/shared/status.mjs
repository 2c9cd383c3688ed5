// SPDX-License-Identifier: MIT
//
// Exit statuses, and which error means which; what is ended by a signal has 128 and its number (signals.mjs). Every
// failure is one line on stderr that names the input.

import { StrotssError } from '../../api/errors.js'

/** Of failures, as the help lists them. */
export const FAILURES = {
  other: { status: 1, help: 'anything that is not listed here; of batch: a picture failed' },
  usage: { status: 2, help: 'usage: an unknown option, a number out of range' },
  input: { status: 3, help: 'an input: a picture, a guidance picture, a saved state' },
  weights: { status: 4, help: 'the weights' },
  memory: { status: 5, help: 'not enough memory' },
  output: { status: 6, help: 'the output cannot be written' }
}
/** Exit statuses by these names. */
export const STATUS = /** @type {{ [Name in keyof typeof FAILURES]: number }} */ (
  Object.fromEntries(Object.entries(FAILURES).map(([name, { status }]) => [name, status])))

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
