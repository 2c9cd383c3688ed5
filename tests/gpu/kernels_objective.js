// SPDX-License-Identifier: MIT
//
// The objective's kernels against plain loops: matrix products, the content term, transport and palette with their
// winners, and the moments. Each case gets run(file, constants, dispatch), which gives what the outputs hold then
// (kernels.js).

import { block, close, EPSILON, f32, noise, same, STRIDE, Sums, words, zeros } from './reference.js'

export const objective = {
  async gemm(run) {
    const [m, n, k] = [256, 128, 48]
    for (const [turnedA, turnedB, accumulate, upper] of [[false, true, false, false], [true, false, false, true],
      [false, false, true, false]]) {
      const [a, b, c] = [noise(m * k), noise(k * n, 2), noise(m * n, 3)]
      const sums = new Sums(m * n)
      for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) {
        const left = upper && Math.floor(j / 64) * 64 + 64 <= Math.floor(i / 128) * 128
        if (accumulate || left) sums.add(i * n + j, c[i * n + j])
        if (left) continue
        for (let q = 0; q < k; q++) {
          sums.add(i * n + j, a[turnedA ? q * m + i : i * k + q] * b[turnedB ? j * k + q : q * n + j])
        }
      }
      const [out] = await run('gemm', `const A_TURNED = ${turnedA}; const B_TURNED = ${turnedB}; ` +
        `const ACCUMULATE = ${accumulate}; const UPPER = ${upper};`, {
        x: m / 128, y: n / 64, params: words(k, (turnedA ? m : k) / 4, (turnedB ? k : n) / 4, n / 4),
        inputs: [a, b], outputs: [c]
      })
      sums.check(out, k, `A${turnedA ? '^T' : ''} B${turnedB ? '^T' : ''}`)
    }
  },

  async rows(run) {
    const from = noise(4 * 5)
    const out = noise(4 * 10, 2)
    const wanted = out.slice()
    const index = [6, 0xffffffff, 9, 7] // of rows 5 to 8: the third is elsewhere
    ;[[0, 1], [1, -1], [3, 2]].forEach(([row, picked]) => {
      for (let c = 0; c < 5; c++) wanted[row * 10 + 3 + c] = picked < 0 ? 0 : from[picked * 5 + c]
    })
    const [found] = await run('rows', '', {
      x: 4, y: 1, params: words(5, 4, 5, 3, 10, 5), inputs: [from, Uint32Array.from(index)], outputs: [out]
    })
    same(found, wanted)
  },

  async norms(run) {
    const g = noise(16)
    g[5] = 0
    g[10] = -1e-9
    g[0] = 4
    g[15] = 0.25
    const [inverse] = await run('norms', '', { x: 1, y: 1, params: words(4), inputs: [g], outputs: [noise(4)] })
    close(inverse, [0.5, 0, 0, 2], () => 4 * EPSILON)
  },

  async content(run) {
    const [n, rows, factor] = [37, 64, 0.7]
    const side = [1, 2].map((seed) => {
      const columns = Array.from({ length: n }, (_, i) => Array.from(noise(5, 100 * seed + i), (v) => 1 + v))
      const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0)
      const g = noise(rows * rows, 7)
      const inverse = noise(rows, 8)
      columns.forEach((a, i) => {
        inverse[i] = 1 / Math.sqrt(dot(a, a))
        columns.forEach((b, j) => { g[i * rows + j] = dot(a, b) })
      })
      const d = (i, j) => i === j ? 0 : 1 - g[i * rows + j] * inverse[i] * inverse[j]
      const r = columns.map((_, i) => columns.reduce((sum, _b, j) => sum + d(i, j), 0))
      return { g, inverse, d, r }
    })
    const [x, c] = side
    const error = (i, j) => x.d(i, j) / x.r[i] - c.d(i, j) / c.r[i]
    const wanted = zeros(4 * rows)
    const each = Array.from({ length: n }, (_, i) => i)
    for (const i of each) {
      wanted[4 * i] = 1 / x.r[i]
      wanted[4 * i + 1] = 1 / c.r[i]
      wanted[4 * i + 2] = each.reduce((sum, j) => sum + Math.sign(error(i, j)) * x.d(i, j), 0) / x.r[i] ** 2
      wanted[4 * i + 3] = each.reduce((sum, j) => sum + Math.abs(error(i, j)), 0)
    }
    const inputs = [x.g, c.g, x.inverse, c.inverse]
    const sample = block(n, factor)
    const [of] = await run('content_rows', '', {
      x: rows, y: 1, params: words(rows), sample, inputs, outputs: [noise(4 * rows)]
    })
    close(of, wanted, (i) => 1e-5 * (1 + Math.abs(wanted[i])))
    const p = (i, j) => factor / n * (Math.sign(error(i, j)) / x.r[i] - wanted[4 * i + 2])
    const q = zeros(rows * rows)
    for (const i of each) {
      for (const j of each) {
        if (i === j) continue
        const d = p(i, j) + p(j, i)
        q[i * rows + j] = -d * x.inverse[i] * x.inverse[j]
        q[i * rows + i] += d * (1 - x.d(i, j)) * x.inverse[i] ** 2
      }
    }
    const [back] = await run('content_backward', '', {
      x: rows, y: 1, params: words(rows), sample, outputsFirst: [x.g], inputs: [c.g, x.inverse, c.inverse, of],
      outputs: []
    })
    close(back, q, () => 1e-5)
  },

  async 'transport and back'(run) {
    const [n, rows, style, columns, draws, factor] = [70, 128, 90, 128, 100, 0.3]
    const x = zeros(rows * STRIDE)
    const y = zeros(columns * STRIDE)
    for (let i = 0; i < n; i++) x.set(noise(STRIDE, i + 1), i * STRIDE)
    for (let j = 0; j < style; j++) y.set(noise(STRIDE, 1000 + j), j * STRIDE)
    const square = (of, i) => of.subarray(i * STRIDE, (i + 1) * STRIDE).reduce((sum, v) => sum + v * v, 0)
    const inverse = Float32Array.from({ length: rows }, (_, i) => i < n ? 1 / Math.sqrt(square(x, i)) : 0)
    const numbers = zeros(2 * columns)
    for (let j = 0; j < style; j++) numbers.set([1 / Math.sqrt(square(y, j)), j < 10 ? 2 : 1], 2 * j)
    const dots = noise(rows * columns, 5)
    const sample = block(n, 0, factor)
    const [cost] = await run('transport_cost', '', {
      x: columns / 64, y: rows, params: words(rows, columns), inputs: [inverse, numbers], outputs: [dots.slice()]
    })
    close(cost, dots.map((dot, at) => 1 - dot * inverse[Math.floor(at / columns)] * numbers[2 * (at % columns)]),
      () => 4 * EPSILON)
    const winners = []
    for (const above of [0, 0.5]) { // one side wins, then the other
      const costs = cost.map((c, at) => Math.floor(at / columns) === 5 ? c - above : c)
      if (!above) for (let i = 0; i < n; i++) costs[i * columns + i % style] -= i < n / 2 ? 1e-3 : 2e-3
      const sizes = { n, rows, style, columns, draws }
      winners.push(await matchesCase(run, { x, y, inverse, numbers, costs, ...sizes, factor, sample }))
    }
    same(winners.map(Number), [0, 1], 'which side won')
  },

  async 'palette and back'(run) {
    const [n, rows, style, columns, draws, factor] = [70, 128, 90, 128, 90, 0.3]
    const turn = [[.577350, .577350, .577350], [-.577350, .788675, -.211325], [-.577350, -.211325, .788675]]
    const x = noise(rows * STRIDE).map((v) => 0.5 + v / 2)
    const palette = noise(3 * style, 2)
    x.fill(0, 0, 3) // a black pixel
    const colour = (i) => turn.map((row) => row.reduce((sum, v, c) => sum + v * x[i * STRIDE + c], 0))
    const styled = (j) => [0, 1, 2].map((r) => palette[r * style + j])
    const dot = (a, b) => a.reduce((sum, v, c) => sum + v * b[c], 0)
    const over = (square) => square > 0 ? 1 / Math.sqrt(square) : 0
    const costOf = (a, b) => 1 - dot(a, b) * over(dot(a, a)) * over(dot(b, b)) +
      Math.sqrt(Math.min(Math.max(dot(a, a) + dot(b, b) - 2 * dot(a, b), 1e-5), 1e5) / 3)
    const turned = [0, 0, ...turn.flatMap((row) => [...row.map(f32), 0])]
    const [cost] = await run('palette_cost', '', {
      x: columns / 64, y: rows, params: words(columns, style, STRIDE, 0, ...turned.slice(2)), inputs: [x, palette],
      outputs: [zeros(rows * columns)]
    })
    for (let i = 0; i < n; i++) {
      close(cost.slice(i * columns, i * columns + style),
        Array.from({ length: style }, (_, j) => costOf(colour(i), styled(j))), () => 1e-6, `cost of row ${i}`)
    }
    const numbers = zeros(2 * columns)
    for (let j = 0; j < style; j++) numbers.set([1, 1], 2 * j)
    const sample = block(n, 0, 0, 0, 0, factor)
    const found = await minima(run, { costs: cost, sample, rows, columns, style, numbers, draws })
    const pairs = pairsOf(found, { n, style, numbers, draws })
    const dx = zeros(rows * STRIDE)
    for (const { i, j, weight } of pairs) {
      const [a, b] = [colour(i), styled(j)]
      const [own, other] = [over(dot(a, a)), over(dot(b, b))]
      const apart = 1 / (3 * Math.sqrt((dot(a, a) + dot(b, b) - 2 * dot(a, b)) / 3))
      const da = a.map((v, r) => own * other * (dot(a, b) * own * own * v - b[r]) + apart * (v - b[r]))
      for (let c = 0; c < 3; c++) for (let r = 0; r < 3; r++) dx[i * STRIDE + c] += factor * weight * turn[r][c] * da[r]
    }
    const [back] = await run('palette_backward', '', {
      x: rows / 64, y: 1, params: words(style, STRIDE, 0, 0, ...turned.slice(2)), sample,
      inputs: [x, palette, numbers, found.rowMinima, found.columnMinima, found.verdict], outputs: [zeros(rows * STRIDE)]
    })
    close(back, dx, () => 1e-6)
  },

  async centre(run) {
    const [n, rows, width] = [70, 128, 128]
    const x = noise(rows * width)
    const mean = noise(width, 2)
    const [slope] = [0.25]
    const sums = new Sums(width)
    for (let i = 0; i < n; i++) for (let c = 0; c < width; c++) sums.add(c, x[i * width + c] / n)
    const [centred, error, dx] = await run('centre', '', {
      x: width / 64, y: 1, params: words(rows, width), sample: block(n, 0, 0, slope), inputs: [x, mean],
      outputs: [noise(rows * width, 3), zeros(width), noise(rows * width, 4)]
    })
    const slack = (c) => (n + 8) * EPSILON * (sums.size[c] + 1)
    close(error, sums.value.map((v, c) => Math.abs(v - mean[c])), slack, 'error')
    close(centred, Float64Array.from(x, (v, at) => at < n * width ? v - sums.value[at % width] : 0),
      (at) => slack(at % width), 'centred')
    const slopes = sums.value.map((v, c) => slope * Math.sign(v - mean[c]))
    same(dx, Float64Array.from(x, (_, at) => at < n * width ? slopes[at % width] : 0), 'dx')
  },

  async moment_compare(run) {
    const [n, real, slope] = [50, 2180, 0.125]
    const panels = [[0, 132], [132, 388], [388, 644], [644, 900], [900, 1156], [1156, 1412], [1412, 1668],
      [1668, 1924], [1924, 2180]]
    let at = 0
    const params = new Uint32Array(36)
    const starts = panels.map(([first, end], p) => {
      const start = at
      params.set([first, end, start], 4 * p)
      at += end * (end - first)
      return start
    })
    const style = noise(at)
    const product = noise(STRIDE * STRIDE, 2).map((v) => n * v)
    const styleAt = (r, c) => {
      const [low, high] = [Math.min(r, c), Math.max(r, c)]
      const p = panels.findIndex(([, end]) => high < end)
      return style[starts[p] + low * (panels[p][1] - panels[p][0]) + high - panels[p][0]]
    }
    product[3 * STRIDE + 7] = n * styleAt(3, 7) // the same to the last bit counts as below
    const [slopes, error] = await run('moment_compare', '', {
      x: STRIDE, y: 1, params, sample: block(n, 0, 0, 0, slope), inputs: [style],
      outputs: [product.slice(), zeros(STRIDE)]
    })
    const share = Math.fround(1 / n)
    for (let r = 0; r < STRIDE; r++) {
      let sum = 0
      for (let c = r; c < STRIDE; c++) {
        const isReal = c < real
        const apart = isReal ? product[r * STRIDE + c] * share - styleAt(r, c) : 0
        const wanted = isReal ? (apart > 0 ? slope : -slope) : 0
        sum += (c > r ? 2 : 1) * Math.abs(apart)
        const [found, mirrored] = [slopes[r * STRIDE + c], slopes[c * STRIDE + r]]
        if (found !== mirrored || (found !== wanted && (!isReal || Math.abs(apart) > 1e-6))) {
          throw new Error(`slope at ${r}, ${c} is ${found} and ${mirrored}, not ${wanted}`)
        }
      }
      close([error[r]], [sum], () => 20 * EPSILON * sum + 1e-6 * real, `error of row ${r}`)
    }
    same([slopes[3 * STRIDE + 7]], [-slope], 'slope of equals')
  },

  async sum(run) {
    const from = noise(1000)
    const sums = new Sums(1)
    for (let i = 3; i < 3 + 4 * 200; i += 4) sums.add(0, from[i])
    const [terms] = await run('sum', '', {
      x: 1, y: 1, params: words(200, 3, 4, 2), inputs: [from], outputs: [zeros(4)]
    })
    sums.check([terms[2]], 200)
  }
}

