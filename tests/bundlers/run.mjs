// SPDX-License-Identifier: MIT
//
// node tests/bundlers/run.mjs: packs the package from what is built (make -f emscripten.mk all types) and tells its
// size by part; installs it in build/bundlers, where a script in Node, a page without a bundler, and pages built by
// Vite and webpack each paint a picture of 64 px, the pages in Chromium. Tells the seconds from the start of
// `npm install` to the first picture in Node and on a page, and what `npm audit` finds. Not among the other tests,
// since it installs from the network.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { serve } from '../../web/dev_server.mjs'
import { findChromium } from '../browser/find_chromium.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = path.join(here, '../..')
const project = path.join(root, 'build/bundlers')
const at = (/** @type {string[]} */ ...names) => path.join(project, ...names)
const SAMPLES = { 'content.jpg': 'cat.jpg', 'style.jpg': 'church-at-auvers.jpg' }
const seconds = (/** @type {number} */ since) => (performance.now() - since) / 1000

/** Runs a command and gives what it prints. @param {string} folder @param {string} command @param {...string} args */
function run(folder, command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr || stdout}`)
  return stdout
}

/** A package of this folder, with nothing installed yet. @param {string} folder */
function begin(folder) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
}

/** @param {string} folder @param {...string} packages */
const install = (folder, ...packages) => run(folder, 'npm', 'install', '--no-audit', '--no-fund', ...packages)

/**
 * A site's folder: the two samples, and the builds where they must be copied.
 * @param {string} folder @param {string} head @param {string} script @param {boolean} [copied]
 */
function site(folder, head, script, copied) {
  mkdirSync(folder, { recursive: true })
  for (const [name, sample] of Object.entries(SAMPLES)) cpSync(
    path.join(root, 'web/samples', sample), path.join(folder, name))
  if (copied) cpSync(at('node_modules/strotss/build/wasm'), path.join(folder, 'wasm'), { recursive: true })
  writeFileSync(path.join(folder, 'index.html'),
    `<!doctype html><html${copied ? ' data-base="wasm/"' : ''}><meta charset="utf-8">
<link rel="icon" href="data:,">${head}<script type="module" src="${script}"></script></html>\n`)
}

/** Each makes a site and gives its folder. @type {Record<string, () => Promise<string>>} */
const ways = {
  /** The package's own files, their name mapped by the page. */
  async plain() {
    site(project,
      '<script type="importmap">{ "imports": { "strotss": "./node_modules/strotss/src/api/index.browser.js" } }</script>',
      './page.js')
    return project
  },
  async vite() {
    site(at('vite/public'), '', './page.js', true)
    cpSync(at('page.js'), at('vite/page.js'))
    cpSync(at('vite/public/index.html'), at('vite/index.html'))
    rmSync(at('vite/public/index.html'))
    const { build } = await import(pathToFileURL(at('node_modules/vite/dist/node/index.js')).href)
    await build({ root: at('vite'), base: './', logLevel: 'warn',
      build: { outDir: at('vite/dist'), target: 'es2022' }, worker: { format: 'es' } })
    return at('vite/dist')
  },
  async webpack() {
    const webpack = createRequire(at('package.json'))('webpack')
    const stats = await new Promise((resolve, reject) => webpack({
      mode: 'production', context: project, entry: './page.js', performance: false,
      output: { path: at('webpack'), filename: 'app.js', clean: true }
    }, (/** @type {Error|null} */ error, /** @type {any} */ done) => (error ? reject(error) : resolve(done))))
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString('errors-warnings'))
    site(at('webpack'), '', './app.js', true)
    return at('webpack')
  }
}

/**
 * Opens a site in Chromium until its picture is there.
 * @param {import('playwright-core').Browser} browser @param {string} folder
 */
async function look(browser, folder) {
  /** @type {string[]} */
  const faults = []
  const { url, close } = await serve({ folder, port: 0 })
  const page = await browser.newPage()
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  page.on('pageerror', (error) => faults.push(error.message))
  await page.goto(url)
  await page.waitForFunction(() => /^(done|failed)/.test(document.title), null, { timeout: 120000 })
    .catch(() => faults.push('no picture'))
  const title = await page.title()
  await page.close()
  await close()
  if (!/^done 64x\d+ threads/.test(title) || faults.length) throw new Error([title, ...faults].join('; '))
  return title
}

/** @param {string} name @param {() => Promise<string>|string} act which returns what to say */
async function check(name, act) {
  try {
    console.log(`${name.padEnd(9)} passed  ${await act()}`)
  } catch (error) {
    console.log(`${name.padEnd(9)} FAILED  ${/** @type {Error} */ (error).message}`)
    process.exitCode = 1
  }
}

rmSync(project, { recursive: true, force: true })
begin(project)
cpSync(path.join(here, 'page.js'), at('page.js'))

/** An array, or since npm 12 an object, of one. */
const [pack] = Object.values(JSON.parse(
  run(root, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', project)))
const tarball = at(pack.filename)
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

await check('node', () => {
  const start = performance.now()
  begin(at('node'))
  install(at('node'), tarball)
  cpSync(path.join(here, 'first.mjs'), at('node/first.mjs'))
  const samples = Object.values(SAMPLES).map((name) => path.join(root, 'web/samples', name))
  const told = run(at('node'), process.execPath, 'first.mjs', ...samples, 'first.png').trim()
  if (!/^64x\d+ /.test(told) || !existsSync(at('node/first.png'))) throw new Error(told)
  return `${told}, ${seconds(start).toFixed(1)} s from npm install to the picture`
})

const browser = await chromium.launch({ executablePath: findChromium(),
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
await check('plain', async () => {
  const start = performance.now()
  install(project, tarball)
  const title = await look(browser, await ways.plain())
  return `${title}, ${seconds(start).toFixed(1)} s from npm install to the picture`
})
const { devDependencies } = createRequire(import.meta.url)('./package.json')
install(project, ...Object.entries(devDependencies).map(([name, version]) => `${name}@${version}`))
for (const name of ['vite', 'webpack']) await check(name, async () => look(browser, await ways[name]()))
await browser.close()

const audit = spawnSync('npm', ['audit'], { cwd: project, encoding: 'utf8' })
if (/audit endpoint returned an error/.test(audit.stderr)) console.log(
  'npm audit not possible: this registry answers no audits')
else await check('npm audit', () => {
  if (audit.status !== 0) throw new Error(audit.stdout)
  return audit.stdout.trim().split('\n').at(-1) ?? ''
})
