// SPDX-License-Identifier: MIT
//
// RESULTS.md from the numbers that bench.mjs keeps: what was asked for first, then a table for each part.

/** @typedef {Record<string, any>} Rows */

/** @param {number|undefined} s */
const seconds = (s) =>
  s === undefined ? '' : s < 0.1 ? `${(1000 * s).toFixed(1)} ms` : s < 10 ? `${s.toFixed(2)} s` : `${s.toFixed(0)} s`
/** @param {number} ratio */
const times = (ratio) => Number.isFinite(ratio) ? `${ratio.toFixed(2)} x` : ''
/** @param {number|null|undefined} bytes */
const megabytes = (bytes) => bytes ? `${Math.round(bytes / 1e6)} MB` : ''

/** @param {string[]} head @param {(string|number)[][]} rows */
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** An iteration of the engine, its share of drawing the candidates included. @param {any} phases */
const whole = (phases) => phases && phases.seconds + phases.content / 10

// ---- what was asked for --------------------------------------------------------------------------------------------

/** Share of the peak of the largest product. @param {string[]} lines of the gemm program */
function largestShare(lines) {
  const products = lines.flatMap((line) => {
    const [, M, N, K, , share] = /(\d+) +(\d+) +(\d+) +([\d.]+) +([\d.]+) %$/.exec(line) ?? []
    return share ? [{ work: Number(M) * Number(N) * Number(K), share }] : []
  })
  return products.reduce((best, product) => product.work > best.work ? product : best).share
}

/** @param {Rows} rows @param {string} place */
function iterationTargets(rows, place) {
  const sizes = [64, 128, 256, 512]
  if (!sizes.every((size) => rows[size]?.['torch plain'])) return []
  /** @param {(row: any) => number} read */
  const sum = (read) => sizes.reduce((total, size) => total + read(rows[size]), 0)
  const ours = sum((row) => whole(row[`${place} relaxed 2`]))
  const ratios = sizes.map((size) => rows[size]['torch plain'].seconds / whole(rows[size][`${place} relaxed 2`]))
  const least = Math.min(...ratios)
  return [
    [`an iteration against plain PyTorch, sum of 64 to 512 px, ${place}`, '3 x',
      times(sum((row) => row['torch plain'].seconds) / ours)],
    [`the same, the slowest scale (${sizes[ratios.indexOf(least)]} px), ${place}`, '2 x', times(least)],
    [`an iteration against optimised PyTorch, sum, ${place}`, '1.5 x',
      times(sum((row) => row['torch optimised'].seconds) / ours)],
    [`two threads against one, sum, ${place}`, '1.85 x', times(sum((row) => whole(row[`${place} relaxed 1`])) / ours)],
    [`baseline against relaxed, sum, ${place}`, 'at most 1.6 x',
      times(sum((row) => whole(row[`${place} baseline 2`])) / ours)]
  ]
}

/** @param {any} results */
function targets({ iterations, kernels, forward, objective, memory }) {
  /** @type {string[][]} */
  const rows = []
  for (const place of ['node', 'chromium']) {
    if (iterations?.rows[512]?.[`${place} relaxed 2`]) rows.push(...iterationTargets(iterations.rows, place))
    const at512 = forward?.rows[512]
    if (at512?.[`${place} onnxruntime`])
      rows.push([`VGG-16 forward at 512 px against onnxruntime-web, ${place}`, '2 x',
        times(at512[`${place} onnxruntime`].seconds / at512[`${place} engine relaxed`].seconds)])
    if (kernels?.rows[`${place} 1`])
      rows.push([`largest matrix product, share of the measured peak, one thread, ${place}`, '85 %',
        `${largestShare(kernels.rows[`${place} 1`])} %`])
  }
  for (const size of [256, 512]) {
    const { torch, 'node standard': standard, 'node draft': draft } = objective?.rows[size] ?? {}
    if (!torch) continue
    /** @param {any} run */
    const off = (run) => {
      const above = 100 * (run.total / torch.total - 1)
      return `objective ${Math.abs(above).toFixed(1)} % ${above < 0 ? 'below' : 'above'} PyTorch's`
    }
    rows.push([`time to PyTorch's final objective at ${size} px, standard, node`, '8 x',
      `${times(torch.seconds / standard.seconds)}, ${off(standard)}`])
    if (size === 256) rows.push(['draft at 256 px, node', 'at most 25 s', `${seconds(draft.seconds)}, ${off(draft)}`])
  }
  if (memory) rows.push(['peak memory at 512 px, node', 'at most 700 MB', megabytes(memory.rows[512]?.node)],
    ['peak memory at 1024 px, node', 'at most 2000 MB', megabytes(memory.rows[1024]?.node)])
  return table(['what', 'asked', 'measured'], rows)
}

// ---- the tables ----------------------------------------------------------------------------------------------------

const PHASES = ['forward', 'content_columns', 'gram', 'self_similarity', 'remd', 'gram_back', 'moment', 'palette',
  'backward', 'pyramid', 'content']
const VARIANTS = ['plain', 'optimised']