/** Both sides' winners by the kernels, checked against the costs. */
async function minima(run, { costs, sample, rows, columns, style, numbers, draws }) {
  const n = sample[0]
  const [rowMinima] = await run('row_minima', '', {
    x: rows, y: 1, params: words(columns, style), inputs: [costs], outputs: [new Uint32Array(2 * rows)]
  })
  const [columnMinima] = await run('column_minima', '', {
    x: columns / 64, y: 1, params: words(columns), sample, inputs: [costs], outputs: [new Uint32Array(2 * columns)]
  })
  const lowest = (count, at) => Array.from({ length: count }, (_, i) => i)
    .reduce((best, i) => costs[at(i)] < costs[at(best)] ? i : best, 0)
  for (let i = 0; i < n; i++) {
    const j = lowest(style, (k) => i * columns + k)
    same(rowMinima.slice(2 * i, 2 * i + 2), [f32(costs[i * columns + j]), j], `row ${i}`)
  }
  for (let j = 0; j < style; j++) {
    const i = lowest(n, (k) => k * columns + j)
    same(columnMinima.slice(2 * j, 2 * j + 2), [f32(costs[i * columns + j]), i], `column ${j}`)
  }
  const [terms, verdict] = await run('matches', '', {
    x: 1, y: 1, params: words(style, 1, f32(draws)), sample, inputs: [rowMinima, columnMinima, numbers],
    outputs: [zeros(4), words(0, 0)]
  })
  const cost = (of, i) => new Float32Array(of.buffer)[2 * i]
  const sides = [new Sums(1), new Sums(1)]
  for (let i = 0; i < n; i++) sides[0].add(0, cost(rowMinima, i) / n)
  for (let j = 0; j < style; j++) sides[1].add(0, numbers[2 * j + 1] * cost(columnMinima, j) / draws)
  sides[0].check([terms[1]], n, 'rows')
  sides[1].check([terms[2]], style, 'columns')
  const rowsWin = sides[0].value[0] >= sides[1].value[0]
  same(verdict, [Number(rowsWin), f32(rowsWin ? 1 / n : 1 / draws)], 'verdict')
  return { rowMinima, columnMinima, verdict, rowsWin, cost }
}

