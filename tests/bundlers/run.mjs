// SPDX-License-Identifier: MIT
//
// node tests/bundlers/run.mjs: packs the package from what is built (make -f emscripten.mk all types), installs it beside Vite and webpack in
// build/bundlers, builds tests/bundlers/page.js with each and without any, and lets Chromium open the three. Not among the other
// tests, since it installs from the network.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { serve } from '../../web/serve.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = path.join(here, '../..')
const project = path.join(root, 'build/bundlers')
const at = (/** @type {string[]} */ ...names) => path.join(project, ...names)

/** @param {string} folder @param {...string} args of npm */
function npm(folder, ...args) {
  const { status } = spawnSync('npm', [...args, '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed`)
}

/** @param {string} head @param {string} script @param {string} [base] */
const html = (head, script, base) => `<!doctype html><html${base ? ` data-base="${base}"` : ''}><meta charset="utf-8"><link rel="icon" href="data:,">
${head}<script type="module" src="${script}"></script></html>\n`

const ways = {
  /** The package's own files, their name mapped by the page. */
  async plain() {
    const map = '<script type="importmap">{ "imports": { "strotss": "./node_modules/strotss/src/api/engine.js" } }</script>\n'
    writeFileSync(at('index.html'), html(map, './page.js'))
    return project
  },
  async vite() {
    mkdirSync(at('vite'))
    cpSync(at('page.js'), at('vite/page.js'))
    cpSync(at('node_modules/strotss/build/wasm'), at('vite/public/wasm'), { recursive: true })
    writeFileSync(at('vite/index.html'), html('', './page.js', 'wasm/'))
    const { build } = await import(pathToFileURL(at('node_modules/vite/dist/node/index.js')).href)
    await build({ root: at('vite'), base: './', logLevel: 'warn', build: { outDir: at('vite/dist'), target: 'es2022' }, worker: { format: 'es' } })
    return at('vite/dist')
  },
  async webpack() {
    const webpack = createRequire(at('package.json'))('webpack')
    const stats = await new Promise((resolve, reject) => webpack({
      mode: 'production', context: project, entry: './page.js', performance: false, output: { path: at('webpack'), filename: 'app.js', clean: true }
    }, (/** @type {Error|null} */ error, /** @type {any} */ done) => (error ? reject(error) : resolve(done))))
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString('errors-warnings'))
    cpSync(at('node_modules/strotss/build/wasm'), at('webpack/wasm'), { recursive: true })
    writeFileSync(at('webpack/index.html'), html('', './app.js', 'wasm/'))
    return at('webpack')
  }
}

rmSync(project, { recursive: true, force: true })
mkdirSync(project, { recursive: true })
for (const file of ['package.json', 'page.js']) cpSync(path.join(here, file), at(file))
npm(root, 'pack', '--ignore-scripts', '--pack-destination', project)
npm(project, 'install')
npm(project, 'install', '--no-save', at('strotss-0.1.0.tgz'))

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync)
const browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
for (const [name, build] of Object.entries(ways)) {
  /** @type {string[]} */
  const faults = []
  let title = ''
  try {
    const { url, close } = await serve({ folder: await build(), port: 0 })
    const page = await browser.newPage()
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    page.on('pageerror', (error) => faults.push(error.message))
    await page.goto(url)
    await page.waitForFunction(() => /^(done|failed)/.test(document.title), null, { timeout: 120000 }).catch(() => faults.push('no picture'))
    title = await page.title()
    await page.close()
    await close()
  } catch (error) {
    faults.push(String(error))
  }
  const good = title.startsWith('done 64x64') && !faults.length
  console.log(`${name.padEnd(8)} ${good ? 'passed' : 'FAILED'}  ${title} ${faults.join('; ')}`)
  if (!good) process.exitCode = 1
}
await browser.close()
