// SPDX-License-Identifier: MIT
//
// A large picture: the photo (left of the handle) over the painted one (right), zoom and pan. The handle follows
// the range input, arrow keys on it, or a drag across the picture, by a finger only sideways: up and down it scrolls
// the page. When zoomed in, a drag pans. Wheel and two fingers zoom about where they are. Positions are fractions of
// the picture, so a new size during a run changes nothing.

import { paint } from '../shared/dom.js'

const MAX_ZOOM = 16
const SLOP = 6 // CSS pixels that a finger moves before it is seen which way

/** @param {HTMLElement} root with .compare, the handle's range input and, where one can zoom, [data-zoom] buttons */
export function createCompare(root) {
  const box = /** @type {HTMLElement} */ (root.querySelector('.compare'))
  const plane = /** @type {HTMLElement} */ (box.querySelector('.plane'))
  const beside = /** @type {HTMLImageElement|null} */ (root.querySelector('#beside'))
  const before = /** @type {HTMLImageElement} */ (box.querySelector('.before'))
  const after = /** @type {HTMLCanvasElement} */ (box.querySelector('.after'))
  const split = /** @type {HTMLInputElement} */ (root.querySelector('input[type=range]'))
  const zooms = /** @type {HTMLElement[]} */ ([...root.querySelectorAll('[data-zoom]')])
  const view = { zoom: 1, x: 0, y: 0 }
  /** @type {Map<HTMLImageElement, Blob>} */
  const shown = new Map()
  /** Where a finger came down that has not moved yet. @type {{ x: number, y: number }|null} */
  let undecided = null
  /** @type {Map<number, { x: number, y: number }>} */
  const fingers = new Map()

  function place() {
    const free = { x: plane.offsetWidth * (view.zoom - 1) / 2, y: plane.offsetHeight * (view.zoom - 1) / 2 }
    view.x = Math.min(free.x, Math.max(-free.x, view.x))
    view.y = Math.min(free.y, Math.max(-free.y, view.y))
    plane.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`
    plane.style.setProperty('--zoom', String(view.zoom))
    plane.style.setProperty('--split', `${split.value}%`)
    box.classList.toggle('zoomed', view.zoom > 1)
    for (const { dataset, firstChild } of zooms) {
      if (dataset.zoom !== 'fit' || !firstChild) continue
      firstChild.nodeValue = view.zoom === 1 ? 'Fit' : `${Math.round(view.zoom * 100)} %`
    }
  }

  /** @param {number} factor @param {number} [clientX] @param {number} [clientY] the point that stays */
  function zoomBy(factor, clientX, clientY) {
    const zoom = Math.min(MAX_ZOOM, Math.max(1, view.zoom * factor))
    const area = box.getBoundingClientRect()
    const fromX = (clientX ?? area.x + area.width / 2) - (area.x + area.width / 2)
    const fromY = (clientY ?? area.y + area.height / 2) - (area.y + area.height / 2)
    view.x = fromX - (fromX - view.x) * (zoom / view.zoom)
    view.y = fromY - (fromY - view.y) * (zoom / view.zoom)
    view.zoom = zoom
    place()
  }

  function fit() {
    view.zoom = 1
    place()
  }

  /** @param {PointerEvent} event */
  function splitAt(event) {
    const area = plane.getBoundingClientRect()
    split.value = String(100 * (event.clientX - area.x) / area.width)
    place()
  }

  box.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    box.setPointerCapture(event.pointerId)
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    undecided = null
    if (fingers.size > 1 || view.zoom > 1) return
    if (event.pointerType === 'touch') undecided = { x: event.clientX, y: event.clientY }
    else splitAt(event)
  })
  box.addEventListener('pointermove', (event) => {
    const last = fingers.get(event.pointerId)
    if (!last) return
    const now = { x: event.clientX, y: event.clientY }
    const other = [...fingers.entries()].find(([id]) => id !== event.pointerId)?.[1]
    fingers.set(event.pointerId, now)
    if (other && zooms.length) {
      const apart = Math.hypot(now.x - other.x, now.y - other.y) / Math.hypot(last.x - other.x, last.y - other.y)
      zoomBy(apart, (now.x + other.x) / 2, (now.y + other.y) / 2)
    }
    if (view.zoom > 1) {
      view.x += (now.x - last.x) / fingers.size
      view.y += (now.y - last.y) / fingers.size
      place()
    } else if (!other) {
      const [dx, dy] = undecided ? [Math.abs(now.x - undecided.x), Math.abs(now.y - undecided.y)] : [SLOP, 0]
      if (dx < SLOP || dx <= dy) return
      undecided = null
      splitAt(event)
    }
  })
  for (const end of ['pointerup', 'pointercancel']) {
    box.addEventListener(end, (event) => {
      const pointer = /** @type {PointerEvent} */ (event)
      if (undecided && end === 'pointerup' && fingers.has(pointer.pointerId)) splitAt(pointer) // a tap
      undecided = null
      fingers.delete(pointer.pointerId)
    })
  }
  box.addEventListener('touchmove', (event) => {
    if (!zooms.length || event.touches.length < 2 || !event.cancelable) return
    event.preventDefault() // two fingers zoom the picture
  }, { passive: false })
  if (zooms.length) box.addEventListener('wheel', (event) => {
    event.preventDefault()
    zoomBy(Math.exp(-event.deltaY / 400), event.clientX, event.clientY)
  }, { passive: false })
  split.addEventListener('input', place)
  for (const button of zooms) {
    const act = { in: () => zoomBy(1.5), out: () => zoomBy(1 / 1.5) }[button.dataset.zoom ?? ''] ?? fit
    button.addEventListener('click', act)
  }
  addEventListener('resize', place)

  return {
    fit,
    zoomBy,
    /**
     * For pictures put into the plane from outside.
     * @param {number} ratio @param {number} at of the handle, per cent
     */
    fill(ratio, at) {
      plane.style.setProperty('--ratio', String(ratio))
      split.value = String(at)
      fit()
    },
    /** Repaints the painted side, keeping zoom and handle. @param {import('../shared/dom.js').Pixels} image */
    show(image) {
      plane.style.setProperty('--ratio', String(image.width / image.height))
      paint(after, image)
    },
    /** A new pair: handle at the left end, the whole picture in sight. @param {Blob} photo @param {Blob} style */
    reset(photo, style) {
      for (const [image, blob] of /** @type {[HTMLImageElement|null, Blob][]} */ ([[before, photo], [beside, style]])) {
        if (!image || shown.get(image) === blob) continue
        URL.revokeObjectURL(image.src)
        image.src = URL.createObjectURL(blob)
        shown.set(image, blob)
      }
      split.value = '0'
      fit()
    },
    /**
     * Another painted picture in the photo's place.
     * @param {import('../shared/dom.js').Pixels|null} image null: the photo
     */
    async against(image) {
      const photo = shown.get(before)
      const canvas = new OffscreenCanvas(1, 1)
      if (image) paint(canvas, image)
      const blob = image ? await canvas.convertToBlob() : photo
      if (!blob || shown.get(before) !== photo) return
      URL.revokeObjectURL(before.src)
      before.src = URL.createObjectURL(blob)
      split.value = '50'
      place()
    }
  }
}
