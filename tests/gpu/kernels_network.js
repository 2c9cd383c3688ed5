// SPDX-License-Identifier: MIT
//
// The network's kernels against plain loops: convolutions, pooling, and sampling with its adjoint. Each case gets
// run(file, constants, dispatch), which gives what the outputs hold then (kernels.js).

import { close, EPSILON, f32, inside, noise, same, Sums, words, zeros } from './reference.js'

/** Bits of signs [pixels][channels] as conv.wgsl has them. */
function packSigns(positive) {
  const packed = new Uint32Array(positive.length / 32)
  positive.forEach((is, i) => { if (is) packed[i >> 5] |= 1 << (i & 31) })
  return packed
}

const CONV = { height: 5, width: 7, cin: 64, cout: 128 }

export const network = {
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
      x: 3, y: 1, params: words(height, width, 0, height, ...mean.map(f32), f32(spread)),
      inputs: [image, filters, bias],
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
  }
}
