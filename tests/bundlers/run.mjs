// SPDX-License-Identifier: MIT
//
// node tests/bundlers/run.mjs [NAME...]: packs the package from what is built (make -f emscripten.mk all types), prints
// its size by part, and installs it once for each way of `ways.mjs` (or for those named), in a temporary folder beside
// what that way needs. There it is built and started, and paints a picture of 64 px: pages in Chromium, the others as a
// program. Prints one line for each way. Not among the other tests, since it installs from the network.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { serve } from '../../web/dev_server.mjs'
import { findChromium } from '../browser/find_chromium.mjs'
import { ways } from './ways.mjs'

/** @typedef {import('./ways.mjs').Way} Way */

const here = fileURLToPath(new URL('.', import.meta.url))
const root = path.join(here, '../..')
const place = mkdtempSync(path.join(tmpdir(), 'strotss-bundlers-'))
const SAMPLES = { 'content.jpg': 'cat.jpg', 'style.jpg': 'church-at-auvers.jpg' }
const { devDependencies } = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8'))
const seconds = (/** @type {number} */ since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** Runs a command and gives what it prints. @param {string} folder @param {string} command @param {...string} args */
function run(folder, command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 600000,
    env: { ...process.env, NODE_ENV: undefined, NEXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1' } })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}${stdout}`)
  return stdout
}

/** @param {string} tarball @param {string} name @param {Way} way @returns {string} the folder of an app, installed */
function install(tarball, name, { packages = [], app, pictures = '.' }) {
  const folder = path.join(place, name)
  mkdirSync(path.join(folder, pictures), { recursive: true })
  if (app) cpSync(path.join(here, 'apps', app), folder, { recursive: true })
  for (const file of ['page.js', 'first.mjs']) cpSync(path.join(here, file), path.join(folder, file))
  for (const [file, sample] of Object.entries(SAMPLES)) cpSync(
    path.join(root, 'web/samples', sample), path.join(folder, pictures, file))
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', tarball,
    ...packages.map((wanted) => `${wanted}@${devDependencies[wanted]}`))
  return folder
}

/**
 * Opens a page in Chromium until its picture is there.
 * @param {import('playwright-core').Browser} browser @param {string} url @returns {Promise<string>} its title
 */
async function look(browser, url) {
  /** @type {string[]} */
  const faults = []
  const page = await browser.newPage()
  page.on('console', (message) => message.type() === 'error' && !/favicon/.test(message.location().url) &&
    faults.push(message.text()))
  page.on('pageerror', (error) => faults.push(error.message))
  await page.goto(url)
  await page.waitForFunction(() => /^(done|failed)/.test(document.title), null, { timeout: 120000 })
    .catch(() => faults.push('no picture'))
  const title = await page.title()
  await page.close()
  if (faults.length) throw new Error([title, ...faults].join('; '))
  return title
}

/** @param {string} title @param {RegExp} wanted */
function expect(title, wanted) {
  if (!wanted.test(title)) throw new Error(title)
  return title
}

/** An array, or since npm 12 an object, of one. */
const [pack] = Object.values(JSON.parse(
  run(root, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', place)))
const tarball = path.join(place, pack.filename)
/** @type {Record<string, number>} */
const parts = {}
for (const { path: file, size } of pack.files) {
  const part = file.split('/').slice(0, /^(src|build)\//.test(file) ? 2 : 1).join('/')
  parts[part] = (parts[part] ?? 0) + size
}
console.log(`${pack.filename}: ${(pack.size / 1e6).toFixed(1)} MB packed, ${
  (pack.unpackedSize / 1e6).toFixed(1)} MB unpacked, ${pack.files.length} files`)
for (const [part, size] of Object.entries(parts).sort((a, b) => b[1] - a[1])) console.log(
  `  ${part.padEnd(16)} ${(size / 1e3).toFixed(1).padStart(8)} kB`)

const browser = await chromium.launch({ executablePath: findChromium(),
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
const asked = process.argv.slice(2)
for (const [name, way] of Object.entries(ways)) {
  if (asked.length && !asked.includes(name)) continue
  const start = performance.now()
  try {
    const folder = install(tarball, name, way)
    const said = await way.act({
      folder, tarball, run: (...words) => run(folder, ...words), serve,
      look: async (url, wanted = /^done 64x\d+ threads/) => expect(await look(browser, url), wanted)
    })
    console.log(`${name.padEnd(12)} passed  ${said}, ${seconds(start)} from npm install to the picture`)
  } catch (error) {
    console.log(`${name.padEnd(12)} FAILED  ${/** @type {Error} */ (error).message}`)
    process.exitCode = 1
  }
}
await browser.close()
rmSync(place, { recursive: true, force: true, maxRetries: 5 })
