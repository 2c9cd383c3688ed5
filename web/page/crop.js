// SPDX-License-Identifier: MIT
//
// A picture turned by a quarter, or cut to a rectangle that is drawn on it or set by four sliders. What comes out is a
// picture like any that is chosen, as a lossless file of its own; the file it came from stays as it is.

import { click, find, make } from '../shared/dom.js'

/** @typedef {import('./pictures.js').Picture} Picture @typedef {import('./pictures.js').Source} Source */

const EDGES = ['left', 'top', 'right', 'bottom']
const LEAST = 2 // per cent of a side that stay at least

/** @param {string} name @param {string} what @returns {string} "cat-turned.png" */
const named = (name, what) => `${name.replace(/\.[^.]*$/, '').replace(/-(turned|cropped)$/, '')}-${what}.png`

/**
 * @param {Picture} picture @param {string} what @param {number} width @param {number} height
 * @param {(context: OffscreenCanvasRenderingContext2D, bitmap: ImageBitmap) => void} draw @returns {Promise<Source>}
 */
async function drawn({ name, image }, what, width, height, draw) {
  const bitmap = await createImageBitmap(new ImageData(image.data, image.width, image.height))
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')
  if (!context) throw new Error(`${name}: the browser gave no canvas for it.`)
  draw(context, bitmap)
  bitmap.close()
  return { name: named(name, what), blob: await canvas.convertToBlob() }
}

/** To the right. @param {Picture} picture */
export const turned = (picture) => drawn(picture, 'turned', picture.image.height, picture.image.width,
  (context, bitmap) => {
    context.translate(picture.image.height, 0)
    context.rotate(Math.PI / 2)
    context.drawImage(bitmap, 0, 0)
  })

export function createCrop() {
  const dialog = /** @type {HTMLDialogElement} */ (find('crop'))
  const plate = /** @type {HTMLElement} */ (dialog.querySelector('.plate'))
  const image = /** @type {HTMLImageElement} */ (dialog.querySelector('img'))
  const sliders = EDGES.map((edge) => {
    const input = make('input', { type: 'range', min: 0, max: 100, step: 'any', oninput: show, id: `crop-${edge}` })
    dialog.querySelector('.edges')?.append(make('label', { className: 'grow' },
      `${edge[0].toUpperCase()}${edge.slice(1)}`, input))
    return input
  })
  /** @type {{ x: number, y: number }|null} */
  let corner = null

  /** Per cent of the picture: left, top, right, bottom, in order. */
  const box = () => {
    const [left, top, right, bottom] = sliders.map(({ value }) => Number(value))
    return [Math.min(left, 100 - LEAST), Math.min(top, 100 - LEAST), Math.max(right, left + LEAST),
      Math.max(bottom, top + LEAST)].map((value) => Math.min(100, value))
  }

  function show() {
    const [left, top, right, bottom] = box()
    plate.style.setProperty('--hole', `${top}% ${100 - right}% ${100 - bottom}% ${left}%`)
  }

  /** @param {number[]} edges */
  function set(edges) {
    for (const [i, input] of sliders.entries()) input.value = String(edges[i])
    show()
  }

  /** @param {PointerEvent} event */
  function at({ clientX, clientY }) {
    const { left, top, width, height } = plate.getBoundingClientRect()
    const within = (/** @type {number} */ value) => Math.min(100, Math.max(0, value))
    return { x: within(100 * (clientX - left) / width), y: within(100 * (clientY - top) / height) }
  }

  plate.addEventListener('pointerdown', (event) => {
    plate.setPointerCapture(event.pointerId)
    corner = at(event)
  })
  plate.addEventListener('pointermove', (event) => {
    if (!corner) return
    const { x, y } = at(event)
    if (Math.hypot(x - corner.x, y - corner.y) < LEAST) return
    set([Math.min(x, corner.x), Math.min(y, corner.y), Math.max(x, corner.x), Math.max(y, corner.y)])
  })
  for (const end of ['pointerup', 'pointercancel']) plate.addEventListener(end, () => { corner = null })
  click('crop-whole', () => set([0, 0, 100, 100]))

  /** @param {Picture} picture @returns {Promise<Source|undefined>} undefined: left as it is */
  return async function crop(picture) {
    image.src = picture.url
    set([0, 0, 100, 100])
    dialog.returnValue = ''
    dialog.showModal()
    await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }))
    const { width, height } = picture.image
    const [left, top, right, bottom] = box().map((value, i) => Math.round(value / 100 * (i % 2 ? height : width)))
    const [w, h] = [Math.max(2, right - left), Math.max(2, bottom - top)]
    if (dialog.returnValue !== 'crop' || (w >= width && h >= height)) return undefined
    return drawn(picture, 'cropped', w, h, (context, bitmap) => context.drawImage(bitmap, -left, -top))
  }
}
