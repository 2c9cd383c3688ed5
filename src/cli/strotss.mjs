#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// The command line: reads the order, and runs its command with an engine. commands.mjs lists the commands, and
// shared/status.mjs the exit statuses.

import { createEngine, fileFault } from '../api/index.node.mjs'
import { VERSION } from '../api/worker/wasm.js'
import { help } from './help.mjs'
import { parse } from './parse.mjs'
import { explain, STATUS } from './shared/status.mjs'

async function main() {
  const { command, show, ...order } = parse(process.argv.slice(2))
  if (show === 'version') return console.log(VERSION)
  if (show === 'help') return console.log(await help(command))
  const { threads, build, weights } = order
  /** @type {import('../api/client/engine.js').Engine[]} */
  const engines = []
  try {
    await command?.run(order, {
      async open() {
        engines.push(await createEngine({ threads, build, weights }))
        return engines[0]
      }
    })
  } finally {
    for (const engine of engines) engine.dispose()
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
