// SPDX-License-Identifier: MIT
//
// What every browser test shares: the assembled site on a server, Chromium, and a page that is watched. A page with any
// console error, uncaught exception, policy violation or request to another origin fails its test when it is closed.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve } from '../../web/dev_server.mjs'
import { findChromium } from './find_chromium.mjs'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const site = path.join(root, 'build/site')
const executablePath = findChromium()

/** Why no test can run here, or false. */
export const skip = !executablePath ? 'Chromium is not installed'
  : !existsSync(path.join(site, 'index.html')) ? 'build/site is missing: make -f emscripten.mk site' : false

export const sample = (name) => path.join(root, 'web/samples', name)
export const content = sample('cat.jpg')
export const style = sample('church-at-auvers.jpg')

/** With and without WebGPU, which is SwiftShader's. @type {Map<boolean, import('playwright-core').Browser>} */
const browsers = new Map()
/** @type {Map<string, { url: string, close: () => Promise<void> }>} */
const servers = new Map()

/** @param {boolean} gpu @returns {Promise<import('playwright-core').Browser>} */
async function chromium(gpu) {
  const { chromium: launcher } = await import('playwright-core')
  const drawing = gpu ? ['--headless=new', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']
    : ['--headless', '--disable-gpu']
  const browser = browsers.get(gpu) ?? await launcher.launch({
    executablePath,
    args: [...drawing, '--no-sandbox', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--no-first-run']
  })
  browsers.set(gpu, browser)
  return browser
}

/** To be called after the last test of a file. */
export async function closeAll() {
  for (const browser of browsers.values()) await browser.close()
  for (const { close } of servers.values()) await close()
}

/**
 * @param {{ isolated?: boolean, base?: string, folder?: string }} [options] of web/dev_server.mjs
 * @returns {Promise<string>} where the site is
 */
export async function host(options = {}) {
  const key = JSON.stringify(options)
  if (!servers.has(key)) servers.set(key, await serve({ folder: site, port: 0, ...options }))
  return servers.get(key).url
}

/**
 * A watched page of a fresh profile.
 * @param {string} url
 * @param {import('playwright-core').BrowserContextOptions & { expected?: RegExp,
 *   prepare?: (context: import('playwright-core').BrowserContext) => Promise<unknown>, gpu?: boolean }} [options]
 *   expected: errors that the test provokes; prepare: what must be in place before the page loads; gpu: with WebGPU
 */
export async function visit(url, { expected, prepare, gpu = false, ...options } = {}) {
  const context = await (await chromium(gpu)).newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const faults = []
  const note = (text) => expected?.test(text) || faults.push(text)
  const watch = (page) => {
    page.on('console', (message) => message.type() === 'error' && note(`console: ${message.text()}`))
    page.on('pageerror', (error) => note(`uncaught: ${error.message}`))
    page.setDefaultTimeout(60000)
  }
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== new URL(url).origin && protocol !== 'blob:') note(`request to ${request.url()}`)
  })
  await context.addInitScript(() => {
    window.longTasks = []
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) window.longTasks.push({ startTime, duration })
    }).observe({ entryTypes: ['longtask'] })
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)
    })
  })
  await prepare?.(context)
  context.on('page', watch)
  const page = await context.newPage()
  await page.goto(url)
  return {
    context,
    page,
    async close() {
      await context.close()
      assert.deepEqual(faults, [])
    }
  }
}

/** The page asks for its engine, as it does when a person looks at what stands under Advanced. */
export async function wake(page) {
  await page.waitForLoadState()
  await page.evaluate(() => document.getElementById('advanced').dispatchEvent(new Event('toggle')))
}

/** The engine has started and said what it is. @param {import('playwright-core').Page} page */
export async function engineReady(page) {
  await wake(page)
  await page.waitForFunction(() => document.getElementById('engine-info').textContent !== '')
}

/**
 * What a page gets when a file is dropped or chosen.
 * @param {import('playwright-core').Page} page @param {string} name @param {string} type @param {Uint8Array} bytes
 */
export function transferOf(page, name, type, bytes) {
  return page.evaluateHandle(([text, fileName, fileType]) => {
    const data = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
    const transfer = new DataTransfer()
    transfer.items.add(new File([data], fileName, { type: fileType }))
    return transfer
  }, [Buffer.from(bytes).toString('base64'), name, type])
}

/**
 * A picture file of the browser's making.
 * @param {import('playwright-core').Page} page @param {number} width @param {number} height
 * @param {(x: number, y: number) => number[]} color rgba @param {string} [type] @returns {Promise<Buffer>}
 */
export async function pictureFile(page, width, height, color, type = 'image/png') {
  const data = Array.from({ length: width * height }, (_, i) => color(i % width, Math.floor(i / width))).flat()
  const text = await page.evaluate(async (wanted) => {
    const canvas = new OffscreenCanvas(wanted.width, wanted.height)
    canvas.getContext('2d')
      .putImageData(new ImageData(Uint8ClampedArray.from(wanted.data), wanted.width, wanted.height), 0, 0)
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: wanted.type })).arrayBuffer())
    return btoa(String.fromCharCode(...bytes))
  }, { width, height, data, type })
  return Buffer.from(text, 'base64')
}

/** 90 x 60, clear but for a dark square. @param {import('playwright-core').Page} page @param {string} type */
export const drawn = (page, type) => pictureFile(page, 90, 60,
  (x, y) => [0, 0, 0, x >= 10 && x < 50 && y >= 10 && y < 50 ? 255 : 0], type)

/** Both wells filled as with the file dialog. */
export async function choose(page, contentFile = content, styleFile = style) {
  await page.setInputFiles('#content-file', contentFile)
  await page.setInputFiles('#style-file', styleFile)
  await page.locator('#start:enabled').waitFor()
}

/**
 * Sets a field of the settings, wherever it stands.
 * @param {import('playwright-core').Page} page @param {string} selector @param {string} [value] left out: chosen
 */
export const set = (page, selector, value) => page.locator(selector).evaluate((field, wanted) => {
  if (wanted === undefined) field.checked = true
  else field.value = wanted
  for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }))
}, value)

/** The smallest, shortest run. */
export async function smallest(page) {
  await set(page, '#size', '128')
  await set(page, '[value=draft]')
}

/** Starts the smallest run, and sees iterations done: the engine works here. */
export async function paints(page) {
  await smallest(page)
  await page.locator('#start').click()
  await page.locator('#terms path[d]').first().waitFor({ state: 'attached', timeout: 120000 })
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.locator('#running').waitFor({ state: 'hidden' }) // with a picture, or stopped before there was one
}

export const finished = (page) => page.locator('#keep:not([hidden])').waitFor({ timeout: 300000 })

/**
 * Downloads the picture in a format, or presses another button that downloads, and gives the file.
 * @returns {Promise<{ name: string, bytes: Buffer }>}
 */
export async function download(page, what) {
  const format = ['PNG', 'JPEG'].includes(what)
  if (format) await page.locator('#format').selectOption({ label: what })
  const button = page.getByRole('button', { name: format ? 'Download' : what, exact: true, includeHidden: true })
  const [file] = await Promise.all([page.waitForEvent('download'), button.evaluate((element) => element.click())])
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) }
}

/** Saves a screenshot to build/screenshots. */
export async function shoot(page, name) {
  const folder = path.join(root, 'build/screenshots')
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: path.join(folder, `${name}.png`) })
}
