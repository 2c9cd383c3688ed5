// SPDX-License-Identifier: MIT
//
// One picture of the editor: the picture, the overlay of its label map, and painting on it by mouse, pen, touch or
// keyboard. The overlay canvas has `cell` pixels a side for each of the map's, redrawn from the labels where they
// changed, at most once a frame; zoom and pan are one CSS transform. view = { fit: CSS pixels for a map pixel at zoom
// 1, zoom, x, y: the plate's offset in the viewport }.

import { make, paint } from '../shared/dom.js'
import { iconButton } from './icons.js'
import { createMap, fillRect, floodFill, joinRects, paintSegment } from './labels.js'
import { inkOn, patternTile } from '../guidance/palette.js'

/** @typedef {import('../guidance/palette.js').Color} Color */
/** @typedef {import('./labels.js').Rect} Rect */
/** @typedef {import('./labels.js').Point} Point */
/** @typedef {import('../api/index.browser.js').Picture} Picture */
/**
 * What both panes share. size: the brush's diameter in thousandths of the picture's long side.
 * @typedef {{ tool: string, label: number, size: number, panning: boolean, colors: Color[] }} Tools
 */
/** @typedef {{ commit(): void, revert(): void, say(text: string): void }} Actions */
/** @typedef {{ kind: string, pen: boolean, start: Point, last: Point }} Gesture last: in the viewport while panning */

const MOST_PIXELS = 1024 // long side of a label map, and about that of the overlay
const PATTERN = 11       // CSS pixels, a pattern's period on screen at zoom 1

/** @param {number} value @param {number} low @param {number} high */
const clamp = (value, low, high) => Math.min(high, Math.max(low, value))

/** @param {Color} color @param {number} alpha one pixel as ImageData has it, little endian */
const packed = ([r, g, b], alpha) => (alpha << 24 | b << 16 | g << 8 | r) >>> 0

/** @param {Point} a @param {Point} b @returns {Rect} of whole pixels, both ends inside */
function rectOf(a, b) {
  return { x0: Math.floor(Math.min(a.x, b.x)), y0: Math.floor(Math.min(a.y, b.y)),
    x1: Math.floor(Math.max(a.x, b.x)) + 1, y1: Math.floor(Math.max(a.y, b.y)) + 1 }
}

