// SPDX-License-Identifier: MIT
//
// Takes README's picture of the page, 1280 x 800, of a finished run on the shipped samples:
//
//   make -f emscripten.mk site && node tests/browser/readme_picture.mjs docs/page.png [--size 384]

import { parseArgs } from 'node:util'
import { choose, closeAll, finished, host, skip, visit } from './support.mjs'

const { positionals: [file], values: { size } } = parseArgs(
  { allowPositionals: true, options: { size: { type: 'string', default: '384' } } })
if (skip || !file) throw new Error(skip || 'which file is the picture for?')
const { page, close } = await visit(await host(), { colorScheme: 'light' })
await choose(page)
await page.locator('#size').fill(size)
await page.locator('#start').click()
await page.locator('#save-png:visible').waitFor({ timeout: 3_600_000 })
await finished(page)
await page.locator('#split').fill('50')
await page.screenshot({ path: file })
await close()
await closeAll()
