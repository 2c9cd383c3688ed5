// SPDX-License-Identifier: MIT
//
// The library in Node, end to end in the real build: results, events, determinism, resuming, cancelling, and what it
// refuses.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { packCheckpoint, unpackCheckpoint } from '../../src/api/shared/checkpoint.js'
import { keepColors } from '../../src/api/shared/colors.js'
import { createEngine, readImage, writeImage } from '../../src/api/index.node.mjs'
import { content, halves, picture, style } from './pictures.mjs'
import { openWasm } from './wasm.mjs'

const SMALL = { content, style, size: 64, iterations: 3 }
const weightsFile = new URL('../../weights/vgg16.q8.bin', import.meta.url)
const folder = mkdtempSync(path.join(tmpdir(), 'strotss-api-'))

/** @type {Awaited<ReturnType<typeof createEngine>>} */
let engine
before(async () => {
  engine = await createEngine({ threads: 2 })
})
after(() => {
  engine.dispose()
  rmSync(folder, { recursive: true })
})

const bytes = (image) => Buffer.from(image.data.buffer)
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const failure = (promise) => promise.then(() => assert.fail('it succeeded'), (error) => error)

/** A run, and a promise that settles at its nth iteration; `each` is called at every one. */
function startAndReach(options, nth, by = engine, each = () => undefined) {
  let reach
  const reached = new Promise((resolve) => (reach = resolve))
  let seen = 0
  const run = by.start({ ...options, onProgress: (event) => {
    if (event.type !== 'iteration') return
    each()
    if (++seen === nth) reach()
  } })
  return { run, reached }
}

test('info says which build runs and why', () => {
  assert.match(engine.info.build, /^threads(-relaxed)?$/)
  assert.equal(engine.info.threads, 2)
  assert.match(engine.info.why, /2 threads as asked for/)
  assert.match(engine.info.version, /^\d+\.\d+\.\d+$/)
})

test('a run gives a picture, its events in order, and statistics', async () => {
  const events = []
  const { image, stats, checkpoint } = await engine.stylize({
    ...SMALL, size: 96, previewEvery: 1, onProgress: (event) => events.push(event) })
  assert.deepEqual([image.width, image.height], [96, 72])
  assert.deepEqual(stats.size, [96, 72])
  assert.deepEqual(stats.scales.map(({ size, iterations }) => [size, iterations]), [[64, 3], [96, 3]])
  assert.equal(stats.build, engine.info.build)
  assert.ok(stats.peakBytes > 2e8 && stats.seconds > 0)
  const phases = events.filter(({ type }) => type === 'phase' && type !== 'weights')
    .map((e) => [e.phase, e.scale, e.width, e.height])
  assert.deepEqual(phases.filter(([phase]) => phase !== 'weights'), [
    ['style', 0, 64, 48], ['content', 0, 64, 48], ['iterate', 0, 64, 48],
    ['style', 1, 96, 72], ['content', 1, 96, 72], ['iterate', 1, 96, 72], ['done', 1, 96, 72]])
  const iterations = events.filter(({ type }) => type === 'iteration')
  assert.deepEqual(iterations.map((e) => [e.scale, e.iteration, e.iterations]),
    [[0, 1, 3], [0, 2, 3], [0, 3, 3], [1, 1, 3], [1, 2, 3], [1, 3, 3]])
  for (const [i, { terms, fraction, secondsElapsed, secondsLeft }] of iterations.entries()) {
    for (const value of Object.values(terms)) assert.ok(Number.isFinite(value))
    assert.ok(fraction > (iterations[i - 1]?.fraction ?? 0) && fraction <= 1)
    assert.ok(secondsElapsed > 0 && secondsLeft >= 0)
  }
  assert.equal(iterations.at(-1).fraction, 1)
  const scales = events.filter(({ type }) => type === 'scale')
  assert.deepEqual(scales.map((e) => [e.scale, e.image.width, e.image.height]), [[0, 64, 48], [1, 96, 72]])
  assert.deepEqual(bytes(scales[1].image), bytes(image))
  assert.deepEqual(stats.scales.map(({ terms }) => terms), scales.map(({ terms }) => terms))
  assert.ok(events.some(({ type }) => type === 'preview'))
  assert.ok(stats.scales[0].terms.total < iterations[0].terms.total, 'the objective falls')
  assert.equal(unpackCheckpoint(checkpoint).header.options.size, 96)
})

