// SPDX-License-Identifier: MIT
//
// An engine that paints when a test says so, in place of the site's api/engine.js: what the page does around a run is
// then seen in milliseconds, and at exactly the moment a test means. window.run is the run that goes on:
// iterate(fraction), scale(index, size, grey), finish(grey), fail(message). Pictures come out in the content's shape, of
// one grey. Where window.weights or window.decoding is a promise, the weights or a decoding wait for it. window.engines
// counts the engines made.

const source = `
export async function createEngine() {
  window.engines = (window.engines ?? 0) + 1
  const ready = Promise.resolve(window.weights)
  ready.catch(() => undefined)
  const pace = {}
  const terms = { remd: 1, moment: 1, palette: 1, content: 1, total: 1 }
  return {
    info: { build: 'fake', threads: 2, why: 'for a test', version: '0' },
    ready, opened: Promise.resolve(), dispose() {},
    async calibrate() {
      await ready
      pace.seconds = 1
    },
    estimate: async () => ({ bytes: 1e6, ...pace, scales: [{ size: 64 }, { size: 128 }] }),
    encode: async ({ data }) => Uint8Array.from(data),
    async decode(bytes) {
      await window.decoding
      const bitmap = await createImageBitmap(new Blob([bytes]))
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
      context.drawImage(bitmap, 0, 0)
      return context.getImageData(0, 0, bitmap.width, bitmap.height)
    },
    start({ content, style, resume, regions, onProgress }) {
      const picture = (size, grey) => {
        const shrink = size / Math.max(content.width, content.height)
        const [width, height] = [content.width, content.height].map((side) => Math.max(2, Math.round(side * shrink)))
        return { width, height, data: new Uint8ClampedArray(4 * width * height).fill(grey) }
      }
      let settle
      const result = new Promise((resolve, reject) => (settle = { resolve, reject }))
      const latest = { image: null, checkpoint: resume ?? null }
      const where = { scale: 0, scales: 2, width: 64, height: 64 }
      window.run = {
        given: { content, style, regions, resumed: Boolean(resume) },
        iterate(fraction, grey = 90) {
          Object.assign(latest, { image: picture(64, grey), checkpoint: Uint8Array.of(1) })
          onProgress({ type: 'iteration', ...where, iteration: 1, iterations: 9, terms, secondsElapsed: 1,
            secondsLeft: 9, fraction })
        },
        scale(index, size, grey) {
          onProgress({ type: 'scale', ...where, scale: index, image: picture(size, grey), seconds: 1, terms,
            checkpoint: Uint8Array.of(1) })
        },
        finish: (grey) => settle.resolve({ image: picture(128, grey), checkpoint: Uint8Array.of(1), stats: {} }),
        fail: (message) => settle.reject(Object.assign(new Error(message), latest))
      }
      return {
        result,
        checkpoint: async () => latest.checkpoint, snapshot: async () => latest.image,
        pause: async () => latest.checkpoint, resume: async () => undefined,
        cancel: () => settle.reject(Object.assign(new Error('cancelled'), latest, { name: 'AbortError' }))
      }
    }
  }
}`

/** For `visit`: no service worker, and this engine. @param {(context: any) => Promise<unknown>} [more] */
export const withFakeEngine = (more) => ({
  serviceWorkers: /** @type {const} */ ('block'),
  /** @param {import('playwright-core').BrowserContext} context */
  async prepare(context) {
    await context.route('**/api/index.browser.js', (route) =>
      route.fulfill({ body: source, contentType: 'text/javascript' }))
    await more?.(context)
  }
})

/** Starts a run, and has it painting. @param {import('playwright-core').Page} page */
export async function begin(page, button = '#start') {
  await page.evaluate(() => (window.run = null))
  await page.locator(button).first().click()
  await page.waitForFunction(() => window.run)
}

/** Iterates to a scale's end, and waits until that is kept. @param {import('playwright-core').Page} page */
export async function iterate(page, /** @type {number} */ fraction) {
  await page.evaluate(async (share) => {
    window.run.iterate(share)
    window.run.scale(0, 64, 90)
    const states = () => new Promise((resolve) => {
      const request = indexedDB.open('strotss')
      request.onsuccess = () => {
        const read = request.result.transaction('states').objectStore('states').getAll()
        read.onsuccess = () => {
          request.result.close()
          resolve(read.result)
        }
      }
    })
    while (!(await states()).some((state) => state.fraction === share && state.scales.length)) {
      await new Promise(requestAnimationFrame)
    }
  }, fraction)
}

/** @param {import('playwright-core').Page} page @param {number} grey */
export async function finish(page, grey) {
  await page.evaluate((shade) => window.run.finish(shade), grey)
  await page.locator('#keep:not([hidden])').waitFor()
}
