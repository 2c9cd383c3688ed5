// SPDX-License-Identifier: MIT
//
// Every kernel of src/gpu/kernels against plain loops in double precision, on small shapes with odd edges. Runs in
// browsers and in Node alike: testKernels(executor) gives a line for each case. A result may be off by what single
// precision can lose in a sum of its length: LENGTH 2^-24 times the sum of the magnitudes, and nothing where no number is
// rounded.

/** @typedef {import('../../src/gpu/executor.js').Executor} Executor */

const EPSILON = 2 ** -24
const STRIDE = 2304

/** Numbers from -1 to 1, the same every time. */
function noise(count, seed = 1) {
  let state = seed * 2654435761 >>> 0
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

const f32 = (value) => new Uint32Array(Float32Array.of(value).buffer)[0]
const words = (...values) => Uint32Array.from(values)
const zeros = (count) => new Float32Array(count)
const inside = (y, x, height, width) => y >= 0 && x >= 0 && y < height && x < width

/** A sample's block: n, then the factors. */
const block = (n, ...factors) => words(n, ...factors.map(f32), ...Array(64 - 1 - factors.length).fill(0))

/** found against wanted, each allowed `slack(i)`. */
function close(found, wanted, slack, what = 'result') {
  if (found.length < wanted.length) throw new Error(`${what}: ${found.length} numbers instead of ${wanted.length}`)
  for (let i = 0; i < wanted.length; i++) {
    const off = Math.abs(found[i] - wanted[i])
    if (!(off <= slack(i))) {
      throw new Error(`${what}[${i}] is ${found[i]}, not ${wanted[i]}: off by ${off}, allowed ${slack(i)}`)
    }
  }
}

function same(found, wanted, what = 'result') {
  close(found, wanted, () => 0, what)
}

/** Sums of products with the sum of their magnitudes. */
class Sums {
  constructor(count) {
    this.value = new Float64Array(count)
    this.size = new Float64Array(count)
  }

  add(i, product) {
    this.value[i] += product
    this.size[i] += Math.abs(product)
  }

  check(found, length, what) {
    close(found, this.value, (i) => (length + 8) * EPSILON * (this.size[i] + 1e-30), what)
  }
}

/** Bits of signs [pixels][channels] as conv.wgsl has them. */
function packSigns(positive) {
  const packed = new Uint32Array(positive.length / 32)
  positive.forEach((is, i) => { if (is) packed[i >> 5] |= 1 << (i & 31) })
  return packed
}

const CONV = { height: 5, width: 7, cin: 64, cout: 128 }

/** [what, what it does with run(file, constants, dispatch)]. */
const cases = {
  async conv(run) {
    const { height, width, cin, cout } = CONV
    const input = noise(height * width * cin)
    const filters = noise(9 * cin * cout, 2)
    const bias = noise(cout, 3)
    const sums = new Sums(height * width * cout)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) for (let o = 0; o < cout; o++) {
      const at = (y * width + x) * cout + o
      sums.add(at, bias[o])
      for (let tap = 0; tap < 9; tap++) {
        const [v, u] = [y + Math.floor(tap / 3) - 1, x + tap % 3 - 1]
        if (!inside(v, u, height, width)) continue
        for (let i = 0; i < cin; i++) {
          sums.add(at, input[(v * width + u) * cin + i] * filters[(tap * cin + i) * cout + o])
        }
      }
    }
    const wanted = sums.value.map((v) => Math.max(v, 0))
    const whole = zeros(wanted.length)
    for (const [first, rows] of [[0, 2], [2, 3]]) { // in two bands
      const from = Math.max(first - 1, 0)
      const [, out, flag] = await run('conv', 'const BACKWARD = false;', {
        x: 1, y: cout / 64, params: words(height, width, cin, cout, first, rows, from),
        inputs: [input.slice(from * width * cin), filters, bias],
        outputs: [new Uint32Array(height * width * cout / 32), zeros(rows * width * cout), words(0)]
      })
      whole.set(out, first * width * cout)
      same(flag, [0], 'flag')
    }
    close(whole, wanted, (i) => (9 * cin + 8) * EPSILON * sums.size[i])
    const [signs] = await run('conv', 'const BACKWARD = false;', {
      x: 1, y: cout / 64, params: words(height, width, cin, cout, 0, height, 0), inputs: [input, filters, bias],
      outputs: [new Uint32Array(height * width * cout / 32), zeros(wanted.length), words(0)]
    })
    same(signs, packSigns(Array.from(whole, (v) => v > 0)), 'signs')
  },

  async 'conv, not finite'(run) {
    const { height, width, cin, cout } = CONV
    const input = noise(height * width * cin)
    input[5] = NaN
    const [, , flag] = await run('conv', 'const BACKWARD = false;', {
      x: 1, y: cout / 64, params: words(height, width, cin, cout, 0, height, 0),
      inputs: [input, noise(9 * cin * cout, 2), noise(cout, 3)],
      outputs: [new Uint32Array(height * width * cout / 32), zeros(height * width * cout), words(0)]
    })
    same(flag, [1], 'flag')
  },

  async 'conv, backward'(run) {
    const { height, width, cin: cout, cout: cin } = CONV // of the way back
    const dout = noise(height * width * cin)
    const filters = noise(9 * cin * cout, 2)
    const positive = Array.from(noise(height * width * cin, 4), (v) => v > 0)
    const sums = new Sums(height * width * cout)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) for (let o = 0; o < cout; o++) {
      for (let tap = 0; tap < 9; tap++) {
        const [v, u] = [y + Math.floor(tap / 3) - 1, x + tap % 3 - 1]
        if (!inside(v, u, height, width)) continue
        for (let i = 0; i < cin; i++) {
          const from = (v * width + u) * cin + i
          if (positive[from]) sums.add((y * width + x) * cout + o, dout[from] * filters[(tap * cin + i) * cout + o])
        }
      }
    }
    const [, out] = await run('conv', 'const BACKWARD = true;', {
      x: 1, y: cout / 64, params: words(height, width, cin, cout, 0, height, 0), inputs: [dout, filters, noise(cout)],
      outputs: [packSigns(positive), zeros(height * width * cout), words(0)]
    })
    sums.check(out, 9 * cin)
  },

  async conv_first(run) {
    const [height, width, spread, mean] = [5, 7, 0.226, [0.485, 0.458, 0.408]]
    const image = noise(height * width * 3)
    const filters = noise(9 * 3 * 64, 2)
    const bias = noise(64, 3)
    const sums = new Sums(height * width * 64)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) for (let o = 0; o < 64; o++) {
      const at = (y * width + x) * 64 + o
      sums.add(at, bias[o])
      for (let tap = 0; tap < 9; tap++) {
        const [v, u] = [y + Math.floor(tap / 3) - 1, x + tap % 3 - 1]
        if (!inside(v, u, height, width)) continue
        for (let i = 0; i < 3; i++) {
          sums.add(at, (image[3 * (v * width + u) + i] - mean[i]) / spread * filters[(tap * 3 + i) * 64 + o])
        }
      }
    }
    const [signs, out, flag] = await run('conv_first', '', {
      x: 3, y: 1, params: words(height, width, 0, height, ...mean.map(f32), f32(spread)), inputs: [image, filters, bias],
      outputs: [new Uint32Array(height * width * 2), zeros(height * width * 64), words(0)]
    })
    close(out, sums.value.map((v) => Math.max(v, 0)), (i) => 40 * EPSILON * sums.size[i])
    same(signs, packSigns(Array.from(out, (v) => v > 0)), 'signs')
    same(flag, [0], 'flag')
  },

  async conv_first_backward(run) {
    const [height, width, spread] = [5, 7, 0.226]
    const dmap = noise(height * width * 64)
    const filters = noise(9 * 3 * 64, 2)
    const positive = Array.from(noise(height * width * 64, 4), (v) => v > 0)
    const sums = new Sums(height * width * 3)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) for (let i = 0; i < 3; i++) {
      for (let tap = 0; tap < 9; tap++) {
        const [v, u] = [y + Math.floor(tap / 3) - 1, x + tap % 3 - 1]
        if (!inside(v, u, height, width)) continue
        for (let o = 0; o < 64; o++) {
          const from = (v * width + u) * 64 + o
          if (positive[from]) sums.add(3 * (y * width + x) + i, dmap[from] * filters[(tap * 3 + i) * 64 + o] / spread)
        }
      }
    }
    const [out] = await run('conv_first_backward', '', {
      x: 3, y: 1, params: words(height, width, 0, height, 0, f32(spread)), inputs: [dmap, filters, packSigns(positive)],
      outputs: [zeros(height * width * 3)]
    })
    sums.check(out, 9 * 64)
  },

  async 'maxpool and back'(run) {
    const [height, width, channels] = [5, 7, 64]
    const [h, w] = [2, 3]
    const input = noise(height * width * channels).map((v) => Math.round(4 * v)) // with many equals
    const out = zeros(h * w * channels)
    const winners = new Uint32Array(h * w * channels / 16)
    const dhalf = noise(h * w * channels, 2)
    const dmap = zeros(height * width * channels)
    for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) for (let c = 0; c < channels; c++) {
      const at = (y * w + x) * channels + c
      const pixel = (k) => ((2 * y + (k >> 1)) * width + 2 * x + (k & 1)) * channels + c
      const best = [1, 2, 3].reduce((k, other) => input[pixel(other)] > input[pixel(k)] ? other : k, 0)
      out[at] = input[pixel(best)]
      winners[at >> 4] |= best << 2 * (at & 15)
      dmap[pixel(best)] = dhalf[at]
    }
    const [foundWinners, found] = await run('maxpool', '', {
      x: 1, y: h, params: words(width, channels, 0, h), inputs: [input],
      outputs: [new Uint32Array(winners.length), zeros(out.length)]
    })
    same(found, out)
    same(foundWinners, winners, 'winners')
    const [back] = await run('maxpool_backward', '', {
      x: 2, y: height, params: words(height, width, channels, 0), inputs: [dhalf, winners],
      outputs: [noise(dmap.length)]
    })
    same(back, dmap, 'dmap')
  },

  async zero(run) {
    const [out] = await run('zero', '', { x: 2, y: 1, params: words(70), inputs: [], outputs: [noise(100)] })
    same(out.slice(0, 70), zeros(70))
    if (out.slice(70).every((v) => v === 0)) throw new Error('more than was asked for became 0')
  },

  async 'gather and scatter'(run) {
    const [level, height, width, channels, column, row, gain] = [2, 3, 5, 6, 4, 12, 0.5]
    const at = [[0, 0], [7, 11], [11, 19], [5, 6], [7, 11], [4, 8]]
    const map = noise(height * width * channels)
    const dx = noise(7 * row, 2)
    const mixed = new Sums(7 * row)
    const back = new Sums(height * width * channels)
    const before = noise(height * width * channels, 3)
    before.forEach((v, i) => back.add(i, v))
    const entries = []
    at.forEach(([y, x], i) => {
      const [y0, x0] = [Math.min(y >> level, height - 1), Math.min(x >> level, width - 1)]
      const [y1, x1] = [Math.min(y0 + 1, height - 1), Math.min(x0 + 1, width - 1)]
      const [fy, fx] = [(y & 3) / 4, (x & 3) / 4]
      for (const [v, u, share] of [[y0, x0, (1 - fy) * (1 - fx)], [y0, x1, (1 - fy) * fx], [y1, x0, fy * (1 - fx)],
        [y1, x1, fy * fx]]) {
        if (share) entries.push({ pixel: v * width + u, row: i, share })
        for (let c = 0; c < channels; c++) {
          mixed.add(i * row + column + c, gain * share * map[(v * width + u) * channels + c])
          back.add((v * width + u) * channels + c, gain * share * dx[i * row + column + c])
        }
      }
    })
    const positions = Uint32Array.from([...at, [0xffffffff, 0xffffffff]].flat())
    let x = noise(7 * row, 9)
    const wanted = Float64Array.from(x)
    for (let i = 0; i < 7; i++) for (let c = 0; c < channels; c++) {
      wanted[i * row + column + c] = mixed.value[i * row + column + c]
    }
    for (const [first, end] of [[0, 2], [2, 3]]) { // in two bands, each with a row beyond its end
      [x] = await run('gather', '', {
        x: 7, y: 1, params: words(level, height, width, channels, first, end, column, row, f32(gain)),
        inputs: [map.slice(first * width * channels, (end + 1) * width * channels), positions], outputs: [x]
      })
    }
    close(x, wanted, (i) => 12 * EPSILON * (mixed.size[i] || 1))
    entries.sort((a, b) => a.pixel - b.pixel || a.row - b.row)
    const pixels = [...new Set(entries.map(({ pixel }) => pixel))]
    const [room, samples] = [15, 28]
    const lists = new Uint32Array(2 + 2 * room + 2 * samples)
    lists[0] = pixels.length
    lists.set(pixels, 1)
    lists.set(pixels.map((pixel) => entries.findIndex((entry) => entry.pixel === pixel)), 1 + room)
    lists[1 + room + pixels.length] = entries.length
    lists.set(entries.map((entry) => entry.row), 2 + 2 * room)
    lists.set(entries.map(({ share }) => f32(share)), 2 + 2 * room + samples)
    const dmap = zeros(before.length)
    for (const [first, end] of [[0, 10], [10, 15]]) {
      const [part] = await run('scatter', '', {
        x: room, y: 1, params: words(room, samples, channels, first, end, column, row, f32(gain)), inputs: [lists, dx],
        outputs: [before.slice(first * channels, end * channels)]
      })
      dmap.set(part, first * channels)
    }
    back.check(dmap, 24, 'dmap')
  },

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
      winners.push(await matchesCase(run, { x, y, inverse, numbers, costs, n, rows, style, columns, draws, factor, sample }))
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
    same(dx, Float64Array.from(x, (_, at) => at < n * width ? slope * Math.sign(sums.value[at % width] - mean[at % width])
      : 0), 'dx')
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
      x: STRIDE, y: 1, params, sample: block(n, 0, 0, 0, slope), inputs: [style], outputs: [product.slice(), zeros(STRIDE)]
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
  },

  async 'resize and its adjoint'(run) {
    for (const [height, width, h, w] of [[10, 7, 5, 3], [9, 4, 4, 2], [3, 2, 1, 1], [1, 5, 1, 2], [1, 1, 1, 1]]) {
      const place = (i, m, n) => {
        const p = Math.max((2 * i + 1) * n - m, 0)
        const low = Math.floor(p / (2 * m))
        return [[low, 1 - p % (2 * m) / (2 * m)], [Math.min(low + 1, n - 1), p % (2 * m) / (2 * m)]]
      }
      const level = noise(2 + 3 * height * width)
      const below = noise(1 + 3 * h * w, 2)
      const d = noise(1 + 3 * (height * width + h * w), 3)
      const up = new Sums(3 * height * width)
      const down = new Sums(3 * h * w)
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++) {
        const at = 3 * (y * width + x) + c
        up.add(at, level[2 + at])
        for (const [v, row] of place(y, height, h)) for (const [u, column] of place(x, width, w)) {
          up.add(at, row * column * below[1 + 3 * (v * w + u) + c])
          down.add(3 * (v * w + u) + c, row * column * d[1 + at])
        }
      }
      const [out] = await run('resize_add', '', {
        x: 1, y: height, params: words(height, width, h, w, 2, 1), inputs: [level, below],
        outputs: [zeros(3 * height * width)]
      })
      up.check(out, 12, `${height} x ${width}`)
      const [back] = await run('resize_adjoint', '', {
        x: 1, y: h, params: words(height, width, h, w, 1, 1 + 3 * height * width), inputs: [], outputs: [d]
      })
      down.check(back.slice(1 + 3 * height * width), 40, `${height} x ${width}, adjoint`)
    }
  },

  async finite(run) {
    for (const [value, wanted] of [[0, 0], [3e38, 0], [NaN, 1], [-Infinity, 1]]) {
      const numbers = noise(700)
      numbers[600] = value
      const [flag] = await run('finite', '', {
        x: 1, y: 3, params: words(601, 256), inputs: [numbers], outputs: [words(0)]
      })
      same(flag, [wanted], `flag of ${value}`)
    }
  },

  async rmsprop(run) {
    const [first, count, step] = [5, 600, 2e-3]
    const [dv, square, v] = [noise(700), noise(700, 2).map(Math.abs), noise(700, 3)]
    for (const flag of [0, 1]) {
      const [foundSquare, found] = await run('rmsprop', '', {
        x: 1, y: 3, params: words(first, count, 256, 1), inputs: [Float32Array.of(0, step), words(flag), dv],
        outputs: [square.slice(), v.slice()]
      })
      const moves = (i) => !flag && i >= first && i < first + count
      const wanted = Float64Array.from(square, (s, i) => moves(i) ? 0.99 * s + 0.01 * dv[i] ** 2 : s)
      close(foundSquare, wanted, (i) => moves(i) ? 4 * EPSILON * wanted[i] : 0)
      close(found, Float64Array.from(v, (x, i) => moves(i) ? x - step * dv[i] / (Math.sqrt(wanted[i]) + 1e-8) : x),
        (i) => moves(i) ? 4 * EPSILON : 0, 'v')
    }
  },

  async adam(run) {
    const [first, count, parts] = [5, 5000, 2]
    const [dv, mean, square, v] = [noise(6000), noise(6000, 2), noise(6000, 3).map(Math.abs), noise(6000, 4)]
    const [rate, root, damping] = [0.02, 0.3, 0.09]
    const moves = (i) => i >= first && i < first + count
    const means = Float64Array.from(mean, (m, i) => moves(i) ? m + 0.3 * (dv[i] - m) : m)
    const squares = Float64Array.from(square, (s, i) => moves(i) ? 0.9 * s + 0.1 * dv[i] ** 2 : s)
    const floor = damping * squares.slice(first, first + count).reduce((sum, s) => sum + s, 0) / count
    const [foundMean, foundSquare, sums] = await run('adam_moments', '', {
      x: parts, y: 1, params: words(first, count), inputs: [words(0), dv],
      outputs: [mean.slice(), square.slice(), zeros(parts)]
    })
    close(foundMean, means, () => 4 * EPSILON)
    close(foundSquare, squares, () => 4 * EPSILON)
    const [found] = await run('adam', '', {
      x: parts, y: 1, params: words(first, count, parts, 3),
      inputs: [Float32Array.of(0, 0, 0, rate, 0, 0, root, damping), words(0), foundMean, foundSquare, sums],
      outputs: [v.slice()]
    })
    close(found, Float64Array.from(v, (x, i) => moves(i)
      ? x - rate * means[i] / (Math.sqrt(squares[i] + floor) / root + 1e-8) : x), (i) => moves(i) ? 1e-6 : 0, 'v')
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
    inputs: [x, y, inverse, numbers, found.rowMinima, found.columnMinima, found.verdict], outputs: [zeros(rows * STRIDE)]
  })
  close(back, dx, () => 1e-7)
  return found.rowsWin
}

