// SPDX-License-Identifier: MIT
//
// The last run, kept in IndexedDB so that it survives a reload, a closed tab or a crash. Two records: `inputs`
// (pictures, regions and settings, written once when the run starts) and `state` (the engine's checkpoint and the
// picture so far, written after the first iteration, at each scale's end, on pause, when the page is hidden and every
// quarter of a minute).
// Everything is done in the order asked for. A browser that refuses to store loses only this: every function then
// resolves to nothing, and the page says so once.

import { notice } from '../page/chrome.js'

let told = false

/**
 * @typedef {{ content: { name: string, blob: Blob }, style: { name: string, blob: Blob },
 *   regions: import('../regions/editor.js').Saved|null, settings: import('../page/settings.js').Settings }} Inputs
 * @typedef {{ checkpoint: Uint8Array, image: import('../shared/dom.js').Pixels, fraction: number, done: boolean,
 *   scales: import('../shared/dom.js').Pixels[], seconds: number }} State
 */

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('strotss', 1)
    request.onupgradeneeded = () => request.result.createObjectStore('last')
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** @type {Promise<unknown>} */
let queue = Promise.resolve()

/**
 * @template T
 * @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<T>} act
 * @returns {Promise<T|undefined>}
 */
function within(mode, act) {
  const turn = queue.then(() => transact(mode, act))
  queue = turn
  return turn
}

/**
 * @template T @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<T>} act
 * @returns {Promise<T|undefined>}
 */
async function transact(mode, act) {
  let database
  try {
    const opened = (database = await open())
    return await new Promise((resolve, reject) => {
      const transaction = opened.transaction('last', mode)
      const request = act(transaction.objectStore('last'))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onabort = () => reject(transaction.error)
    })
  } catch {
    if (mode === 'readwrite' && !told) notice(
      'This browser keeps nothing for the page: a run is lost when the page is closed.')
    told ||= mode === 'readwrite'
    return undefined
  } finally {
    database?.close()
  }
}

/** A new run takes the place of the last. @param {Inputs} inputs */
export function keepInputs(inputs) {
  forget()
  return within('readwrite', (store) => store.put(inputs, 'inputs'))
}

/** @param {State} state */
export const keepState = (state) => within('readwrite', (store) => store.put(state, 'state'))

export const forget = () => within('readwrite', (store) => store.clear())

/** @returns {Promise<{ inputs: Inputs, state: State }|null>} null when there is nothing to go on with */
export async function recall() {
  const inputs = await within('readonly', (store) => store.get('inputs'))
  const state = await within('readonly', (store) => store.get('state'))
  return inputs && state ? { inputs, state } : null
}
