// SPDX-License-Identifier: MIT
//
// What may go wrong below the library: kills, memory that is refused, workers that trap, end, hang or do not start,
// pictures that are hardly pictures, and a hundred runs in one process. Every fault leaves an error in words and an
// engine that works.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { packCheckpoint, unpackCheckpoint } from '../../src/api/shared/checkpoint.js'
import { createEngine } from '../../src/api/index.node.mjs'
import { Random } from '../fuzz/fuzz.mjs'
import { halves, picture } from './pictures.mjs'

const PAGES_A_MB = 16
const TRAP = 666001
const EXIT = 666002
const HANG = 666003
const STARVE = 666004
const THROW = 666005
const SLICE = 666006
const WAIT = 666007
const content = picture(60, 12, (x, y) => [4 * x, 90 + 9 * y, 60 + (x ^ y) % 90])
const style = picture(12, 48, (x, y) =>
  [128 + 120 * Math.sin(x / 2 + y / 9), 128 + 120 * Math.sin(y / 4), (x * y) % 256])
const SMALL = { content, style, size: 64, iterations: 4, previewEvery: 1 }
const folder = mkdtempSync(path.join(tmpdir(), 'strotss-faults-'))

/** @type {Awaited<ReturnType<typeof createEngine>>[]} of one, two and three threads */
let engines
before(async () => {
  engines = await Promise.all([1, 2, 3].map((threads) => createEngine({ threads })))
})
after(() => {
  for (const engine of engines) engine.dispose()
  rmSync(folder, { recursive: true })
})

const bytes = (image) => Buffer.from(image.data.buffer)
const worker = new URL('faulty_worker.mjs', import.meta.url)
/**
 * An engine of faulty_worker.mjs.
 * @param {{ [name: string]: any }} options @param {{ [fault: string]: number|string }} [faults] in MB, or a file
 */
async function faulty(options, faults = {}) {
  for (const [name, value] of Object.entries(faults)) {
    process.env[name] = String(typeof value === 'number' ? value * PAGES_A_MB : value)
  }
  const engine = createEngine({ worker, ...options })
  for (const name of Object.keys(faults)) delete process.env[name]
  return engine
}
/** From now on every faulty worker that starts leaves a line in this file. @param {string} name */
function watch(name) {
  process.env.FAULT_LOG = path.join(folder, name)
  return process.env.FAULT_LOG
}
const failure = (/** @type {Promise<unknown>} */ promise) =>
  promise.then(() => assert.fail('it succeeded'), (error) => error)

/** Starts a run, and lets `act` have it at its nth iteration. */
function atIteration(engine, options, nth, act) {
  return new Promise((resolve, reject) => {
    let seen = 0
    const run = engine.start({ ...options, onProgress: (event) => {
      if (event.type === 'iteration' && ++seen === nth) Promise.resolve(act(run)).then(resolve, reject)
    } })
    run.result.catch(() => undefined)
  })
}

// ---- killed ---------------------------------------------------------------------------------------------------------

test('cancelled at random and continued with other threads: the bytes of an uninterrupted run', async () => {
  const options = { ...SMALL, size: 72 }
  const whole = bytes((await engines[0].stylize(options)).image)
  const random = new Random(1)
  for (let kill = 0; kill < 30; kill++) {
    const error = await atIteration(random.pick(engines), options, 1 + random.below(5), async (run) => {
      await run.checkpoint() // known, should the step at work outlast the patience of cancel()
      await run.cancel()
      return failure(run.result)
    })
    assert.equal(error.code, 'ABORTED')
    assert.ok(error.checkpoint)
    const { image } = await random.pick(engines).stylize({ content, style, resume: error.checkpoint })
    assert.deepEqual(bytes(image), whole, `kill ${kill}`)
  }
})

test('a worker killed in the middle of an iteration: the last state goes on to the same bytes', async () => {
  const options = { ...SMALL, size: 72 }
  const whole = bytes((await engines[1].stylize(options)).image)
  for (const nth of [2, 5]) {
    const doomed = await createEngine({ threads: 2 })
    const saved = await atIteration(doomed, options, nth, async (run) => {
      const checkpoint = await run.checkpoint()
      doomed.dispose()
      assert.equal((await failure(run.result)).code, 'DISPOSED')
      return checkpoint
    })
    assert.deepEqual(bytes((await engines[2].stylize({ content, style, resume: saved })).image), whole)
  }
})

