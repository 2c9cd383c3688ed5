// SPDX-License-Identifier: MIT
//
// The bench page, on anyone's own machine: `node web/dev_server.mjs .`, then /tests/gpu/bench.html. Prints the device,
// GFLOPS by kernel, and seconds an iteration by size, on the card beside the CPU.

import { createEngine } from '../../src/api/index.browser.js'
import { Executor } from '../../src/gpu/executor.js'
import { measured, measureKernel } from './measure.js'

const SIZES = [64, 128, 256, 512, 1024]
const ITERATIONS = 6
const result = document.getElementById('result')
const print = (line) => { result.textContent += `${line}\n` }
const kernel = async (file) => (await fetch(new URL(`../../src/gpu/kernels/${file}.wgsl`, import.meta.url))).text()
const adapter = () => navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' })

/** Noise, so that nothing has to be loaded. */
const picture = (side) => ({
  width: side, height: side, data: Uint8ClampedArray.from({ length: 4 * side * side }, (_, i) => (i * 7919) >> 3 & 255)
})

/** Seconds of the quickest iteration at each scale. */
async function iterationSeconds(backend) {
  const engine = await createEngine({ backend })
  await engine.ready
  print(`${backend}: ${engine.info.card}; ${engine.info.why}`)
  const best = {}
  if (engine.info.backend === backend) {
    let last = 0
    const pictures = { content: picture(1024), style: picture(512) }
    const options = { size: SIZES.at(-1), iterations: ITERATIONS, previewEvery: 0 }
    await engine.stylize({ ...pictures, ...options, onProgress({ type, iteration, width }) {
      if (type !== 'iteration') return
      if (iteration > 1) best[width] = Math.min(best[width] ?? Infinity, (performance.now() - last) / 1000)
      last = performance.now()
    } })
  }
  engine.dispose()
  return best
}

async function measure() {
  result.textContent = ''
  const found = await adapter()
  const { vendor, architecture, description } = found?.info ?? {}
  print(`card: ${found ? description || `${vendor} ${architecture}` : 'none'}`)
  print(`browser: ${navigator.userAgent}, ${navigator.hardwareConcurrency} cores`)
  for (const name of found ? measured : []) {
    const { gflops, ms } = await measureKernel(async (kernels) => Executor.open(await adapter(), kernels, kernel), name)
    print(`${name.padEnd(40)} ${ms.toFixed(2).padStart(9)} ms ${gflops.toFixed(0).padStart(7)} GFLOPS`)
  }
  const card = await iterationSeconds('webgpu')
  const cpu = await iterationSeconds('wasm')
  print('seconds an iteration:   card      CPU')
  for (const side of SIZES) {
    const cell = (value) => (value === undefined ? '-' : value.toFixed(3)).padStart(9)
    print(`${`${side} px`.padStart(16)} ${cell(card[side])} ${cell(cpu[side])}`)
  }
}

const start = document.getElementById('start')
const copy = document.getElementById('copy')
start.addEventListener('click', async () => {
  start.disabled = true
  copy.disabled = true
  await measure().catch((error) => print(`it ended with: ${error.message}`))
  start.disabled = false
  copy.disabled = false
})
copy.addEventListener('click', () => navigator.clipboard.writeText(result.textContent))
