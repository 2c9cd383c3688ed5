// SPDX-License-Identifier: MIT
//
//   node examples/node/paint.mjs CONTENT STYLE OUT.png [SIZE]
//
// Paints one picture and writes it, with the progress on the terminal.

import { createEngine, writeImage } from 'strotss'

const [content, style, out, size = '512'] = process.argv.slice(2)
const engine = await createEngine()
try {
  const { image } = await engine.stylize({
    content, style, size: Number(size),
    onProgress(event) {
      if (event.type === 'iteration') process.stderr.write(`\r${Math.round(100 * event.fraction)} % `)
    }
  })
  await writeImage(engine, out, image)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  engine.dispose()
}