export const kernelCases = Object.keys(cases)

/**
 * @param {Executor} executor whose list of kernels is `kernels` below @param {string} name of a case
 * @returns {Promise<void>} rejects with what is wrong
 */
export async function testKernel(makeExecutor, name) {
  /** Runs one dispatch; gives what its outputs hold then, in their order. */
  async function run(file, constants, { x, y, params, sample, outputsFirst = [], inputs, outputs }) {
    const executor = await makeExecutor([{ file, constants }])
    const all = [...(sample ? [sample] : []), ...outputsFirst, ...inputs, ...outputs]
    const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice()
    const plan = {
      buffers: [0, 0, 0, ...all.map(({ byteLength }) => Math.ceil(byteLength / 256) * 256)],
      uploads: all.map((view, i) => ({ to: { buffer: 3 + i, offset: 0, bytes: view.byteLength }, address: i })),
      lists: [[{ kernel: 0, x, y, millions: 1, params,
        ranges: all.map((view, i) => ({ buffer: 3 + i, offset: 0, bytes: Math.ceil(view.byteLength / 16) * 16 })) }]]
    }
    await executor.takeWeights([256, 256, 256])
    const program = await executor.load(plan, (i) => bytes(all[i]))
    await executor.run(program, 0)
    const wanted = [...outputsFirst, ...outputs]
    const found = await executor.readBack(program, wanted.map((view) =>
      ({ buffer: 3 + all.indexOf(view), offset: 0, bytes: view.byteLength })))
    program.destroy()
    return found.map((part, i) => new (/** @type {any} */ (wanted[i].constructor))(part.buffer))
  }
  await cases[name](run)
}
