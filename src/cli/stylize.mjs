// SPDX-License-Identifier: MIT
//
// strotss CONTENT STYLE -o OUT: checks that OUT can be written and reads every input before the work begins; a file
// named OUT is replaced only once the new picture is complete. Ctrl-C stops after the iteration at work and keeps the
// picture (beside OUT when there is a file of that name) and the state, which is also kept at every scale's end and
// every quarter of a minute, for a run that is killed; the end of the run removes it.

import { existsSync } from 'node:fs'
import { open, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { describeGuidance, readGuidance } from '../guidance/guidance.js'
import { fileFault, readImage, replaceFile, writeImage } from '../api/index.node.mjs'
import { amount, createProgress, duration } from './progress.mjs'
import { CliError, STATUS } from './status.mjs'

const SAVE_EVERY = 15000

/** @typedef {import('../api/client/engine.js').Engine} Engine */
/** @typedef {import('../api/types.js').Picture} Picture */
/** @typedef {Extract<ReturnType<typeof import('./options.mjs').parse>, { command: 'stylize' }>} Order */

/** Runs `write`, whose failures are the output's. @param {string} file @param {() => Promise<unknown>} write */
export async function writing(file, write) {
  try {
    await write()
  } catch (error) {
    const missing = /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT'
    throw new CliError(STATUS.output,
      `${file}: cannot be written: ${missing ? 'there is no such folder' : fileFault(error)}`)
  }
}

/** Fails now rather than after the work. @param {string} file */
export async function checkWritable(file) {
  await writing(file, async () => {
    const draft = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.try`)
    await (await open(draft, 'wx')).close()
    await rm(draft)
    await (await open(file, 'r+').catch((error) => {
      if (error.code === 'ENOENT') return null
      throw error
    }))?.close()
  })
}

/** @param {string} file */
async function readState(file) {
  try {
    return new Uint8Array(await readFile(file))
  } catch (error) {
    throw new CliError(STATUS.input, `${file}: ${fileFault(error)}`)
  }
}

/** @param {Engine} engine @param {Order} order @param {(line: string) => void} say */
async function readRegions(engine, { guidance, regionWeights }, say) {
  if (!guidance) return { regions: null, pairs: 1 }
  const [content, style] = [await readImage(engine, guidance[0]), await readImage(engine, guidance[1])]
  try {
    const { report, ...regions } = readGuidance(content, style)
    for (const line of describeGuidance(report)) say(`guidance: ${line}`)
    return {
      regions: { content: regions.content, style: regions.style, weights: regionWeights }, pairs: report.regions + 1
    }
  } catch (error) {
    throw new CliError(STATUS.input, `${guidance.join(', ')}: ${/** @type {Error} */ (error).message}`)
  }
}

/** @param {Engine} engine @param {Order} order */
export async function stylize(engine, order) {
  const { files: [contentFile, styleFile], output, options, resume, state, json } = order
  await checkWritable(output)
  await checkWritable(state)
  const progress = createProgress(process.stderr)
  const [content, style] = [await readImage(engine, contentFile), await readImage(engine, styleFile)]
  const { regions, pairs } = await readRegions(engine, order, progress.say)
  const from = resume ? await readState(resume) : undefined

  const stale = existsSync(state)
  /** @type {import('../api/client/run.js').Run|null} */
  let run = null
  let interrupted = false
  let saved = performance.now()
  let saving = Promise.resolve()
  /** A state that cannot be written is not worth ending the run. @param {Uint8Array|null} checkpoint */
  const save = (checkpoint) => {
    saved = performance.now()
    if (checkpoint) saving = saving.then(() => replaceFile(state, checkpoint)).catch(() => undefined)
  }
  /** Rejects once an interrupted run is kept. @type {Promise<never>} */
  const stopped = new Promise((_, reject) => {
    const onSignal = () => {
      if (interrupted || !run) process.exit(STATUS.interrupted)
      interrupted = true
      progress.say('stopping after this iteration; Ctrl-C again stops at once')
      keep(run).catch(reject)
    }
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, onSignal)
  })

  /** Keeps what there is of a run, and ends it. @param {import('../api/client/run.js').Run} held */
  async function keep(held) {
    const checkpoint = await held.pause()
    const image = await held.snapshot()
    if (!checkpoint || !image) throw new CliError(STATUS.interrupted, 'interrupted before there was anything to keep')
    const { dir, name, ext } = path.parse(output)
    const part = existsSync(output) ? path.join(dir, `${name}.unfinished${ext}`) : output
    await writing(part, () => writeImage(engine, part, image, order.jpegQuality))
    await saving
    await writing(state, () => replaceFile(state, checkpoint))
    throw new CliError(STATUS.interrupted,
      `interrupted; the picture so far is ${part}, --resume ${state} goes on from here`)
  }

  await engine.ready
  await engine.calibrate()
  if (!from) {
    const { bytes, seconds = 0, scales } = await engine.estimate({ content, style, ...options, pairs })
    progress.say(`${engine.info.build}, ${engine.info.threads} thread${engine.info.threads > 1 ? 's' : ''}: ` +
      `${scales.length} scale${scales.length > 1 ? 's' : ''}, about ${duration(seconds)} and ${amount(bytes)}`)
  }
  run = engine.start({
    content, style, regions, ...options, resume: from, previewEvery: 0,
    onProgress: (event) => {
      if (event.type === 'iteration') progress.iteration(event)
      if (event.type === 'scale' && event.scale + 1 < event.scales) save(event.checkpoint)
      else if (event.type === 'iteration' && performance.now() - saved > SAVE_EVERY) {
        saved = performance.now()
        run?.checkpoint().then(save, () => undefined)
      }
    }
  })
  const { image, stats } = await Promise.race([run.result, stopped])
  progress.clear()
  await writing(output, () => writeImage(engine, output, image, order.jpegQuality))
  await saving
  if (!stale) await rm(state, { force: true })
  progress.say(`${output}: ${stats.size.join('x')}, ${duration(stats.seconds)}`)
  if (json) console.log(JSON.stringify({ output, ...stats }, null, 2))
}
