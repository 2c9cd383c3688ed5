// SPDX-License-Identifier: MIT
//
// Takes README's picture of the page, 1280 x 800, of a finished run on the shipped samples:
//
//   make -f emscripten.mk site && node tests/browser/readme_picture.mjs docs/page.png [--size 256]
//
// Reduce the file to 256 colours before it is committed, for instance by Pillow's Image.quantize(256): it may have
// 250 kB at most. Take it on a machine that is otherwise idle, since the page shows the seconds.

import { parseArgs } from 'node:util'
import { choose, closeAll, finished, host, set, skip, visit } from './support.mjs'

const { positionals: [file], values: { size } } = parseArgs(
  { allowPositionals: true, options: { size: { type: 'string', default: '256' } } })
if (skip || !file) throw new Error(skip || 'which file is the picture for?')
const { page, close } = await visit(await host(), { colorScheme: 'light' })
await choose(page)
await set(page, '#size', size)
await page.locator('#start').click()
await page.locator('#save:visible').waitFor({ timeout: 3_600_000 })
await finished(page)
await page.locator('#split').fill('20')
await page.screenshot({ path: file })
await close()
await closeAll()
