// SPDX-License-Identifier: MIT
//
// runTest(name, relaxed, files): one C test's program in a fresh worker; resolves to what it printed and its status.

window.runTest = (name, relaxed, files) => new Promise((resolve) => {
  const worker = new Worker('c_tests.worker.js')
  const finish = (result) => {
    worker.terminate()
    resolve(result)
  }
  worker.onmessage = ({ data }) => finish(data)
  worker.onerror = (event) => {
    event.preventDefault()
    finish({ text: event.message, status: -1 })
  }
  worker.postMessage({ name, relaxed, files })
})
