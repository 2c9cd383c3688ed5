// SPDX-License-Identifier: MIT
//
// The page's one engine: made when first needed, made anew when the number of threads changes, and told where the
// weights come from. `ready` is called with each engine, so that the page can say what it is and measure the device.

import { createEngine } from '../api/index.browser.js'
import { dropWeights, fetchWeights } from './weights_cache.js'

/** @typedef {<T>(work: (engine: any) => Promise<T>) => Promise<T>} Use */

/**
 * @param {{ ready: (engine: any) => void, download: (loaded: number, total: number) => void,
 *   failed: (error: Error) => void }} on failed: the weights did not come or were refused; they are asked for again
 */
export function createHost(on) {
  /** @type {Promise<any>|null} */
  let engine = null
  /** @type {number|undefined} */
  let threads
  /** @type {Set<Promise<unknown>>} */
  const inFlight = new Set()

  async function create() {
    const made = await createEngine({
      threads,
      base: new URL('wasm/', document.baseURI),
      weights: () => fetchWeights(on.download)
    })
    made.ready.catch(async (/** @type {Error & { code?: string }} */ error) => {
      if (error.code === 'DISPOSED') return
      engine = null
      made.dispose()
      await dropWeights()
      on.failed(error)
    })
    on.ready(made)
    return made
  }

  function get() {
    engine ??= create()
    engine.catch(() => {
      engine = null
    })
    return engine
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
