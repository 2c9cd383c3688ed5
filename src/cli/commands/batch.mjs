// SPDX-License-Identifier: MIT
//
// strotss batch: one picture after another into a folder, by one engine. A picture's file appears when it is complete,
// and says how it was made (../shared/record.mjs), so those that are there of the same pictures and settings are done and
// skipped: the same command again goes on where it was stopped. What is there of other settings is refused before the
// work, or painted again where that is forced; what does not say how it was made stays. A picture that fails is named
// at the end, and the rest are painted all the same; a folder that cannot be written ends the work.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { DEFAULTS } from '../../api/shared/options.js'
import { replaceFile } from '../../api/index.node.mjs'
import { checkApart, checkWritable, readBytes, writing } from '../shared/files.mjs'
import { filePath } from '../parse.mjs'
import { createProgress, duration } from '../shared/progress.mjs'
import { readRecord, withRecord } from '../shared/record.mjs'
import { onStop } from '../shared/signals.mjs'
import { CliError, STATUS } from '../shared/status.mjs'

/** @typedef {import('../../api/client/engine.js').Engine} Engine */
/** @typedef {Extract<ReturnType<typeof import('../parse.mjs').parse>, { command: 'batch' }>} Order */
/** @typedef {{ content: string, style: string, output: string }} Job */
/** @typedef {Job & { status: 'done'|'skipped'|'failed', seconds?: number, error?: string }} Outcome */
/** What the engine encodes with unless told. */
const JPEG_QUALITY = 92

/** Lines of "CONTENT STYLE". @param {string} list a file @returns {Promise<[string, string][]>} */
async function readList(list) {
  return new TextDecoder().decode(await readBytes(list)).split(/\r?\n/).flatMap((line, i) => {
    const words = line.trim()
    if (!words || words.startsWith('#')) return []
    const pair = words.split(words.includes('\t') ? /\t+/ : / +/)
      .map((word) => path.resolve(path.dirname(list), filePath(word.trim())))
    if (pair.length !== 2) throw new CliError(STATUS.input, `${list}: line ${i + 1} is not "CONTENT STYLE"`)
    return [/** @type {[string, string]} */ (pair)]
  })
}

/** Names of a picture in those of its results, the shortest first. @type {((file: string) => string)[]} */
const NAMINGS = [
  (file) => path.parse(file).name,
  (file) => path.basename(file),
  (file) => `${path.basename(path.dirname(path.resolve(file)))}-${path.basename(file)}`
]

/**
 * A name for each pair, "CONTENT.STYLE": where two would be one, the part in which they differ is told at more length.
 * @param {[string, string][]} pairs @returns {string[]}
 */
function resultNames(pairs) {
  const names = pairs.map(() => '')
  let groups = [[...pairs.keys()]]
  for (const naming of NAMINGS) {
    for (const group of groups) {
      const parts = [0, 1].map((k) => {
        const varied = new Set(group.map((i) => pairs[i][k])).size > 1
        return (/** @type {number} */ i) => (varied ? naming : NAMINGS[0])(pairs[i][k])
      })
      for (const i of group) names[i] = parts.map((part) => part(i)).join('.')
    }
    /** @type {Map<string, number[]>} */
    const byName = new Map()
    for (const [i, name] of names.entries()) byName.set(name, [...byName.get(name) ?? [], i])
    groups = [...byName.values()].filter((group) => group.length > 1)
  }
  return names
}

/** @param {Order} order @returns {Promise<Job[]>} */
async function plan({ files, style, output: folder, format, weights }) {
  const pairs = style === undefined ? await readList(files[0])
    : files.map((content) => /** @type {[string, string]} */ ([content, style]))
  if (!pairs.length) throw new CliError(STATUS.input, `${files[0]}: no pictures are named`)
  const names = resultNames(pairs)
  const jobs = pairs.map(([content, by], i) => (
    { content, style: by, output: path.join(folder, `${names[i]}.${format}`) }))
  const twice = jobs.find(({ output }, i) => jobs.findIndex((other) => other.output === output) < i)
  if (twice) throw new CliError(STATUS.usage,
    `two results would be ${twice.output}: is ${twice.content} by ${twice.style} named twice?`)
  await checkApart([
    ...pairs.flatMap(([content, by]) => [{ role: 'a content', file: content }, { role: 'a style', file: by }]),
    ...(style === undefined ? [{ role: 'the list', file: files[0] }] : []),
    ...(weights ? [{ role: 'the weights', file: weights }] : [])
  ], jobs.map(({ content, output }) => ({ role: `the result of ${content}`, file: output })))
  return jobs
}

/** @param {Uint8Array} bytes */
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)

