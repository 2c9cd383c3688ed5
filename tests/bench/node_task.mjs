// SPDX-License-Identifier: MIT
//
// Runs one task of tasks.js in a Node of its own: node node_task.mjs JSON. Prints the result as one
// line of JSON after "RESULT ".

import { readFile } from 'node:fs/promises'
import { runTask } from './tasks.js'

const root = new URL('../../', import.meta.url)
// Emscripten's loader would fetch a path, which Node refuses; without fetch it reads the file.
Reflect.deleteProperty(globalThis, 'fetch')
const result = await runTask(JSON.parse(process.argv[2]), {
  root: root.href,
  read: async (path) => new Uint8Array(await readFile(new URL(path, root))),
  ort: () => import('onnxruntime-web'),
  async tf() {
    const tf = await import('@tensorflow/tfjs-core')
    const wasm = await import('@tensorflow/tfjs-backend-wasm')
    return { ...tf, wasm }
  }
})
console.log(`RESULT ${JSON.stringify(result)}`)
process.exit(0)
