// SPDX-License-Identifier: MIT
//
// inWorker(task, ...args): one task of gpu.worker.js in a fresh worker; resolves to its answer or { error }.
// paint(engine, run): a run by an engine with these options; resolves to what was told of it.

import { createEngine } from '../../src/api/index.browser.js'

window.inWorker = (task, ...args) => new Promise((resolve) => {
  const worker = new Worker('gpu.worker.js', { type: 'module' })
  const finish = (answer) => {
    worker.terminate()
    resolve(answer)
  }
  worker.onmessage = ({ data }) => finish(data)
  worker.onerror = (event) => {
    event.preventDefault()
    finish({ error: event.message })
  }
  worker.postMessage({ task, args })
})

const picture = (seed) => ({
  width: 64, height: 4, data: Uint8ClampedArray.from({ length: 4 * 64 * 4 }, (_, i) => (i * 7919 + seed) >> 3 & 255)
})

window.paint = async (options, run) => {
  const engine = await createEngine({ ...options, threads: 1 })
  await engine.ready
  const events = []
  const { stats, image } = await engine.stylize({
    content: picture(1), style: picture(2), size: 64, quality: 'draft', styleDraws: 1, ...run,
    onProgress: (event) => events.push({ ...event, image: null, checkpoint: null })
  })
  engine.dispose()
  return { info: engine.info, stats, events, pixels: [...image.data] }
}
