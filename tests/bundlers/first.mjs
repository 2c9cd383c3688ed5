// SPDX-License-Identifier: MIT
//
// A first picture in Node, as an app would write it: node first.mjs CONTENT STYLE OUT

import { createEngine, writeImage } from 'strotss'

const [content, style, out] = process.argv.slice(2)
const engine = await createEngine()
const { image, stats } = await engine.stylize({ content, style, size: 64, quality: 'draft' })
await writeImage(engine, out, image)
console.log(`${stats.size.join('x')} ${stats.build}`)
engine.dispose()
