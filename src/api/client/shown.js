// SPDX-License-Identifier: MIT
//
// Pictures as callers get them: in browsers the worker's { width, height, data } becomes an ImageData of the same bytes.

/** @typedef {import('../types.js').Picture} Picture */

/**
 * An answer or an event of the worker, whose picture it is or has.
 * @template T
 * @param {T} told @param {(picture: Picture) => Picture} picture of the platform @returns {T}
 */
export function shown(told, picture) {
  if (typeof told !== 'object' || told === null) return told
  if ('data' in told && 'width' in told) return /** @type {T} */ (picture(/** @type {any} */ (told)))
  return 'image' in told && told.image ? { ...told, image: picture(/** @type {Picture} */ (told.image)) } : told
}
