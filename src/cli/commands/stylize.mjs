// SPDX-License-Identifier: MIT
//
// strotss CONTENT STYLE -o OUT: checks that OUT can be written and reads every input, once, before the work begins; a
// file named OUT is replaced only once the new picture is complete. Ctrl-C stops after the iteration at work and saves
// the picture (beside OUT when there is a file of that name) and the state, which is also saved at the end of each
// scale and every 15 seconds, for a run that is killed; the end of the run removes it. Where OUT is standard output,
// only a complete picture is written, and a state only where it is named.

import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { describeGuidance, describeStretch, readGuidance } from '../../guidance/guidance.js'
import { hexOf } from '../../guidance/palette.js'
import { behindLinks, replaceFile, writeImage } from '../../api/index.node.mjs'
import { ROWS } from '../../api/shared/options.js'
import { checkApart, checkState, checkWritable, isSame, nameOf, readBytes, readPicture, writeStandardOutput,
  writing } from '../shared/files.mjs'
import { own, runOptions } from '../shared/own_options.mjs'
import { amount, createProgress, duration } from '../shared/progress.mjs'
import { onStop } from '../shared/signals.mjs'
import { CliError, explain, STATUS } from '../shared/status.mjs'
import { checkTerms } from '../shared/terms.mjs'
import { STANDARD, usageError } from '../shared/values.mjs'

const SAVE_EVERY = 15000

/** @typedef {import('../../api/client/engine.js').Engine} Engine */
/** @typedef {import('../../api/types.js').Picture} Picture */

const options = { ...own('output'), ...ROWS, ...own('contentGuidance', 'styleGuidance', 'regionWeight', 'point',
  'init', 'resume', 'state', 'format', 'jpegQuality', 'overwrite') }
/** @typedef {import('../shared/command.mjs').Order<typeof options>} Order */

/**
 * Where things go (state: null for nowhere), and the guidance pictures, content and style.
 * @param {Order} order
 */
function placesOf({ output = '', state, contentGuidance, styleGuidance }) {
  return {
    output, state: state ?? (output === STANDARD ? null : `${output}.state`),
    guidance: contentGuidance && styleGuidance ? [contentGuidance, styleGuidance] : null
  }
}

/** @param {Order} order */
function check({ output = '', state, format, jpegQuality, json, contentGuidance, styleGuidance, regionWeight }) {
  const toOutput = output === STANDARD
  if (!toOutput && !/\.(png|jpe?g)$/i.test(output)) throw usageError(
    `-o: "${output}" does not end in .png, .jpg or .jpeg`)
  if (!toOutput && format) throw usageError('--format needs -o -; the name of a file says its format')
  if ((toOutput ? format !== 'jpg' : /\.png$/i.test(output)) && jpegQuality) throw usageError(
    `--jpeg-quality needs ${toOutput ? '--format jpg' : 'an output file that is a JPEG'}`)
  if (toOutput && json) throw usageError('--json and -o - cannot both write to standard output')
  if (state === STANDARD) throw usageError('--state needs the name of a file')
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
  const { files: [content, style], init, resume, weights, overwrite = false } = order
  const { output, state, guidance } = placesOf(order)
  if (output === STANDARD && process.stdout.isTTY) throw new CliError(STATUS.output,
    'standard output is a terminal: send it to a program or a file, or name a file with -o')
  const pictures = [['the content', content], ['the style', style],
    ...(guidance ? [['the content guidance', guidance[0]], ['the style guidance', guidance[1]]] : []),
    ...(init ? [['the picture to start from', init]] : [])]
    .map(([role, file]) => ({ role, file, picture: true }))
  const known = weights ? [{ role: 'the weights', file: weights }] : []
  const saved = resume ? [{ role: 'the state to resume', file: resume }] : []
  const out = { role: '-o', file: output, forced: overwrite }
  await checkApart([...pictures, ...known, ...saved], [out])
  if (output !== STANDARD) await checkWritable(output)
  if (!state) return
  const save = { role: 'the saved state', file: state }
  await checkApart([...pictures, ...known, out], [save]) // the state that is resumed may be saved again
  const part = { role: 'the picture of an interrupted run', file: unfinished(output) }
  if (output !== STANDARD && existsSync(output)) await checkApart([save], [part])
  await checkState(state)
}

/**
 * @param {Engine} engine @param {Order} order @param {{ content: Picture, style: Picture }} pictures
 * @param {(line: string) => void} say
 */