test('the same bytes from one, two and three threads, with regions too', async () => {
  const regions = { content: halves(80, 60), style: halves(72, 72), weights: [1, 2, 1] }
  for (const options of [{ ...SMALL, size: 96 }, { ...SMALL, regions }]) {
    const pictures = []
    for (const threads of [1, 2, 3]) {
      const other = await createEngine({ threads })
      pictures.push(bytes((await other.stylize(options)).image))
      other.dispose()
    }
    assert.deepEqual(pictures[1], pictures[0])
    assert.deepEqual(pictures[2], pictures[0])
  }
})

test('another seed, another picture; the same seed, the same', async () => {
  const [a, b, c] = await Promise.all([0, 0, 1].map((seed) => engine.stylize({ ...SMALL, seed })))
  assert.deepEqual(bytes(a.image), bytes(b.image))
  assert.notDeepEqual(bytes(a.image), bytes(c.image))
})

test('paused, kept and resumed in another engine: the bytes of an uninterrupted run', async () => {
  const options = { ...SMALL, size: 96 }
  const whole = await engine.stylize(options)
  for (const nth of [2, 4]) {
    const { run, reached } = startAndReach(options, nth)
    await reached
    const state = await run.pause()
    await sleep(300)
    assert.deepEqual(await run.checkpoint(), state, 'nothing moves during a pause')
    assert.ok((await run.snapshot()).width >= 64)
    await run.resume()
    assert.deepEqual(bytes((await run.result).image), bytes(whole.image))
    const other = await createEngine({ threads: 1 })
    const { image, stats } = await other.stylize({ content, style, resume: state })
    other.dispose()
    assert.deepEqual(bytes(image), bytes(whole.image))
    assert.deepEqual(stats.scales.map(({ iterations, terms }) => [iterations, terms]),
      whole.stats.scales.map(({ iterations, terms }) => [iterations, terms]))
  }
  const defaults = { contentWeight: 0.5, seed: 0, transport: 'remd', keepColors: false }
  const again = await engine.stylize({ content, style, resume: whole.checkpoint, ...defaults })
  assert.deepEqual(bytes(again.image), bytes(whole.image), 'a finished run resumes to its end')
})

test('options given again as they were, or as they would be anyway, go on; any other is refused', async () => {
  const state = async (options) => {
    const { run, reached } = startAndReach({ content, style, size: 64, ...options }, 1)
    await reached
    const saved = await run.checkpoint()
    await run.cancel()
    return saved
  }
  const goesOn = async (resume, options) => {
    const { run, reached } = startAndReach({ content, style, resume, ...options }, 1)
    await Promise.race([reached, run.result])
    await run.cancel()
  }
  const refuses = (resume, options, name) => assert.rejects(engine.stylize({ content, style, resume, ...options }),
    { code: 'BAD_STATE', message: `saved state: it was made with another ${name}` })
  const fine = await state({ quality: 'fine' })
  const all = { content: 1, remd: 1, moment: 1, palette: 1 }
  for (const options of [{ iterations: 200 }, { iterations: 200, quality: 'fine' }, { factors: {} }, { factors: all },
    { size: 64, contentWeight: 0.5, seed: 0, transport: 'remd', selfSimilarity: 'cosine', keepColors: false,
      contentAcrossRegions: false }]) await goesOn(fine, options)
  await refuses(fine, { iterations: 199 }, 'iterations')
  await refuses(fine, { quality: 'standard' }, 'quality')
  await refuses(fine, { factors: { ...all, moment: 0 } }, 'factors')
  const weighed = await state({ factors: { remd: 2, content: 3 } })
  await goesOn(weighed, { factors: { content: 3, remd: 2 } })
  await goesOn(weighed, { factors: { content: 3, moment: 1, remd: 2 } })
  await refuses(weighed, { factors: { content: 2, remd: 3 } }, 'factors')
  await refuses(weighed, { factors: {} }, 'factors')
  const { build } = engine.info
  const other = build === 'threads' ? 'threads-relaxed' : 'threads'
  const { header, state: inner } = unpackCheckpoint(fine)
  await assert.rejects(engine.stylize({ content, style, resume: packCheckpoint({ ...header, build: other }, inner) }), {
    code: 'BAD_STATE', message: `saved state: it was made by build ${other}, which rounds differently from ${build}; ` +
      `resume it in an engine with build: '${other}' (command line: --build ${other})` })
})

