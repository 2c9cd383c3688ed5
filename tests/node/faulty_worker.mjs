// SPDX-License-Identifier: MIT
//
// The worker with faults built in, for faults.test.mjs. What goes wrong is asked for in the environment:
// FAULT_REFUSE=PAGES refuses memories of a larger maximum, FAULT_CAP=PAGES gives no larger ones; and by the seed of a
// run, at its fifth step: TRAP, EXIT, HANG, or STARVE, from where on no memory is given.

import { Wasm } from '../../src/api/worker/wasm.js'

const TRAP = 666001
const EXIT = 666002
const HANG = 666003
const STARVE = 666004

const refuse = Number(process.env.FAULT_REFUSE ?? Infinity)
const cap = Number(process.env.FAULT_CAP ?? Infinity)

const { Memory } = WebAssembly
WebAssembly.Memory = class extends Memory {
  constructor(/** @type {WebAssembly.MemoryDescriptor} */ descriptor) {
    const { maximum = Infinity } = descriptor
    if (maximum > refuse) throw new RangeError('WebAssembly.Memory(): could not allocate memory')
    super({ ...descriptor, maximum: Math.min(maximum, cap) })
  }
}

const { createRun, step } = Wasm.prototype
/** @type {Map<number, { seed: number, steps: number }>} */
const runs = new Map()

Wasm.prototype.createRun = function (...args) {
  const run = createRun.apply(this, args)
  runs.set(run, { seed: args[3].seed ?? 0, steps: 0 })
  return run
}

Wasm.prototype.step = function (run) {
  const known = /** @type {{ seed: number, steps: number }} */ (runs.get(run))
  if (++known.steps === 5) {
    if (known.seed === TRAP) throw new WebAssembly.RuntimeError('unreachable')
    if (known.seed === EXIT) process.exit(3)
    if (known.seed === HANG) for (;;);
    if (known.seed === STARVE) this.module._malloc = () => 0
  }
  return step.call(this, run)
}

await import('../../src/api/worker/entry.node.mjs')
