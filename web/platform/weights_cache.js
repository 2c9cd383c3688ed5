// SPDX-License-Identifier: MIT
//
// The network's weights: fetched once with progress, kept in the Cache API under a name of their own, deletable. Where
// the browser refuses to keep them (private window, quota) they stay in memory. The engine checks their hash; bytes
// that it refuses are dropped by the caller.

import { readBody } from '../api/shared/download.js'

const NAME = 'strotss-weights'
export const weightsAddress = new URL('weights/vgg16.q8.bin', document.baseURI).href

const open = () => window.caches?.open(NAME).catch(() => undefined)

/** Bytes kept on this device, 0 when none. */
export async function storedWeights() {
  const kept = await (await open())?.match(weightsAddress)
  return kept ? (await kept.blob()).size : 0
}

export async function dropWeights() {
  await window.caches?.delete(NAME)
}

/** @param {(loaded: number, total: number) => void} onProgress @returns {Promise<Uint8Array>} */
export async function fetchWeights(onProgress) {
  const cache = await open()
  const kept = await cache?.match(weightsAddress)
  if (kept) return new Uint8Array(await kept.arrayBuffer())
  const response = await fetch(weightsAddress)
  if (!response.ok || !response.body) throw new Error(
    `The network’s weights could not be fetched (${response.status}).`)
  const bytes = await readBody(response, onProgress)
  await cache?.put(weightsAddress, new Response(bytes)).catch(() => undefined)
  await navigator.storage?.persist?.().catch(() => false)
  return bytes
}
