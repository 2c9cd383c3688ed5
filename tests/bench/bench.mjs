// SPDX-License-Identifier: MIT
//
// npm run bench -- [--only iterations,kernels,forward,objective,memory] [--sizes 64,128,256,512,1024] [--rounds 2]
//                  [--python FILE] [--whole-peer]
//
// Measures the engine against peers, both sides in turns in this run, each figure the fastest of several, and prints
// as it goes:
//
//   iterations  seconds an iteration by phase, 1 and 2 threads, relaxed and baseline, Node and Chromium; against
//               PyTorch, plain and optimised
//   kernels     matrix products against the measured SIMD128 peak
//   forward     VGG-16 forward against onnxruntime-web and TensorFlow.js
//   objective   a whole run against PyTorch's 200 iterations a scale: seconds, the objective both reach, and how clean
//               the pictures are (src/api/shared/bands.js). PyTorch's picture is made once and kept in build/bench; its
//               seconds are 200 times those of `iterations`, or with --whole-peer those of a new run
//   memory      peak bytes at 512 and 1024 px
//
// build/bench/results.json keeps the latest of each part; RESULTS.md is written anew from it. The Python with PyTorch
// is build/peer/bin/python, made from tests/peer/requirements.txt when it is missing.

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = path.join(here, '..', '..')
const store = path.join(root, 'build/bench/results.json')
const content = 'web/samples/astronaut.jpg', style = 'web/samples/painter-on-his-way.jpg'
const PARTS = ['iterations', 'kernels', 'forward', 'objective', 'memory']
const PEER_ITERATIONS = 200, CONTENT_WEIGHT = 0.5
const REPEATS = /** @type {Record<number, number>} */ ({ 64: 8, 128: 6, 256: 5, 512: 3, 1024: 2 })

const text = (/** @type {string} */ value) => ({ type: /** @type {const} */ ('string'), default: value })
const { values: options } = parseArgs({ options: {
  only: text(PARTS.join()), sizes: text('64,128,256,512,1024'), rounds: text('2'),
  python: text(path.join(root, 'build/peer/bin/python')), 'whole-peer': { type: 'boolean' }
} })
const parts = options.only.split(',')
const sizes = options.sizes.split(',').map(Number)
const rounds = Number(options.rounds)
const unknown = parts.find((part) => !PARTS.includes(part))
if (unknown || !sizes.every((size) => REPEATS[size]) || !(rounds >= 1)) {
  console.error(unknown ? `bench: there is no part "${unknown}"`
    : 'bench: sizes are of 64, 128, 256, 512, 1024; rounds from 1')
  process.exit(2)
}

// ---- what it needs ------------------------------------------------------------------------------------------------

// npm puts its binaryen's tools in front of those that emcc brings; Debian's emcc looks for acorn in Node's old folder.
const PATH = process.env.PATH?.split(':').filter((place) => !place.endsWith('node_modules/.bin')).join(':')
const env = { ...process.env, PATH, NODE_PATH: '/usr/share/nodejs' }
/** @param {string} command @param {string[]} args @param {string} [cwd] */
const say = (command, args, cwd = root) => execFileSync(command, args, { cwd, env, stdio: ['ignore', 2, 2] })

/** The C programs of this folder, on the objects that emscripten.mk has made, plain and relaxed, in build/bench. */
function buildPrograms() {
  const objects = path.join(root, 'build/obj/threads'), folder = path.join(root, 'build/bench')
  const parts = readdirSync(objects, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^(engine|kernels|vendor)\/.*\.o$/.test(name) && !/wasm_api|_reference/.test(name))
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "commonjs" }\n')
  const flags = ['-std=c11', '-Wall', '-Wextra', '-D_POSIX_C_SOURCE=199309L', '-Isrc', '-Isrc/include', '-O3',
    '-msimd128', '-pthread', '-sPTHREAD_POOL_SIZE=2', '-sMODULARIZE', '-sEXPORT_NAME=createStrotss', '-sINVOKE_RUN=0',
    '-sFORCE_FILESYSTEM', '-sEXPORTED_RUNTIME_METHODS=callMain,FS', '-sENVIRONMENT=node,worker',
    '-sINITIAL_MEMORY=64MB', '-sALLOW_MEMORY_GROWTH', '-sMAXIMUM_MEMORY=4GB', '-Wno-pthreads-mem-growth',
    '--extern-post-js', 'src/wasm/glue_export.js', ...parts.map((part) => path.join(objects, part))]
  for (const name of ['engine', 'gemm']) {
    const to = path.join(folder, name)
    say('emcc', [...flags, `tests/bench/${name}.c`, '-o', `${to}.js`])
    say(process.execPath, ['src/kernels/relax.mjs', `${to}.wasm`, `${to}-relaxed.wasm`])
  }
}

