// SPDX-License-Identifier: MIT
//
// Destroys the worker's WebGPU device once the worker tells of an iteration.

let device
const { requestDevice } = GPUAdapter.prototype
GPUAdapter.prototype.requestDevice = async function (options) {
  device = await requestDevice.call(this, options)
  return device
}
const post = self.postMessage.bind(self)
self.postMessage = (message, options) => {
  post(message, options)
  if (message.event?.type === 'iteration') device.destroy()
}