test('a state of another run, cut or altered is refused', async () => {
  const { checkpoint } = await engine.stylize({ ...SMALL, iterations: 1 })
  const refuse = (options, why) => assert.rejects(engine.stylize({ content, style, resume: checkpoint, ...options }),
    (error) => error.code === 'BAD_STATE' && why.test(error.message))
  await refuse({ size: 96 }, /another size/)
  await refuse({ seed: 5 }, /another seed/)
  await refuse({ content: style }, /saved state/)
  await refuse({ resume: checkpoint.slice(0, 100) }, /saved state/)
  await refuse({ resume: checkpoint.slice(0, -1) }, /saved state/)
  await refuse({ resume: new Uint8Array(5) }, /not one/)
  const altered = checkpoint.slice()
  altered[altered.length - 100] ^= 1
  await refuse({ resume: altered }, /altered/)
})

test('an abort signal ends a run that would go on for minutes, and leaves picture and state', async () => {
  const controller = new AbortController()
  const options = { ...SMALL, iterations: 2000, previewEvery: 1, signal: controller.signal }
  let iterations = 0
  const { run, reached } = startAndReach(options, 2, engine, () => iterations++)
  await reached
  await run.checkpoint()
  controller.abort()
  const known = iterations
  const error = await failure(run.result)
  assert.equal(error.name, 'AbortError')
  assert.equal(error.code, 'ABORTED')
  assert.equal(error.cause, controller.signal.reason)
  assert.equal(error.image.width, 64)
  const { fraction } = unpackCheckpoint(error.checkpoint).header
  assert.ok(fraction > 0 && fraction < 0.1, String(fraction))
  /* runs are done one after another, so the worker is free of it when the next one ends */
  await engine.stylize({ ...SMALL, iterations: 1 })
  assert.ok(iterations <= known + 1, `${iterations - known} iterations after the abort`)
})

test('the reason of a signal is kept, as fetch keeps it: of a timeout, before a run and in it', async () => {
  const timeout = AbortSignal.timeout(1)
  /* its timer alone does not keep Node's event loop alive */
  while (!timeout.aborted) await sleep(5)
  const before = await failure(engine.stylize({ ...SMALL, signal: timeout }))
  const later = new AbortController()
  const { run, reached } = startAndReach({ ...SMALL, iterations: 2000, signal: later.signal }, 1)
  await reached
  later.abort(timeout.reason)
  for (const error of [before, await failure(run.result)]) {
    assert.equal(error.code, 'ABORTED')
    assert.equal(error.name, 'TimeoutError')
    assert.equal(error.cause, timeout.reason)
    assert.match(error.message, /^the run was cancelled: .*timeout/)
  }
  const reason = new Error('the user left')
  const error = await failure(engine.stylize({ ...SMALL, signal: AbortSignal.abort(reason) }))
  assert.deepEqual([error.name, error.code, error.cause, error.message],
    ['AbortError', 'ABORTED', reason, 'the run was cancelled: the user left'])
  assert.equal((await failure(engine.stylize({ ...SMALL, signal: AbortSignal.abort() }))).message,
    'the run was cancelled')
})

