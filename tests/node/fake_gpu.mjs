// SPDX-License-Identifier: MIT
//
// WebGPU in Node as an npm package gives it, but without any graphics card: `fake_gpu.mjs?KIND` plays what may be found.
//
//   none      no adapter
//   software  an adapter in software
//   refusing  an adapter that gives no device
//   wrong     a device that does whatever it is told and computes 0
//   shaders   one whose compiler takes no kernel
//   small     one that allows no buffer of more than a megabyte
//   lost      one that is lost at once

const kind = new URL(import.meta.url).search.slice(1)
export const globals = {}

const MB = 2 ** 20
const limits = {
  maxStorageBufferBindingSize: kind === 'small' ? MB : 1024 * MB, maxBufferSize: kind === 'small' ? MB : 1024 * MB,
  maxStorageBuffersPerShaderStage: 8
}

const pass = { setPipeline() {}, setBindGroup() {}, dispatchWorkgroups() {}, end() {} }
const encoder = { beginComputePass: () => pass, copyBufferToBuffer() {}, finish: () => ({}) }

const device = {
  limits,
  lost: kind === 'lost' ? Promise.resolve({ reason: 'unknown', message: 'someone pulled it out' }) : new Promise(() => {}),
  queue: { submit() {}, writeBuffer() {}, onSubmittedWorkDone: async () => undefined },
  addEventListener() {},
  pushErrorScope() {},
  popErrorScope: async () => null,
  createBuffer: ({ size }) => ({
    destroy() {}, mapAsync: async () => undefined, getMappedRange: () => new ArrayBuffer(size)
  }),
  createBindGroupLayout: () => ({}),
  createPipelineLayout: () => ({}),
  createShaderModule: () => ({}),
  createBindGroup: () => ({}),
  createCommandEncoder: () => encoder,
  async createComputePipelineAsync() {
    if (kind === 'shaders') throw new Error('syntax')
    return {}
  },
  destroy() {}
}

const adapter = {
  info: { description: 'a card of cardboard', isFallbackAdapter: kind === 'software' },
  limits,
  async requestDevice() {
    if (kind === 'refusing') throw new Error('not today')
    return device
  }
}

export const create = () => ({ requestAdapter: async () => (kind === 'none' ? null : adapter) })
