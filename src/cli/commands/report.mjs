// SPDX-License-Identifier: MIT
//
// strotss report -o DIR: the paper's experiments into a folder. What is finished stays there: the same command again
// continues where it was stopped.

import path from 'node:path'
import { fileFault } from '../../api/index.node.mjs'
import { report as writeReport } from '../../report/report.mjs'
import { source } from '../../report/sources.mjs'
import { checkApart, checkWritable, makeFolder, readPicture } from '../shared/files.mjs'
import { own } from '../shared/own_options.mjs'
import { createProgress, duration } from '../shared/progress.mjs'
import { stopSignal } from '../shared/signals.mjs'
import { CliError, STATUS } from '../shared/status.mjs'
import { termNames } from '../shared/terms.mjs'
import { usageError } from '../shared/values.mjs'

const options = own('folder', 'quick', 'ownContent', 'ownStyle', 'reportSize', 'reportIterations', 'sections')
/** @typedef {import('../shared/command.mjs').Order<typeof options>} Order */

/** @param {Order} order */
function check({ ownContent, ownStyle }) {
  if (!ownContent !== !ownStyle) throw usageError('--content and --style must be given together')
}

/** @param {Order} order @param {import('../shared/command.mjs').Tools} tools */
async function run({ folder = '', ownContent, ownStyle, weights, quick = false, reportSize, reportIterations, sections,
  json, quiet }, { open }) {
  const engine = await open()
  const files = ownContent && ownStyle ? { content: ownContent, style: ownStyle } : undefined
  const pair = files && {
    content: source('content', path.basename(files.content), await readPicture(engine, files.content)),
    style: source('style', path.basename(files.style), await readPicture(engine, files.style))
  }
  const reads = [
    ...(files ? [{ role: 'the content', file: files.content }, { role: 'the style', file: files.style }] : []),
    ...(weights ? [{ role: 'the weights', file: weights }] : [])
  ]
  const progress = createProgress(process.stderr, quiet)
  const stop = stopSignal()
  /** @type {{ name: string, seconds: number }[]} */
  const done = []
  try {
    const { file, tasks } = await writeReport(engine, {
      folder, quick, pair, sections, size: reportSize, iterations: reportIterations, terms: await termNames()
    }, {
      signal: stop.signal,
      async onPlan(planned) {
        await checkApart(reads, planned.map((name) => ({ role: 'the report', file: name })))
        await engine.ready
        await makeFolder(folder)
        await checkWritable(planned[0])
      },
      onProgress: progress.share,
      onDone: (name, seconds) => {
        done.push({ name, seconds })
        progress.say(`${name}: ${duration(seconds)}`)
      }
    })
    progress.clear()
    progress.say(`${file}: ${tasks} tasks, ${tasks - done.length} of which were done before`)
    if (json) console.log(JSON.stringify({ output: file, tasks, done }, null, 2))
  } catch (error) {
    progress.clear()
    if (stop.signal.aborted) throw new CliError(stop.status,
      `interrupted: ${done.length} tasks done; the same command continues from here`)
    const { syscall } = /** @type {NodeJS.ErrnoException} */ (error)
    throw syscall ? new CliError(STATUS.output, `${folder}: cannot be written: ${fileFault(error)}`) : error
  }
}

/** @type {import('../shared/command.mjs').Command} */
export const report = {
  name: 'report',
  forms: [{ operands: [], usage: "repeats the paper's experiments and writes DIR/index.html; the same command again " +
    'continues where it was stopped' }],
  options, check, run
}
