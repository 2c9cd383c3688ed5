// SPDX-License-Identifier: MIT
//
// The command line's grammar: what each command takes, checked before anything is read. Ranges are the
// library's to know.

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SECTION_IDS } from '../report/report.mjs'
import { CliError, STATUS } from './status.mjs'

export const USAGE = `strotss: style transfer by optimal transport and self-similarity

  strotss CONTENT STYLE -o OUT [options]      paints CONTENT in the manner of STYLE; OUT ends in .png, .jpg or .jpeg
    --size N               long side of the result, 64 to 2048 (512)
    --content-weight W     how much of the content stays, 0 to 16 (0.5)
    --quality Q            draft, standard (the default) or fine (200 iterations a scale, as published)
    --iterations N         a scale, 1 to 2000 (the quality's own)
    --seed N               another seed, another picture (0)
    --keep-colors          the content's colours, the style's brush
    --loss TERM=W,...      what each term counts in the objective, 0 to 1000: content, remd, moment, palette (1 each)
    --transport T          remd (the default: relaxed earth mover's distance), or sinkhorn (entropic; slower, most at
                           small sizes)
    --self-similarity S    how the content term compares a picture's places: cosine (the default), centred (cosine of
                           the features less their mean) or euclidean
    --content-guidance IMG --style-guidance IMG    pictures whose flat colours pair regions; also -gr IMG IMG
    --region-weight K=W    weight of region K, once for each region meant (1)
    --content-across-regions    one content term over the whole picture instead of one inside each region
    --resume FILE          goes on from a saved state, with its options, of the same pictures
    --state FILE           where the state is saved, by Ctrl-C and as the run goes on (OUT.state); it is removed once
                           the picture is complete, while another file of --resume stays
    --jpeg-quality Q       of a .jpg, 1 to 100 (92)
    --force                OUT may be one of the pictures that are read

  strotss batch --style STYLE CONTENT... -o DIR [options]    each CONTENT, by one STYLE, into DIR/CONTENT.STYLE.png
  strotss batch LIST -o DIR [options]                        LIST: a text file of lines "CONTENT STYLE", set apart by a
                                                             tab or blanks, names relative to it; # begins a comment
    as above: --size, --content-weight, --quality, --iterations, --seed, --keep-colors, --loss, --transport,
    --self-similarity, --jpeg-quality
    --format F             png (the default) or jpg
    --force                paints again what is there of other settings, which is refused otherwise
    Pictures that are there already of the same settings are skipped, failures are told at the end. Where two would have
    one name, the names keep their endings.

  strotss report -o DIR [options]    the paper's experiments: DIR/index.html, with pictures, plots and tables; again:
                                     goes on where it stopped
    --quick                at 128 px, 30 iterations a scale (256 px, 80 iterations a scale)
    --content IMG --style IMG    a pair of yours instead of the shipped one
    --size N, --iterations N     instead of the report's own
    --sections A,B,...     ${SECTION_IDS.join(', ')} (all)

  strotss evaluate CONTENT STYLE RESULT [--alpha A] [--draws K] [--seed N]    a finished picture: objective, look
  strotss distances A B [--size N] [--count N] [--seed N]    transport between two pictures' features, a line for each
                                                             tap of the network and one for all: relaxed, exact and
                                                             entropic; N pixels of each (512), at long side N (256)
  strotss hypercolumn IMAGE --at Y,X [--at Y,X ...]          the network's 2179 numbers at pixels

  All commands: --threads N, --build auto|threads-relaxed|threads|single-relaxed|single, --weights FILE, --json, --help,
  --version
  A file may be named by its path or by a file: URL. Of an option given twice the last one counts.

Exit status: 0 done, 1 anything else, 2 usage, 3 an input, 4 the weights, 5 memory, 6 the output, 128 + N ended by
signal N (130: Ctrl-C); a run that is ended by Ctrl-C, SIGTERM or SIGHUP saves its picture and its state.
`

const text = { type: /** @type {const} */ ('string') }
const flag = { type: /** @type {const} */ ('boolean') }
const many = { type: /** @type {const} */ ('string'), multiple: true }
const common = { threads: text, build: text, weights: text, json: flag, help: { ...flag, short: 'h' }, version: flag }

const painting = { ...common, output: { ...text, short: 'o' }, size: text, 'content-weight': text, quality: text,
  iterations: text, seed: text, 'keep-colors': flag, loss: text, transport: text, 'self-similarity': text,
  'jpeg-quality': text, force: flag }

