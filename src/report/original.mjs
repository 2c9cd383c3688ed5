// SPDX-License-Identifier: MIT
//
// The task that puts a picture into the report as it is.

import { figure, html } from './markup.mjs'
import { pictureFile } from './runner.mjs'

/** @typedef {import('./sources.mjs').Source} Source */
/** @typedef {import('./runner.mjs').Task<{ size: [number, number] }>} Original */

/** @param {Source} source @returns {Original} */
export const original = ({ name, digest, image }) => ({
  name: `original-${name}`, settings: { digest }, cost: 0.1,
  perform: async () => ({ image, values: { size: [image.width, image.height] } })
})

/**
 * @param {import('./painting.mjs').Results} results @param {string} role @param {string} title
 * @param {Original} task
 */
export function originalFigure(results, role, title, task) {
  const { size } = results(task)
  return figure({
    file: pictureFile(task), title: role, size, facts: html`${title}, <span>${size.join(' × ')} px</span>`
  })
}
