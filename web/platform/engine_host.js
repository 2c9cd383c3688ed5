// SPDX-License-Identifier: MIT
//
// The page's one engine: made when first needed, made anew when the number of threads changes, and told where the
// weights come from. `ready` is called with each engine, so that the page can say what it is and measure the device,
// and `loaded` when its weights are in. An engine that fails takes only itself away, never the one that came after it.

import { createEngine } from '../api/index.browser.js'
import { dropWeights, fetchWeights } from './weights_cache.js'

/** @typedef {import('../api/index.browser.js').Engine} Engine */
/** @typedef {import('../api/index.browser.js').StrotssError} StrotssError */
/** @typedef {<T>(work: (engine: Engine) => Promise<T>) => Promise<T>} Use */

/**
 * @param {{ ready: (engine: Engine) => void, loaded: () => void, download: (loaded: number, total: number) => void,
 *   failed: (error: Error) => void }} on failed: the engine or its weights did not come or were refused; the next call
 *   asks for them again
 */
export function createHost(on) {
  /** @type {Promise<Engine>|null} */
  let engine = null
  /** @type {number|undefined} */
  let threads
  /** @type {Set<Promise<unknown>>} */
  const inFlight = new Set()

  /** @param {Engine} made @returns {Promise<boolean>} false when it was given up meanwhile */
  async function loads(made) {
    try {
      await made.ready
      return true
    } catch (error) {
      const { code } = /** @type {StrotssError} */ (error)
      if (code === 'DISPOSED') return false
      made.dispose()
      if (code === 'BAD_WEIGHTS') await dropWeights()
      throw error
    }
  }

  function get() {
    if (engine) return engine
    const mine = createEngine({
      threads,
      base: new URL('wasm/', document.baseURI),
      weights: () => fetchWeights(on.download)
    })
    engine = mine
    const current = () => engine === mine
    mine.then(async (made) => {
      if (current()) on.ready(made)
      if (await loads(made) && current()) on.loaded()
    }).catch((error) => {
      if (!current()) return
      engine = null
      on.failed(error)
    })
    return mine
  }

  return {
    get,
    /** Work beside the runs, which a change of threads lets finish. @type {Use} */
    async use(work) {
      const result = get().then(work)
      inFlight.add(result)
      try {
        return await result
      } finally {
        inFlight.delete(result)
      }
    },
    /** @param {number|undefined} wanted undefined: as many as help */
    async setThreads(wanted) {
      if (wanted === threads) return
      threads = wanted
      const old = engine
      engine = null
      await Promise.allSettled(inFlight)
      await old?.then((made) => made.dispose(), () => undefined)
    }
  }
}
