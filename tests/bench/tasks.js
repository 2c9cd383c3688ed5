// SPDX-License-Identifier: MIT
//
// What is measured inside a JavaScript engine, the same code in Node (node_task.mjs) and in a Chromium worker
// (worker.js):
//
//   { kind: 'program', name, build, args, files }   a C program of this folder: the lines it prints
//   { kind: 'ort', size, threads, repeats }         VGG-16 forward in onnxruntime-web: { seconds, sum }
//   { kind: 'tfjs', size, threads, repeats }        the same in TensorFlow.js
//
// `place` is where it runs: root (address of the clone, ends in a slash), read(path), ort(), tf().

import { POOLED, onnxModel, readLayers, testPicture } from './vgg16.js'

/** @typedef {{ root: string, read: (path: string) => Promise<Uint8Array>,
 *   ort: () => Promise<any>, tf: () => Promise<any> }} Place */

const WEIGHTS = 'weights/vgg16.q8.bin'

/** @param {number} repeats @param {() => Promise<void>} work the fastest of several, after one to warm up */
async function fastest(repeats, work) {
  let best = Infinity
  for (let r = 0; r <= repeats; r++) {
    const begin = performance.now()
    await work()
    if (r > 0) best = Math.min(best, (performance.now() - begin) / 1000)
  }
  return best
}

/** @param {Float32Array} values */
const sum = (values) => values.reduce((total, v) => total + v, 0)

/** @param {any} task @param {Place} place */
async function program({ name, build, args, files = [] }, place) {
  const folder = `${place.root}build/bench/`
  const loaded = await import(`${folder}${name}.js`)
  const factory = loaded.default ?? /** @type {any} */ (globalThis).createStrotss
  /** @type {string[]} */
  const lines = []
  const inside = folder.replace('file://', '')
  const module = await factory({
    wasmBinary: await place.read(`build/bench/${name}${build === 'relaxed' ? '-relaxed' : ''}.wasm`),
    mainScriptUrlOrBlob: `${inside}${name}.js`,
    locateFile: (/** @type {string} */ file) => inside + file,
    print: (/** @type {string} */ line) => lines.push(line)
  })
  for (const file of files) module.FS.writeFile(`/${file.slice(file.lastIndexOf('/') + 1)}`, await place.read(file))
  const status = module.callMain(args)
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: exit status ${status}`)
  return lines
}

/** @param {any} task @param {Place} place */
async function ort({ size, threads, repeats }, place) {
  const runtime = await place.ort()
  runtime.env.wasm.numThreads = threads
  const model = onnxModel(readLayers(await place.read(WEIGHTS)), size)
  const session = await runtime.InferenceSession.create(model, { executionProviders: ['wasm'] })
  const feeds = { z: new runtime.Tensor('float32', testPicture(size, true), [1, 3, size, size]) }
  let result
  const seconds = await fastest(repeats, async () => { result = await session.run(feeds) })
  return { seconds, sum: sum(result.relu12.data) }
}

/** @param {any} task @param {Place} place */
async function tfjs({ size, threads, repeats }, place) {
  const tf = await place.tf()
  tf.wasm.setThreadsCount(threads)
  await tf.setBackend('wasm')
  await tf.ready()
  const layers = readLayers(await place.read(WEIGHTS)).map(({ cin, cout, filters, bias }) => ({
    filter: tf.tidy(() => tf.transpose(tf.tensor4d(filters, [cout, cin, 3, 3]), [2, 3, 1, 0])),
    bias: tf.tensor1d(bias)
  }))
  const z = tf.tensor4d(testPicture(size, false), [1, size, size, 3])
  const forward = () => tf.tidy(() => layers.reduce((x, { filter, bias }, i) => tf.fused.conv2d({
    x: POOLED.has(i) ? tf.maxPool(x, 2, 2, 'valid') : x, filter, bias, strides: 1, pad: 'same', activation: 'relu'
  }), z))
  /** @type {Float32Array} */
  let data = new Float32Array(0)
  const seconds = await fastest(repeats, async () => {
    const y = forward()
    data = await y.data()
    y.dispose()
  })
  return { seconds, sum: sum(data), threads: await tf.wasm.getThreadsCount() }
}

/** @param {any} task @param {Place} place */
export const runTask = (task, place) => ({ program, ort, tfjs })[/** @type {'ort'} */ (task.kind)](task, place)