test('what onProgress throws, at once or as a promise, ends that run and nothing else', async () => {
  const thrown = new Error('no room in the log')
  for (const onProgress of [(event) => {
    if (event.type === 'iteration') throw thrown
  }, async (event) => {
    if (event.type === 'iteration') throw thrown
  }]) {
    const run = engine.start({ ...SMALL, iterations: 2000, onProgress })
    const next = engine.stylize({ ...SMALL, iterations: 1 })
    const error = await failure(run.result)
    assert.equal(error.code, 'CALLBACK_FAILED')
    assert.equal(error.message, 'onProgress threw: no room in the log')
    assert.equal(error.cause, thrown)
    assert.equal((await next).image.width, 64)
  }
})

test('a cancelled run settles while the worker is at something else, which goes on', async () => {
  const other = await createEngine({ threads: 2 })
  const { run, reached } = startAndReach({ ...SMALL, iterations: 2000, previewEvery: 1 }, 3, other)
  const queued = other.stylize({ ...SMALL, iterations: 1 })
  await reached
  const order = []
  const busy = other.evaluate({ content, style, result: content, draws: 16 }).finally(() => order.push('busy'))
  await sleep(50)
  await run.cancel()
  order.push('cancelled')
  const error = await failure(run.result)
  assert.equal(error.name, 'AbortError')
  assert.equal(error.image.width, 64)
  assert.ok((await busy).total > 0)
  assert.deepEqual(order, ['cancelled', 'busy'])
  assert.equal((await queued).image.width, 64)
  other.dispose()
})

test('cancelling a run that waits leaves the one at work as it is', async () => {
  const told = []
  const run = engine.start({ ...SMALL, size: 96, onProgress: (event) => {
    if (event.type !== 'iteration') return
    told.push([event.scale, event.iteration])
    if (told.length === 2) waiting.cancel()
  } })
  const waiting = engine.start(SMALL)
  const last = engine.stylize({ ...SMALL, iterations: 1 })
  assert.equal((await failure(waiting.result)).code, 'ABORTED')
  assert.equal(told.length, 2, 'at once')
  await run.result
  assert.deepEqual(told, [[0, 1], [0, 2], [0, 3], [1, 1], [1, 2], [1, 3]])
  await last
})

test('runs are done one after another; one that waits can be cancelled at once', async () => {
  const order = []
  const runs = ['a', 'b', 'c'].map((name) => engine.start({ ...SMALL, iterations: 2,
    onProgress: (event) => event.type === 'iteration' && order.push(name) }))
  await runs[1].cancel()
  await assert.rejects(runs[1].result, { name: 'AbortError' })
  await Promise.all([runs[0].result, runs[2].result])
  assert.deepEqual(order, ['a', 'a', 'c', 'c'])
})

test('the event loop stays free', async () => {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 5)
  await engine.stylize({ ...SMALL, iterations: 5 })
  clearInterval(timer)
  assert.ok(longest < 500, `${longest} ms`)
})

test('paths, URLs, bytes, Blobs, streams and pixels are the same input', async () => {
  const file = path.join(folder, 'content.png')
  await writeImage(engine, file, content)
  assert.deepEqual(bytes(await readImage(engine, file)), bytes(content))
  const expected = bytes((await engine.stylize({ ...SMALL, iterations: 1 })).image)
  const bare = readFileSync(file)
  const buffer = bare.buffer.slice(bare.byteOffset, bare.byteOffset + bare.length)
  for (const input of [file, pathToFileURL(file), pathToFileURL(file).href, bare, new Uint8Array(bare), buffer,
    new DataView(buffer), new Blob([bare]), new File([bare], 'a.png'), createReadStream(file, { highWaterMark: 50 }),
    new Blob([bare]).stream(), content]) {
    assert.deepEqual(bytes((await engine.stylize({ ...SMALL, iterations: 1, content: input })).image), expected)
  }
})

