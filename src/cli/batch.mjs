// SPDX-License-Identifier: MIT
//
// strotss batch: one picture after another into a folder, by one engine. A picture's file appears when it is complete,
// so those that are there are done and skipped: the same command again goes on where it was stopped. A picture that
// fails is named at the end, and the rest are painted all the same; a folder that cannot be written ends the work.

import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileFault, writeImage } from '../api/index.node.mjs'
import { createProgress, duration } from './progress.mjs'
import { CliError, STATUS } from './status.mjs'
import { checkWritable, writing } from './stylize.mjs'

/** @typedef {import('../api/client/engine.js').Engine} Engine */
/** @typedef {Extract<ReturnType<typeof import('./options.mjs').parse>, { command: 'batch' }>} Order */
/** @typedef {{ content: string, style: string, output: string }} Job */
/** @typedef {Job & { status: 'done'|'skipped'|'failed', seconds?: number, error?: string }} Outcome */

/** Lines of "CONTENT STYLE". @param {string} list a file @returns {Promise<[string, string][]>} */
async function readList(list) {
  let text
  try {
    text = await readFile(list, 'utf8')
  } catch (error) {
    throw new CliError(STATUS.input, `${list}: ${fileFault(error)}`)
  }
  return text.split(/\r?\n/).flatMap((line, i) => {
    const words = line.trim()
    if (!words || words.startsWith('#')) return []
    const pair = words.split(words.includes('\t') ? /\t+/ : / +/)
      .map((word) => path.resolve(path.dirname(list), word.trim()))
    if (pair.length !== 2) throw new CliError(STATUS.input, `${list}: line ${i + 1} is not "CONTENT STYLE"`)
    return [/** @type {[string, string]} */ (pair)]
  })
}

/** @param {Order} order @returns {Promise<Job[]>} */
async function plan({ files, style, output: folder, format }) {
  const pairs = style === undefined ? await readList(files[0]) : files.map((content) => [content, style])
  const jobs = pairs.map(([content, by]) => (
    { content, style: by, output: path.join(folder, `${path.parse(content).name}.${path.parse(by).name}.${format}`) }))
  if (!jobs.length) throw new CliError(STATUS.input, `${files[0]}: no pictures are named`)
  const twice = jobs.find(({ output }, i) => jobs.findIndex((other) => other.output === output) < i)
  if (twice) throw new CliError(STATUS.usage, `two results would be ${twice.output}`)
  return jobs
}

/** @param {Engine} engine @param {Order} order */
export async function batch(engine, order) {
  const { options, output: folder, jpegQuality, json } = order
  const jobs = await plan(order)
  await writing(folder, () => mkdir(folder, { recursive: true }))
  await checkWritable(jobs[0].output)
  const progress = createProgress(process.stderr)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())
  await engine.ready

  /** @type {Outcome[]} */
  const outcomes = []
  for (const [i, job] of jobs.entries()) {
    const { content, style, output } = job
    const head = `${i + 1}/${jobs.length} ${output}`
    if (existsSync(output)) {
      outcomes.push({ ...job, status: 'skipped' })
      progress.say(`${head}: is there already`)
      continue
    }
    try {
      const { image, stats } = await engine.stylize({
        ...options, content, style, signal: stop.signal, previewEvery: 0,
        onProgress: (event) => {
          if (event.type === 'iteration') progress.iteration(event)
        }
      })
      await writing(output, () => writeImage(engine, output, image, jpegQuality))
      outcomes.push({ ...job, status: 'done', seconds: stats.seconds })
      progress.say(`${head}: ${stats.size.join('x')}, ${duration(stats.seconds)}`)
    } catch (error) {
      if (stop.signal.aborted) break
      if (error instanceof CliError) throw error
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
  if (stop.signal.aborted) throw new CliError(STATUS.interrupted,
    `interrupted: ${summary}; the same command goes on from here`)
  if (failed.length) throw new CliError(STATUS.other, `${summary}: ${failed.join(', ')}`)
  progress.say(summary)
}