test('a saved state with any field of its header altered is refused, and so is another version', async () => {
  const { checkpoint } = await engines[1].stylize({ ...SMALL, iterations: 1 })
  const { header, state } = unpackCheckpoint(checkpoint)
  const refuse = async (resume, why) => {
    const error = await failure(engines[1].stylize({ content, style, resume }))
    assert.equal(error.code, 'BAD_STATE', error.message)
    assert.match(error.message, why)
  }
  const json = Buffer.from(checkpoint).indexOf('{')
  const end = checkpoint.length - state.length
  for (let at = 0; at < end; at += at < json ? 1 : 17) {
    const altered = checkpoint.slice()
    altered[at] ^= 4
    await refuse(altered, at < 8 ? /another version/ : /altered|cut short/)
  }
  const version1 = checkpoint.slice()
  version1.set(Buffer.from('STROTSSC'))
  await refuse(version1, /another version/)
  await refuse(packCheckpoint({ ...header,
    build: header.build.endsWith('relaxed') ? 'threads' : 'threads-relaxed' }, state), /rounds differently/)
  for (const options of [{ size: 72 }, { seed: 1 }, { contentWeight: 1 }, { iterations: 2 },
    { factors: { remd: 2 } }]) {
    await refuse(packCheckpoint({ ...header, options: { ...header.options, ...options } }, state),
      /other pictures, regions, settings or weights|its size/)
  }
  const regions = { content: halves(60, 12), style: halves(12, 48) }
  assert.match((await failure(engines[1].stylize({ content, style, regions, resume: checkpoint }))).message,
    /other pictures, regions/)
})

// ---- memory ---------------------------------------------------------------------------------------------------------

test('where 4 GB and 2 GB of address space are refused, 1 GB does; where that is refused too, it is said', async () => {
  const modest = await faulty({ threads: 2 }, { FAULT_REFUSE: 1024 })
  assert.ok((await modest.stylize({ ...SMALL, iterations: 1 })).image)
  modest.dispose()
  const error = await failure(faulty({ threads: 2 }, { FAULT_REFUSE: 512 }))
  assert.equal(error.code, 'OUT_OF_MEMORY')
  assert.match(error.message, /address space/)
})

test('memory that does not grow: a large run is refused before it starts, a small one is done', async () => {
  for (const build of /** @type {const} */ (['threads', 'single'])) {
    const tight = await faulty({ threads: 2, build }, { FAULT_CAP: 420 })
    const square = picture(64, 64, (x, y) => [4 * x, 4 * y, 90])
    const refused = await failure(tight.stylize({ ...SMALL, content: square, style: square, size: 1024 }))
    assert.equal(refused.code, 'OUT_OF_MEMORY', refused.message)
    assert.match(refused.message, /memory/)
    const wide = await failure(tight.evaluate({ content, style, result: picture(1024, 1024, () => [1, 2, 3]) }))
    assert.equal(wide.code, 'OUT_OF_MEMORY', wide.message)
    assert.ok((await tight.stylize({ ...SMALL, iterations: 1 })).image)
    tight.dispose()
  }
})

test('a run that has started asks for no memory: previews, states and its end', async () => {
  const [whole, starving] = [await createEngine({ threads: 2 }), await faulty({ threads: 2 })]
  const expected = await whole.stylize({ ...SMALL, size: 72, seed: STARVE })
  const { image, checkpoint } = await starving.stylize({ ...SMALL, size: 72, seed: STARVE })
  assert.deepEqual(bytes(image), bytes(expected.image))
  const [state, expectedState] = [checkpoint, expected.checkpoint].map((saved) => unpackCheckpoint(saved).state)
  assert.deepEqual(state, expectedState)
  assert.equal((await failure(starving.encode(style))).code, 'OUT_OF_MEMORY', 'memory was refused')
  starving.dispose()
  whole.dispose()
})

test('weights without room for them: OUT_OF_MEMORY, told by every request that needs them', async () => {
  const tiny = await faulty({ threads: 1 }, { FAULT_CAP: 100 })
  assert.equal((await failure(tiny.ready)).code, 'OUT_OF_MEMORY')
  assert.equal((await failure(tiny.stylize(SMALL))).code, 'OUT_OF_MEMORY')
  assert.equal((await tiny.decode(await tiny.encode(style))).width, style.width)
  tiny.dispose()
})

test('a hundred runs in one process: no growth', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  const heap = async () => {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 50)) // what the first collection let go of frees its buffers
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const strip = picture(64, 4, (x, y) => [4 * x, 60 * y, 90])
  let early = { wasm: 0, heap: 0, rss: 0 }
  for (let n = 1; n <= 100; n++) {
    const { stats } = await engines[1].stylize(
      { content: strip, style: strip, size: 64, iterations: 1, previewEvery: 1 })
    if (n === 10) early = { wasm: stats.peakBytes, heap: await heap(), rss: process.memoryUsage.rss() }
    if (n < 100) continue
    assert.equal(stats.peakBytes, early.wasm, 'WebAssembly memory')
    const late = await heap()
    assert.ok(late < early.heap + 1e6, `JavaScript: ${early.heap} bytes, then ${late}`)
    assert.ok(process.memoryUsage.rss() < early.rss + 50e6,
      `the process: ${early.rss} bytes, then ${process.memoryUsage.rss()}`)
  }
})