/** @param {Rows} rows */
function iterations(rows) {
  const runs = ['node', 'chromium'].flatMap((place) =>
    ['relaxed', 'baseline'].flatMap((build) => [2, 1].map((threads) => `${place} ${build} ${threads}`)))
  const ours = 'node relaxed 2'
  const all = Object.entries(rows).map(([size, row]) => [size,
    ...runs.map((key) => seconds(whole(row[key]))),
    ...VARIANTS.map((variant) => seconds(row[`torch ${variant}`]?.seconds)),
    ...VARIANTS.map((variant) => times(row[`torch ${variant}`]?.seconds / whole(row[ours])))])
  const phaseRows = Object.entries(rows).map(([size, row]) =>
    [size, ...PHASES.map((phase) => seconds(row[ours]?.[phase]))])
  const torch = Object.entries(rows).flatMap(([size, row]) => VARIANTS.flatMap((variant) => {
    const phase = row[`torch ${variant}`]
    return phase ? [[size, variant, ...['forward', 'columns', 'loss', 'backward'].map((name) => seconds(phase[name])),
      seconds(phase.fold + phase.step)]] : []
  }))
  return `Build and number of threads; then PyTorch, and how many times faster ${ours} is.

${table(['px', ...runs, 'PyTorch plain', 'PyTorch optimised', 'plain / ours', 'optimised / ours'], all)}

By phase, ${ours} ("content": the candidates are drawn anew, once in ten iterations):

${table(['px', ...PHASES.map((phase) => phase.replaceAll('_', ' '))], phaseRows)}

PyTorch by phase (its backward holds that of the losses):

${table(['px', 'variant', 'forward', 'columns', 'loss', 'backward', 'fold and step'], torch)}`
}

/** @param {Rows} rows */
function forward(rows) {
  const runs = ['node engine relaxed', 'node engine baseline', 'node onnxruntime', 'chromium engine relaxed',
    'chromium engine baseline', 'chromium onnxruntime', 'chromium tfjs']
  const ratios = [['node onnxruntime', 'node engine relaxed'], ['chromium onnxruntime', 'chromium engine relaxed'],
    ['chromium tfjs', 'chromium engine relaxed']]
  return table(['px', ...runs, ...ratios.map(([peer]) => `${peer} / engine`), 'engine, GFLOPS as if direct'],
    Object.entries(rows).map(([size, row]) => [size,
      ...runs.map((key) => seconds(row[key]?.seconds)),
      ...ratios.map(([peer, ours]) => times(row[peer]?.seconds / row[ours]?.seconds)),
      (2e-9 * row.macs / row['node engine relaxed'].seconds).toFixed(1)]))
}

/** @param {Rows} rows */
function objective(rows) {
  const runs = ['node standard', 'node draft', 'chromium standard', 'chromium draft']
  /** @param {any} run */
  const told = (run) => run ? `${seconds(run.seconds)}${run.total ? `, ${run.total.toFixed(4)}` : ''}` : ''
  const body = table(['px', 'alpha', 'PyTorch', ...runs, 'PyTorch / node standard'],
    Object.entries(rows).map(([size, row]) => [size, row.alpha,
      told(row.torch) + (row.torch.extrapolated ? ' (1)' : ''), ...runs.map((run) => told(row[run])),
      times(row.torch.seconds / row['node standard'].seconds)]))
  const pictures = ['torch', 'node standard', 'node draft']
  const looks = table(['px', 'PyTorch', ...pictures.slice(1)], Object.entries(rows).map(([size, row]) =>
    [size, ...pictures.map((name) => row[name]?.finestColour?.toFixed(2) ?? '')]))
  return `Seconds, and the objective of the finished picture, both scored by PyTorch with the same eight draws.

${body}

How clean: the colour of the finest band as a share of the style's (src/api/shared/bands.js); far above 1 is speckle.

${looks}

(1) 200 times the seconds of an iteration at each scale, measured above; the objective is that of a whole PyTorch run.`
}

/** @param {Rows} rows */
const memory = (rows) => table(['px', 'Node', 'Chromium'],
  Object.entries(rows).map(([size, row]) => [size, megabytes(row.node), megabytes(row.chromium)]))

/** @param {Rows} rows */
const kernels = (rows) => Object.entries(rows).map(([key, lines]) =>
  [`${key} thread${key.endsWith(' 1') ? '' : 's'}:`, '', '```', ...lines, '```'].join('\n')).join('\n\n')

/** @param {Record<string, any>} results @returns {string} */
export function report(results) {
  /** @param {string} part @param {string} title @param {(rows: Rows) => string} body */
  const section = (part, title, body) => {
    const { date, machine, versions, rows } = results[part] ?? {}
    return rows ? `\n## ${title}\n${date}: ${machine}; ${versions}.\n\n${body(rows)}\n` : ''
  }
  return [
    `# Benchmark results
Written by \`npm run bench\`; tests/bench/bench.mjs says how each is measured. Seconds are the fastest of several; both
sides of a ratio were measured in turns in one run. The pair is \`astronaut.jpg\` (square, the worst case) by
\`painter-on-his-way.jpg\`.

${targets(results)}
`,
    section('iterations', 'An iteration', iterations),
    section('forward', 'VGG-16 forward, two threads', forward),
    section('objective', 'Whole runs', objective),
    section('memory', 'Peak memory: WebAssembly memory, the network included', memory),
    section('kernels', 'Matrix products against the measured SIMD128 peak, relaxed', kernels)
  ].join('')
}
