// SPDX-License-Identifier: MIT
//
// Small pictures made up for the tests, the same each time.

/** @param {number} width @param {number} height @param {(x: number, y: number) => number[]} colorAt rgb or rgba */
export function picture(width, height, colorAt) {
  const data = new Uint8ClampedArray(4 * width * height)
  for (let i = 0; i < width * height; i++) {
    const [r, g, b, a = 255] = colorAt(i % width, Math.floor(i / width))
    data.set([r, g, b, a], 4 * i)
  }
  return { width, height, data }
}

/** A disc on a slope of grey, no two neighbours alike. */
export const content = picture(80, 60, (x, y) => {
  const inside = (x - 40) ** 2 + (y - 28) ** 2 < 400
  return inside ? [200 - x, 60 + y, 40] : [x * 2, 90 + y, 120 + (x ^ y) % 60]
})

/** Stripes and patches of strong colours. */
export const style = picture(72, 72, (x, y) => [
  128 + 120 * Math.sin(x / 5 + y / 9), 128 + 120 * Math.sin(y / 4), (x * y) % 256])

/** @param {number} width @param {number} height: left half 1, right half 2 */
export const halves = (width, height) => ({
  width, height, labels: Uint8Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? 1 : 2))
})
