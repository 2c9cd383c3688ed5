// SPDX-License-Identifier: MIT
//
// The C tests in Chromium, on threads: those with hot kernels as the relaxed build, the others as they run in Node
// (test_memory.c is native only).

import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { closeAll, host, root, skip, visit } from './support.mjs'

after(closeAll)

const names = readdirSync(path.join(root, 'tests/c')).filter((name) => name.endsWith('.c') && name !== 'test_memory.c')
  .map((name) => name.slice(0, -2)).sort()
const files = [...readdirSync(path.join(root, 'tests/golden')).map((name) => `tests/golden/${name}`),
  'weights/vgg16.q8.bin']

for (const name of names) {
  const relaxed = existsSync(path.join(root, `build/tests-wasm/${name}-relaxed.wasm`))
  test(`${name}${relaxed ? ', relaxed' : ''}`, { skip }, async () => {
    const { page, close } = await visit(`${await host({ folder: root })}tests/browser/c_tests.html`)
    await page.waitForFunction(() => window.runTest)
    const { text, status } = await page.evaluate(([...args]) => window.runTest(...args), [name, relaxed, files])
    console.log(text)
    assert.equal(status, 0, text)
    assert.match(text, new RegExp(`^${name}: [1-9]\\d* passed, 0 failed$`, 'm'))
    await close()
  })
}
