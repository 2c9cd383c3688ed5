// SPDX-License-Identifier: MIT
//
// A first picture in a page, as an app would write it. With a bundler the builds are copied to wasm/ of the site, as
// they are; worker and weights it finds by itself.

import { createEngine } from 'strotss'

try {
  const [content, style] = await Promise.all(['content.jpg', 'style.jpg']
    .map(async (name) => (await fetch(name)).blob()))
  const engine = await createEngine({ base: document.documentElement.dataset.base })
  const { image, stats } = await engine.stylize({ content, style, size: 64, quality: 'draft' })
  document.title = `done ${image.width}x${image.height} ${stats.build}`
  engine.dispose()
} catch (error) {
  document.title = `failed ${error}`
}
