// SPDX-License-Identifier: MIT
//
// The graphics card's tests and measurements on a real card, in Node with a package that has WebGPU (npm's webgpu):
//
//   node tests/gpu/run.mjs --webgpu PATH/node_modules/webgpu/index.js [--quick] [--sizes 512,1024]
//
// Needs build/wasm (make -f emscripten.mk all) and the weights, no network. First the kernels against plain loops and
// iterations against the CPU, then GFLOPS of the matrix product and of convolutions, then whole runs at `standard` on
// both back ends (--quick: none). Exit status 1 where a test fails.

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { createEngine } from '../../src/api/index.node.mjs'
import { Executor } from '../../src/gpu/executor.js'
import { compareIterations, openBoth, twice } from './iterations.js'
import { kernelCases, testKernel } from './kernels.js'
import { measured, measureKernel } from './measure.js'

const { values } = parseArgs({
  options: { webgpu: { type: 'string' }, quick: { type: 'boolean' }, sizes: { type: 'string', default: '512' } }
})
if (!values.webgpu) {
  console.error('--webgpu: say where the package is, as PATH/node_modules/webgpu/index.js')
  process.exit(2)
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const webgpu = pathToFileURL(path.resolve(values.webgpu)).href
const { create, globals } = await import(webgpu)
Object.assign(globalThis, globals)
const gpu = create([])
const adapter = () => gpu.requestAdapter({ powerPreference: 'high-performance' })
const kernel = (file) => readFile(path.join(root, `src/gpu/kernels/${file}.wgsl`), 'utf8')
let failed = 0

async function attempt(name, work) {
  try {
    await work()
    console.log(`ok      ${name}`)
  } catch (error) {
    failed++
    console.log(`FAILED  ${name}: ${error.message}`)
  }
}

function checkDistances({ terms, gradient }) {
  for (const [term, distance] of Object.entries({ ...terms, gradient })) {
    const bound = term === 'gradient' ? 5e-3 : 3e-4
    if (!(distance < bound)) throw new Error(`${term} is off by ${distance}`)
  }
}

const first = await adapter()
if (!first) {
  console.error('there is no adapter: is the driver\'s Vulkan library to be found?')
  process.exit(1)
}
const { vendor, architecture, description } = first.info
console.log(`card: ${description || `${vendor} ${architecture}`}, Node ${process.version}`)

const device = await first.requestDevice({ requiredLimits: { maxStorageBuffersPerShaderStage: 8 } })
for (const name of kernelCases) {
  await attempt(`kernel: ${name}`, () => testKernel(async (kernels) => new Executor(device, kernels, kernel), name))
}

const folder = path.join(root, 'build/wasm/')
const both = await openBoth({
  adapter: await adapter(), kernel, folder: pathToFileURL(folder).href,
  wasm: readFileSync(`${folder}strotss-single.wasm`), weights: readFileSync(path.join(root, 'weights/vgg16.q8.bin'))
})
const square = { height: 16, options: { iterations: 1 } }
await attempt('an iteration as on the CPU', async () => checkDistances(await compareIterations(both, square)))
const across = { iterations: 1, contentAcrossRegions: true, optimizer: 'rmsprop' }
await attempt('with regions, the content across them and RMSprop', async () =>
  checkDistances(await compareIterations(both, { ...square, regions: true, options: across })))
await attempt('the same bytes twice', async () => {
  if (!await twice(both, { ...square, options: { iterations: 3 } })) throw new Error('they differ')
})

/** An adapter gives one device. */
const executor = async (kernels) => Executor.open(await adapter(), kernels, kernel)
for (const name of measured) {
  const { gflops, ms } = await measureKernel(executor, name)
  console.log(`${name.padEnd(40)} ${ms.toFixed(2).padStart(9)} ms ${gflops.toFixed(0).padStart(7)} GFLOPS`)
}

if (!values.quick) {
  const sample = (name) => path.join(root, 'web/samples', name)
  const pictures = { content: sample('cat.jpg'), style: sample('church-at-auvers.jpg') }
  for (const backend of ['webgpu', 'wasm']) {
    const engine = await createEngine({ backend, webgpu })
    await engine.ready
    console.log(`${backend}: ${engine.info.card}`)
    for (const size of values.sizes.split(',').map(Number)) {
      const { stats } = await engine.stylize({ ...pictures, size, previewEvery: 0 })
      const last = stats.scales.at(-1)
      console.log(`  ${size} px standard: ${stats.seconds.toFixed(1)} s by ${stats.backend}, at the last scale ` +
        `${(last.seconds / last.iterations).toFixed(3)} s per iteration; total ${last.terms.total.toFixed(5)}`)
    }
    engine.dispose()
  }
}
process.exit(failed ? 1 : 0)
