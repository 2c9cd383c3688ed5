// SPDX-License-Identifier: MIT
//
// What several modules say to the document: find an element, make one, put pixels into a canvas, offer a
// file, words for numbers.

/** @typedef {import('../api/index.browser.js').Picture} Pixels */

/**
 * The element of an id, of the kind that the caller expects.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id @returns {T}
 */
export const find = (id) => /** @type {T} */ (document.getElementById(id))

/** @param {string} id @param {string} text */
export const say = (id, text) => {
  find(id).textContent = text
}

/** @param {string} id @param {() => unknown} act */
export const click = (id, act) => find(id).addEventListener('click', act)

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Record<string, unknown>} [properties] @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[Tag]} the element
 */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

/** @param {HTMLCanvasElement} canvas @param {Pixels} image */
export function paint(canvas, image) {
  canvas.width = image.width
  canvas.height = image.height
  const { data } = image
  const pixels = new ImageData(data, image.width, image.height)
  canvas.getContext('2d')?.putImageData(pixels, 0, 0)
}

/** "about 40 s", "3 min", "1 h 20 min" @param {number} seconds */
export function duration(seconds) {
  const s = Math.round(seconds)
  if (s < 60) return `${Math.max(1, s)} s`
  if (s < 600) return `${Math.floor(s / 60)} min ${s % 60} s`
  if (s < 3600) return `${Math.round(s / 60)} min`
  return `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min`
}

/** "about 3 min left", in steps so coarse that the words hold for a while. @param {number} seconds */
export function remaining(seconds) {
  if (seconds < 10) return 'a few seconds left'
  if (seconds < 90) return `about ${10 * Math.round(seconds / 10)} s left`
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min left`
  return `about ${Math.round(seconds / 1800) / 2} h left`
}

/** "About 40–60 s", "About 3–5 min": a run takes between these. @param {number} seconds */
export function range(seconds) {
  const [low, high] = [0.8 * seconds, 1.25 * seconds]
  const unit = high <= 90 ? { name: 's', size: 1, step: seconds < 20 ? 1 : 5 }
    : high <= 5400 ? { name: 'min', size: 60, step: 1 } : { name: 'h', size: 3600, step: 0.5 }
  const round = (/** @type {number} */ value) => Math.max(unit.step, Math.round(value / unit.size / unit.step) * unit.step)
  const [from, to] = [round(low), round(high)]
  return `About ${from === to ? from : `${from}–${to}`} ${unit.name}`
}

/** "today", "14:32"; "3 May", "09:05"; nothing before 2000. @param {Date} date */
export function moment(date) {
  if (date.getFullYear() < 2000) return []
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  const today = date.toDateString() === new Date().toDateString()
  return [today ? 'today' : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' }), time]
}

/** "85 MB", "1.2 GB" @param {number} bytes */
export function amount(bytes) {
  return bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

/** Offers a file. @param {BlobPart} bytes @param {string} type @param {string} name */
export function download(bytes, type, name) {
  const href = URL.createObjectURL(new Blob([bytes], { type }))
  make('a', { href, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(href), 60000)
}

/** Lets the browser draw and answer before the next slice of work. */
export const breathe = () => new Promise((resolve) => setTimeout(resolve))
