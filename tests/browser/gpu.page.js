// SPDX-License-Identifier: MIT
//
// inWorker(task, ...args): one task of gpu.worker.js in a fresh worker; resolves to its answer or { error }.

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
