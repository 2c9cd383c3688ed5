// SPDX-License-Identifier: MIT
//
// strotss batch: one picture after another into a folder, by one engine. A picture's file appears when it is complete,
// and says how it was made (../shared/record.mjs), so those that exist of the same pictures and settings are done and
// skipped: the same command again continues where it was stopped. What exists with other settings is refused before the
// work, or painted again where that is forced; what does not say how it was made stays. A picture that fails is named
// at the end, and the rest are painted all the same; a folder that cannot be written ends the work.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { DEFAULTS, ENCODE_ROWS, ROWS } from '../../api/shared/options.js'
import { replaceFile } from '../../api/index.node.mjs'
import { checkApart, checkWritable, makeFolder, readBytes, writing } from '../shared/files.mjs'
import { own, OWN, runOptions } from '../shared/own_options.mjs'
import { readPairs, resultNames } from '../shared/pairs.mjs'
import { createProgress, duration } from '../shared/progress.mjs'
import { readRecord, withRecord } from '../shared/record.mjs'
import { stopSignal } from '../shared/signals.mjs'
import { CliError, STATUS } from '../shared/status.mjs'
import { checkTerms } from '../shared/terms.mjs'
import { STANDARD, usageError } from '../shared/values.mjs'

/** @typedef {import('../../api/client/engine.js').Engine} Engine */
/** @typedef {{ content: string, style: string, output: string }} Job */
/** @typedef {Job & { status: 'done'|'skipped'|'failed', seconds?: number, error?: string }} Outcome */

/** A batch has no regions. */
const { contentAcrossRegions, ...PAINTING } = ROWS
const options = { ...own('folder', 'commonStyle', 'list', 'shard'), ...PAINTING,
  ...own('format', 'jpegQuality', 'repaint') }
/** @typedef {import('../shared/command.mjs').Order<typeof options>} Order */

/** @param {Order} order */
function check({ files, commonStyle, list, format = OWN.format.standard, jpegQuality }) {
  if (commonStyle && list) throw usageError('--style and --list cannot be given together')
  if ([...files, commonStyle].includes(STANDARD)) throw usageError(
    'a picture of a batch cannot come from standard input, since its result is named after it')
  if (format !== 'jpg' && jpegQuality) throw usageError('--jpeg-quality needs --format jpg')
}

/** @param {Order} order @returns {Promise<Job[]>} */
async function plan({ files, commonStyle = '', list, shard: [k, n] = [1, 1], folder = '', format = OWN.format.standard,
  weights }) {
  const pairs = list ? await readPairs(list)
    : files.map((content) => /** @type {import('../shared/pairs.mjs').Pair} */ ([content, commonStyle]))
  const names = resultNames(pairs)
  const jobs = pairs.map(([content, style], i) => (
    { content, style, output: path.join(folder, `${names[i]}.${format}`) }))
  const twice = jobs.find(({ output }, i) => jobs.findIndex((other) => other.output === output) < i)
  if (twice) throw usageError(
    `two results would be ${twice.output}; is ${twice.content} with ${twice.style} named twice?`)
  await checkApart([
    ...pairs.flatMap(([content, style]) => [{ role: 'a content', file: content }, { role: 'a style', file: style }]),
    ...(list ? [{ role: 'the list', file: list }] : []),
    ...(weights ? [{ role: 'the weights', file: weights }] : [])
  ], jobs.map(({ content, output }) => ({ role: `the result of ${content}`, file: output })))
  return jobs.filter((_, i) => i % n === k - 1)
}

/** @param {Uint8Array} bytes */
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)

/** All that decides the picture of a job. @param {Order} order @returns {Promise<Record<string, any>>} */
async function settingsOf({ weights, format, jpegQuality = ENCODE_ROWS.quality.standard, ...order }) {
  const { factors = {}, ...given } = runOptions(order)
  return {
    ...DEFAULTS, ...given,
    factors: Object.fromEntries(Object.entries(factors).filter(([, factor]) => factor !== 1).sort()),
    ...(format === 'jpg' ? { jpegQuality } : {}),
    ...(weights ? { weights: digest(await readBytes(weights)) } : {})
  }
}

/**
 * What exists under a result's name: nothing that is to stay, the very result, or a picture of unknown making.
 * @param {string} output @param {Record<string, any>} wanted @param {boolean} repaint paint over other settings' result
 * @returns {Promise<'nothing'|'same'|'unknown'>}
 */
async function standing(output, wanted, repaint) {
  if (!existsSync(output)) return 'nothing'
  const found = readRecord(await writing(output, () => readFile(output)))
  if (!found) return 'unknown'
  const differs = [...new Set([...Object.keys(wanted), ...Object.keys(found)])]
    .filter((name) => JSON.stringify(found[name]) !== JSON.stringify(wanted[name]))
  if (!differs.length) return 'same'
  if (repaint) return 'nothing'
  throw new CliError(STATUS.output,
    `${output}: already exists, painted with another ${differs.join(', another ')}; ` +
    'choose another folder, remove it, or paint all such pictures again with --force')
}

/** @param {Order} order @param {import('../shared/command.mjs').Tools} tools */
async function run(order, { open }) {
  const { folder = '', commonStyle: common, format, jpegQuality, repaint = false, json, quiet } = order
  const asked = runOptions(order)
  await checkTerms(asked)
  const engine = await open()
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
    const read = await inputs(job).catch(() => null) // what cannot be read is reported in its turn
    if (read) await standing(job.output, read.made, repaint)
  }

  await makeFolder(folder)
  if (jobs.length) await checkWritable(jobs[0].output)
  const progress = createProgress(process.stderr, quiet)
  const stop = stopSignal()

  /** @type {Outcome[]} */
  const outcomes = []
  for (const [i, job] of jobs.entries()) {
    const { output } = job
    const head = `${i + 1}/${jobs.length} ${output}`
    try {
      const { contentBytes, styleBytes, made } = await inputs(job)
      const there = await standing(output, made, repaint)
      if (there !== 'nothing') {
        outcomes.push({ ...job, status: 'skipped' })
        progress.say(`${head}: already exists${
          there === 'same' ? '' : ', and stays, since it does not say how it was made'}`)
        continue
      }
      const { image, stats } = await engine.stylize({
        ...asked, content: await engine.decode(contentBytes, job.content),
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
      progress.warn(`${head}: failed: ${message}`)
    }
  }
  progress.clear()
  if (json) console.log(JSON.stringify(outcomes, null, 2))
  /** @param {Outcome['status']} status */
  const outputs = (status) => outcomes.filter((outcome) => outcome.status === status)
    .map(({ output }) => path.basename(output))
  const failed = outputs('failed')
  const summary = `${outputs('done').length} painted, ${outputs('skipped').length} skipped, ${failed.length} failed`
  if (stop.signal.aborted) throw new CliError(stop.status,
    `interrupted: ${summary}; the same command continues from here`)
  if (failed.length) throw new CliError(STATUS.other, `${summary}: ${failed.join(', ')}`)
  progress.say(summary)
}

/** @type {import('../shared/command.mjs').Command} */
export const batch = {
  name: 'batch',
  forms: [
    { operands: ['CONTENT...'], needs: ['commonStyle'],
      usage: 'paints each CONTENT in the manner of STYLE, into DIR/CONTENT.STYLE.png' },
    { operands: [], needs: ['list'], usage: 'does the same for the pairs of a list' }
  ],
  options, check, run
}
