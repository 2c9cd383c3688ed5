// SPDX-License-Identifier: MIT
//
// Runs, kept in IndexedDB so that they survive a reload, a closed tab or a crash. Under a run's id, which sorts by when
// it began: its `inputs` (pictures, regions, settings) and its `state` (the engine's checkpoint and the picture so far,
// written after the first iteration, at each scale's end, on pause, when the page is hidden and every quarter of a
// minute). Both are written, and both are read, in one transaction. The newest finished picture and the newest KEPT
// runs stay. A run that is being painted belongs to its tab: a Web Lock says so, and the other tabs leave it alone.
// Everything is done in the order asked for. A browser that refuses to store loses only this: every function then
// resolves to nothing, and the page says so once.

import { notice } from '../shared/notices.js'

const KEPT = 4
const LOCK = 'strotss-run-'

let told = false

/**
 * @typedef {{ content: { name: string, blob: Blob }, style: { name: string, blob: Blob },
 *   regions: import('../regions/editor.js').Saved|null, settings: import('../page/settings.js').Settings }} Inputs
 * @typedef {{ checkpoint: Uint8Array, image: import('../shared/dom.js').Pixels, fraction: number, done: boolean,
 *   scales: import('../shared/dom.js').Pixels[], seconds: number }} State
 * @typedef {{ id: string, inputs: Inputs, state: State }} Kept
 */

export const newId = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const answer = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result)
  request.onerror = () => reject(request.error)
})

/** @returns {Promise<IDBDatabase>} */
function open() {
  const request = indexedDB.open('strotss', 2)
  request.onupgradeneeded = async ({ oldVersion }) => {
    const { result: database, transaction } = request
    const inputs = database.createObjectStore('inputs')
    const states = database.createObjectStore('states')
    states.createIndex('done', 'done')
    if (oldVersion === 0 || !transaction) return
    const last = transaction.objectStore('last') // the one run that version 0.1.0 kept
    const [saved, state] = await Promise.all([answer(last.get('inputs')), answer(last.get('state'))])
    if (saved && state) {
      inputs.put(saved, '0')
      states.put({ ...state, done: Number(state.done) }, '0')
    }
    database.deleteObjectStore('last')
  }
  return answer(request)
}

/** @type {Promise<unknown>} */
let queue = Promise.resolve()

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(inputs: IDBObjectStore, states: IDBObjectStore, busy: string[]) => Promise<T>} act
 * @returns {Promise<T|undefined>}
 */
function within(mode, act) {
  const turn = queue.then(() => transact(mode, act))
  queue = turn
  return turn
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(inputs: IDBObjectStore, states: IDBObjectStore, busy: string[]) => Promise<T>} act
 * @returns {Promise<T|undefined>}
 */
async function transact(mode, act) {
  let database
  try {
    const busy = await owned()
    database = await open()
    const transaction = database.transaction(['inputs', 'states'], mode)
    const over = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve
      transaction.onabort = () => reject(transaction.error)
    })
    const work = act(transaction.objectStore('inputs'), transaction.objectStore('states'), busy)
    work.catch(() => transaction.abort())
    return (await Promise.all([work, over]))[0]
  } catch {
    if (mode === 'readwrite' && !told) notice(
      'This browser keeps nothing for the page: a run is lost when the page is closed.')
    told ||= mode === 'readwrite'
    return undefined
  } finally {
    database?.close()
  }
}

/** Runs that some tab paints at this moment. @returns {Promise<string[]>} ids */
async function owned() {
  const { held = [] } = await navigator.locks?.query().catch(() => undefined) ?? {}
  return held.flatMap(({ name = '' }) => name.startsWith(LOCK) ? [name.slice(LOCK.length)] : [])
}

/**
 * Takes a run for this tab.
 * @param {string} id @returns {Promise<(() => void)|null>} to release it; null when another tab paints it
 */
export function own(id) {
  return new Promise((resolve) => {
    const { locks } = navigator
    if (!locks) return resolve(() => undefined)
    locks.request(LOCK + id, { ifAvailable: true }, (lock) => new Promise((release) => {
      resolve(lock && (() => release(undefined)))
      if (!lock) release(undefined)
    })).catch(() => resolve(() => undefined))
  })
}

/** Whether some tab paints it at this moment. @param {string} id */
export const isPainted = async (id) => (await owned()).includes(id)

/** When it was begun. @param {string} id */
export const begunAt = (id) => new Date(parseInt(id, 36))

/** Says before a run, not only when it has something to keep, that nothing can be kept. */
export const tryKeeping = () => within('readwrite', async () => undefined)

/** @param {string} id @param {Inputs} inputs written once @param {State} state */
export function keep(id, inputs, state) {
  return within('readwrite', async (allInputs, states, busy) => {
    const begun = await answer(allInputs.getKey(id))
    if (!begun) allInputs.put(inputs, id)
    states.put({ ...state, done: Number(state.done) }, id)
    if (begun && !state.done) return
    const [all, finished] = await Promise.all(
      [answer(states.getAllKeys()), answer(states.index('done').getAllKeys(1))])
    const stay = new Set([...all.slice(-KEPT), finished.at(-1), ...busy, id])
    for (const other of all) if (!stay.has(other)) for (const store of [allInputs, states]) store.delete(other)
  })
}

/** @param {string} id */
export const forget = (id) => within('readwrite', async (inputs, states) => {
  for (const store of [inputs, states]) store.delete(id)
})

/** @param {string} id @returns {Promise<Kept|null>} null when it is not kept, or no longer */
export async function recall(id) {
  const [inputs, state] = await within('readonly', (allInputs, states) =>
    Promise.all([answer(allInputs.get(id)), answer(states.get(id))])) ?? []
  return inputs && state ? { id, inputs, state: { ...state, done: Boolean(state.done) } } : null
}

/** The newest first, without those that are being painted. @returns {Promise<string[]>} ids */
export async function keptRuns() {
  return await within('readonly', async (_, states, busy) =>
    (await answer(states.getAllKeys())).map(String).filter((id) => !busy.includes(id)).reverse()) ?? []
}