const commands = {
  stylize: {
    operands: ['CONTENT', 'STYLE'],
    options: { ...painting, 'content-guidance': text, 'style-guidance': text, 'region-weight': many,
      'content-across-regions': flag, resume: text, state: text }
  },
  batch: { operands: ['LIST'], options: { ...painting, style: text, format: text } },
  report: {
    operands: [],
    options: { ...common, output: painting.output, quick: flag, content: text, style: text, size: text,
      iterations: text, sections: text }
  },
  evaluate: { operands: ['CONTENT', 'STYLE', 'RESULT'], options: { ...common, alpha: text, draws: text, seed: text } },
  distances: { operands: ['A', 'B'], options: { ...common, size: text, count: text, seed: text } },
  hypercolumn: { operands: ['IMAGE'], options: { ...common, at: many } }
}

/** Options that name files. */
const FILES = ['output', 'weights', 'content', 'style', 'content-guidance', 'style-guidance', 'resume', 'state']

/** @param {string} message */
const usageError = (message) => new CliError(STATUS.usage, `${message} (strotss --help tells more)`)

/** @param {string} name @param {string|undefined} value */
function number(name, value) {
  if (value === undefined) return undefined
  const parsed = Number(value)
  if (value.trim() === '' || !Number.isFinite(parsed)) throw usageError(`--${name}: "${value}" is not a number`)
  return parsed
}

/** @param {string|undefined} value */
function jpegQuality(value) {
  const quality = number('jpeg-quality', value)
  if (quality !== undefined && !(Number.isInteger(quality) && quality >= 1 && quality <= 100)) throw usageError(
    `--jpeg-quality: ${value} is not a whole number from 1 to 100`)
  return quality
}

/** A file's path, which may be told by a URL. @param {string} word */
export function filePath(word) {
  if (!/^file:/i.test(word)) return word
  try {
    return fileURLToPath(word)
  } catch {
    throw usageError(`"${word}" is not the URL of a file on this machine`)
  }
}

/**
 * "moment=0,palette=2"; which terms there are is the library's to know
 * @param {string|undefined} list @returns {Record<string, number>|undefined}
 */
function lossFactors(list) {
  return list === undefined ? undefined : Object.fromEntries(list.split(',').map((part) => {
    const [, term, factor] = /^(\w+)=([\d.]+)$/.exec(part) ?? []
    if (!term || !Number.isFinite(Number(factor))) throw usageError(`--loss: "${part}" is not like palette=0.5`)
    return [term, Number(factor)]
  }))
}

const MOST_WEIGHT = 1e6

/** "3=0.5" for each @param {string[]} pairs @returns {(number|undefined)[]} by label */
function regionWeights(pairs) {
  /** @type {(number|undefined)[]} */
  const weights = []
  for (const pair of pairs) {
    const [, label, weight] = /^(\d{1,3})=([\d.]+)$/.exec(pair) ?? []
    if (!label || Number(label) > 255 || !(Number(weight) <= MOST_WEIGHT)) throw usageError(
      `--region-weight: "${pair}" is not like 2=0.5, with a weight from 0 to ${MOST_WEIGHT}`)
    weights[Number(label)] = Number(weight)
  }
  return weights
}

/** @param {string[]} places */
function pixels(places) {
  if (!places.length) throw usageError('hypercolumn needs --at Y,X')
  return places.map((place) => {
    const [, y, x] = /^(\d{1,6}),(\d{1,6})$/.exec(place) ?? []
    if (!x) throw usageError(`--at: "${place}" is not like 120,64`)
    return /** @type {[number, number]} */ ([Number(y), Number(x)])
  })
}

/** @param {string|undefined} list */
function sectionIds(list) {
  const sections = list?.split(',')
  const strange = sections?.find((id) => !SECTION_IDS.includes(id))
  if (strange !== undefined) throw usageError(`--sections: "${strange}" is not one of ${SECTION_IDS.join(', ')}`)
  return sections
}

/** @param {Record<string, any>} values */
const runOptions = (values) => ({
  size: number('size', values.size), contentWeight: number('content-weight', values['content-weight']),
  quality: values.quality, iterations: number('iterations', values.iterations), seed: number('seed', values.seed),
  keepColors: values['keep-colors'], factors: lossFactors(values.loss), transport: values.transport,
  selfSimilarity: values['self-similarity'], contentAcrossRegions: values['content-across-regions']
})

/**
 * What parseArgs says of a wrong word, so that it helps.
 * @param {string} message @param {keyof typeof commands} command
 */
