// SPDX-License-Identifier: MIT
//
// A first picture in a page, as an app would write it. What createEngine is to be told stands in the page's
// data-engine; most bundlers need nothing.

import { createEngine } from 'strotss'

export async function paint() {
  try {
    const [content, style] = await Promise.all(['content.jpg', 'style.jpg']
      .map(async (name) => (await fetch(name)).blob()))
    const engine = await createEngine(JSON.parse(document.documentElement.dataset.engine ?? '{}'))
    const { image, stats } = await engine.stylize({ content, style, size: 64, quality: 'draft' })
    engine.dispose()
    return `done ${image.width}x${image.height} ${stats.build}`
  } catch (error) {
    return `failed ${error}`
  }
}

document.title = await paint()
