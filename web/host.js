// SPDX-License-Identifier: MIT
//
// The page's one engine: made when first needed, made anew when the number of threads changes, and told where the
// weights come from. `ready` is called with each engine, so that the page can say what it is and measure the device.

import { createEngine } from './api/engine.js'
import { fetchWeights } from './weights.js'

/**
 * @param {{ ready: (engine: any) => void, download: (loaded: number, total: number) => void }} on
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
    on.ready(made)
    return made
  }

  return {
    get() {
      engine ??= create()
      engine.catch(() => {
        engine = null
      })
      return engine
    },
    /** @param {number} wanted */
    async setThreads(wanted) {
      if (wanted === threads) return
      threads = wanted
      const old = engine
      engine = null
      await (await old)?.dispose()
    }
  }
}
