// SPDX-License-Identifier: MIT
//
// Runs the tests that emscripten.mk has built and prints one line of totals:
//
//   node tests/run.mjs [native] [wasm] [node] [browser] [fuzz [--seconds N]]
//
// native, wasm: the C tests, under ASan and UBSan or in Node; each program prints "NAME: N passed, M failed".
// node, browser: tests/node and tests/browser under Node's own test runner; those of the browser say why where they are
//   skipped.
// fuzz: the targets of tests/fuzz, N seconds each (10), one test each, from the corpora there and from what was found
//   before.
// A suite that ran nothing counts as a failure. Exit status 1 when anything failed.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const total = { passed: 0, failed: 0, skipped: 0 }

/** Names in a folder that end so. @param {string} folder @param {string} end */
const list = (folder, end) => readdirSync(path.join(root, folder)).filter((name) => name.endsWith(end)).sort()

/**
 * Runs a command, shows what it prints unless silent, and returns that.
 * @param {string} command @param {string[]} args @param {boolean} [silent]
 */
function run(command, args, silent = false) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', silent ? 'pipe' : 'inherit'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (part) => {
        text += part
        if (!silent) process.stdout.write(part)
      })
    }
    child.on('error', (error) => resolve({ text: `${text}${error.message}\n`, good: false }))
    child.on('close', (code) => resolve({ text, good: code === 0 }))
  })
}

/**
 * @param {(name: string) => [string, string[]]} command of a C test
 * @param {string} [without] a test that is not built so
 */
async function programs(command, without) {
  const names = list('tests/c', '.c').map((name) => name.slice(0, -2)).filter((name) => name !== without)
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
  const { text, good } = await run(process.execPath,
    ['--test', '--test-reporter=spec', '--test-concurrency=1', ...files])
  const count = (/** @type {string} */ what) => Number(new RegExp(`^\\S+ ${what} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
  const failed = count('fail') + count('cancelled')
  total.passed += count('pass')
  total.skipped += count('skipped')
  total.failed += failed
  if (!failed && (!good || count('pass') + count('skipped') === 0)) total.failed++
}

/** The longest inputs that make sense, where libFuzzer's own 4096 bytes do not. @type {Record<string, number>} */
const LONGEST_INPUT = { fuzz_image: 2048, fuzz_state: 16384 }

/** A target of libFuzzer; what it finds is kept in build/fuzz. @param {string} name @returns {[string, string[]]} */
function libFuzzer(name) {
  const found = path.join('build/fuzz/found', name)
  const corpus = path.join('tests/fuzz/corpus', name.slice('fuzz_'.length))
  mkdirSync(path.join(root, found), { recursive: true })
  return [path.join('build/fuzz', name), [`-max_total_time=${seconds}`, `-max_len=${LONGEST_INPUT[name] ?? 0}`,
    '-seed=1', '-verbosity=0', '-artifact_prefix=build/fuzz/', '-print_final_stats=1', found,
    ...existsSync(path.join(root, corpus)) ? [corpus] : []]]
}

async function fuzzers() {
  let inputs = 0
  const targets = [...list('tests/fuzz', '.c').map((name) => libFuzzer(name.slice(0, -2))),
    ...list('tests/fuzz', '.mjs').filter((name) => name.startsWith('fuzz_'))
      .map((name) => /** @type {[string, string[]]} */ (
        [process.execPath, [path.join('tests/fuzz', name), '--seconds', seconds]]))]
  for (const [command, args] of targets) {
    const { text, good } = await run(command, args, true)
    const done = Number(/^(?:Done |stat::number_of_executed_units: )(\d+)/m.exec(text)?.[1] ?? 0)
    const name = path.basename(command === process.execPath ? args[0] : command)
    inputs += done
    if (good && done > 0) total.passed++
    else total.failed++
    console.log(good && done > 0 ? `${name}: ${done} inputs` : `${text}\n${name}: FAILED`)
  }
  console.log(`${inputs} inputs, ${seconds} s each`)
}

const kinds = {
  native: () => programs((name) => [path.join('build/native', name), ['tests/golden', 'weights/vgg16.q8.bin']]),
  wasm: () => programs((name) => [process.execPath, ['tests/c/run_wasm.mjs', name]], 'test_memory'),
  node: () => suites('tests/node'),
  browser: () => suites('tests/browser'),
  fuzz: fuzzers
}

const { positionals: wanted, values: { seconds } } = parseArgs(
  { allowPositionals: true, options: { seconds: { type: 'string', default: '10' } } })
for (const kind of wanted.length ? wanted : Object.keys(kinds)) {
  console.log(`---- ${kind}`)
  const start = performance.now()
  await kinds[/** @type {keyof typeof kinds} */ (kind)]()
  console.log(`---- ${kind}: ${((performance.now() - start) / 1000).toFixed(0)} s`)
}
const { passed, failed, skipped } = total
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed || !passed ? 1 : 0
