// SPDX-License-Identifier: MIT
//
// What callers may give, in the real build: every public method refuses at once what is not its kind, in one sentence
// that names the input, and a run at work beside all of that ends with the bytes of a run alone. Inputs are those of
// the moment of the call. One rule says what is a path and what is a URL. And the same in a browser, by stand-ins for
// its worker and fetch.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createEngine, readImage, StrotssError, writeImage } from '../../src/api/index.node.mjs'
import { content, halves, picture, style } from './pictures.mjs'

const SMALL = { content, style, size: 64, iterations: 3 }
const folder = mkdtempSync(path.join(tmpdir(), 'strotss-inputs-'))
const at = (/** @type {string} */ name) => path.join(folder, name)

/** @type {Awaited<ReturnType<typeof createEngine>>} */
let engine
/** A finished state of SMALL. @type {Uint8Array} */
let state
/** Of SMALL. @type {Buffer} */
let expected
before(async () => {
  engine = await createEngine({ threads: 2 })
  const { image, checkpoint } = await engine.stylize(SMALL)
  state = checkpoint
  expected = bytes({ image })
  await writeImage(engine, at('content.png'), content)
})
after(() => {
  engine.dispose()
  rmSync(folder, { recursive: true })
})

/** @param {{ image: import('../../src/api/types.js').Picture }} result */
const bytes = ({ image }) => Buffer.from(image.data.buffer)

/** A view whose buffer was given away. @param {ArrayBufferView} view */
function detached(view) {
  const copy = structuredClone(view)
  structuredClone(copy, { transfer: [copy.buffer] })
  return copy
}

/** Not one of these is a picture. @type {[any, string][]} */
const NO_PICTURES = [
  [undefined, 'BAD_IMAGE'], [null, 'BAD_IMAGE'], [7, 'BAD_ARGUMENT'], [NaN, 'BAD_ARGUMENT'], [true, 'BAD_ARGUMENT'],
  [Symbol('s'), 'BAD_ARGUMENT'], [() => content, 'BAD_ARGUMENT'], [[], 'BAD_ARGUMENT'],
  [new Float32Array(16), 'BAD_ARGUMENT'], [new Uint8ClampedArray(16), 'BAD_ARGUMENT'], [new Map(), 'BAD_ARGUMENT'],
  [{}, 'BAD_IMAGE'], [{ ...content, width: 81 }, 'BAD_IMAGE'], [{ ...content, width: '80' }, 'BAD_IMAGE'],
  [{ ...content, height: NaN }, 'BAD_IMAGE'], [{ ...content, data: [...content.data] }, 'BAD_IMAGE'],
  [{ width: 0, height: 0, data: new Uint8ClampedArray(0) }, 'BAD_IMAGE'],
  [{ ...content, data: new Float32Array(4 * 80 * 60) }, 'BAD_IMAGE'],
  [{ ...content, data: new Uint32Array(80 * 60) }, 'BAD_IMAGE'],
  [{ ...content, data: detached(content.data) }, 'BAD_IMAGE']
]
/** Nor these, where files may stand. @type {[any, string][]} */
const NO_FILES = [
  ['', 'BAD_ARGUMENT'], ['no-such-file.png', 'BAD_IMAGE'], ['https://example.org/cat.jpg', 'BAD_IMAGE'],
  [new URL('https://example.org/cat.jpg'), 'BAD_ARGUMENT'], ['file://%00/cat.jpg', 'BAD_ARGUMENT'],
  [new Uint8Array(0), 'BAD_IMAGE'], [detached(new Uint8Array(9)), 'BAD_IMAGE'],
  [Buffer.from('not a picture'), 'BAD_IMAGE'], [new Blob(['x']), 'BAD_IMAGE'], [new ArrayBuffer(64), 'BAD_IMAGE'],
  [new DataView(new ArrayBuffer(64), 3, 7), 'BAD_IMAGE'], [new File(['x'], 'broken.png'), 'BAD_IMAGE']
]
/** Whole numbers from a to b these are not. */
const NO_NUMBERS = [null, NaN, Infinity, 0.5, -1, 1e9, '64', {}, [64], true, Symbol('n'), Object.create(null)]

/**
 * What is wrong, its code or words, and the call.
 * @param {typeof engine} by @returns {Generator<[string, RegExp|string, () => unknown]>}
 */
