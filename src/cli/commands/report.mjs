// SPDX-License-Identifier: MIT
//
// strotss report: the paper's experiments into a folder. What is finished stays there: the same command again goes on
// where it was stopped.

import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fileFault, readImage } from '../../api/index.node.mjs'
import { report as writeReport } from '../../report/report.mjs'
import { source } from '../../report/sources.mjs'
import { checkApart, checkWritable, writing } from '../shared/files.mjs'
import { createProgress, duration } from '../shared/progress.mjs'
import { onStop } from '../shared/signals.mjs'
import { CliError, STATUS } from '../shared/status.mjs'

/** @typedef {import('../../api/client/engine.js').Engine} Engine */
/** @typedef {Extract<ReturnType<typeof import('../parse.mjs').parse>, { command: 'report' }>} Order */

/** @param {Engine} engine @param {Order} order */
export async function report(engine, { output: folder, pair: files, weights, quick, options, sections, json }) {
  const pair = files && {
    content: source('content', path.basename(files.content), await readImage(engine, files.content)),
    style: source('style', path.basename(files.style), await readImage(engine, files.style))
  }
  const reads = [
    ...(files ? [{ role: 'the content', file: files.content }, { role: 'the style', file: files.style }] : []),
    ...(weights ? [{ role: 'the weights', file: weights }] : [])
  ]
  const progress = createProgress(process.stderr)
  const stop = new AbortController()
  let stopStatus = 0
  onStop((status) => {
    stopStatus = status
    stop.abort()
  })
  /** @type {{ name: string, seconds: number }[]} */
  const done = []
  try {
    const { file, tasks } = await writeReport(engine, { folder, quick, pair, sections, ...options }, {
      signal: stop.signal,
      async onPlan(planned) {
        await checkApart(reads, planned.map((name) => ({ role: 'the report', file: name })))
        await engine.ready
        await writing(folder, () => mkdir(folder, { recursive: true }))
        await checkWritable(planned[0])
      },
      onProgress: progress.share,
      onDone: (name, seconds) => {
        done.push({ name, seconds })
        progress.say(`${name}: ${duration(seconds)}`)
      }
    })
    progress.clear()
    progress.say(`${file}: ${tasks} tasks, ${tasks - done.length} of them done before`)
    if (json) console.log(JSON.stringify({ output: file, tasks, done }, null, 2))
  } catch (error) {
    progress.clear()
    if (stop.signal.aborted) throw new CliError(stopStatus,
      `interrupted: ${done.length} tasks done; the same command goes on from here`)
    const { syscall } = /** @type {NodeJS.ErrnoException} */ (error)
    throw syscall ? new CliError(STATUS.output, `${folder}: cannot be written: ${fileFault(error)}`) : error
  }
}
