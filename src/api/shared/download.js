// SPDX-License-Identifier: MIT
//
// The body of a response, read piece by piece so that a long download can be watched.

/**
 * @param {Response} response
 * @param {(loaded: number, total: number) => void} [onProgress] bytes so far and in all, which grows where the host
 *   names none
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function readBody(response, onProgress) {
  const total = Number(response.headers.get('Content-Length')) || 0
  const chunks = []
  let loaded = 0
  for (const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body).getReader(); ;) {
    const { done, value } = await reader.read()
    if (done) break
    chunks.push(value)
    loaded += value.length
    onProgress?.(loaded, Math.max(total, loaded))
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}
