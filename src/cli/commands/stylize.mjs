// SPDX-License-Identifier: MIT
//
// strotss CONTENT STYLE -o OUT: checks that OUT can be written and reads every input, once, before the work begins; a
// file named OUT is replaced only once the new picture is complete. Ctrl-C stops after the iteration at work and saves
// the picture (beside OUT when there is a file of that name) and the state, which is also saved at the end of each
// scale and every 15 seconds, for a run that is killed; the end of the run removes it.

import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { describeGuidance, describeStretch, readGuidance } from '../../guidance/guidance.js'
import { hexOf } from '../../guidance/palette.js'
import { behindLinks, readImage, replaceFile, writeImage } from '../../api/index.node.mjs'
import { ROWS } from '../../api/shared/options.js'
import { checkApart, checkState, checkWritable, isSame, readBytes, writing } from '../shared/files.mjs'
import { own, runOptions } from '../shared/options.mjs'
import { amount, createProgress, duration } from '../shared/progress.mjs'
import { onStop } from '../shared/signals.mjs'
import { CliError, explain, STATUS } from '../shared/status.mjs'
import { checkTerms } from '../shared/terms.mjs'
import { usageError } from '../shared/values.mjs'

const SAVE_EVERY = 15000

/** @typedef {import('../../api/client/engine.js').Engine} Engine */
/** @typedef {import('../../api/types.js').Picture} Picture */

const options = { ...own('output'), ...ROWS, ...own('contentGuidance', 'styleGuidance', 'regionWeight', 'resume', 'state',
  'jpegQuality', 'overwrite') }
/** @typedef {import('../shared/command.mjs').Order<typeof options>} Order */

/** Where things go, and the guidance pictures, content and style. @param {Order} order */
function placesOf({ output = '', state = `${output}.state`, contentGuidance, styleGuidance }) {
  return { output, state, guidance: contentGuidance && styleGuidance ? [contentGuidance, styleGuidance] : null }
}

/** @param {Order} order */
function check({ output = '', jpegQuality, contentGuidance, styleGuidance, regionWeight }) {
  if (!/\.(png|jpe?g)$/i.test(output)) throw usageError(`-o: "${output}" does not end in .png, .jpg or .jpeg`)
  if (/\.png$/i.test(output) && jpegQuality) throw usageError('--jpeg-quality needs an output file that is a JPEG')
  if (!contentGuidance !== !styleGuidance) throw usageError(
    '--content-guidance and --style-guidance must be given together')
  if (regionWeight && !contentGuidance) throw usageError('--region-weight needs guidance pictures')
}

/** Where the picture so far goes while a file named OUT is there: a name that no file has. @param {string} output */
function unfinished(output) {
  const { dir, name, ext } = path.parse(output)
  const named = (/** @type {number} */ n) => path.join(dir, `${name}.unfinished${n > 1 ? `-${n}` : ''}${ext}`)
  let n = 1
  while (existsSync(named(n))) n++
  return named(n)
}

/** No file that is read may be written over, and each that will be written can be. @param {Order} order */
async function checkFiles(order) {
  const { files: [content, style], resume, weights, overwrite = false } = order
  const { output, state, guidance } = placesOf(order)
  const pictures = [['the content', content], ['the style', style],
    ...(guidance ? [['the content guidance', guidance[0]], ['the style guidance', guidance[1]]] : [])]
    .map(([role, file]) => ({ role, file, picture: true }))
  const known = weights ? [{ role: 'the weights', file: weights }] : []
  const saved = resume ? [{ role: 'the state to resume', file: resume }] : []
  const [out, save] = [{ role: '-o', file: output, forced: overwrite }, { role: 'the saved state', file: state }]
  await checkApart([...pictures, ...known, ...saved], [out])
  await checkApart([...pictures, ...known, out], [save]) // the state that is resumed may be saved again
  if (existsSync(output)) await checkApart([save], [{ role: 'the picture of an interrupted run', file: unfinished(output) }])
  await checkWritable(output)
  await checkState(state)
}

/**
 * @param {Engine} engine @param {Order} order @param {{ content: Picture, style: Picture }} pictures
 * @param {(line: string) => void} say
 */
async function readRegions(engine, order, pictures, say) {
  const { guidance } = placesOf(order)
  if (!guidance) return { regions: null, pairs: 1 }
  const [content, style] = [await readImage(engine, guidance[0]), await readImage(engine, guidance[1])]
  try {
    const { report, palette, ...regions } = readGuidance(content, style)
    const labels = [...new Set(regions.content.labels)].filter((label) => label > 0).sort((a, b) => a - b)
    const lines = [...describeGuidance(report), ...describeStretch(content, pictures.content, 'content'),
      ...describeStretch(style, pictures.style, 'style'),
      `Region ${labels.map((label) => `${label} is ${hexOf(palette[label])}`).join(', ')}.`]
    for (const line of lines) say(`guidance: ${line}`)
    /** @type {number[]} */
    const weights = []
    for (const [label, weight] of order.regionWeight ?? []) {
      if (![regions.content, regions.style].some(({ labels: map }) => map.includes(label))) throw usageError(
        `--region-weight: there is no region ${label} in the guidance pictures`)
      weights[label] = weight
    }
    return {
      regions: { content: regions.content, style: regions.style, weights: Array.from(weights, (weight) => weight ?? 1) },
      pairs: report.regions + 1
    }
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(STATUS.input, `${guidance.join(', ')}: ${/** @type {Error} */ (error).message}`)
  }
}