/** @param {string} name "Photo" or "Style" @param {Tools} tools @param {Actions} actions @param {string} helpId */
export function createPane(name, tools, actions, helpId) {
  const lower = name.toLowerCase()
  const [picture, overlay] = [make('canvas'), make('canvas', { className: 'overlay' })]
  const plate = make('div', { className: 'plate' }, picture, overlay)
  const [ring, cross, band] = ['ring', 'cross', 'band'].map((className) => make('div', { className, hidden: true }))
  /** @type {HTMLElement} */
  const viewport = make('div',
    { className: 'view', tabIndex: 0, role: 'application', ariaLabel: `${name}: paint regions` }, plate,
    band, ring, cross)
  viewport.setAttribute('aria-describedby', helpId)
  const zoomText = make('output', { ariaLabel: `${name} zoom` })
  const element = make('section', { className: 'pane', ariaLabel: name },
    make('div', { className: 'bar' }, make('h2', { textContent: name }), zoomText,
      iconButton('minus', `Zoom out of ${lower}`, () => zoomBy(1 / 1.5)),
      iconButton('plus', `Zoom into ${lower}`, () => zoomBy(1.5)),
      iconButton('fit', `Show all of ${lower}`, () => zoomBy(0))),
    viewport)

  const pane = { element, name, map: createMap(1, 1), image: /** @type {Picture | null} */ (null),
    setPicture, draw, zoomBy }
  const view = { fit: 1, zoom: 1, x: 0, y: 0 }
  const scale = () => view.fit * view.zoom
  let cell = 1

  // ---- the view

  /** The labels start empty. @param {Picture} image */
  function setPicture(image) {
    pane.image = image
    const { width, height } = image
    const shrink = Math.min(1, MOST_PIXELS / Math.max(width, height))
    pane.map = createMap(Math.max(1, Math.round(width * shrink)), Math.max(1, Math.round(height * shrink)))
    paint(picture, image)
    cell = Math.floor(MOST_PIXELS / Math.max(pane.map.width, pane.map.height))
    overlay.width = pane.map.width * cell
    overlay.height = pane.map.height * cell
    viewport.style.aspectRatio = `${width} / ${height}`
    cursor = { x: pane.map.width >> 1, y: pane.map.height >> 1 }
    dropCursor()
    view.zoom = 1
    layOut()
  }

  function layOut() {
    const { width, height } = pane.map
    view.fit = Math.min(viewport.clientWidth / width, viewport.clientHeight / height) || 1
    plate.style.width = `${width * view.fit}px`
    plate.style.height = `${height * view.fit}px`
    place()
    draw()
  }

  function place() {
    const within = (/** @type {number} */ offset, /** @type {number} */ size, /** @type {number} */ room) =>
      size <= room ? (room - size) / 2 : clamp(offset, room - size, 0)
    view.x = within(view.x, pane.map.width * scale(), viewport.clientWidth)
    view.y = within(view.y, pane.map.height * scale(), viewport.clientHeight)
    plate.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`
    plate.classList.toggle('close', scale() > 2)
    zoomText.value = `${Math.round(view.zoom * 100)} %`
    if (!cross.hidden) lay(cross, cursor, cursor)
    if (corner) lay(band, corner, cursor)
  }

  /** @param {number} factor 0: back to the whole @param {Point} [centre] of the viewport, which stays where it is */
  function zoomBy(factor, centre = { x: viewport.clientWidth / 2, y: viewport.clientHeight / 2 }) {
    const before = view.zoom
    view.zoom = clamp(before * factor, 1, Math.max(8, 32 / view.fit))
    view.x = centre.x - (centre.x - view.x) * view.zoom / before
    view.y = centre.y - (centre.y - view.y) * view.zoom / before
    place()
  }

  /** @param {MouseEvent} event @returns {Point} in the viewport */
  function inView({ clientX, clientY }) {
    const { left, top } = viewport.getBoundingClientRect()
    return { x: clientX - left, y: clientY - top }
  }

  /** @param {MouseEvent} event @returns {Point} in the map */
  function inMap(event) {
    const { x, y } = inView(event)
    return { x: (x - view.x) / scale(), y: (y - view.y) / scale() }
  }

  /** @param {HTMLElement} mark @param {number} x @param {number} y @param {number} width @param {number} height */
  function show(mark, x, y, width, height) {
    mark.hidden = false
    Object.assign(mark.style, { transform: `translate(${x}px, ${y}px)`, width: `${width}px`, height: `${height}px` })
  }

  /** Lays mark over the map's pixels from a to b. @param {HTMLElement} mark @param {Point} a @param {Point} b */
  function lay(mark, a, b) {
    const { x0, y0, x1, y1 } = rectOf(a, b)
    show(mark, view.x + x0 * scale(), view.y + y0 * scale(), (x1 - x0) * scale(), (y1 - y0) * scale())
  }

  // ---- the overlay

  let dirty = /** @type {Rect | null} */ (null)
  let frame = 0

  /** @param {Rect | null} [rect] what changed; all when left out */
  function draw(rect = { x0: 0, y0: 0, x1: pane.map.width, y1: pane.map.height }) {
    dirty = joinRects(dirty, rect)
    if (dirty && !frame) frame = requestAnimationFrame(paintOverlay)
  }

  function paintOverlay() {
    const { width, height, labels } = pane.map
    const rect = dirty ?? { x0: 0, y0: 0, x1: 0, y1: 0 }
    frame = 0
    dirty = null
    const [x0, y0] = [Math.max(0, rect.x0 - 1), Math.max(0, rect.y0 - 1)] // a neighbour's edge may change too
    const [x1, y1] = [Math.min(width, rect.x1 + 1), Math.min(height, rect.y1 + 1)]
    const period = clamp(Math.round(PATTERN * cell / view.fit), 6, 64)
    const edges = tools.colors.map((color) => packed(color, 255))
    const tiles = /** @type {Uint32Array[]} */ ([])
    const pixels = new ImageData((x1 - x0) * cell, (y1 - y0) * cell)
    const out = new Uint32Array(pixels.data.buffer)
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) {
        const i = y * width + x
        const label = labels[i]
        const left = x > 0 ? labels[i - 1] : label
        const above = y > 0 ? labels[i - width] : label
        if ((label | left | above) === 0) continue
        const edge = edges[label || left || above]
        const pattern = label > 0 && (tiles[label] ??= tileOf(label, period))
        for (let v = 0; v < cell; v++) {
          let to = ((y - y0) * cell + v) * pixels.width + (x - x0) * cell
          const row = (y * cell + v) % period * period
          for (let u = 0; u < cell; u++, to++) {
            if ((u === 0 && left !== label) || (v === 0 && above !== label)) out[to] = edge
            else if (pattern) out[to] = pattern[row + (x * cell + u) % period]
          }
        }
      }
    }
    overlay.getContext('2d')?.putImageData(pixels, x0 * cell, y0 * cell)
  }

  /** @param {number} label @param {number} period @returns {Uint32Array} its pattern in colour, [period][period] */
  function tileOf(label, period) {
    const color = tools.colors[label]
    const [base, ink] = [packed(color, 135), packed(inkOn(color), 150)]
    return Uint32Array.from(patternTile(label, period), (isInk) => isInk ? ink : base)
  }

  // ---- mouse, pen and touch

  const touches = new Map(/** @type {[number, Point][]} */ ([]))
  let gesture = /** @type {Gesture | null} */ (null)

  const radius = () => Math.max(0.5, tools.size / 2000 * Math.max(pane.map.width, pane.map.height))
  const label = () => tools.tool === 'eraser' ? 0 : tools.label

  viewport.onmousedown = (event) => { if (event.button === 1) event.preventDefault() } // no autoscroll
  viewport.onpointerdown = (event) => {
    if (gesture?.pen && event.pointerType === 'touch') return // a palm beside the pen
    viewport.focus({ preventScroll: true })
    viewport.setPointerCapture(event.pointerId)
    dropCursor()
    const [start, at] = [inMap(event), inView(event)]
    if (event.pointerType === 'touch' && touches.set(event.pointerId, at).size > 1) {
      if (gesture && gesture.kind !== 'pinch') actions.revert()
      gesture = { kind: 'pinch', pen: false, start, last: at }
    }
    const kind = event.button === 1 || (event.button === 0 && tools.panning) ? 'pan'
      : event.button === 5 ? 'eraser' : tools.tool // 5: the pen's other end
    if (gesture || event.button === 2) return
    gesture = { kind, pen: event.pointerType === 'pen', start, last: kind === 'pan' ? at : start }
    if (kind === 'fill') draw(floodFill(pane.map, start, label()))
    else follow(event)
  }

  viewport.onpointermove = (event) => {
    if (event.pointerType !== 'touch') {
      const size = 2 * radius() * scale()
      const { x, y } = inView(event)
      show(ring, x - size / 2, y - size / 2, size, size)
      ring.hidden = tools.panning || !['brush', 'eraser'].includes(tools.tool)
    }
    const parts = event.getCoalescedEvents?.() ?? []
    if (gesture?.kind === 'pinch') pinch(event)
    else for (const part of parts.length > 0 ? parts : [event]) follow(part)
  }
  viewport.onpointerleave = () => { ring.hidden = true }

  viewport.onpointerup = viewport.onpointercancel = (event) => {
    touches.delete(event.pointerId)
    if (!gesture || touches.size > 0) return
    const { kind, start, last } = gesture
    gesture = null
    if (kind === 'rectangle') draw(fillRect(pane.map, rectOf(start, last), label()))
    band.hidden = true
    if (kind !== 'pan' && kind !== 'pinch') actions.commit()
  }

  /** @param {MouseEvent} event */
  function follow(event) {
    if (!gesture) return
    const { kind, start, last } = gesture
    const now = gesture.last = kind === 'pan' ? inView(event) : inMap(event)
    if (kind === 'rectangle') lay(band, start, now)
    else if (kind === 'pan') {
      view.x += now.x - last.x
      view.y += now.y - last.y
      place()
    } else if (kind !== 'fill') draw(paintSegment(pane.map, last, now, radius(), kind === 'eraser' ? 0 : label()))
  }

  /** Two fingers: their middle pans, their distance zooms. @param {PointerEvent} event */
  function pinch(event) {
    if (touches.size < 2 || !touches.has(event.pointerId)) return
    const spread = () => {
      const [a, b] = touches.values()
      return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, distance: Math.hypot(a.x - b.x, a.y - b.y) || 1 }
    }
    const before = spread()
    touches.set(event.pointerId, inView(event))
    const now = spread()
    view.x += now.x - before.x
    view.y += now.y - before.y
    zoomBy(now.distance / before.distance, now)
  }

  viewport.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    zoomBy(2 ** (-event.deltaY * (event.deltaMode === 1 ? 20 : 1) / 200), inView(event))
  }, { passive: false })

  // ---- keyboard: arrows move a cursor, Enter sets a rectangle's two corners, or fills

  let cursor = { x: 0, y: 0 }
  let corner = /** @type {Point | null} */ (null)

  function dropCursor() {
    corner = null
    cross.hidden = band.hidden = true
  }

  viewport.onkeydown = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const [, direction] = /^Arrow(.*)/.exec(event.key) ?? []
    const step = event.shiftKey ? 1 : Math.max(1, Math.round(10 / scale()))
    const move = { Left: [-1, 0], Right: [1, 0], Up: [0, -1], Down: [0, 1] }[direction]
    if (move) {
      cursor = { x: clamp(cursor.x + move[0] * step, 0, pane.map.width - 1),
        y: clamp(cursor.y + move[1] * step, 0, pane.map.height - 1) }
    } else if (event.key === 'Enter') press()
    else if (event.key === 'Escape' && corner) dropCursor()
    else return
    event.preventDefault()
    cross.hidden = false
    const [x, y] = [view.x + cursor.x * scale(), view.y + cursor.y * scale()] // brought into view:
    view.x += clamp(x, 0, viewport.clientWidth - scale()) - x
    view.y += clamp(y, 0, viewport.clientHeight - scale()) - y
    place()
  }

  function press() {
    const where = `${cursor.x}, ${cursor.y}`
    if (tools.tool !== 'fill' && !corner) {
      corner = cursor
      return actions.say(`First corner at ${where}. Move, then Enter.`)
    }
    draw(corner ? fillRect(pane.map, rectOf(corner, cursor), label()) : floodFill(pane.map, cursor, label()))
    dropCursor()
    actions.commit()
    actions.say(`${label() === 0 ? 'Erased' : `Region ${label()} painted`} up to ${where}.`)
  }

  new ResizeObserver(layOut).observe(viewport)
  return pane
}