function pairsOf({ rowMinima, columnMinima, rowsWin, cost }, { n, style, numbers, draws }) {
  return rowsWin
    ? Array.from({ length: n }, (_, i) => ({ i, j: rowMinima[2 * i + 1], cost: cost(rowMinima, i), weight: 1 / n }))
    : Array.from({ length: style }, (_, j) => ({
      i: columnMinima[2 * j + 1], j, cost: cost(columnMinima, j), weight: numbers[2 * j + 1] / draws
    }))
}

async function matchesCase(run, { x, y, inverse, numbers, costs, n, rows, style, columns, draws, factor, sample }) {
  const found = await minima(run, { costs, sample, rows, columns, style, numbers, draws })
  const dx = zeros(rows * STRIDE)
  for (const { i, j, cost, weight } of pairsOf(found, { n, style, numbers, draws })) {
    for (let c = 0; c < STRIDE; c++) {
      dx[i * STRIDE + c] += factor * weight * ((1 - cost) * inverse[i] ** 2 * x[i * STRIDE + c] -
        inverse[i] * numbers[2 * j] * y[j * STRIDE + c])
    }
  }
  const [back] = await run('transport_backward', '', {
    x: rows, y: 1, params: words(style), sample,
    inputs: [x, y, inverse, numbers, found.rowMinima, found.columnMinima, found.verdict],
    outputs: [zeros(rows * STRIDE)]
  })
  close(back, dx, () => 1e-7)
  return found.rowsWin
}
