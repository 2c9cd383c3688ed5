// SPDX-License-Identifier: MIT
//
// Every kernel of src/gpu/kernels against plain loops in double precision, on small shapes with odd edges. Runs in
// browsers and in Node alike. The cases are those of kernels_*.js.

import { network } from './kernels_network.js'
import { objective } from './kernels_objective.js'
import { update } from './kernels_update.js'

/** @typedef {import('../../src/gpu/executor.js')} gpu */

const cases = { ...network, ...objective, ...update }
export const kernelCases = Object.keys(cases)

/**
 * @param {(kernels: gpu.Kernel[]) => Promise<gpu.Executor>} makeExecutor @param {string} name of a case
 * @returns {Promise<void>} rejects with what is wrong
 */
export async function testKernel(makeExecutor, name) {
  /** Runs one dispatch; gives what its outputs hold then, in their order. */
  async function run(file, constants, { x, y, params, sample, outputsFirst = [], inputs, outputs }) {
    const executor = await makeExecutor([{ file, constants }])
    const all = [...(sample ? [sample] : []), ...outputsFirst, ...inputs, ...outputs]
    const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice()
    const plan = {
      buffers: [0, 0, 0, ...all.map(({ byteLength }) => Math.ceil(byteLength / 256) * 256)],
      uploads: all.map((view, i) => ({ to: { buffer: 3 + i, offset: 0, bytes: view.byteLength }, address: i })),
      lists: [[{ kernel: 0, x, y, millions: 1, params,
        ranges: all.map((view, i) => ({ buffer: 3 + i, offset: 0, bytes: Math.ceil(view.byteLength / 16) * 16 })) }]]
    }
    await executor.takeWeights([256, 256, 256])
    const program = await executor.load(plan, (i) => bytes(all[i]))
    await executor.run(program, 0)
    const wanted = [...outputsFirst, ...outputs]
    const found = await executor.readBack(program, wanted.map((view) =>
      ({ buffer: 3 + all.indexOf(view), offset: 0, bytes: view.byteLength })))
    program.destroy()
    return found.map((part, i) => new (/** @type {any} */ (wanted[i].constructor))(part.buffer))
  }
  await cases[name](run)
}
