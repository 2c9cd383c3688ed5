// SPDX-License-Identifier: MIT
//
// Completion scripts for shells, written from the tables of commands and options. The words of a command line are
// completed by what stands before them: commands at the beginning, the options of the command after a dash, the choices
// of an option behind it, and files everywhere else.

import { allOptions } from './own_options.mjs'
import { flagOf } from './values.mjs'

/** @typedef {import('./command.mjs').Command} Command */
/** @typedef {import('./values.mjs').Row} Row */

/**
 * What the value of an option may be: words; none where it is for the user to say; null where it is a file.
 * @param {Row} row @param {string[]} terms of the objective @returns {readonly string[]|null}
 */
function wordsOf({ kind, of = [] }, terms) {
  if (kind === 'file' || kind === 'folder') return null
  if (kind === 'factors') return terms.map((term) => `${term}=`)
  return typeof kind === 'string' ? of : kind
}

/** "--output" and "-o" @param {string} name @param {Row} row */
const flagsOf = (name, row) => [`--${flagOf(name, row)}`, ...(row.short ? [`-${row.short}`] : [])]

/** What the operands of a command may be, where they are no files. @param {Command} command */
const operandWords = ({ forms }) => forms.flatMap(({ of = [] }) => of)

// ---- bash: 3.2, as in macOS, and newer -------------------------------------------------------------------------------

/** @param {readonly Command[]} commands @param {string[]} terms @returns {string} */
function bash(commands, terms) {
  const names = commands.map(({ name }) => name)
  /** Where the next word is one of the words, by how they are set. @type {Map<string, string[]>} */
  const places = new Map()
  /** @param {readonly string[]|null} words @param {string[]} found "batch:--format" @param {string} [more] */
  function note(words, found, more = '') {
    const set = words ? `files= ${more}words='${words.join(' ')}'` : 'words='
    places.set(set, [...places.get(set) ?? [], ...found])
  }
  for (const command of commands) {
    for (const [name, row] of Object.entries(allOptions(command.options))) {
      if (row.kind === 'flag') continue
      note(wordsOf(row, terms), flagsOf(name, row).map((flag) => `${command.name}:${flag}`),
        row.kind === 'list' ? 'list=1 ' : '')
    }
    if (operandWords(command).length) note(operandWords(command), [`${command.name}:${command.name}`])
  }
  const values = [...places].map(([set, found]) => `${found.join('|')}) ${set}`)
  const options = commands.map(({ name, options: rows }) => (
    `${name}) words='${Object.entries(allOptions(rows)).flatMap(([key, row]) => flagsOf(key, row)).join(' ')}'`))
  const cases = (/** @type {string[]} */ lines) => lines.map((line) => `    ${line} ;;`).join('\n')
  return `# Completes strotss in bash: source <(strotss completion bash)
_strotss() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}"
  local command=${names[0]} words= files=1 list=
  case "\${COMP_WORDS[1]}" in ${names.join('|')}) command="\${COMP_WORDS[1]}" ;; esac
  # --option=value is three words here
  if [[ "$cur" == = ]]; then cur=; elif [[ "$prev" == = ]]; then prev="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  if [[ "$COMP_CWORD" == 1 ]]; then words='${names.join(' ')}'; fi
  case "$command:$prev" in
${cases(values)}
  esac
  if [[ "$cur" == -* ]]; then
    files=
    case "$command" in
${cases(options)}
    esac
  fi
  if [[ -n "$list" && "$cur" == *,* ]]; then words="$(printf "\${cur%,*},%s " $words)"; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ -z "$files" ]]; then compopt +o default 2>/dev/null; fi
  if [[ "\${COMPREPLY[0]}" == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o default -F _strotss strotss`
}

// ---- zsh -------------------------------------------------------------------------------------------------------------

/** Inside single quotes. @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`
/** Inside a specification of _arguments. @param {string} text */
const plain = (text) => text.replace(/[\\[\]:]/g, '\\$&')

/** How a value is completed, as _arguments has it. @param {Row} row @param {string[]} terms */
function action(row, terms) {
  const words = wordsOf(row, terms)
  if (row.kind === 'list') return `_values -s , ${row.value} ${row.of?.join(' ')}`
  if (row.kind === 'factors') return `{compadd -S "" -- ${words?.join(' ')}}`
  return words ? (words.length ? `(${words.join(' ')})` : ' ') : `_files${row.kind === 'folder' ? ' -/' : ''}`
}

/** @param {string} name @param {Row} row @param {string[]} terms @returns {string} a specification of _arguments */
function specification(name, row, terms) {
  const flags = flagsOf(name, row)
  const others = row.many ? '*' : `(${flags.join(' ')})`
  const about = `[${plain(row.help)}]${row.kind === 'flag' ? '' : `:${plain(row.value ?? '')}:${action(row, terms)}`}`
  const end = (/** @type {string} */ flag) => (row.kind === 'flag' ? '' : flag.startsWith('--') ? '=' : '+')
  return flags.map((flag) => quoted(`${others}${flag}${end(flag)}${about}`)).join(' ')
}

/** @param {readonly Command[]} commands @param {string[]} terms @returns {string} */
function zsh(commands, terms) {
  const names = commands.map(({ name }) => name)
  const cases = commands.map((command) => {
    const words = operandWords(command)
    const operands = quoted(words.length ? `1:: :(${words.join(' ')})` : '*: :_files')
    const rows = Object.entries(allOptions(command.options)).map(([name, row]) => specification(name, row, terms))
    return `    ${command.name}) _arguments ${[...rows, operands].join(' \\\n      ')} ;;`
  })
  return `#compdef strotss
# Completes strotss in zsh: source <(strotss completion zsh), or this as a file _strotss in a folder of $fpath
_strotss() {
  local command=${names[0]}
  local -a commands
  commands=(${commands.map(({ name, forms }) => quoted(`${name}:${plain(forms[0].usage)}`)).join(' ')})
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then _describe -t commands command commands; fi
  if (( CURRENT > 2 )) && [[ $words[2] == (${names.join('|')}) ]]; then
    command=$words[2]
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _strotss ]]; then _strotss "$@"; else compdef _strotss strotss; fi`
}

/** @type {{ [shell: string]: (commands: readonly Command[], terms: string[]) => string }} */
export const SCRIPTS = { bash, zsh }
