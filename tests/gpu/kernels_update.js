// SPDX-License-Identifier: MIT
//
// The kernels from the image's gradient to the next image against plain loops: the pyramid, what is not finite, and the
// optimizers. Each case gets run(file, constants, dispatch), which gives what the outputs hold then (kernels.js).

import { close, EPSILON, noise, same, Sums, words, zeros } from './reference.js'

export const update = {
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
