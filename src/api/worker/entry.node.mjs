// SPDX-License-Identifier: MIT
//
// Node's worker: a worker thread around dispatcher.js.

import { parentPort } from 'node:worker_threads'
import { serve } from './dispatcher.js'

const port = parentPort
if (!port) throw new Error('entry.node.mjs must be started as a worker thread')

serve({
  post: (reply, transfer) => port.postMessage(reply, transfer),
  listen: (hear) => port.on('message', hear),
  breathe: () => new Promise((resolve) => setImmediate(resolve))
})
