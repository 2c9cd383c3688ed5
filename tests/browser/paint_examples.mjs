// SPDX-License-Identifier: MIT
//
// Paints the finished pictures that the page shows of its examples, by the command line of this tree, and makes the
// small pictures of examples and styles:
//
//   node tests/browser/paint_examples.mjs               all of them; NAME...: only those ("cat-church-at-auvers")
//   node tests/browser/paint_examples.mjs --size 256    smaller than 512 px, for a quick look
//   node tests/browser/paint_examples.mjs --small       the small pictures alone
//
// Each example of web/samples/samples.json becomes web/examples/CONTENT-STYLE.jpg, `standard`, with its regions;
// web/examples/small/ holds it, and each style, at SMALL px. Takes some minutes for each example.

import { spawnSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createEngine } from '../../src/api/index.node.mjs'
import { root } from './support.mjs'

const SMALL = 224 // long side
const { positionals: wanted, values: { size, small: smallAlone } } = parseArgs({ allowPositionals: true,
  options: { size: { type: 'string', default: '512' }, small: { type: 'boolean' } } })
const here = path.join(root, 'web')
const sample = (/** @type {string} */ name) => path.join(here, 'samples', name)
const finished = (/** @type {string} */ name) => path.join(here, 'examples', `${name}.jpg`)

/** @typedef {import('../../src/api/index.node.mjs').Picture} Picture */
/** @typedef {import('../../web/page/examples.js').Example} Example */
/** @typedef {import('../../web/page/examples.js').Style} Style */

/**
 * Means over the pixels that each new one covers, whole ones.
 * @param {Picture} image @param {number} side @returns {Picture}
 */
function shrink({ width, height, data }, side) {
  const scale = Math.max(width, height) / side
  const [w, h] = [width, height].map((length) => Math.max(1, Math.round(length / scale)))
  const small = new Uint8ClampedArray(4 * w * h)
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [x0, x1] = [x, x + 1].map((at) => Math.round(at * width / w))
      const [y0, y1] = [y, y + 1].map((at) => Math.round(at * height / h))
      for (let c = 0; c < 4; c++) {
        let sum = 0
        for (let v = y0; v < y1; v++) for (let u = x0; u < x1; u++) sum += data[4 * (v * width + u) + c]
        small[4 * (y * w + x) + c] = sum / ((x1 - x0) * (y1 - y0))
      }
    }
  }
  return { width: w, height: h, data: small }
}

/** @param {{ content: string, style: string }} example */
const nameOf = ({ content, style }) => [content, style].map((file) => file.replace('.jpg', '')).join('-')

/** @param {Example} example */
function paint({ content, style, contentRegions, styleRegions, contentWeight }) {
  const out = finished(nameOf({ content, style }))
  const regions = contentRegions ? ['-gr', sample(contentRegions), sample(styleRegions ?? '')] : []
  const { status } = spawnSync(process.execPath, [path.join(root, 'src/cli/strotss.mjs'), sample(content),
    sample(style), '-o', out, '--size', size, '--content-weight', String(contentWeight), '--jpeg-quality', '86',
    ...regions],
  { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${out} was not painted`)
}

/** @type {{ examples: Example[], styles: Style[] }} */
const { examples, styles } = JSON.parse(await readFile(sample('samples.json'), 'utf8'))
await mkdir(path.join(here, 'examples/small'), { recursive: true })
for (const example of smallAlone ? [] : examples) {
  if (!wanted.length || wanted.includes(nameOf(example))) paint(example)
}
const engine = await createEngine()
for (const [name, file] of [...examples.map((example) => [nameOf(example), finished(nameOf(example))]),
  ...styles.map(({ file }) => [file.replace('.jpg', ''), sample(file)])]) {
  const bytes = await readFile(file).catch(() => null) // not painted yet
  if (!bytes) continue
  const image = shrink(await engine.decode(bytes, file), SMALL)
  const small = await engine.encode(image, { type: 'image/jpeg', quality: 80 })
  await writeFile(path.join(here, 'examples/small', `${name}.jpg`), small)
}
engine.dispose()
