// SPDX-License-Identifier: MIT
//
// The page's one engine: made when first needed, made anew when the number of threads changes, and told where the
// weights come from. `ready` is called with each engine, so that the page can say what it is and measure the device.

import { createEngine } from './api/engine.js'
import { dropWeights, fetchWeights } from './weights.js'

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
    /** Work beside the runs: done again where a change of threads took its engine away. @type {Use} */
    async use(work) {
      for (;;) {
        try {
          return await work(await get())
        } catch (error) {
          if (/** @type {{ code?: string }} */ (error).code !== 'DISPOSED') throw error
        }
      }
    },
    /** @param {number|undefined} wanted undefined: as many as help */
    async setThreads(wanted) {
      if (wanted === threads) return
      threads = wanted
      const old = engine
      engine = null
      await old?.then((made) => made.dispose(), () => undefined)
    }
  }
}