test('encoding: PNG keeps every bit and alpha, JPEG is small', async () => {
  const clear = picture(20, 10, (x, y) => [x * 12, y * 25, 77, x * 12])
  assert.deepEqual(bytes(await engine.decode(await engine.encode(clear))), bytes(clear))
  const jpeg = await engine.encode(content, { type: 'image/jpeg', quality: 80 })
  assert.deepEqual([...jpeg.subarray(0, 2)], [0xff, 0xd8])
  const { width, height } = await engine.decode(jpeg)
  assert.deepEqual([width, height], [80, 60])
})

test('the content\'s alpha comes back; its colours too when asked for', async () => {
  const clear = { ...content,
    data: content.data.map((value, i) => (i % 4 === 3 ? (i / 4) % 80 < 40 ? 0 : 255 : value)) }
  const plain = (await engine.stylize({ ...SMALL, content: clear })).image
  assert.equal(plain.data[3], 0)
  assert.equal(plain.data[4 * 63 + 3], 255)
  const kept = (await engine.stylize({ ...SMALL, content: clear, keepColors: true })).image
  assert.deepEqual(bytes(kept), bytes(keepColors(plain, clear)))
})

test('evaluate and hypercolumns', async () => {
  const terms = await engine.evaluate({ content, style, result: content, draws: 1 })
  const { values } = await openWasm()
  assert.deepEqual(Object.keys(terms), values)
  for (const name of ['total', 'content', 'remd', 'remd_x_to_style', 'remd_style_to_x', 'moment', 'moment_mean',
    'moment_cov', 'palette']) assert.ok(Number.isFinite(terms[name]), name)
  assert.ok(Math.abs(terms.content) < 1e-4, 'a picture is like itself')
  assert.ok(Math.abs(terms.remd - Math.max(terms.remd_x_to_style, terms.remd_style_to_x)) < 1e-9)
  assert.deepEqual(await engine.evaluate({ content, style, result: content, draws: 1 }), terms)
  const [a, b] = await engine.hypercolumns({ image: content, at: [[0, 0], [59, 79]] })
  assert.equal(a.length, 2179)
  assert.ok(a.every(Number.isFinite) && b.every(Number.isFinite))
  assert.notDeepEqual(a, b)
  const tiny = { width: 9, height: 7, data: new Uint8ClampedArray(4 * 9 * 7).fill(200) }
  const [small] = await engine.hypercolumns({ image: tiny, at: [[3, 4]] })
  const levels = small.subarray(3 + 64 + 64 + 128 + 128 + 256 + 256 + 256)
  assert.ok(levels.every((number) => number === 0), 'a level that a side of 7 is too short for')
  assert.ok(small.subarray(3, 67).some((number) => number > 0))
})