function* badCalls(by) {
  const with64 = { ...SMALL, iterations: 1 }
  const start = (/** @type {any} */ options) => () => by.start(options).result
  for (const options of [undefined, null, 7, 'x']) {
    yield [`start(${options})`, 'BAD_ARGUMENT', start(options)]
    for (const name of ['evaluate', 'hypercolumns', 'estimate']) {
      yield [`${name}(${options})`, 'BAD_ARGUMENT', () => by[name](options)]
    }
    if (options === undefined) continue
    yield [`encode(, ${options})`, 'BAD_ARGUMENT', () => by.encode(content, options)]
    yield [`distances(,, ${options})`, 'BAD_ARGUMENT', () => by.distances(content, style, options)]
  }
  for (const [input, code] of [...NO_PICTURES, ...NO_FILES]) {
    const file = input instanceof File ? input.name
      : typeof input === 'string' && code === 'BAD_IMAGE' ? path.basename(input) : ''
    for (const role of ['content', 'style']) yield [file || role, code, start({ ...with64, [role]: input })]
    yield [file || 'result', code, () => by.evaluate({ content, style, result: input, draws: 1 })]
    yield [file || 'a', code, () => by.distances(input, style)]
    yield [file || 'b', code, () => by.distances(content, input)]
    yield [file || 'image', code, () => by.hypercolumns({ image: input, at: [[0, 0]] })]
    yield [file || 'picture', code, () => by.decode(input)]
  }
  for (const stream of [Readable.from(['text']), Readable.from([7]), new ReadableStream({ start: (to) => to.error(9) }),
    Readable.from([Buffer.from('no picture')])]) {
    yield ['content', 'BAD_IMAGE', start({ ...with64, content: stream })]
  }
  for (const [input, code] of NO_PICTURES) yield ['picture', code, () => by.encode(input)]
  yield ['name', 'BAD_ARGUMENT', () => by.decode(Buffer.from('x'), 5)]
  for (const value of NO_NUMBERS) {
    for (const name of ['size', 'iterations', 'seed']) {
      if (typeof value === 'number' && name === 'seed' && value > 1) continue
      yield [name, 'BAD_ARGUMENT', start({ ...with64, [name]: value })]
    }
    yield ['draws', 'BAD_ARGUMENT', () => by.evaluate({ content, style, result: content, draws: value })]
    yield ['count', 'BAD_ARGUMENT', () => by.distances(content, style, { count: value })]
    yield ['quality', 'BAD_ARGUMENT', () => by.encode(content, { quality: value })]
    for (const name of ['threads', 'pairs', 'size']) {
      yield [name, 'BAD_ARGUMENT', () => by.estimate({ content, style, [name]: value })]
    }
    yield ['content.width', 'BAD_ARGUMENT', () => by.estimate({ content: { ...content, width: value }, style })]
    yield ['at', 'BAD_ARGUMENT', () => by.hypercolumns({ image: content, at: [[0, value]] })]
    yield ['at', 'BAD_ARGUMENT', () => by.hypercolumns({ image: content, at: [[0, 0], value] })]
  }
  for (const threads of [0, 65, 99]) {
    yield ['threads', /threads: .* 1 to 64/, () => by.estimate({ content, style, threads })]
  }
  for (const value of [-1, 17, NaN, '1', null]) {
    yield ['contentWeight', 'BAD_ARGUMENT', start({ ...with64, contentWeight: value })]
    yield ['factors', 'BAD_ARGUMENT', start({ ...with64, factors: value })]
    yield ['factors', 'BAD_ARGUMENT', start({ ...with64, factors: { remd: value === 17 ? 1001 : value } })]
    yield ['previewEvery', 'BAD_ARGUMENT', start({ ...with64, previewEvery: value === 17 ? 1e10 : value })]
    yield ['quality', 'BAD_ARGUMENT', start({ ...with64, quality: value })]
    yield ['transport', 'BAD_ARGUMENT', start({ ...with64, transport: value })]
    yield ['keepColors', 'BAD_ARGUMENT', start({ ...with64, keepColors: value })]
    yield ['contentAcrossRegions', 'BAD_ARGUMENT', start({ ...with64, contentAcrossRegions: value })]
    const alpha = value === 17 ? 1e7 : value
    yield ['alpha', 'BAD_ARGUMENT', () => by.evaluate({ content, style, result: content, alpha })]
  }
  const maps = { content: halves(80, 60), style: halves(72, 72) }
  const { labels } = maps.content
  for (const map of [undefined, null, 7, {}, { ...maps.content, width: 79 }, { ...maps.content, labels: [...labels] },
    { width: 0.5, height: 9600, labels }, { width: 9, height: 0, labels: new Uint8Array(0) },
    { ...maps.content, labels: new Uint8ClampedArray(labels) }, { ...maps.content, labels: detached(labels) }]) {
    yield ['regions', 'BAD_REGIONS', start({ ...with64, regions: { ...maps, content: map } })]
  }
  yield ['regions', 'BAD_ARGUMENT', start({ ...with64, regions: 5 })]
  for (const weights of [5, null, 'abc', [null], [NaN], ['1'], [1, undefined]]) {
    yield ['regions.weights', 'BAD_ARGUMENT', start({ ...with64, regions: { ...maps, weights } })]
  }
  for (const resume of [7, 'state', {}, [], new ArrayBuffer(9), new Uint8Array(0), new Uint8Array(500), detached(state),
    state.slice(0, 40), state.slice(0, -1), state.subarray(1)]) {
    yield ['state|resume', 'BAD_STATE', start({ content, style, resume })]
  }
  for (const signal of [new AbortController(), true, {}, 'abort']) {
    yield ['signal', 'BAD_ARGUMENT', start({ ...with64, signal })]
  }
  for (const onProgress of [null, {}, 'log']) yield ['onProgress', 'BAD_ARGUMENT', start({ ...with64, onProgress })]
  for (const places of [undefined, null, 5, 'ab', [], [[1]], [[]], [[1, 2, 3]], [[0, 80]], [[60, 0]], [[0, -1]], [0, 0],
    [['0', '0']], Array(1), [[0, 0], undefined]]) {
    yield ['at', 'BAD_ARGUMENT', () => by.hypercolumns({ image: content, at: places })]
  }
  yield ['at', /500000 pixels are more than 65536/, () =>
    by.hypercolumns({ image: content, at: Array(500000).fill([0, 0]) })]
  yield ['0, 80', 'BAD_ARGUMENT', () => by.hypercolumns({ image: at('content.png'), at: [[0, 80]] })]
  yield ['type', 'BAD_ARGUMENT', () => by.encode(content, { type: 'image/webp' })]
  yield ['file', /out\.webp" does not end in \.png, \.jpg, \.jpeg/, () => writeImage(by, at('out.webp'), content)]
  yield ['file', 'BAD_ARGUMENT', () => writeImage(by, at('out'), content)]
  for (const file of [undefined, 7, Buffer.from('x'), new URL('https://example.org/cat.png')]) {
    yield ['file', 'BAD_ARGUMENT', () => readImage(by, file)]
    yield ['file', 'BAD_ARGUMENT', () => writeImage(by, file, content)]
  }
}

/** Refuses in one sentence that names the input, with a code. @param {string} name @param {RegExp|string} wanted */
async function refused(name, wanted, call) {
  let promise
  assert.doesNotThrow(() => (promise = call()), name)
  const error = await promise.then(() => assert.fail(`${name}: it succeeded`), (reason) => reason)
  assert.ok(error instanceof StrotssError, `${name}: ${error.stack}`)
  if (typeof wanted === 'string') assert.equal(error.code, wanted, `${name}: ${error.message}`)
  else assert.match(error.message, wanted)
  assert.match(error.message, new RegExp(name.replace(/\(.*/, '') === name ? name : 'options'), name)
  assert.doesNotMatch(error.message, /\n|is undefined|of undefined|\[object/)
}

test('a run at work, and every wrong call beside it: each is refused, and the run ends with its bytes', async () => {
  let count = 0
  let iterations = 0
  /** What was not refused as it should be. @type {Promise<string>[]} */
  const calls = []
  const { image } = await engine.stylize({ ...SMALL, previewEvery: 1, onProgress: ({ type }) => {
    if (type !== 'iteration') return
    if (++iterations === 1) for (const [name, wanted, call] of badCalls(engine)) {
      calls.push(refused(name, wanted, call).then(() => '', (error) => error.message))
      count++
    }
  } })
  assert.ok(count > 450, `${count} calls`)
  assert.deepEqual((await Promise.all(calls)).filter((fault) => fault), [])
  assert.deepEqual(bytes({ image }), expected)
  assert.equal(iterations, 3, 'in one go')
})

test('refused before the engine is asked: at once, by one that has no worker any more as well', async () => {
  const gone = await createEngine({ threads: 1 })
  gone.dispose()
  gone.dispose()
  for (const call of [() => gone.stylize({ ...SMALL, size: 5 }), () => gone.hypercolumns({ image: content, at: [[1]] }),
    () => gone.estimate({ content, style, threads: 99 })]) {
    await assert.rejects(call(), { code: 'BAD_ARGUMENT' })
  }
  const run = gone.start(SMALL)
  for (const call of [() => run.result, () => gone.stylize(SMALL), () => gone.ready, () => gone.calibrate(),
    () => gone.decode(readFileSync(at('content.png'))), () => gone.encode(content), () => gone.estimate(SMALL),
    () => gone.evaluate({ ...SMALL, result: content }), () => gone.distances(content, style),
    () => gone.hypercolumns({ image: content, at: [[1, 1]] })]) {
    await assert.rejects(call(), { code: 'DISPOSED' })
  }
  assert.deepEqual([await run.pause(), await run.snapshot(), await run.checkpoint()], [null, null, null])
  await run.resume()
  await run.cancel()
})

test('engines of wrong options are refused', async () => {
  for (const [options, name] of [[null, 'options'], [5, 'options'], [{ threads: 99 }, 'threads'],
    [{ threads: NaN }, 'threads'], [{ threads: '2' }, 'threads'], [{ threads: null }, 'threads'],
    [{ build: 5 }, 'build'], [{ build: Symbol('b') }, 'build'], [{ weights: 5 }, 'weights'],
    [{ weights: null }, 'weights'], [{ weights: new ArrayBuffer(5) }, 'weights'], [{ base: 5 }, 'base'],
    [{ base: new URL('https://example.org/') }, 'base'], [{ worker: {} }, 'worker'],
    [{ worker: new URL('https://example.org/w.js') }, 'worker'], [{ onProgress: 'log' }, 'onProgress']]) {
    await assert.rejects(createEngine(options), (error) => error instanceof StrotssError &&
      error.code === 'BAD_ARGUMENT' && error.message.startsWith(`${name}: `), name)
  }
  for (const [weights, code] of [[() => 5, 'BAD_WEIGHTS'], [() => undefined, 'BAD_WEIGHTS'],
    [() => { throw new Error('no') }, 'WEIGHTS_FETCH'], [new Uint8Array(0), 'BAD_WEIGHTS']]) {
    const other = await createEngine({ threads: 1, weights })
    await assert.rejects(other.ready, { code })
    other.dispose()
  }
})

test('what is given may be changed right after the call, and may lie in any kind of buffer', async () => {
  const shared = (/** @type {Uint8Array|Uint8ClampedArray} */ view) => {
    const Kind = view instanceof Uint8Array ? Uint8Array : Uint8ClampedArray
    const other = new Kind(new SharedArrayBuffer(view.length + 8), 8, view.length)
    other.set(view)
    return other
  }
  const pool = Buffer.concat([Buffer.alloc(100), readFileSync(at('content.png')), Buffer.alloc(100)])
  const file = pool.subarray(100, -100)
  for (const image of [structuredClone(content), { ...content, data: shared(content.data) },
    { ...content, data: new Uint8Array(content.data) }, file, shared(file)]) {
    const run = engine.stylize({ ...SMALL, content: image })
    const column = engine.hypercolumns({ image, at: [[5, 6]] })
    const decoded = image === file ? engine.decode(file) : null
    const written = 'data' in image ? engine.encode(image) : null
    const pixels = 'data' in image ? image.data : image
    pixels.fill(0)
    assert.deepEqual(bytes(await run), expected)
    assert.deepEqual(await column, await engine.hypercolumns({ image: content, at: [[5, 6]] }))
    if (decoded) assert.deepEqual((await decoded).data, content.data)
    if (written) assert.deepEqual((await engine.decode(await written)).data, content.data)
    if (image === file) file.set(readFileSync(at('content.png')))
  }
  const regions = { content: halves(80, 60), style: halves(72, 72), weights: [1, 2, 1] }
  const options = { ...SMALL, factors: { remd: 2 }, regions, iterations: 1 }
  const whole = bytes(await engine.stylize(structuredClone(options)))
  const run = engine.stylize(options)
  regions.content.labels.fill(0)
  regions.style.labels.fill(1)
  regions.weights.fill(0)
  options.factors.remd = 0
  assert.deepEqual(bytes(await run), whole)
  const resume = state.slice()
  const resumed = engine.stylize({ content, style, resume })
  resume.fill(0)
  assert.deepEqual(bytes(await resumed), expected)
})

test('a string is a path, unless it begins with "file:": everywhere', async () => {
  const root = new URL('../../', import.meta.url)
  const file = at('content.png')
  for (const name of [file, pathToFileURL(file), pathToFileURL(file).href]) {
    assert.deepEqual((await readImage(engine, name)).data, content.data)
    assert.deepEqual(bytes(await engine.stylize({ ...SMALL, content: name })), expected)
  }
  for (const [i, name] of ['0.png', pathToFileURL(at('1.png')), pathToFileURL(at('2.png')).href].entries()) {
    await writeImage(engine, i ? name : at(/** @type {string} */ (name)), content)
    assert.ok(existsSync(at(`${i}.png`)))
  }
  const places = { weights: 'weights/vgg16.q8.bin', base: 'build/wasm/', worker: 'src/api/worker/entry.node.mjs' }
  for (const as of [(url) => url, (url) => url.href, fileURLToPath,
    (url) => path.relative(process.cwd(), fileURLToPath(url))]) {
    const other = await createEngine({ threads: 1,
      ...Object.fromEntries(Object.entries(places).map(([name, place]) => [name, as(new URL(place, root))])) })
    await other.ready
    other.dispose()
  }
})

test('weights from a pipe are the bytes that came, no more', { skip: process.platform === 'win32' }, () => {
  const script = `import { createEngine } from ${
    JSON.stringify(new URL('../../src/api/index.node.mjs', import.meta.url).href)}
    const engine = await createEngine({ threads: 1, weights: '/dev/stdin' })
    await engine.ready.then(() => console.log('ready'), (error) => console.log(error.code, error.message))
    engine.dispose()`
  const weights = fileURLToPath(new URL('../../weights/vgg16.q8.bin', import.meta.url))
  for (const [length, words] of [[1e8, /^ready$/m], [3000, /BAD_WEIGHTS .*(cut|short)/],
    [0, /BAD_WEIGHTS .*not a STROTSS weights file/]]) {
    const { stdout, stderr } = spawnSync('sh', ['-c', 'head -c "$0" "$1" | "$2" --input-type=module -e "$3"',
      String(length), weights, process.execPath, script], { encoding: 'utf8', timeout: 60000 })
    assert.match(stdout, words, stderr)
    assert.doesNotMatch(stdout, /longer/)
  }
})

test('in a browser: files and pixels; a name is no picture, and that is said', async () => {
  const { Worker, fetch } = globalThis
  /** Answers everything with what it was asked. */
  class Stub extends EventTarget {
    postMessage({ id, type, args }) {
      const value = type === 'open' ? { version: '0' } : type === 'weights' ? null : args
      queueMicrotask(() => this.dispatchEvent(Object.assign(new Event('message'), { data: { id, value } })))
    }
    terminate() {}
  }
  globalThis.Worker = Stub
  globalThis.fetch = async () => new Response('bytes')
  try {
    const { createEngine: inBrowser } = await import('../../src/api/index.browser.js')
    const browser = await inBrowser({ threads: 1 })
    for (const input of ['cat.jpg', 7, [], new Float32Array(5)]) {
      for (const call of [browser.stylize({ ...SMALL, content: input }), browser.distances(style, input),
        browser.evaluate({ content: input, style, result: style })]) {
        await assert.rejects(call, (error) => error instanceof StrotssError && error.code === 'BAD_ARGUMENT' &&
          /^(content|b): .* is not a URL, a Blob or the bytes of a picture file, .* or \{ width, height, data \}$/
            .test(error.message))
      }
    }
    const file = new File(['GIF89a'], 'cat.gif')
    const told = await browser.distances(file, content)
    assert.equal(told.a.name, 'cat.gif')
    assert.deepEqual(told.a.bytes, new Uint8Array(Buffer.from('GIF89a')))
    assert.deepEqual(told.b, content)
    await assert.rejects(inBrowser({ base: 'no such: base' }), { code: 'BAD_ARGUMENT' })
    const elsewhere = { code: 'WORKER_FAILED', message: /page's own origin; .*`worker: .*` and `base: / }
    globalThis.location = /** @type {any} */ (new URL('https://example.org/page/'))
    await assert.rejects(inBrowser({ threads: 2, base: 'https://cdn.example.com/wasm/' }), elsewhere)
    globalThis.Worker = class { constructor() { throw new DOMException('not from there', 'SecurityError') } }
    await assert.rejects(inBrowser({ threads: 1 }), elsewhere)
    globalThis.Worker = Stub
    browser.dispose()
    for (const onProgress of [() => { throw new Error('no bar') }, () => Promise.reject(new Error('no bar'))]) {
      const watched = await inBrowser({ threads: 1, onProgress })
      await assert.rejects(watched.ready, { code: 'CALLBACK_FAILED', message: 'onProgress threw: no bar' })
      watched.dispose()
    }
  } finally {
    Object.assign(globalThis, { Worker, fetch })
    delete globalThis.location
  }
})

test('a picture of one pixel can be written', async () => {
  assert.equal((await engine.encode(picture(1, 1, () => [1, 2, 3]))).subarray(1, 4).toString(), '80,78,71')
})