function wordFault(message, command) {
  const [, stray] = /^Unknown option '--?([\w-]+)'/.exec(message) ?? []
  const owners = Object.entries(commands).filter(([, { options }]) => Object.hasOwn(options, stray ?? ''))
  if (owners.length) return `--${stray} belongs to ${owners.map(([name]) => name).join(', ')}, not to ${command}`
  const [, option] = /^Option '(?:-\w, )?(--?[\w-]+)[^']*' argument is ambiguous/.exec(message) ?? []
  if (!option) return message.split(/\.\s/)[0]
  return `${option}: a value that begins with a dash is written ${option}${option.startsWith('--') ? '=' : ''}-...`
}

/** "-gr A B" in the words before "--", as the options that it stands for. @param {string[]} words */
function withGuidance(words) {
  const end = words.includes('--') ? words.indexOf('--') : words.length
  return words.flatMap((word, i) => (
    i < end && word === '-gr' ? ['--content-guidance']
      : i < end && words[i - 2] === '-gr' ? ['--style-guidance', word] : [word]))
}

/**
 * @param {string[]} words of the command line
 * @returns what to do: `show` a text, or a command with its operands and options
 */
export function parse(words) {
  const named = Object.hasOwn(commands, words[0] ?? '')
  const command = /** @type {keyof typeof commands} */ (named ? words[0] : 'stylize')
  const { operands: wanted, options } = commands[command]
  let parsed
  try {
    parsed = parseArgs({ args: withGuidance(named ? words.slice(1) : words), options, allowPositionals: true })
  } catch (error) {
    throw usageError(wordFault(/** @type {Error} */ (error).message, command))
  }
  /** @type {Record<string, any>} */
  const values = parsed.values
  const { help, version, json = false, force = false, threads } = values
  const build = /** @type {import('../api/client/engine.js').EngineOptions['build']} */ (values.build)
  if (help || version || !words.length) return {
    command: /** @type {const} */ ('show'), what: version ? 'version' : 'usage'
  }
  const empty = Object.keys(values).find((name) => [values[name]].flat().includes(''))
  if (empty) throw usageError(`--${empty}: nothing is given`)
  if (parsed.positionals.includes('')) throw usageError(`${command}: a name is empty`)
  const files = parsed.positionals.map(filePath)
  for (const name of FILES) if (values[name] !== undefined) values[name] = filePath(values[name])
  const enough = command === 'batch' && values.style ? files.length > 0 : files.length === wanted.length
  if (!enough) throw usageError(
    `${command} takes ${wanted.join(' ') || 'no names'}, not ${files.length}${wanted.length ? ' names' : ''}`)
  const shared = { files, json, threads: number('threads', threads), build, weights: values.weights }
  if (command === 'evaluate') {
    const { alpha, draws, seed } = values
    return { command, ...shared, alpha: number('alpha', alpha), draws: number('draws', draws),
      seed: number('seed', seed) }
  }
  if (command === 'distances') {
    const { size, count, seed } = values
    return { command, ...shared, size: number('size', size), count: number('count', count), seed: number('seed', seed) }
  }
  if (command === 'hypercolumn') return { command, ...shared, at: pixels(values.at ?? []) }
  const { output, resume, state = `${output}.state` } = values
  if (!output) throw usageError('where to? -o OUT is missing')
  if (command === 'report') {
    const { content, style, quick = false } = values
    if (!content !== !style) throw usageError('--content and --style go together')
    const { size, iterations } = runOptions(values)
    return { command, ...shared, output, quick, pair: content ? { content, style } : undefined,
      options: { size, iterations }, sections: sectionIds(values.sections) }
  }
  const quality = jpegQuality(values['jpeg-quality'])
  const ignored = (/** @type {string} */ name, /** @type {string} */ without) => {
    if (values[name] !== undefined) throw usageError(`--${name} does nothing without ${without}`)
  }
  if (command === 'batch') {
    const { style, format = 'png' } = values
    if (format !== 'png' && format !== 'jpg') throw usageError(`--format: "${format}" is not png or jpg`)
    if (format === 'png') ignored('jpeg-quality', '--format jpg')
    return { command, ...shared, output, style, format, force, jpegQuality: quality, options: runOptions(values) }
  }
  if (!/\.(png|jpe?g)$/i.test(output)) throw usageError(`-o: "${output}" does not end in .png, .jpg or .jpeg`)
  if (/\.png$/i.test(output)) ignored('jpeg-quality', 'a .jpg to write')
  const guidance = [values['content-guidance'], values['style-guidance']]
  if (!guidance[0] !== !guidance[1]) throw usageError('--content-guidance and --style-guidance go together')
  const weights = regionWeights(values['region-weight'] ?? [])
  if (!guidance[0]) ignored('region-weight', 'guidance pictures')
  return {
    command, ...shared, output, force, resume, state, guidance: guidance[0] ? guidance : null,
    regionWeights: weights, jpegQuality: quality, options: runOptions(values)
  }
}