const node = path.join(here, 'node_modules/node/bin/node')
if (!existsSync(node)) say('npm', ['ci', '--no-audit', '--no-fund'], here)
if (process.execPath !== node) { // an older Node has no relaxed SIMD
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  child.on('exit', (code) => process.exit(code ?? 1))
  await new Promise(() => {})
}
say('make', ['-f', 'emscripten.mk', 'all'])
buildPrograms()
if (!existsSync(options.python) && parts.some((part) => part === 'iterations' || part === 'objective')) {
  say('python3', ['-m', 'venv', 'build/peer'])
  say(options.python, ['-m', 'pip', 'install', '-r', 'tests/peer/requirements.txt'])
}
const { openChromium } = await import('./chromium.mjs')
const { report } = await import('./report.mjs')
const { forwardMacs } = await import('./vgg16.js')
const chromium = await openChromium()

// ---- the two sides ------------------------------------------------------------------------------------------------

/**
 * What a child prints on its standard output.
 * @param {string} command @param {string[]} args @returns {Promise<string>}
 */
function output(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = '', errors = ''
    child.stdout.setEncoding('utf8').on('data', (part) => { printed += part })
    child.stderr.setEncoding('utf8').on('data', (part) => { errors += part })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(printed)
      else reject(new Error(`${args.join(' ')}: ${errors.trim().slice(-400)}`))
    })
  })
}

/** @typedef {'node'|'chromium'} Where */
const places = /** @type {Where[]} */ (chromium ? ['node', 'chromium'] : ['node'])

/** Runs a task of tasks.js. @param {Where} where @param {object} task @returns {Promise<any>} */
async function measure(where, task) {
  if (where === 'chromium') return chromium?.task(task)
  const printed = await output(node, [path.join(here, 'node_task.mjs'), JSON.stringify(task)])
  return JSON.parse(/^RESULT (.*)$/m.exec(printed)?.[1] ?? 'null')
}

/** @param {Where} where @param {string} build @param {number} size @param {number} threads */
async function engineIteration(where, build, size, threads) {
  const files = ['weights/vgg16.q8.bin', content, style]
  const args = ['iterate', ...files.map((file) => `/${path.basename(file)}`), size, threads, REPEATS[size]].map(String)
  const [line] = await measure(where, { kind: 'program', name: 'engine', build, args, files })
  return JSON.parse(line)
}

/** @param {string[]} args */
const peer = async (...args) => JSON.parse(await output(options.python, ['tests/peer/peer.py', ...args]))

/** The command line's own account of a run. @param {string} file @param {string[]} args */
const strotss = async (file, ...args) => JSON.parse(
  await output(node, ['src/cli/strotss.mjs', content, style, '-o', file, '--threads', '2', '--json', ...args]))

/** The smaller of each number. @param {Record<string, any>|undefined} a @param {Record<string, any>} b */
const fastest = (a, b) => a ? Object.fromEntries(Object.entries(b).map(([key, value]) =>
  [key, typeof value === 'number' && typeof a[key] === 'number' ? Math.min(a[key], value) : value])) : b

// ---- the results --------------------------------------------------------------------------------------------------