// ---- workers --------------------------------------------------------------------------------------------------------

test('a worker that traps or ends in a run: an error with the last picture, then the same engine works on',
  async () => {
    const engine = await faulty({ threads: 2 })
    for (const [seed, words] of [[TRAP, /unreachable/], [EXIT, /status 3/]]) {
      const { image } = await engine.stylize({ ...SMALL, iterations: 1 })
      const run = engine.start({ ...SMALL, size: 72, iterations: 1, seed })
      const queued = engine.stylize({ ...SMALL, iterations: 1 })
        .then((result) => bytes(result.image), ({ code }) => code)
      const error = await failure(run.result)
      assert.equal(error.code, 'WORKER_FAILED')
      assert.match(error.message, words)
      /* a trap is one request's; of an end nobody knows whose it was */
      assert.deepEqual(await queued, seed === TRAP ? bytes(image) : 'WORKER_FAILED')
      assert.deepEqual(bytes((await engine.stylize({ ...SMALL, iterations: 1 })).image), bytes(image))
      assert.equal(error.image?.width, 64, 'the scale that was done')
      assert.ok(unpackCheckpoint(error.checkpoint).header.fraction > 0)
    }
    engine.dispose()
  })

test('a worker that hangs is ended by cancelling', async () => {
  const engine = await faulty({ threads: 1 })
  const error = await atIteration(engine, { ...SMALL, seed: HANG }, 1, async (run) => {
    await run.cancel()
    return failure(run.result)
  }).catch((reason) => reason)
  assert.equal(error.code, 'ABORTED')
  assert.ok((await engine.stylize({ ...SMALL, iterations: 1 })).image)
  engine.dispose()
})

test('a request that traps takes a new worker, in which the run at work goes on from its latest state', async () => {
  const engine = await faulty({ threads: 2 })
  const options = { ...SMALL, size: 72 }
  const whole = await engine.stylize(options)
  const told = []
  let trapped
  const { image, stats } = await engine.start({ ...options, onProgress: (event) => {
    if (event.type === 'iteration') told.push(event)
    if (event.type === 'scale' && event.scale === 0) {
      trapped = failure(engine.evaluate({ content, style, result: content, seed: TRAP }))
    }
  } }).result
  const error = await trapped
  assert.equal(error.code, 'WORKER_FAILED')
  assert.match(error.message, /unreachable/)
  assert.deepEqual(bytes(image), bytes(whole.image))
  assert.equal(told.filter(({ scale, iteration }) => scale === 0 && iteration === 1).length, 1, 'not from its start')
  assert.ok(told.every(({ secondsElapsed }, i) => !i || secondsElapsed > told[i - 1].secondsElapsed))
  assert.deepEqual(stats.scales.map(({ terms }) => terms), whole.stats.scales.map(({ terms }) => terms))

  const waits = await atIteration(engine, options, 1, async (run) => {
    const state = await run.pause()
    assert.equal((await failure(engine.evaluate({ content, style, result: content, seed: TRAP }))).code,
      'WORKER_FAILED')
    assert.deepEqual(unpackCheckpoint(await run.checkpoint()).state, unpackCheckpoint(state).state, 'still paused')
    await run.resume()
    return run.result
  })
  assert.deepEqual(bytes(waits.image), bytes(whole.image))
  engine.dispose()
})

test('a JavaScript error in the worker is an error of one request; the run at work goes on in the same worker',
  async () => {
    const log = watch('throws.log')
    const engine = await faulty({ threads: 2 })
    const whole = await engine.stylize(SMALL)
    const image = await atIteration(engine, SMALL, 1, async (run) => {
      const ask = (seed) => failure(engine.evaluate({ content, style, result: content, seed }))
      const [thrown, range] = await Promise.all([ask(THROW), ask(SLICE)])
      assert.equal(thrown.code, 'INTERNAL')
      assert.match(thrown.message, /no such thing/)
      assert.equal(range.code, 'OUT_OF_MEMORY')
      assert.match(range.message, /allocation failed/)
      return (await run.result).image
    })
    assert.deepEqual(bytes(image), bytes(whole.image))
    for (const [seed, code] of [[THROW, 'INTERNAL'], [SLICE, 'OUT_OF_MEMORY']]) {
      const [run, next] = [engine.stylize({ ...SMALL, seed }), engine.stylize(SMALL)]
      assert.equal((await failure(run)).code, code)
      assert.deepEqual(bytes((await next).image), bytes(whole.image))
    }
    assert.equal(readFileSync(log, 'utf8'), 'started\n', 'one worker')
    engine.dispose()
  })