test('what is wrong is refused in one sentence that names it', async () => {
  const cases = [
    [{ size: 63 }, 'BAD_ARGUMENT', /size: 63/], [{ size: 2049 }, 'BAD_ARGUMENT', /size/],
    [{ size: 100.5 }, 'BAD_ARGUMENT', /size/],
    [{ contentWeight: -1 }, 'BAD_ARGUMENT', /contentWeight/], [{ contentWeight: NaN }, 'BAD_ARGUMENT', /contentWeight/],
    [{ iterations: 0 }, 'BAD_ARGUMENT', /iterations/], [{ iterations: 2001 }, 'BAD_ARGUMENT', /iterations/],
    [{ seed: -1 }, 'BAD_ARGUMENT', /seed/], [{ quality: 'best' }, 'BAD_ARGUMENT', /best/],
    [{ factors: { remd: -1 } }, 'BAD_ARGUMENT', /factor/], [{ factors: { charm: 1 } }, 'BAD_ARGUMENT', /charm/],
    [{ content: undefined }, 'BAD_IMAGE', /content: missing/], [{ style: {} }, 'BAD_IMAGE', /style/],
    [{ content: { width: 2, height: 2, data: new Uint8ClampedArray(5) } }, 'BAD_IMAGE', /content/],
    [{ content: picture(1, 1, () => [0, 0, 0]) }, 'BAD_IMAGE', /content/],
    [{ content: 'no-such-file.png' }, 'BAD_IMAGE', /no-such-file\.png: there is no such file/],
    [{ style: Buffer.from('not a picture') }, 'BAD_IMAGE', /style/],
    [{ regions: { content: halves(80, 60), style: { width: 2, height: 1, labels: Uint8Array.of(3, 3) } } },
      'BAD_REGIONS', /region/],
    [{ regions: { content: halves(80, 60), style: { width: 9, height: 9, labels: new Uint8Array(5) } } },
      'BAD_REGIONS', /style/]
  ]
  for (const [options, code, words] of cases) {
    const error = await engine.stylize({ ...SMALL, ...options })
      .then(() => assert.fail(JSON.stringify(options)), (reason) => reason)
    assert.equal(error.code, code, error.message)
    assert.match(error.message, words)
    assert.doesNotMatch(error.message, /\n/)
  }
  await assert.rejects(createEngine({ threads: 0 }), { code: 'BAD_ARGUMENT' })
  await assert.rejects(createEngine({ build: 'fast' }), { code: 'BAD_ARGUMENT' })
  await assert.rejects(createEngine({ base: folder }), { code: 'WORKER_FAILED' })
  await assert.rejects(engine.hypercolumns({ image: content, at: [[60, 0]] }), { code: 'BAD_ARGUMENT' })
  await assert.rejects(engine.evaluate({ content, style, result: content, draws: 0 }), { code: 'BAD_ARGUMENT' })
})

test('weights that are cut, altered, of another kind or missing are refused', async () => {
  const good = readFileSync(weightsFile)
  const altered = Buffer.from(good)
  altered[5000000] ^= 1
  const cut = path.join(folder, 'cut.bin')
  writeFileSync(cut, good.subarray(0, 1000000))
  for (const [weights, code, words] of [[cut, 'BAD_WEIGHTS', /cut\.bin/], [altered, 'BAD_WEIGHTS', /./],
    [Buffer.from('GIF89a'), 'BAD_WEIGHTS', /./], [path.join(folder, 'none.bin'), 'WEIGHTS_FETCH', /none\.bin/],
    [() => Promise.reject(new Error('offline')), 'WEIGHTS_FETCH', /offline/]]) {
    const other = await createEngine({ threads: 1, weights })
    await assert.rejects(other.ready, (error) => error.code === code && words.test(error.message))
    await assert.rejects(other.stylize(SMALL), { code })
    other.dispose()
  }
})

test('an engine that `using` names is disposed of', async () => {
  const other = await createEngine({ threads: 1 })
  other[Symbol.dispose]()
  await assert.rejects(other.ready, { code: 'DISPOSED' })
})

test('disposing rejects what waits; an idle engine does not keep the process', async () => {
  const other = await createEngine({ threads: 2 })
  const waiting = other.stylize({ ...SMALL, iterations: 500 })
  other.dispose()
  await assert.rejects(waiting, { code: 'DISPOSED' })
  await assert.rejects(other.stylize(SMALL), { code: 'DISPOSED' })
  const script = `import { createEngine } from ${
    JSON.stringify(new URL('../../src/api/index.node.mjs', import.meta.url).href)}
    const engine = await createEngine({ threads: 2 })
    await engine.ready`
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 60000 })
  assert.equal(status, 0)
})