/** @type {Record<string, any>} */
const results = existsSync(store) ? JSON.parse(readFileSync(store, 'utf8')) : {}
const versionOf = (/** @type {string} */ name) =>
  JSON.parse(readFileSync(path.join(here, 'node_modules', name, 'package.json'), 'utf8')).version
const askTorch = ['-c', 'import torch; print(torch.__version__)']
const processor = `${os.availableParallelism()} cores of ${os.cpus()[0].model.trim()}`
const machine = {
  date: new Date().toISOString().slice(0, 10),
  machine: `${processor}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.arch()}`,
  versions: [
    `Node ${process.versions.node}`, chromium?.version ?? 'no Chromium',
    `Emscripten ${/\d+\.\d+\.\d+/.exec(execFileSync('emcc', ['--version']).toString())?.[0]}`,
    `onnxruntime-web ${versionOf('onnxruntime-web')}`, `TensorFlow.js ${versionOf('@tensorflow/tfjs-core')}`,
    existsSync(options.python) ? `PyTorch ${execFileSync(options.python, askTorch)}`.trim() : ''
  ].filter(Boolean).join(', ')
}

/** @param {string} part @param {any} rows */
function keep(part, rows) {
  results[part] = { ...machine, ...results[part], ...machine, rows: { ...results[part]?.rows, ...rows } }
  mkdirSync(path.dirname(store), { recursive: true })
  writeFileSync(store, JSON.stringify(results, null, 1))
  writeFileSync(path.join(here, 'RESULTS.md'), report(results))
}

const seconds = (/** @type {number} */ s) => s < 10 ? `${s.toFixed(3)} s` : `${s.toFixed(0)} s`
/** @param {Record<string, any>} row */
const list = (row) => Object.entries(row).filter(([, value]) => value.seconds).map(([key, value]) =>
  `${key} ${seconds(value.seconds)}${value.total ? ` (objective ${value.total.toFixed(4)})` : ''}`).join(', ')

// ---- the parts ----------------------------------------------------------------------------------------------------

async function iterations() {
  for (const size of sizes) {
    /** @type {Record<string, any>} */
    const row = {}
    /** @param {string} key @param {any} value */
    const take = (key, value) => { row[key] = fastest(row[key], value) }
    for (let round = 0; round < rounds; round++) {
      for (const threads of [2, 1]) {
        for (const build of ['relaxed', 'baseline'])
          for (const where of places)
            take(`${where} ${build} ${threads}`, await engineIteration(where, build, size, threads))
      }
      if (size > 512) continue // PyTorch at 1024 px says little more, and takes long
      for (const variant of ['plain', 'optimised']) {
        const flags = ['--repeat', String(REPEATS[size]), ...(variant === 'plain' ? [] : ['--optimised'])]
        take(`torch ${variant}`, (await peer('time', content, style, '--sizes', String(size), ...flags))[size])
      }
    }
    console.log(`${size} px, an iteration: ${list(row)}`)
    keep('iterations', { [size]: row })
  }
}

async function kernels() {
  for (const where of places)
    for (const threads of [1, 2]) {
      const task = { kind: 'program', name: 'gemm', build: 'relaxed', args: [String(threads)] }
      const lines = await measure(where, task)
      console.log(`${where}, ${threads} threads\n${lines.join('\n')}`)
      keep('kernels', { [`${where} ${threads}`]: lines })
    }
}

async function forward() {
  for (const size of sizes.filter((side) => side <= 512)) {
    /** @type {Record<string, any>} */
    const row = { macs: forwardMacs(size) }
    for (let round = 0; round < rounds; round++)
      for (const where of places) {
        const repeats = REPEATS[size]
        const files = ['weights/vgg16.q8.bin']
        /** @param {string} key @param {any} value */
        const take = (key, value) => { row[`${where} ${key}`] = fastest(row[`${where} ${key}`], value) }
        for (const build of ['relaxed', 'baseline']) {
          const args = ['forward', '/vgg16.q8.bin', size, 2, repeats].map(String)
          const [line] = await measure(where, { kind: 'program', name: 'engine', build, args, files })
          take(`engine ${build}`, JSON.parse(line))
        }
        take('onnxruntime', await measure(where, { kind: 'ort', size, threads: 2, repeats }))
        if (where === 'chromium') take('tfjs', await measure(where, { kind: 'tfjs', size, threads: 2, repeats }))
      }
    const sums = Object.values(row).filter((value) => value.sum).map((value) => value.sum)
    if (Math.max(...sums) / Math.min(...sums) - 1 > 1e-4)
      throw new Error(`forward, ${size} px: the results differ: ${sums.join(' ')}`)
    console.log(`${size} px, forward: ${list(row)}`)
    keep('forward', { [size]: row })
  }
}

