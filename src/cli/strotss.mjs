#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// The command line: reads the order, starts an engine, does one command. See parse.mjs for the commands and
// status.mjs for the exit statuses.

import { checkOptions } from '../api/client/engine.js'
import { createEngine, fileFault } from '../api/index.node.mjs'
import { batch } from './commands/batch.mjs'
import { distances, evaluate, hypercolumn } from './commands/evaluate.mjs'
import { parse, USAGE } from './parse.mjs'
import { report } from './commands/report.mjs'
import { explain, STATUS } from './shared/status.mjs'
import { stylize } from './commands/stylize.mjs'
import { VERSION } from '../api/worker/wasm.js'

async function main() {
  const order = parse(process.argv.slice(2))
  if (order.command === 'show') return console.log(order.what === 'version' ? VERSION : USAGE.trimEnd())
  const { threads, build, weights } = order
  if (order.command === 'stylize' || order.command === 'batch' || order.command === 'report')
    checkOptions(order.options)
  const engine = await createEngine({ threads, build, weights })
  try {
    if (order.command === 'stylize') await stylize(engine, order)
    else if (order.command === 'batch') await batch(engine, order)
    else if (order.command === 'report') await report(engine, order)
    else if (order.command === 'evaluate') await evaluate(engine, order)
    else if (order.command === 'distances') await distances(engine, order)
    else await hypercolumn(engine, order)
  } finally {
    engine.dispose()
  }
}

// Nobody may be reading: a log's reader that has ended, a terminal that was closed, a full disk. No run ends by that.
process.stderr.on('error', () => undefined)
process.stdout.on('error', (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EPIPE' || process.exitCode) return
  console.error(`strotss: standard output: cannot be written: ${fileFault(error)}`)
  process.exitCode = STATUS.output
})

try {
  await main()
} catch (error) {
  const { status, line } = explain(error)
  console.error(line)
  process.exitCode = status
}
