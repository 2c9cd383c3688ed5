// SPDX-License-Identifier: MIT
//
// The usage text, written from the tables: of one command, or of all, where an option that commands share is explained
// once and named by the others.

import { COMMANDS } from './commands.mjs'
import { COMMON } from './shared/own_options.mjs'
import { FAILURES } from './shared/status.mjs'
import { termNames } from './shared/terms.mjs'
import { flagOf } from './shared/values.mjs'

/** @typedef {import('./shared/command.mjs').Command} Command */
/** @typedef {import('./shared/values.mjs').Row} Row */

const WIDTH = 100
const INDENT = 2
/** Where the explanations begin. */
const COLUMN = 28

/** Lines of at most WIDTH characters, the first behind `head`. @param {string} head @param {string} text */
function paragraph(head, text, column = COLUMN) {
  const margin = ' '.repeat(column)
  const lines = head.trim() && head.length > column - 2 ? [head, margin] : [head.padEnd(column)]
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1]
    if (last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] += last.length > column ? ` ${word}` : word
    else lines.push(margin + word)
  }
  return lines.join('\n')
}

/** "-o, --output OUT" @param {string} name @param {Row} row */
const written = (name, row) => (
  `${row.short ? `-${row.short}, ` : ''}--${flagOf(name, row)}${row.value ? ` ${row.value}` : ''}`)

/** "64 to 1024", "draft, standard or fine" @param {Row} row @param {string[]} terms */
function values({ kind, lowest, highest = 0, of }, terms) {
  const choices = of ?? (Array.isArray(kind) ? kind : [])
  const range = lowest === undefined ? ''
    : highest < Number.MAX_SAFE_INTEGER ? `${lowest} to ${highest}` : `a whole number from ${lowest}`
  return [range, kind === 'factors' ? terms.join(', ') : choices.join(', ').replace(/, ([^,]*)$/, ' or $1')]
    .filter(Boolean).join(' for each of ')
}

/** @param {string} name @param {Row} row @param {string[]} terms */
function option(name, row, terms) {
  const { standard, usual = row.kind === 'flag' ? undefined : standard } = row
  const facts = [values(row, terms), usual === undefined ? '' : `default: ${usual}`].filter(Boolean).join('; ')
  return paragraph(`${' '.repeat(2 * INDENT)}${written(name, row)}`, `${row.help}${facts ? ` (${facts})` : ''}`)
}

/** "strotss batch CONTENT... --style STYLE -o DIR [options]", for each form. @param {Command} command */
function synopses({ name, forms, options }) {
  const required = Object.keys(options).filter((key) => options[key].required)
  return forms.map(({ operands, needs = [] }) => ['strotss', ...(name === COMMANDS[0].name ? [] : [name]), ...operands,
    ...[...needs, ...required].map((key) => `${options[key].short ? `-${options[key].short}`
      : `--${flagOf(key, options[key])}`} ${options[key].value}`), '[options]'].join(' '))
}

/**
 * @param {Command} command @param {string[]} terms @param {Set<Row>} known those that were explained before
 * @returns {string}
 */
function section(command, terms, known) {
  const { forms, options } = command
  const heads = synopses(command)
  const lines = forms.map(({ usage }, i) => `${' '.repeat(INDENT)}${heads[i]}\n${
    paragraph(' '.repeat(2 * INDENT), `${usage[0].toUpperCase()}${usage.slice(1)}.`, 2 * INDENT)}`)
  const again = Object.entries(options).filter(([, row]) => known.has(row) && !row.required)
    .map(([name, row]) => `--${flagOf(name, row)}`)
  if (again.length) lines.push(paragraph(`${' '.repeat(2 * INDENT)}as above`, again.join(', ')))
  for (const [name, row] of Object.entries(options)) {
    if (!known.has(row) || row.required) lines.push(option(name, row, terms))
    known.add(row)
  }
  return lines.join('\n')
}

/**
 * @param {Command|null} command null: all
 * @returns {Promise<string>} without an end of line
 */
export async function help(command) {
  const terms = await termNames().catch(() => []) // not built yet
  /** @type {Set<Row>} */
  const known = new Set()
  const common = Object.entries(COMMON).map(([name, row]) => option(name, row, terms))
  return [
    'strotss: style transfer by relaxed optimal transport and self-similarity',
    ...(command ? [command] : COMMANDS).map((one) => section(one, terms, known)),
    [`${' '.repeat(INDENT)}Options of every command`, ...common].join('\n'),
    paragraph('', 'A file may be named by its path or by a file: URL, and - is standard input. If an option is given ' +
      'twice, the last one counts.', 0),
    ['Exit status', ...[{ status: 0, help: 'done' }, ...Object.values(FAILURES),
      { status: '128 + N', help: 'ended by signal N; 130 is Ctrl-C' }]
      .map(({ status, help: text }) => paragraph(`  ${status}`, text, 12))].join('\n')
  ].join('\n\n')
}