test('cancelling what waits, and a run in a step longer than a second, costs no worker and no other run', async () => {
  const [log, gate] = [watch('waits.log'), path.join(folder, 'gate')]
  writeFileSync(gate, 'open')
  const engine = await faulty({ threads: 2 }, { FAULT_GATE: gate })
  const whole = await engine.stylize(SMALL)
  let iterations = 0
  const run = engine.start({ ...SMALL, seed: WAIT, onProgress: ({ type }) => {
    if (type === 'iteration') iterations++
  } })
  const [first, second] = [engine.start(SMALL), engine.start(SMALL)]
  /* until the worker stands in the third iteration, which lasts until the gate is gone */
  while (readFileSync(gate).length) await new Promise((resolve) => setTimeout(resolve, 20))
  await first.cancel()
  assert.equal((await failure(first.result)).code, 'ABORTED')
  await run.cancel()
  const error = await failure(run.result)
  assert.equal(error.code, 'ABORTED')
  assert.equal(error.image.width, 64, 'the last preview')
  rmSync(gate)
  assert.deepEqual(bytes((await second.result).image), bytes(whole.image))
  assert.equal(iterations, 2, 'a cancelled run tells no more')
  assert.equal(readFileSync(log, 'utf8'), 'started\n', 'one worker')
  engine.dispose()
})

test('a worker or a build that cannot be loaded: WORKER_FAILED, in words', async () => {
  const file = path.join(folder, 'throws.mjs')
  writeFileSync(file, 'throw new Error("no luck")')
  for (const [options, words] of [[{ worker: file }, /no luck/],
    [{ worker: path.join(folder, 'none.mjs') }, /none\.mjs/], [{ base: folder }, /\.wasm: .*no such file/]]) {
    const error = await failure(createEngine({ threads: 2, ...options }))
    assert.equal(error.code, 'WORKER_FAILED')
    assert.match(error.message, words)
    assert.doesNotMatch(error.message, /\n/)
  }
})

test('weights that could not be read are asked for again by the next run', async () => {
  let asked = 0
  const source = new URL('../../weights/vgg16.q8.bin', import.meta.url)
  const { readFile } = await import('node:fs/promises')
  const engine = await createEngine({ threads: 1, weights: async () => {
    if (++asked === 1) throw new Error('the network is down')
    return new Uint8Array(await readFile(source))
  } })
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal(asked, 1)
  assert.ok((await engine.stylize({ ...SMALL, iterations: 1 })).image)
  assert.equal(asked, 2)
  engine.dispose()
})

// ---- numbers --------------------------------------------------------------------------------------------------------

test('pictures that are hardly pictures: finite terms, and a picture that is not one grey', async () => {
  const flat = (...color) => picture(50, 40, () => color)
  const noisy = picture(64, 50, (x, y) => [(x * 7919) & 255, (y * 104729) & 255, (x * y * 31) & 255])
  const cases = {
    'black content': [flat(0, 0, 0), style], 'white content': [flat(255, 255, 255), style],
    'one colour': [flat(200, 30, 90), style], 'black style': [content, flat(0, 0, 0)],
    'white style': [content, flat(255, 255, 255)], 'one colour of style': [content, flat(9, 200, 20)],
    saturated: [picture(60, 60, (x, y) => [x % 2 * 255, y % 2 * 255, (x + y) % 3 ? 0 : 255]), style],
    identical: [content, content], noise: [noisy, noisy], wide: [picture(200, 10, (x, y) => [x, 20 * y, 90]), style],
    tall: [content, picture(7, 140, (x, y) => [30 * x, y, 200])],
    'both thin': [picture(80, 4, (x) => [x, x, 9]), picture(4, 80, (_, y) => [y, 9, y])],
    'tiny style': [content, picture(2, 3, (x, y) => [x * 200, y * 80, 40])],
    'tiny content': [picture(3, 2, (x, y) => [x * 80, y * 200, 7]), style],
    odd: [picture(67, 53, (x, y) => [3 * x, 4 * y, 50]), picture(31, 97, (x, y) => [8 * x, 2 * y, 140])]
  }
  for (const [name, [c, s]] of Object.entries(cases)) {
    const { image, stats } = await engines[1].stylize({ content: c, style: s, size: 67, iterations: 2 })
    for (const { terms } of stats.scales) {
      for (const [term, value] of Object.entries(terms)) assert.ok(
        Number.isFinite(value), `${name}: ${term} is ${value}`)
    }
    const shades = new Set(image.data.filter((_, i) => i % 4 !== 3))
    assert.ok(shades.size > 1, `${name}: one shade only`)
  }
})