/** @param {Order} order @param {import('../shared/command.mjs').Tools} tools */
async function run(order, { open }) {
  const { files: [contentFile, styleFile], resume, json } = order
  const { output, state, guidance } = placesOf(order)
  const asked = runOptions(order)
  await checkTerms(asked)
  const engine = await open()
  await checkFiles(order)
  const progress = createProgress(process.stderr)
  const [content, style] = [await readImage(engine, contentFile), await readImage(engine, styleFile)]
  const { regions, pairs } = await readRegions(engine, order, { content, style }, progress.say)
  const from = resume ? await readBytes(resume) : undefined

  /** @type {import('../../api/client/run.js').Run|null} */
  let job = null
  let saved = performance.now()
  let saving = Promise.resolve()
  /** The state's file holds this run, not one that was saved there before. */
  let ours = resume ? await isSame(resume, state) : false
  /** A state that cannot be written is not worth ending the run. @param {Uint8Array|null} checkpoint */
  const save = (checkpoint) => {
    saved = performance.now()
    if (checkpoint) saving = saving.then(() => replaceFile(state, checkpoint)).then(() => {
      ours = true
    }, () => undefined)
  }
  /** Rejects once an interrupted run is kept. @type {Promise<never>} */
  const stopped = new Promise((_, reject) => {
    onStop((status) => {
      if (!job) process.exit(status)
      keep(job, status).catch(reject)
      progress.say('Stopping after this iteration. Press Ctrl-C again to stop at once.')
    })
  })

  /**
   * Keeps what there is of a run, the state first, and ends it.
   * @param {import('../../api/client/run.js').Run} held @param {number} status
   */
  async function keep(held, status) {
    const checkpoint = await held.pause()
    const image = await held.snapshot()
    if (!checkpoint || !image) throw new CliError(status, 'interrupted before there was anything to save')
    await saving
    const part = existsSync(output) ? unfinished(output) : output
    const [keptState, keptPicture] = await Promise.allSettled([
      writing(state, () => replaceFile(state, checkpoint)),
      writing(part, () => writeImage(engine, part, image, order.jpegQuality))])
    const faults = [keptState, keptPicture].flatMap((kept) => (
      kept.status === 'rejected' ? [/** @type {Error} */ (kept.reason).message] : []))
    throw new CliError(status, ['interrupted', ...faults,
      ...(keptPicture.status === 'fulfilled' ? [`the picture so far is ${part}`] : []),
      ...(keptState.status === 'fulfilled' ? [`continue with --resume ${state}`] : [])
    ].join('; '))
  }

  await engine.ready
  await engine.calibrate()
  if (!from) {
    const { bytes, seconds = 0, scales } = await engine.estimate({ content, style, ...asked, pairs })
    progress.say(`${engine.info.build}, ${engine.info.threads} thread${engine.info.threads > 1 ? 's' : ''}: ` +
      `${scales.length} scale${scales.length > 1 ? 's' : ''}, about ${duration(seconds)} and ${amount(bytes)}`)
  }
  job = engine.start({
    content, style, regions, ...asked, resume: from, previewEvery: 0,
    onProgress: (event) => {
      if (event.type === 'iteration') progress.iteration(event)
      if (event.type === 'scale' && event.scale + 1 < event.scales) save(event.checkpoint)
      else if (event.type === 'iteration' && performance.now() - saved > SAVE_EVERY) {
        saved = performance.now()
        job?.checkpoint().then(save, () => undefined)
      }
    }
  })
  const { image, stats, checkpoint } = await Promise.race([job.result, stopped]).catch((error) => {
    if (error.code !== 'BAD_STATE') throw error
    const names = [contentFile, styleFile, ...(guidance ?? [])].join(', ')
    const hint = /other pictures/.test(error.message)
      ? `; it continues only with the pictures that it was begun with: was one of ${names} changed since?` : ''
    throw new CliError(STATUS.input, `${resume}: ${error.message}${hint}`)
  })
  progress.clear()
  await saving
  await writing(output, () => writeImage(engine, output, image, order.jpegQuality)).catch(async (error) => {
    await replaceFile(state, checkpoint).catch(() => { throw error })
    throw new CliError(STATUS.output, `${error.message}; nothing is lost: write the picture with --resume ${state}`)
  })
  if (ours) await rm(await behindLinks(state), { force: true }).catch((error) => progress.say(explain(error).line))
  progress.say(`${output}: ${stats.size.join('x')}, ${duration(stats.seconds)}`)
  if (json) console.log(JSON.stringify({ output, ...stats }, null, 2))
}

/** @type {import('../shared/command.mjs').Command} */
export const stylize = {
  name: 'stylize',
  forms: [{ operands: ['CONTENT', 'STYLE'], usage: 'paints CONTENT in the manner of STYLE' }],
  options, check, run
}