async function readRegions(engine, order, pictures, say) {
  const { guidance } = placesOf(order)
  if (!guidance) return { regions: null, pairs: 1 }
  const [content, style] = [await readPicture(engine, guidance[0]), await readPicture(engine, guidance[1])]
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
      regions: { ...regions, weights: Array.from(weights, (weight) => weight ?? 1) }, pairs: report.regions + 1
    }
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(STATUS.input, `${guidance.join(', ')}: ${/** @type {Error} */ (error).message}`)
  }
}

/** @param {Order} order @param {import('../shared/command.mjs').Tools} tools */
async function run(order, { open }) {
  const { files: [contentFile, styleFile], point: points = [], init: initFile, resume, format, jpegQuality, json,
    quiet } = order
  const { output, state, guidance } = placesOf(order)
  const asked = runOptions(order)
  await checkTerms(asked)
  const engine = await open()
  await checkFiles(order)
  const progress = createProgress(process.stderr, quiet)
  const [content, style] = [await readPicture(engine, contentFile), await readPicture(engine, styleFile)]
  const { regions, pairs } = await readRegions(engine, order, { content, style }, progress.say)
  const init = initFile ? await readPicture(engine, initFile) : undefined
  const from = resume ? await readBytes(resume) : undefined

  /** @type {import('../../api/client/run.js').Run|null} */
  let job = null
  let saved = performance.now()
  let saving = Promise.resolve()
  /** The state's file holds this run, not one that was saved there before. */
  let ours = resume && state ? await isSame(resume, state) : false
  /** A state that cannot be written is not worth ending the run. @param {Uint8Array|null} checkpoint */
  const save = (checkpoint) => {
    saved = performance.now()
    if (state && checkpoint) saving = saving.then(() => replaceFile(state, checkpoint)).then(() => {
      ours = true
    }, () => undefined)
  }
  /** The complete picture, to where it belongs. @param {Picture} image */
  async function write(image) {
    if (output !== STANDARD) return writing(output, () => writeImage(engine, output, image, jpegQuality))
    const type = format === 'jpg' ? 'image/jpeg' : 'image/png'
    return writeStandardOutput(await engine.encode(image, { type, quality: jpegQuality }))
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
    const part = output === STANDARD ? null : existsSync(output) ? unfinished(output) : output
    const kept = await Promise.allSettled([
      ...(part ? [writing(part, () => writeImage(engine, part, image, jpegQuality))
        .then(() => `the picture so far is ${part}`)] : []),
      ...(state ? [writing(state, () => replaceFile(state, checkpoint))
        .then(() => `continue with --resume ${state}`)] : [])])
    throw new CliError(status, ['interrupted', ...kept.map((one) => (
      one.status === 'fulfilled' ? one.value : /** @type {Error} */ (one.reason).message))].join('; '))
  }

  await engine.ready
  await engine.calibrate()
  if (!from) {
    const { bytes, seconds = 0, scales } = await engine.estimate({ content, style, ...asked, pairs,
      points: points.length, init })
    progress.say(`${engine.info.build}, ${engine.info.threads} thread${engine.info.threads > 1 ? 's' : ''}: ` +
      `${scales.length} scale${scales.length > 1 ? 's' : ''}, about ${duration(seconds)} and ${amount(bytes)}`)
  }
  job = engine.start({
    content, style, regions, points, init, ...asked, resume: from, previewEvery: 0,
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
    const names = [contentFile, styleFile, ...(guidance ?? []), ...(initFile ? [initFile] : [])].map(nameOf).join(', ')
    const hint = /other pictures/.test(error.message)
      ? `; it continues only with the pictures that it was begun with: was one of ${names} changed since?` : ''
    throw new CliError(STATUS.input, `${nameOf(resume ?? '')}: ${error.message}${hint}`)
  })
  progress.clear()
  await saving
  await write(image).catch(async (error) => {
    if (!state) throw error
    await replaceFile(state, checkpoint).catch(() => { throw error })
    throw new CliError(STATUS.output, `${error.message}; nothing is lost: write the picture with --resume ${state}`)
  })
  if (state && ours) {
    await rm(await behindLinks(state), { force: true }).catch((error) => progress.warn(explain(error).line))
  }
  const place = output === STANDARD ? 'standard output' : output
  progress.say(`${place}: ${stats.size.join('x')}, ${duration(stats.seconds)}`)
  if (json) console.log(JSON.stringify({ output, ...stats }, null, 2))
}

/** @type {import('../shared/command.mjs').Command} */
export const stylize = {
  name: 'stylize',
  forms: [{ operands: ['CONTENT', 'STYLE'], usage: 'paints CONTENT in the manner of STYLE' }],
  options, check, run
}