/** All that decides the picture of a job. @param {Order} order @returns {Promise<Record<string, any>>} */
async function settingsOf({ options, weights, format, jpegQuality }) {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  return {
    ...DEFAULTS, ...given,
    factors: Object.fromEntries(Object.entries(options.factors ?? {}).filter(([, factor]) => factor !== 1).sort()),
    ...(format === 'jpg' ? { jpegQuality: jpegQuality ?? JPEG_QUALITY } : {}),
    ...(weights ? { weights: digest(await readBytes(weights)) } : {})
  }
}

/**
 * What is there under a result's name: nothing that is to stay, the very result, or a picture of unknown making.
 * @param {string} output @param {Record<string, any>} wanted @param {boolean} force paint over other settings' result
 * @returns {Promise<'nothing'|'same'|'unknown'>}
 */
async function standing(output, wanted, force) {
  if (!existsSync(output)) return 'nothing'
  const found = readRecord(await writing(output, () => readFile(output)))
  if (!found) return 'unknown'
  const differs = [...new Set([...Object.keys(wanted), ...Object.keys(found)])]
    .filter((name) => JSON.stringify(found[name]) !== JSON.stringify(wanted[name]))
  if (!differs.length) return 'same'
  if (force) return 'nothing'
  throw new CliError(STATUS.output,
    `${output}: is there already, painted with another ${differs.join(', another ')}: ` +
    'choose another folder, remove it, or have all such pictures painted again by --force')
}

/** @param {Engine} engine @param {Order} order */
export async function batch(engine, order) {
  const { options, output: folder, style: common, format, jpegQuality, force, json } = order
  const jobs = await plan(order)
  await engine.ready
  const settings = await settingsOf(order)
  const commonStyle = common === undefined ? null : await readBytes(common)

  /** @param {Job} job */
  const inputs = async ({ content, style }) => {
    const [contentBytes, styleBytes] = [await readBytes(content), commonStyle ?? await readBytes(style)]
    return { contentBytes, styleBytes,
      made: { content: digest(contentBytes), style: digest(styleBytes), ...settings } }
  }
  for (const job of jobs.filter(({ output }) => existsSync(output))) {
    const read = await inputs(job).catch(() => null) // what cannot be read is told in its turn
    if (read) await standing(job.output, read.made, force)
  }

  await writing(folder, () => mkdir(folder, { recursive: true }))
  await checkWritable(path.join(folder, path.basename(jobs[0].output)))
  const progress = createProgress(process.stderr)
  const stop = new AbortController()
  let stopStatus = 0
  onStop((status) => {
    stopStatus = status
    stop.abort()
  })

  /** @type {Outcome[]} */
  const outcomes = []
  for (const [i, job] of jobs.entries()) {
    const { output } = job
    const head = `${i + 1}/${jobs.length} ${output}`
    try {
      const { contentBytes, styleBytes, made } = await inputs(job)
      const there = await standing(output, made, force)
      if (there !== 'nothing') {
        outcomes.push({ ...job, status: 'skipped' })
        progress.say(`${head}: is there already${
          there === 'same' ? '' : ', and does not say how it was made: it stays'}`)
        continue
      }
      const { image, stats } = await engine.stylize({
        ...options, content: await engine.decode(contentBytes, job.content),
        style: await engine.decode(styleBytes, job.style), signal: stop.signal, previewEvery: 0,
        onProgress: (event) => {
          if (event.type === 'iteration') progress.iteration(event)
        }
      })
      const picture = await engine.encode(image, { type: format === 'jpg' ? 'image/jpeg' : 'image/png',
        quality: jpegQuality })
      await writing(output, () => replaceFile(output, withRecord(picture, made)))
      outcomes.push({ ...job, status: 'done', seconds: stats.seconds })
      progress.say(`${head}: ${stats.size.join('x')}, ${duration(stats.seconds)}`)
    } catch (error) {
      if (stop.signal.aborted) break
      if (error instanceof CliError && error.status === STATUS.output) throw error
      const { message } = /** @type {Error} */ (error)
      outcomes.push({ ...job, status: 'failed', error: message })
      progress.say(`${head}: failed: ${message}`)
    }
  }
  progress.clear()
  if (json) console.log(JSON.stringify(outcomes, null, 2))
  /** @param {Outcome['status']} status */
  const outputs = (status) => outcomes.filter((outcome) => outcome.status === status)
    .map(({ output }) => path.basename(output))
  const failed = outputs('failed')
  const summary = `${outputs('done').length} painted, ${outputs('skipped').length} skipped, ${failed.length} failed`
  if (stop.signal.aborted) throw new CliError(stopStatus,
    `interrupted: ${summary}; the same command goes on from here`)
  if (failed.length) throw new CliError(STATUS.other, `${summary}: ${failed.join(', ')}`)
  progress.say(summary)
}
