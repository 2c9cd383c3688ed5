// SPDX-License-Identifier: MIT
//
// What an app would write. With a bundler the builds are copied to wasm/ of the site, as they are; worker and weights it finds by itself.

import { createEngine } from 'strotss'

/** @param {(x: number, y: number) => number[]} colorAt */
const picture = (colorAt) => (
  { width: 64, height: 64, data: Uint8ClampedArray.from(Array.from({ length: 64 * 64 }, (_, i) => [...colorAt(i % 64, i >> 6), 255]).flat()) })

try {
  const start = performance.now()
  const engine = await createEngine({ base: document.documentElement.dataset.base })
  const { image, stats } = await engine.stylize({
    content: picture((x, y) => [x * 4, y * 4, 90]), style: picture((x, y) => [(x * y) % 256, 200 - x, y * 3]), size: 64, iterations: 1
  })
  document.title = `done ${image.width}x${image.height} ${stats.build} ${((performance.now() - start) / 1000).toFixed(1)} s`
  engine.dispose()
} catch (error) {
  document.title = `failed ${error}`
}
