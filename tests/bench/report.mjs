// SPDX-License-Identifier: MIT
//
// RESULTS.md from the numbers that bench.mjs keeps: what was asked for first, then the tables.

/** @typedef {Record<string, any>} Rows */

const seconds = (/** @type {number|undefined} */ s) =>
  s === undefined ? '' : s < 0.1 ? `${(1000 * s).toFixed(1)} ms` : s < 10 ? `${s.toFixed(2)} s` : `${s.toFixed(0)} s`
const times = (/** @type {number} */ ratio) => Number.isFinite(ratio) ? `${ratio.toFixed(2)} x` : ''
const megabytes = (/** @type {number|null|undefined} */ bytes) => bytes ? `${Math.round(bytes / 1e6)} MB` : ''

/** @param {string[]} head @param {(string|number)[][]} rows */
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** An iteration of the engine, its share of moving the grid included. @param {any} phases */
const whole = (phases) => phases && phases.seconds + phases.content / 10

/** @param {Rows} rows @param {string} key @param {(row: any) => number|undefined} read */
const sum = (rows, key, read) => [64, 128, 256, 512].reduce((total, size) => total + (read(rows[size]?.[key]) ?? NaN), 0)

/** Of the largest product: GFLOPS, share of the peak. @param {string[]} lines of the gemm program */
function largestProduct(lines) {
  const products = lines.map((line) => /^(.*?) +(\d+) +(\d+) +(\d+) +([\d.]+) +([\d.]+) %$/.exec(line)).filter((m) => m !== null)
  return products.reduce((best, m) => +m[2] * +m[3] * +m[4] > +best[2] * +best[3] * +best[4] ? m : best)
}

/** @param {any} results */
function targets({ iterations, kernels, forward, objective, memory }) {
  const rows = []
  const add = (/** @type {string} */ what, /** @type {string} */ asked, /** @type {string} */ measured) => rows.push([what, asked, measured])
  for (const place of ['node', 'chromium']) {
    const ours = `${place} relaxed 2`
    if (iterations?.rows[512]?.[ours]) {
      const each = [64, 128, 256, 512].filter((size) => iterations.rows[size]?.['torch plain'])
        .map((size) => ({ size, ratio: iterations.rows[size]['torch plain'].seconds / whole(iterations.rows[size][ours]) }))
      const slowest = each.reduce((a, b) => b.ratio < a.ratio ? b : a, { size: 0, ratio: Infinity })
      const torch = (/** @type {string} */ variant) => sum(iterations.rows, `torch ${variant}`, (row) => row?.seconds)
      const mine = (/** @type {string} */ key) => sum(iterations.rows, key, whole)
      add(`an iteration against plain PyTorch, sum of 64 to 512 px, ${place}`, '3 x', times(torch('plain') / mine(ours)))
      add(`the same, the slowest scale (${slowest.size} px), ${place}`, '2 x', times(slowest.ratio))
      add(`an iteration against optimised PyTorch, sum, ${place}`, '1.5 x', times(torch('optimised') / mine(ours)))
      add(`two threads against one, sum, ${place}`, '1.85 x', times(mine(`${place} relaxed 1`) / mine(ours)))
      add(`baseline against relaxed, sum, ${place}`, 'at most 1.6 x', times(mine(`${place} baseline 2`) / mine(ours)))
    }
    const at512 = forward?.rows[512]
    if (at512?.[`${place} onnxruntime`])
      add(`VGG-16 forward at 512 px against onnxruntime-web, ${place}`, '2 x',
        times(at512[`${place} onnxruntime`].seconds / at512[`${place} engine relaxed`].seconds))
    if (kernels?.rows[`${place} 1`])
      add(`largest matrix product, share of the measured peak, ${place}, 1 thread`, '85 %', `${largestProduct(kernels.rows[`${place} 1`])[6]} %`)
  }
  for (const size of [256, 512]) {
    const row = objective?.rows[size]
    if (row) add(`time to PyTorch's final objective at ${size} px, standard, Node`, '8 x',
      `${times(row.torch.seconds / row['node standard'].seconds)}, objective ${(100 * (row['node standard'].total / row.torch.total - 1)).toFixed(1)} % off`)
  }
  if (objective?.rows[256]) add('draft at 256 px, Node', 'at most 25 s', seconds(objective.rows[256]['node draft'].seconds))
  if (memory) add('peak memory at 512 px, Node', 'at most 700 MB', megabytes(memory.rows[512]?.node))
  if (memory) add('peak memory at 1024 px, Node', 'at most 2000 MB', megabytes(memory.rows[1024]?.node))
  return table(['what', 'asked', 'measured'], rows)
}

const PHASES = ['forward', 'content_columns', 'gram', 'self_similarity', 'remd', 'gram_back', 'moment', 'palette', 'backward', 'pyramid', 'content']

