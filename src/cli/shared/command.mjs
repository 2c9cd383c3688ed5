// SPDX-License-Identifier: MIT
//
// What a command is, as types; no code. Each file of commands/ exports one; commands.mjs lists them.

/** @typedef {import('../../api/client/engine.js').Engine} Engine */
/** @typedef {import('./values.mjs').Row} Row */

/**
 * A way to call it. operands: "CONTENT", or "CONTENT..." for one or more; of: what they may be, where they are no files;
 * needs: names of options that it needs; usage: what it then does, in a sentence without a subject.
 * @typedef {{ operands: readonly string[], of?: readonly string[], needs?: readonly string[], usage: string }} Form
 */
/**
 * open: starts the engine that the order asks for, which ends with the command. commands: all that there are.
 * @typedef {{ open: () => Promise<Engine>, commands: readonly Command[] }} Tools
 */
/**
 * options: its own, beside COMMON. check: refuses what does not fit together, before anything is read.
 * @typedef {object} Command
 * @property {string} name
 * @property {readonly Form[]} forms
 * @property {{ readonly [name: string]: Row }} options
 * @property {(order: any) => void} [check]
 * @property {(order: any, tools: Tools) => Promise<void>} run
 */
/**
 * What the words of a command line come to: the operands, and the options by the names of their rows, as given.
 * @template Rows
 * @typedef {{ files: string[] } & import('./values.mjs').Values<typeof import('./own_options.mjs').COMMON & Rows>} Order
 */

export {}
