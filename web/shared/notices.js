// SPDX-License-Identifier: MIT
//
// Notices at the top of the page: sentences that stay until a person dismisses them.

import { find, make } from './dom.js'

/** Stays until dismissed, or removed by the caller. @param {string} text @param {HTMLElement} [action] */
export function notice(text, action) {
  const box = make('p', { className: 'notice' }, make('span', {}, text), action ?? '',
    make('button', { className: 'quiet', ariaLabel: 'Dismiss', onclick: () => box.remove() }, '×'))
  find('notices').append(box)
  return box
}
