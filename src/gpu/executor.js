// SPDX-License-Identifier: MIT
//
// Carries out the plans that C writes (plan.h): makes buffers and pipelines, submits lists of dispatches, and reads
// back without stopping the queue. Knows nothing of what is computed. A submit is no longer than SUBMIT_MS by the rate
// that this device has shown so far: until it is known, each submit is waited for and the next may be twice as much
// work.
//
// Whatever the device does wrong becomes a GpuError, whose kind tells what: 'lost', 'memory', 'shader', 'driver'.

const ALIGN = 256
const SUBMIT_MS = 100
/** Millions of floating-point operations in the first submit, and never fewer in one. */
const FIRST_MILLIONS = 500
const WEIGHTS = 3
/** How much later than what it breaks the loss of a device may be told. */
const LOSS_MS = 200

export class GpuError extends Error {
  /** @param {'lost'|'memory'|'shader'|'driver'} kind @param {string} message */
  constructor(kind, message) {
    super(message)
    this.kind = kind
  }
}

/**
 * @typedef {{ buffer: number, offset: number, bytes: number }} Range
 * @typedef {{ kernel: number, x: number, y: number, millions: number, ranges: Range[], params: Uint32Array }} Dispatch
 * @typedef {{ buffers: number[], uploads: { to: Range, address: number }[], lists: Dispatch[][] }} Plan
 * @typedef {{ dispatch: Dispatch, pipeline: any, group: any }} Step
 * @typedef {{ file: string, constants: string }} Kernel
 */

/** @param {Uint32Array} words as plan.h draws them @returns {Plan} */
export function readPlan(words) {
  let at = 0
  const next = () => words[at++]
  const range = () => ({ buffer: next(), offset: next(), bytes: next() })
  /** @template T @param {() => T} read @returns {T[]} */
  const many = (read) => Array.from({ length: next() }, read)
  const buffers = many(next)
  const uploads = many(() => {
    const [buffer, offset, address, bytes] = [next(), next(), next(), next()]
    return { to: { buffer, offset, bytes }, address }
  })
  const lists = []
  while (at < words.length) {
    lists.push(many(() => ({
      kernel: next(), x: next(), y: next(), millions: next(), ranges: many(range),
      params: Uint32Array.from(many(next))
    })))
  }
  return { buffers, uploads, lists }
}

/** What each binding of a kernel is, by its text. @param {string} text */
export function bindingsOf(text) {
  return [...text.matchAll(/@group\(0\) @binding\((\d+)\) var<([^>]+)>/g)].map(([, binding, kind]) => ({
    binding: Number(binding),
    visibility: 4, // GPUShaderStage.COMPUTE
    buffer: { type: kind === 'uniform' ? 'uniform' : kind === 'storage, read' ? 'read-only-storage' : 'storage' }
  }))
}

/** Of buffer usage, as GPUBufferUsage has them. */
const USAGE = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 }

export class Executor {
  /** @type {any} */
  #device
  #kernels
  #read
  /** @type {Map<number, Promise<{ pipeline: any, layout: any }>>} */
  #pipelines = new Map()
  /** @type {GpuError|null} */
  #fault = null
  /** @type {Promise<never>} */
  #broken
  #budget = FIRST_MILLIONS
  #learned = false
  /** @type {any[]} */
  #weights = []

  /**
   * @param {any} adapter a GPUAdapter @param {Kernel[]} kernels as C lists them
   * @param {(file: string) => Promise<string>} read a kernel's text
   */
  static async open(adapter, kernels, read) {
    const wanted = ['maxStorageBufferBindingSize', 'maxBufferSize', 'maxStorageBuffersPerShaderStage']
    const requiredLimits = Object.fromEntries(wanted.map((name) => [name, adapter.limits[name]]))
    let device
    try {
      device = await adapter.requestDevice({ requiredLimits })
    } catch (error) {
      throw new GpuError('driver', `the graphics card gives no device: ${/** @type {Error} */ (error).message}`)
    }
    return new Executor(device, kernels, read)
  }

