// SPDX-License-Identifier: MIT
//
// The worker with faults built in, for faults.test.mjs. What goes wrong is asked for in the environment:
// FAULT_REFUSE=PAGES refuses memories of a larger maximum, FAULT_CAP=PAGES gives no larger ones, FAULT_LOG=FILE gets a
// line from each worker that starts; and by the seed of a run, at its fifth step: TRAP, EXIT, HANG, THROW (a
// TypeError), SLICE (a RangeError), WAIT, which empties a FAULT_GATE=FILE and lasts as long as there is one, or STARVE,
// from where on no memory is given. An evaluation with one of these seeds fails likewise.

import { appendFileSync, existsSync, truncateSync } from 'node:fs'
import { Wasm } from '../../src/api/worker/wasm.js'

const TRAP = 666001
const EXIT = 666002
const HANG = 666003
const STARVE = 666004
const THROW = 666005
const SLICE = 666006
const WAIT = 666007

const refuse = Number(process.env.FAULT_REFUSE ?? Infinity)
const cap = Number(process.env.FAULT_CAP ?? Infinity)
const { FAULT_LOG: log, FAULT_GATE: gate = '' } = process.env
if (log) appendFileSync(log, 'started\n')

const { Memory } = WebAssembly
WebAssembly.Memory = class extends Memory {
  constructor(/** @type {WebAssembly.MemoryDescriptor} */ descriptor) {
    const { maximum = Infinity } = descriptor
    if (maximum > refuse) throw new RangeError('WebAssembly.Memory(): could not allocate memory')
    super({ ...descriptor, maximum: Math.min(maximum, cap) })
  }
}

const { createRun, step, evaluate } = Wasm.prototype
/** @type {Map<number, { seed: number, steps: number }>} */
const runs = new Map()

Wasm.prototype.createRun = function (...args) {
  const run = createRun.apply(this, args)
  runs.set(run, { seed: args[1].seed ?? 0, steps: 0 })
  return run
}

Wasm.prototype.step = function (run) {
  const known = /** @type {{ seed: number, steps: number }} */ (runs.get(run))
  if (++known.steps === 5) {
    fail(known.seed)
    if (known.seed === STARVE) this.module._malloc = () => 0
  }
  return step.call(this, run)
}

Wasm.prototype.evaluate = function (...args) {
  fail(args[5])
  return evaluate.apply(this, args)
}

/** @param {number} seed */
function fail(seed) {
  if (seed === TRAP) throw new WebAssembly.RuntimeError('unreachable')
  if (seed === EXIT) process.exit(3)
  if (seed === HANG) for (;;);
  if (seed === THROW) throw new TypeError('no such thing')
  if (seed === SLICE) throw new RangeError('Array buffer allocation failed')
  if (seed !== WAIT || !existsSync(gate)) return
  truncateSync(gate)
  const bell = new Int32Array(new SharedArrayBuffer(4))
  while (existsSync(gate)) Atomics.wait(bell, 0, 0, 20)
}

await import('../../src/api/worker/entry.node.mjs')
