// SPDX-License-Identifier: MIT
//
// What the graphics card's tests do in a worker, as the engine does: tests/gpu with Chromium's WebGPU.

import { Executor } from '../../src/gpu/executor.js'
import { kernelCases, testKernel } from '../gpu/kernels.js'
import { compareIterations, lose, notFinite, openBoth, twice } from '../gpu/iterations.js'

const root = new URL('../../', location.href)
const text = async (path) => (await fetch(new URL(path, root))).text()
const bytes = async (path) => new Uint8Array(await (await fetch(new URL(path, root))).arrayBuffer())
const kernel = (file) => text(`src/gpu/kernels/${file}.wgsl`)

const both = async () => openBoth({
  adapter: await navigator.gpu.requestAdapter(), kernel, folder: new URL('build/wasm/', root).href,
  wasm: await bytes('build/wasm/strotss-single.wasm'), weights: await bytes('weights/vgg16.q8.bin')
})

const tasks = {
  cases: () => kernelCases,
  async kernels(names) {
    const device = await (await navigator.gpu.requestAdapter()).requestDevice({
      requiredLimits: { maxStorageBuffersPerShaderStage: 8 }
    })
    const faults = []
    for (const name of names) {
      try {
        await testKernel(async (kernels) => new Executor(device, kernels, kernel), name)
      } catch (error) {
        faults.push(`${name}: ${error.message}`)
      }
    }
    return faults
  },
  compare: async (...args) => compareIterations(await both(), ...args),
  twice: async (...args) => twice(await both(), ...args),
  lose: async (...args) => lose(await both(), ...args),
  notFinite: async (...args) => notFinite(await both(), ...args)
}

self.onmessage = async ({ data: { task, args } }) => {
  try {
    self.postMessage({ value: await tasks[task](...args) })
  } catch (error) {
    self.postMessage({ error: `${error.message}\n${error.stack}` })
  }
}
