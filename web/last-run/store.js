// SPDX-License-Identifier: MIT
//
// Runs, kept in IndexedDB so that they survive a reload, a closed tab or a crash. Under a run's id, which sorts by when
// it began: its `inputs` (pictures, regions, settings) and its `state` (the engine's checkpoint and the picture so far,
// written after the first iteration, at each scale's end, on pause, when the page is hidden and every quarter of a
// minute). Both are written, and both are read, in one transaction, and with them a small `card`, which is enough to
// offer it by. The newest FINISHED pictures stay, and the newest KEPT runs that are not finished. A run that is being
// painted belongs to its tab: a Web Lock says so, and the other tabs leave it alone.
// Everything is done in the order asked for. A browser that refuses to store loses only this: every function then
// resolves to nothing, and the page says so once.

import { notice } from '../shared/notices.js'

const KEPT = 4
const FINISHED = 20
const SMALL = 176 // long side of a card's picture
const STORES = ['inputs', 'states', 'cards']
const LOCK = 'strotss-run-'

let told = false

/**
 * @typedef {{ content: { name: string, blob: Blob }, style: { name: string, blob: Blob },
 *   styleImage?: import('../shared/dom.js').Pixels,
 *   regions: import('../regions/editor.js').Saved|null, settings: import('../page/settings.js').Settings }} Inputs
 * @typedef {{ checkpoint: Uint8Array, image: import('../shared/dom.js').Pixels, fraction: number, done: boolean,
 *   scales: import('../shared/dom.js').Pixels[], seconds: number }} State
 * @typedef {{ id: string, inputs: Inputs, state: State }} Kept
 * @typedef {{ id: string, done: boolean, fraction: number, content: string, style: string,
 *   settings: import('../page/settings.js').Settings, image: import('../shared/dom.js').Pixels,
 *   styleImage?: import('../shared/dom.js').Pixels }} Card content, style: names of files
 */

export const newId = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`

/**
 * Every so-manieth pixel: enough for a small picture.
 * @param {import('../shared/dom.js').Pixels} image @returns {import('../shared/dom.js').Pixels}
 */
export function small({ width, height, data }) {
  const step = Math.max(1, Math.max(width, height) / SMALL)
  const [w, h] = [width, height].map((side) => Math.max(1, Math.floor(side / step)))
  const [from, to] = [new Uint32Array(data.buffer, data.byteOffset, width * height), new Uint32Array(w * h)]
  for (let y = 0; y < h; y++) {
    const row = Math.floor((y + 0.5) * step) * width
    for (let x = 0; x < w; x++) to[y * w + x] = from[row + Math.floor((x + 0.5) * step)]
  }
  return { width: w, height: h, data: new Uint8ClampedArray(to.buffer) }
}

/** @param {string} id @param {Inputs} inputs @param {State} state @returns {Card} */
const cardOf = (id, { content, style, settings, styleImage }, { done, fraction, image }) => ({
  id, done: Boolean(done), fraction, content: content.name, style: style.name, settings, image: small(image), styleImage
})

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const answer = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result)
  request.onerror = () => reject(request.error)
})

/** @returns {Promise<IDBDatabase>} */
function open() {
  const request = indexedDB.open('strotss', 3)
  request.onupgradeneeded = async ({ oldVersion }) => {
    const { result: database, transaction } = request
    const cards = database.createObjectStore('cards')
    if (oldVersion === 2) return
    const inputs = database.createObjectStore('inputs')
    const states = database.createObjectStore('states')
    states.createIndex('done', 'done')
    if (oldVersion === 0 || !transaction) return
    const last = transaction.objectStore('last') // the one run that version 0.1.0 kept
    const [saved, state] = await Promise.all([answer(last.get('inputs')), answer(last.get('state'))])
    if (saved && state) {
      inputs.put(saved, '0')
      states.put({ ...state, done: Number(state.done) }, '0')
      cards.put(cardOf('0', saved, state), '0')
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
 * @param {(stores: IDBObjectStore[], busy: string[]) => Promise<T>} act stores: of STORES
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
 * @param {(stores: IDBObjectStore[], busy: string[]) => Promise<T>} act
 * @returns {Promise<T|undefined>}
 */
async function transact(mode, act) {
  let database
  try {
    const busy = await owned()
    database = await open()
    const transaction = database.transaction(STORES, mode)
    const over = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve
      transaction.onabort = () => reject(transaction.error)
    })
    const work = act(STORES.map((name) => transaction.objectStore(name)), busy)
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
  return within('readwrite', async (stores, busy) => {
    const [allInputs, states, cards] = stores
    const begun = await answer(allInputs.getKey(id))
    if (!begun) allInputs.put(inputs, id)
    states.put({ ...state, checkpoint: state.done ? null : state.checkpoint, done: Number(state.done) }, id)
    cards.put(cardOf(id, inputs, state), id)
    if (begun && !state.done) return
    const [going, finished] = await Promise.all([0, 1].map((done) => answer(states.index('done').getAllKeys(done))))
    const stay = new Set([...busy, id, ...going.slice(-KEPT), ...finished.slice(-FINISHED)])
    for (const other of [...going, ...finished]) if (!stay.has(other)) for (const store of stores) store.delete(other)
  })
}

/** @param {string} id */
export const forget = (id) => within('readwrite', async (stores) => {
  for (const store of stores) store.delete(id)
})

/** @param {string} id @returns {Promise<Kept|null>} null when it is not kept, or no longer */
export async function recall(id) {
  const [inputs, state] = await within('readonly', ([allInputs, states]) =>
    Promise.all([answer(allInputs.get(id)), answer(states.get(id))])) ?? []
  return inputs && state ? { id, inputs, state: { ...state, done: Boolean(state.done) } } : null
}

/** The newest first, without those that are being painted. @returns {Promise<Card[]>} */
export async function keptRuns() {
  return await within('readonly', async ([, , cards], busy) =>
    (await answer(cards.getAll())).filter(({ id }) => !busy.includes(id)).reverse()) ?? []
}
