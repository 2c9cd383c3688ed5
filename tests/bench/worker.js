// SPDX-License-Identifier: MIT
//
// Runs one task of tasks.js in a worker of the page that chromium.mjs opens. A classic worker, for TensorFlow.js'
// scripts.

const modules = `${self.location.origin}/tests/bench/node_modules/`

/** @type {import('./tasks.js').Place} */
const place = {
  root: `${self.location.origin}/`,
  read: async (path) => new Uint8Array(await (await fetch(`/${path}`)).arrayBuffer()),
  ort: () => import(`${modules}onnxruntime-web/dist/ort.wasm.min.mjs`),
  async tf() {
    // It starts no more threads than half the cores it counts; twice as many make the comparison fair.
    const cores = 2 * navigator.hardwareConcurrency
    Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => cores })
    importScripts(`${modules}@tensorflow/tfjs-core/dist/tf-core.min.js`,
      `${modules}@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js`)
    tf.wasm.setWasmPaths(`${modules}@tensorflow/tfjs-backend-wasm/wasm-out/`)
    return tf
  }
}

self.onmessage = async ({ data }) => {
  try {
    const { runTask } = await import('/tests/bench/tasks.js')
    self.postMessage({ result: await runTask(data, place) })
  } catch (error) {
    self.postMessage({ error: String(error?.stack ?? error) })
  }
}
