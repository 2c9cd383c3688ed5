// SPDX-License-Identifier: MIT
//
// Chromium as a place to measure in: an isolated page (threads allowed) on a server of ours, a fresh worker a task.

import { fileURLToPath } from 'node:url'
import { serve } from '../../web/dev_server.mjs'
import { findChromium } from '../browser/find_chromium.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const executablePath = findChromium()

/** Null without Chromium. */
export async function openChromium() {
  if (!executablePath) return null
  const { chromium } = await import('playwright-core')
  const server = await serve({ folder: root, port: 0 })
  const browser = await chromium.launch({
    executablePath,
    args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
      '--disable-component-update']
  })
  const page = await browser.newPage()
  await page.goto(`${server.url}tests/bench/page.html`)
  return {
    version: `Chromium ${browser.version()}`,

    /** @param {object} task of tasks.js */
    async task(task) {
      const { result, error } = await page.evaluate((what) => new Promise((resolve) => {
        const worker = new Worker('/tests/bench/worker.js')
        const end = (answer) => {
          worker.terminate()
          resolve(answer)
        }
        worker.onmessage = ({ data }) => end(data)
        worker.onerror = (event) => end({ error: event.message })
        worker.postMessage(what)
      }), task)
      if (error) throw new Error(error)
      return result
    },

    /**
     * A whole run by the library: { seconds, peakBytes, build, threads }.
     * @param {{ content: string, style: string, options: object }} what
     */
    stylize: (what) => page.evaluate(async ({ content, style, options }) => {
      const { createEngine } = await import('/src/api/index.browser.js')
      const picture = async (path) => (await fetch(`/${path}`)).blob()
      const base = new URL('/build/wasm/', location.href)
      const engine = await createEngine({ base, weights: '/weights/vgg16.q8.bin' })
      const pair = { content: await picture(content), style: await picture(style) }
      const { stats } = await engine.stylize({ ...pair, ...options })
      engine.dispose()
      return { seconds: stats.seconds, peakBytes: stats.peakBytes, build: stats.build, threads: stats.threads }
    }, what),

    async close() {
      await browser.close()
      await server.close()
    }
  }
}
