// SPDX-License-Identifier: MIT
//
// The words of a command line as an order: which command, its operands, and its options, each checked by its row before
// anything is read. Refuses, with status 2, what the command's table does not allow.

import { parseArgs } from 'node:util'
import { COMMANDS } from './commands.mjs'
import { allOptions } from './shared/own_options.mjs'
import { filePath, flagOf, readValue, STANDARD, usageError } from './shared/values.mjs'

/** @typedef {import('./shared/command.mjs').Command} Command */
/** @typedef {import('./shared/values.mjs').Row} Row */

/** By flag, the name and the row of each option of a command. @param {Command} command */
const optionsOf = ({ options }) => new Map(Object.entries(allOptions(options))
  .map(([name, row]) => [flagOf(name, row), { name, row }]))

/**
 * What parseArgs says of a wrong word, so that it helps.
 * @param {string} message @param {Command} command
 */
function wordFault(message, command) {
  const [, dashed, stray] = /^Unknown option '(--?([\w-]+))'/.exec(message) ?? []
  const owners = COMMANDS.filter((other) => optionsOf(other).has(stray)).map(({ name }) => name)
  if (owners.length) return `--${stray} is an option of ${owners.join(', ')}, not of ${command.name}`
  if (stray) return `unknown option ${dashed}`
  const [, option] = /^Option '(?:-\w, )?(--?[\w-]+)[^']*' argument is ambiguous/.exec(message) ?? []
  if (!option) return message.split(/\.\s/)[0]
  return `${option}: write a value that begins with a dash as ${option}${option.startsWith('--') ? '=' : ''}-...`
}

/** "-gr A B" in the words before "--", as the options that it stands for. @param {string[]} words */
function withGuidance(words) {
  const end = words.includes('--') ? words.indexOf('--') : words.length
  return words.flatMap((word, i) => (
    i < end && word === '-gr' ? ['--content-guidance']
      : i < end && words[i - 2] === '-gr' ? ['--style-guidance', word] : [word]))
}

/** "A, B and C" @param {readonly string[]} names */
const listed = (names) => names.join(', ').replace(/, ([^,]*)$/, ' and $1')

/** @param {Command} command @param {string} name of one of its options */
function told({ options }, name) {
  const row = options[name]
  return `${row.short ? `-${row.short}` : `--${flagOf(name, row)}`} ${row.value}`
}

/**
 * @param {Command} command @param {Record<string, any>} values @param {string[]} positionals
 * @returns {string} what is missing or too much, or ''
 */
function operandFault(command, values, positionals) {
  const count = positionals.length
  const form = command.forms.find(({ needs = [] }) => needs.every((name) => values[name] !== undefined))
  if (!form) return `missing ${command.forms.map(({ needs = [] }) => (
    needs.map((name) => told(command, name)).join(' '))).join(' or ')}`
  const { operands, of } = form
  const open = operands.at(-1)?.endsWith('...')
  if (open ? count < operands.length : count !== operands.length) {
    const wanted = listed(operands.map((name) => name.replace('...', ''))) || 'no files'
    return `expected ${open ? 'at least one ' : ''}${wanted}, got ${count || 'no'} ${count === 1 ? 'file' : 'files'}`
  }
  const stray = of && positionals.find((word) => !of.includes(word))
  if (stray) return `"${stray}" is not one of ${of.join(', ')}`
  const missing = Object.entries(command.options)
    .find(([name, { required }]) => required && values[name] === undefined)
  return missing ? `missing ${told(command, missing[0])} (${missing[1].required})` : ''
}

/**
 * @param {string[]} words of the command line
 * @returns {{ command: Command|null, show?: 'version'|'help', files: string[], [name: string]: any }} an Order of the
 *   command, which is null where only the help is asked for and no command is named
 */
export function parse(words) {
  const named = COMMANDS.find(({ name }) => name === words[0])
  const command = named ?? COMMANDS[0]
  const known = optionsOf(command)
  const usage = (/** @type {string} */ message) => usageError(
    `${message}; see strotss${named ? ` ${named.name}` : ''} --help`)
  let parsed
  try {
    parsed = parseArgs({
      args: withGuidance(named ? words.slice(1) : words), allowPositionals: true,
      options: Object.fromEntries([...known].map(([flag, { row: { kind, short, many } }]) => [flag, {
        type: kind === 'flag' ? /** @type {const} */ ('boolean') : /** @type {const} */ ('string'),
        ...(short ? { short } : {}), ...(many ? { multiple: true } : {})
      }]))
    })
  } catch (error) {
    throw usage(wordFault(/** @type {Error} */ (error).message, command))
  }
  const { values: given, positionals } = parsed
  if (given.help || given.version || !words.length) return {
    command: named ?? null, show: given.version ? 'version' : 'help', files: []
  }
  try {
    /** @type {Record<string, any>} */
    const values = {}
    for (const [flag, text] of Object.entries(given)) {
      const { name, row } = /** @type {{ name: string, row: Row }} */ (known.get(flag))
      const read = (/** @type {string} */ one) => readValue(`--${flag}`, row, one)
      values[name] = row.kind === 'flag' ? text : row.many ? /** @type {any} */ (text).map(read)
        : read(/** @type {string} */ (text))
    }
    if (positionals.includes('')) throw usageError('the name of a file is empty')
    const fault = operandFault(command, values, positionals)
    if (fault) throw usageError(fault)
    const { output, ...inputs } = values
    if ([...positionals, ...Object.values(inputs)].filter((value) => value === STANDARD).length > 1) throw usageError(
      'only one of the files can come from standard input (-)')
    const order = { files: positionals.map(filePath), ...values }
    command.check?.(order)
    return { command, ...order }
  } catch (error) {
    throw usage(/** @type {Error} */ (error).message)
  }
}
