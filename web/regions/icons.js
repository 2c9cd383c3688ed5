// SPDX-License-Identifier: MIT
//
// The editor's line icons, on a grid of 24, and buttons that carry one. The text is the name, shown where it fits.

import { make } from '../shared/dom.js'

const PATHS = /** @type {Record<string, string>} */ ({
  brush: 'M20 4 10 14M4 20c5 0 7-1 7-3.5a3 3 0 0 0-6 0C5 18 5 19 4 20z',
  eraser: 'M4 15 14 5l6 6-9 9H8zM9 10l6 6M11 20h9',
  fill: 'M4 12 11 5l7 7-7 7zM9 3l2 2M4 12h14M20 15c2 3 1 5 0 5s-2-2 0-5z',
  rectangle: 'M4 6h16v12H4z',
  undo: 'M8 5 4 9l4 4M4 9h10a5 5 0 0 1 0 10h-4',
  redo: 'm16 5 4 4-4 4M20 9H10a5 5 0 0 0 0 10h4',
  clear: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  overlay: 'M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  fit: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5'
})

/** @param {string} name @param {string} text @param {() => void} onclick @returns {HTMLButtonElement} */
export function iconButton(name, text, onclick) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  path.setAttribute('d', PATHS[name])
  svg.append(path)
  return make('button', { className: 'quiet', title: text, onclick }, svg, make('span', { textContent: text }))
}
