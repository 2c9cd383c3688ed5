// SPDX-License-Identifier: MIT
//
// Node's worker: a worker thread around dispatcher.js.

import { readFile } from 'node:fs/promises'
import { parentPort } from 'node:worker_threads'
import { serve } from './dispatcher.js'

const port = parentPort
if (!port) throw new Error('entry.node.mjs must be started as a worker thread')

/** Held here: Dawn falls apart when it is collected while a device is in use. @type {any} */
let gpu = null

serve({
  post: (reply, transfer) => port.postMessage(reply, transfer),
  listen: (hear) => port.on('message', hear),
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
  cards: {
    /** A package as npm's webgpu, by the name or address that import() takes. */
    async gpu(from) {
      if (!from) return null
      const { create, globals } = await import(from)
      Object.assign(globalThis, globals)
      gpu ??= create([])
      return gpu
    },
    kernel: (file) => readFile(new URL(`../../gpu/kernels/${file}.wgsl`, import.meta.url), 'utf8')
  }
})