  /** @param {any} device @param {Kernel[]} kernels @param {(file: string) => Promise<string>} read */
  constructor(device, kernels, read) {
    this.#device = device
    this.#kernels = kernels
    this.#read = read
    this.limits = { binding: device.limits.maxStorageBufferBindingSize, buffer: device.limits.maxBufferSize }
    this.#broken = new Promise((_, reject) => {
      const fail = (/** @type {GpuError} */ error) => {
        this.#fault ??= error
        reject(this.#fault)
      }
      device.lost.then((/** @type {any} */ { reason, message }) => {
        fail(new GpuError('lost', `the graphics card was lost${message || reason ? `: ${message || reason}` : ''}`))
      })
      device.addEventListener?.('uncapturederror', (/** @type {any} */ { error }) => {
        const kind = error.constructor.name === 'GPUOutOfMemoryError' ? 'memory' : 'driver'
        fail(new GpuError(kind, `the graphics card refused: ${error.message}`))
      })
    })
    this.#broken.catch(() => undefined)
  }

  /** @template T @param {Promise<T>} work @returns {Promise<T>} */
  #orBroken(work) {
    return Promise.race([work.catch(async (error) => {
      if (error instanceof GpuError) throw error
      await Promise.race([this.#broken, new Promise((resolve) => setTimeout(resolve, LOSS_MS))])
      throw new GpuError('driver', `the graphics card failed: ${error.message}`)
    }), this.#broken])
  }

  /** Millions of operations that one submit may hold by now. */
  get millions() {
    return this.#budget
  }

  /** @param {number} kernel */
  #pipeline(kernel) {
    let made = this.#pipelines.get(kernel)
    if (!made) {
      made = this.#compile(this.#kernels[kernel])
      made.catch(() => undefined)
      this.#pipelines.set(kernel, made)
    }
    return made
  }

  /** @param {Kernel} kernel */
  async #compile({ file, constants }) {
    const code = `${constants}\n${await this.#read(file)}`
    const device = this.#device
    const layout = device.createBindGroupLayout({ entries: bindingsOf(code) })
    try {
      const pipeline = await device.createComputePipelineAsync({
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module: device.createShaderModule({ code, label: file }), entryPoint: 'main' }
      })
      return { pipeline, layout }
    } catch (error) {
      throw new GpuError('shader', `the graphics card does not take ${file}: ${/** @type {Error} */ (error).message}`)
    }
  }

  /** @param {number} bytes @param {number} usage */
  #buffer(bytes, usage) {
    return this.#device.createBuffer({ size: Math.max(ALIGN, bytes), usage })
  }

  /**
   * Does what makes buffers, and tells a want of memory as such.
   * @template T
   * @param {() => T} make @returns {Promise<T>}
   */
  async #withMemory(make) {
    this.#device.pushErrorScope('out-of-memory')
    const made = make()
    const error = await this.#orBroken(this.#device.popErrorScope())
    if (error) throw new GpuError('memory', 'the graphics card has too little memory')
    return made
  }

  /** The network's buffers; filled by write. @param {number[]} bytes of each */
  async takeWeights(bytes) {
    this.#weights = await this.#withMemory(() =>
      bytes.map((size) => this.#buffer(size, USAGE.STORAGE | USAGE.COPY_DST)))
  }

  /** @param {number} weights which of them @param {number} offset @param {Uint8Array<ArrayBuffer>} bytes */
  writeWeights(weights, offset, bytes) {
    this.#device.queue.writeBuffer(this.#weights[weights], offset, bytes)
  }

  /**
   * Makes a plan's buffers and pipelines, and uploads what it names.
   * @param {Plan} plan @param {(address: number, bytes: number) => Uint8Array<ArrayBuffer>} copy of the heap
   * @returns {Promise<Program>}
   */
  async load(plan, copy) {
    const kernels = [...new Set(plan.lists.flat().map(({ kernel }) => kernel))]
    const made = new Map(await this.#orBroken(Promise.all(kernels.map(async (kernel) =>
      /** @type {const} */ ([kernel, await this.#pipeline(kernel)])))))
    const usage = USAGE.STORAGE | USAGE.UNIFORM | USAGE.COPY_SRC | USAGE.COPY_DST
    const device = this.#device
    const count = plan.lists.reduce((sum, list) => sum + list.length, 0)
    const buffers = await this.#withMemory(() => [...plan.buffers.slice(WEIGHTS), ALIGN * count]
      .map((bytes) => this.#buffer(bytes, usage)))
    const params = buffers.pop()
    const all = [...this.#weights, ...buffers]
    const words = new Uint32Array(ALIGN / 4 * count)
    let at = 0
    const lists = plan.lists.map((list) => list.map((dispatch) => {
      const { pipeline, layout } = /** @type {any} */ (made.get(dispatch.kernel))
      words.set(dispatch.params, at)
      const ranges = [{ buffer: params, offset: 4 * at, size: ALIGN },
        ...dispatch.ranges.map(({ buffer, offset, bytes }) => ({ buffer: all[buffer], offset, size: bytes }))]
      at += ALIGN / 4
      const group = device.createBindGroup({
        layout, entries: ranges.map((resource, binding) => ({ binding, resource }))
      })
      return { dispatch, pipeline, group }
    }))
    device.queue.writeBuffer(params, 0, words)
    for (const { to, address } of plan.uploads) {
      device.queue.writeBuffer(all[to.buffer], to.offset, copy(address, to.bytes))
    }
    return new Program(all, lists, [...buffers, params])
  }

  /** @param {Program} program @param {Range} to @param {Uint8Array<ArrayBuffer>} bytes */
  write(program, to, bytes) {
    this.#device.queue.writeBuffer(program.buffers[to.buffer], to.offset, bytes)
  }

  /**
   * Submits a list, in as many pieces as the device's rate asks for. Resolves once it is submitted, or, while the rate
   * is not known, done.
   * @param {Program} program @param {number} list
   */
  async run(program, list) {
    const steps = program.lists[list]
    for (let at = 0; at < steps.length;) {
      const encoder = this.#device.createCommandEncoder()
      const pass = encoder.beginComputePass()
      let millions = 0
      do {
        const { dispatch, pipeline, group } = steps[at++]
        pass.setPipeline(pipeline)
        pass.setBindGroup(0, group)
        pass.dispatchWorkgroups(dispatch.x, dispatch.y)
        millions += dispatch.millions
      } while (at < steps.length && millions + steps[at].dispatch.millions <= this.#budget)
      pass.end()
      const start = performance.now()
      this.#device.queue.submit([encoder.finish()])
      if (!this.#learned) await this.#learn(millions, start)
      if (this.#fault) throw this.#fault
    }
  }

  /** @param {number} millions just submitted @param {number} start */
  async #learn(millions, start) {
    await this.#orBroken(this.#device.queue.onSubmittedWorkDone())
    const ms = performance.now() - start
    if (ms > SUBMIT_MS && this.#budget > FIRST_MILLIONS) {
      this.#budget /= 2
      this.#learned = true
    } else if (millions > this.#budget / 2) {
      if (ms < SUBMIT_MS / 4) this.#budget *= 2
      else this.#learned = true
    }
  }

  /**
   * What the ranges hold once all that is submitted so far is done. The queue goes on meanwhile.
   * @param {Program} program @param {Range[]} ranges @returns {Promise<Uint8Array<ArrayBuffer>[]>}
   */
  readBack(program, ranges) {
    const total = ranges.reduce((sum, { bytes }) => sum + bytes, 0)
    const staging = this.#buffer(total, USAGE.MAP_READ | USAGE.COPY_DST)
    const encoder = this.#device.createCommandEncoder()
    let at = 0
    for (const { buffer, offset, bytes } of ranges) {
      encoder.copyBufferToBuffer(program.buffers[buffer], offset, staging, at, bytes)
      at += bytes
    }
    this.#device.queue.submit([encoder.finish()])
    const read = async () => {
      try {
        await staging.mapAsync(1)
        const all = staging.getMappedRange()
        let from = 0
        return ranges.map(({ bytes }) => new Uint8Array(all.slice(from, from += bytes)))
      } finally {
        staging.destroy()
      }
    }
    return this.#orBroken(read())
  }

  /** Gives the device back. */
  close() {
    this.#device.destroy()
  }
}

/** A plan on the device. */
export class Program {
  #own

  /** @param {any[]} buffers by number @param {Step[][]} lists @param {any[]} own what it gives back */
  constructor(buffers, lists, own) {
    this.buffers = buffers
    this.lists = lists
    this.#own = own
  }

  destroy() {
    for (const buffer of this.#own) buffer.destroy()
  }
}