/** PyTorch's own picture and record of a whole run. @param {number} size */
async function peerRun(size) {
  const picture = path.join(root, `build/bench/peer-${size}.png`), record = picture.replace('.png', '.json')
  if (options['whole-peer'] || !existsSync(record)) {
    console.log(`${size} px: PyTorch, ${PEER_ITERATIONS} iterations a scale`)
    const answer = await peer('run', content, style, '-o', picture, '--size', String(size),
      '--content-weight', String(CONTENT_WEIGHT), '--iterations', String(PEER_ITERATIONS))
    writeFileSync(record, JSON.stringify(answer))
    return { picture, seconds: answer.seconds }
  }
  // Its speed is this run's, not that of the day the picture was made.
  const sides = Object.keys(REPEATS).map(Number).filter((side) => side <= size)
  const each = sides.map((side) => results.iterations?.rows?.[side]?.['torch plain']?.seconds)
  return { picture, seconds: PEER_ITERATIONS * each.reduce((sum, s) => sum + s, 0), extrapolated: true }
}

async function objective() {
  for (const size of sizes.filter((side) => side >= 128 && side <= 512)) {
    const alpha = 16 * CONTENT_WEIGHT / (size / 64)
    const score = async (/** @type {string} */ picture) =>
      (await peer('evaluate', content, style, picture, '--alpha', String(alpha), '--draws', '8')).total
    const looks = async (/** @type {string} */ picture) => JSON.parse(await output(node,
      ['src/cli/strotss.mjs', 'evaluate', content, style, picture, '--draws', '1', '--json'])).finest_colour
    const { picture, ...whole } = await peerRun(size)
    /** @type {Record<string, any>} */
    const row = { alpha, torch: { ...whole, total: await score(picture), finestColour: await looks(picture) } }
    for (const quality of ['standard', 'draft']) {
      const file = path.join(root, `build/bench/engine-${size}-${quality}.png`)
      const run = { size, contentWeight: CONTENT_WEIGHT, quality }
      const { seconds: taken, build, threads } = await strotss(file, '--size', String(size),
        '--content-weight', String(CONTENT_WEIGHT), '--quality', quality)
      row[`node ${quality}`] = {
        seconds: taken, build, threads, total: await score(file), finestColour: await looks(file)
      }
      if (chromium) row[`chromium ${quality}`] = await chromium.stylize({ content, style, options: run })
    }
    console.log(`${size} px, whole run: ${list(row)}`)
    keep('objective', { [size]: row })
  }
}

async function memory() {
  for (const size of [512, 1024]) {
    const file = path.join(root, 'build/bench/memory.png')
    const { peakBytes } = await strotss(file, '--size', String(size), '--iterations', '1')
    const inside = await chromium?.stylize({ content, style, options: { size, iterations: 1 } })
    const [outer, inner] = [peakBytes, inside?.peakBytes].map((bytes) => Math.round(bytes / 1e6))
    console.log(`${size} px, peak: Node ${outer} MB, Chromium ${inner} MB`)
    keep('memory', { [size]: { node: peakBytes, chromium: inside?.peakBytes } })
  }
}

const work = /** @type {Record<string, () => Promise<void>>} */ ({ iterations, kernels, forward, objective, memory })
for (const part of parts) {
  console.log(`---- ${part}`)
  await work[part]()
}
await chromium?.close()
console.log('tests/bench/RESULTS.md is written.')
