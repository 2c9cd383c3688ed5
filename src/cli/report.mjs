// SPDX-License-Identifier: MIT
//
// strotss report: the paper's experiments into a folder. What is finished stays there: the same command again goes on
// where it was stopped.

import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { readImage } from '../api/index.node.mjs'
import { report as writeReport } from '../report/report.mjs'
import { source } from '../report/sources.mjs'
import { createProgress, duration } from './progress.mjs'
import { CliError, STATUS } from './status.mjs'
import { checkWritable, writing } from './stylize.mjs'

/** @typedef {import('../api/client/engine.js').Engine} Engine */
/** @typedef {Extract<ReturnType<typeof import('./options.mjs').parse>, { command: 'report' }>} Order */

/** @param {Engine} engine @param {Order} order */
export async function report(engine, { output: folder, pair: files, quick, options, sections, json }) {
  const pair = files && {
    content: source('content', path.basename(files.content), await readImage(engine, files.content)),
    style: source('style', path.basename(files.style), await readImage(engine, files.style))
  }
  await writing(folder, () => mkdir(folder, { recursive: true }))
  await checkWritable(path.join(folder, 'index.html'))
  const progress = createProgress(process.stderr)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())
  /** @type {{ name: string, seconds: number }[]} */
  const done = []
  try {
    const { file, tasks } = await writeReport(engine, { folder, quick, pair, sections, ...options }, {
      signal: stop.signal,
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
    if (!stop.signal.aborted) throw error
    progress.clear()
    throw new CliError(STATUS.interrupted, `interrupted: ${done.length} tasks done; the same command goes on from here`)
  }
}
