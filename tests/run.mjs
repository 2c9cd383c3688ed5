// SPDX-License-Identifier: MIT
//
// Runs the tests that emscripten.mk has built and prints one line of totals:
//
//   node tests/run.mjs [native] [wasm] [node] [browser]
//
// native, wasm: the C tests, under ASan and UBSan or in Node; each program prints "NAME: N passed, M failed".
// node, browser: tests/node and tests/browser under Node's own test runner; those of the browser say why where they are skipped.
// A suite that ran nothing counts as a failure. Exit status 1 when anything failed.

import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const total = { passed: 0, failed: 0, skipped: 0 }

/** Names in a folder that end so. @param {string} folder @param {string} end */
const list = (folder, end) => readdirSync(path.join(root, folder)).filter((name) => name.endsWith(end)).sort()

/** Runs a command, shows what it prints, and returns that. @param {string} command @param {string[]} args */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (part) => {
      text += part
      process.stdout.write(part)
    })
    child.on('error', (error) => resolve({ text: `${text}${error.message}\n`, good: false }))
    child.on('close', (code) => resolve({ text, good: code === 0 }))
  })
}

/** @param {(name: string) => [string, string[]]} command of a C test */
async function programs(command) {
  const names = list('tests/c', '.c').map((name) => name.slice(0, -2))
  for (const name of names) {
    const { text, good } = await run(...command(name))
    const [, passed = '0', failed = '0'] = /^test_\w+: (\d+) passed, (\d+) failed$/m.exec(text) ?? []
    total.passed += Number(passed)
    total.failed += Number(failed)
    if (good && Number(passed) > 0 && failed === '0') continue
    console.log(`${name}: FAILED`)
    if (failed === '0') total.failed++
  }
  if (!names.length) total.failed++
}

/** @param {string} folder of *.test.mjs files */
async function suites(folder) {
  const files = list(folder, '.test.mjs').map((name) => path.join(folder, name))
  const { text, good } = await run(process.execPath, ['--test', '--test-reporter=spec', '--test-concurrency=1', ...files])
  const count = (/** @type {string} */ what) => Number(new RegExp(`^\\S+ ${what} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
  const failed = count('fail') + count('cancelled')
  total.passed += count('pass')
  total.skipped += count('skipped')
  total.failed += failed
  if (!failed && (!good || count('pass') + count('skipped') === 0)) total.failed++
}

const kinds = {
  native: () => programs((name) => [path.join('build/native', name), ['tests/golden', 'weights/vgg16.q8.bin']]),
  wasm: () => programs((name) => [process.execPath, ['tests/c/run_wasm.mjs', name]]),
  node: () => suites('tests/node'),
  browser: () => suites('tests/browser')
}

const wanted = process.argv.slice(2)
for (const kind of wanted.length ? wanted : Object.keys(kinds)) {
  console.log(`---- ${kind}`)
  const start = performance.now()
  await kinds[/** @type {keyof typeof kinds} */ (kind)]()
  console.log(`---- ${kind}: ${((performance.now() - start) / 1000).toFixed(0)} s`)
}
const { passed, failed, skipped } = total
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed || !passed ? 1 : 0
