// SPDX-License-Identifier: MIT
//
// What the kernels' tests share: noise, words of parameters, and comparisons. A result may be off by what single
// precision can lose in a sum of its length: LENGTH 2^-24 times the sum of the magnitudes, and nothing where no number
// is rounded.

export const EPSILON = 2 ** -24
export const STRIDE = 2304

/** Numbers from -1 to 1, the same every time. */
export function noise(count, seed = 1) {
  let state = seed * 2654435761 >>> 0
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

export const f32 = (value) => new Uint32Array(Float32Array.of(value).buffer)[0]
export const words = (...values) => Uint32Array.from(values)
export const zeros = (count) => new Float32Array(count)
export const inside = (y, x, height, width) => y >= 0 && x >= 0 && y < height && x < width

/** A sample's block: n, then the factors. */
export const block = (n, ...factors) => words(n, ...factors.map(f32), ...Array(64 - 1 - factors.length).fill(0))

/** found against wanted, each allowed `slack(i)`. */
export function close(found, wanted, slack, what = 'result') {
  if (found.length < wanted.length) throw new Error(`${what}: ${found.length} numbers instead of ${wanted.length}`)
  for (let i = 0; i < wanted.length; i++) {
    const off = Math.abs(found[i] - wanted[i])
    if (!(off <= slack(i))) {
      throw new Error(`${what}[${i}] is ${found[i]}, not ${wanted[i]}: off by ${off}, allowed ${slack(i)}`)
    }
  }
}

export function same(found, wanted, what = 'result') {
  close(found, wanted, () => 0, what)
}

/** Sums of products with the sum of their magnitudes. */
export class Sums {
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