/** @param {Rows} rows */
function iterationTables(rows) {
  const sizes = Object.keys(rows)
  const columns = ['node relaxed 2', 'node relaxed 1', 'node baseline 2', 'node baseline 1', 'chromium relaxed 2', 'chromium relaxed 1',
    'chromium baseline 2', 'chromium baseline 1']
  const all = table(['px', ...columns, 'PyTorch plain', 'PyTorch optimised', 'plain / node relaxed 2', 'optimised / node relaxed 2'],
    sizes.map((size) => {
      const row = rows[size], ours = whole(row['node relaxed 2'])
      return [size, ...columns.map((key) => seconds(whole(row[key]))), seconds(row['torch plain']?.seconds), seconds(row['torch optimised']?.seconds),
        times(row['torch plain']?.seconds / ours), times(row['torch optimised']?.seconds / ours)]
    }))
  const phases = table(['px', ...PHASES.map((phase) => phase.replaceAll('_', ' '))],
    sizes.map((size) => [size, ...PHASES.map((phase) => seconds(rows[size]['node relaxed 2']?.[phase]))]))
  const torch = table(['px', 'variant', 'forward', 'columns', 'loss', 'backward', 'fold and step'], sizes.flatMap((size) => ['plain', 'optimised']
    .filter((variant) => rows[size][`torch ${variant}`]).map((variant) => {
      const row = rows[size][`torch ${variant}`]
      return [size, variant, ...[row.forward, row.columns, row.loss, row.backward, row.fold + row.step].map(seconds)]
    })))
  return `${all}\n\nBy phase, Node, relaxed, two threads ("content" is moving the grid, once in ten iterations):\n\n${phases}\n\n`
    + `PyTorch by phase (its backward holds that of the losses):\n\n${torch}`
}

/** @param {Rows} rows */
function forwardTable(rows) {
  const columns = ['node engine relaxed', 'node engine baseline', 'node onnxruntime', 'chromium engine relaxed', 'chromium engine baseline',
    'chromium onnxruntime', 'chromium tfjs']
  return table(['px', ...columns, 'onnxruntime / engine, Node', 'in Chromium', 'TensorFlow.js / engine', 'engine, GFLOPS as direct'],
    Object.entries(rows).map(([size, row]) => {
      const ratio = (/** @type {string} */ peer, /** @type {string} */ ours) => times(row[peer]?.seconds / row[ours]?.seconds)
      return [size, ...columns.map((key) => seconds(row[key]?.seconds)), ratio('node onnxruntime', 'node engine relaxed'),
        ratio('chromium onnxruntime', 'chromium engine relaxed'), ratio('chromium tfjs', 'chromium engine relaxed'),
        (2e-9 * row.macs / row['node engine relaxed'].seconds).toFixed(1)]
    }))
}

/** @param {Rows} rows */
function objectiveTable(rows) {
  return table(['px', 'alpha', 'PyTorch', 'its objective', 'standard, Node', 'objective', 'PyTorch / standard', 'draft, Node', 'objective',
    'standard, Chromium', 'draft, Chromium'],
  Object.entries(rows).map(([size, row]) => [size, row.alpha, seconds(row.torch.seconds) + (row.torch.extrapolated ? ' (1)' : ''),
    row.torch.total.toFixed(4), seconds(row['node standard'].seconds), row['node standard'].total.toFixed(4),
    times(row.torch.seconds / row['node standard'].seconds), seconds(row['node draft'].seconds), row['node draft'].total.toFixed(4),
    seconds(row['chromium standard']?.seconds), seconds(row['chromium draft']?.seconds)]))
}

/** @param {Rows} rows */
const kernelTables = (rows) => Object.entries(rows).map(([key, lines]) => `${key}${key.endsWith(' 1') ? ' thread' : ' threads'}:\n\n`
  + '```\n' + lines.join('\n') + '\n```').join('\n\n')

/** @param {Record<string, any>} results @returns {string} */
export function report(results) {
  /** @param {string} part @param {string} title @param {(rows: Rows) => string} body */
  const section = (part, title, body) => results[part]
    ? `\n## ${title}\n${results[part].date}: ${results[part].machine}; ${results[part].versions}.\n\n${body(results[part].rows)}\n` : ''
  return `# Benchmark results
Written by \`npm run bench\` (tests/bench/bench.mjs says how each is measured). Seconds are the fastest of several; both sides of a ratio were
measured in turns in one run. The pair is \`astronaut.jpg\` (square, the worst case) by \`painter-on-his-way.jpg\`.

${targets(results)}
${section('iterations', 'An iteration', iterationTables)}${section('forward', 'VGG-16 forward, two threads', forwardTable)}${
    section('objective', 'Whole runs', (rows) => `${objectiveTable(rows)}\n\n(1) 200 times the seconds of an iteration at each scale, measured above; the picture it is compared with is PyTorch's own.`)}${
    section('memory', 'Peak memory (WebAssembly memory, network included)', (rows) => table(['px', 'Node', 'Chromium'],
      Object.entries(rows).map(([size, row]) => [size, megabytes(row.node), megabytes(row.chromium)])))}${
    section('kernels', 'Matrix products against the measured SIMD128 peak, relaxed', kernelTables)}`
}
