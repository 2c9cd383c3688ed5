// SPDX-License-Identifier: MIT
//
// The region editor: photo and style side by side under one palette, where region k of the one is painted with region
// k of the other. Owns the tools, the palette with weights and warnings, undo over both pictures, import and export of
// guidance pictures, and the state that a saved run keeps.

import { download, make } from '../shared/dom.js'
import { describeGuidance, describeStretch, readGuidance, writeGuidance } from '../guidance/guidance.js'
import { iconButton } from './icons.js'
import { History, countLabels, resizeMap } from './labels.js'
import { MAX_REGIONS, REGION_COLORS, colorDistance, inkOn, patternTile } from '../guidance/palette.js'
import { createPane } from './pane.js'

/** @typedef {import('./pane.js').Picture} Picture */
/** @typedef {import('./labels.js').LabelMap} LabelMap */
/** @typedef {{ content: LabelMap, style: LabelMap, weights: number[] }} Regions */
/**
 * What was painted, for pictures of any size.
 * @typedef {{ colors: import('../guidance/palette.js').Color[], weights: number[], maps: LabelMap[] }} Saved
 */
/**
 * decode, encode: of guidance files; lossless PNG.
 * @typedef {{ content: Picture, style: Picture, onChange: () => void, decode: (file: File) => Promise<Picture>,
 *   encode: (picture: Picture) => Promise<Uint8Array<ArrayBuffer>> }} Options
 */

const FEWEST_PIXELS = 64 // of a region, at the size of the result
const APART = 48 ** 2    // imported colours nearer to each other than this are shown in ours
const HELP =
  'Arrow keys move a cursor, with Shift by one pixel; Enter sets the two corners of a rectangle, or fills with ' +
  'the fill tool; Escape takes the corner back. B, E, F, R choose the tool, 0 to 9 the region (0: everything else), [ and ] ' +
  'the brush size; H hides the overlay; + and - zoom; Ctrl+Z undoes, Ctrl+Shift+Z redoes. One finger or the pen ' +
  'paints; two fingers, or Ctrl and the wheel, zoom; two fingers, the middle button, or Space and dragging move.'
const ABOUT_FILES =
  'Two pictures whose flat colours mark the regions, the same colour for the same region; JPEG works too. ' +
  'Importing replaces the regions you painted. You can undo it.'

const THEM = '…' // in a fault's words: the regions it is of
/** @param {string} fault @param {number[]} labels */
const about = (fault, labels) => fault.replace(THEM, labels.length > 1 ? 'them' : `region ${labels[0]}`)
const nameOf = (/** @type {number} */ label) => label > 0 ? `Region ${label}` : 'Everything else'

/** @param {HTMLElement} host an empty element @param {Options} options */
export function createRegionEditor(host, { content, style, onChange, decode, encode }) {
  const tools = { tool: 'brush', label: 1, size: 40, panning: false, colors: REGION_COLORS.slice() }
  const actions = { commit, say, revert: () => { history.revert(); redraw() } }
  const panes = ['Photo', 'Style'].map((name) => createPane(name, tools, actions, 'regions-help'))
  for (const [s, pane] of panes.entries()) pane.setPicture([content, style][s])
  let history = new History(panes.map(({ map }) => map), new Array(MAX_REGIONS + 1).fill(1))
  let counts = panes.map(({ map }) => countLabels(map))
  let shown = 8
  let size = 512

  // ---- the controls

  const toolButtons = ['Brush', 'Eraser', 'Fill', 'Rectangle'].map((text) =>
    iconButton(text.toLowerCase(), text, () => chooseTool(text.toLowerCase())))
  const undo = iconButton('undo', 'Undo', () => step('undo'))
  const redo = iconButton('redo', 'Redo', () => step('redo'))
  const overlay = iconButton('overlay', 'Overlay', toggleOverlay)
  const clearOne = iconButton('clear', 'Clear region', () => clear(tools.label))
  const clearAll = iconButton('clear', 'Clear all', () => clear(0))
  const brushSlider = slider('Brush size', 1, 100, 1, (value) => { tools.size = value ** 2 / 25 })
  const overlaySlider = slider('Region opacity', 10, 100, 5, (value) => host.style.setProperty('--overlay', `${value}%`))
  const weightSlider = slider('Importance', 0, 4, 0.1, (value) => {
    if (history.weights[tools.label] === value) return
    history.weights[tools.label] = value
    onChange()
  })
  weightSlider.addEventListener('change', commit) // one step of undo for the whole way of the thumb
  const group = (/** @type {string} */ ariaLabel, /** @type {Node[]} */ ...items) =>
    make('div', { className: 'tools', role: 'group', ariaLabel }, ...items)
  const palette = make('div', { className: 'palette', role: 'group', ariaLabel: 'Regions' })
  const shares = make('p', { className: 'figures' })
  const warnings = make('ul', { className: 'warnings' })
  const status = make('p', { className: 'hint', role: 'status' })
  const report = make('div', { className: 'hint', role: 'status' })
  const files = panes.map(({ name }) => make('input', { type: 'file', accept: 'image/*', onchange: importChosen,
    ariaLabel: `Guidance picture of the ${name.toLowerCase()}` }))
  const names = ['content', 'style'] // of exported files, as the command line has them
  const exporter = make('button', { textContent: 'Download both as PNG', onclick: exportPair })

  host.classList.add('regions')
  host.replaceChildren(
    make('div', { className: 'toolbox' },
      group('Tools', ...toolButtons), group('Changes', undo, redo, overlay), palette),
    make('div', { className: 'details' },
      brushSlider, overlaySlider, weightSlider, group('Clear', clearOne, clearAll)),
    make('div', { className: 'panes' }, ...panes.map(({ element }) => element)),
    shares, warnings, status,
    make('details', {}, make('summary', {}, 'Guidance pictures: import and export'),
      make('p', { className: 'hint' }, ABOUT_FILES),
      make('div', { className: 'files' },
        ...files.map((input, s) => make('label', { ondrop: dropGuidance }, panes[s].name, input)), exporter),
      report),
    make('details', {}, make('summary', {}, 'Keys and gestures'),
      make('p', { className: 'hint', id: 'regions-help' }, HELP)))

  /**
   * @param {string} text @param {number} min @param {number} max @param {number} step
   * @param {(value: number) => void} set
   */
  function slider(text, min, max, step, set) {
    const output = make('output')
    const input = make('input', { type: 'range', min, max, step, ariaLabel: text, oninput: () => {
      output.value = input.value
      set(Number(input.value))
    } })
    return make('label', { className: 'slider' }, text, input, output) // a label is its first control's
  }

  /** @param {HTMLElement} label a slider @param {(value: number) => number} change */
  function setSlider(label, change) {
    const input = /** @type {HTMLInputElement} */ (label.querySelector('input'))
    input.value = String(change(Number(input.value)))
    input.dispatchEvent(new Event('input'))
  }

  /** @param {string} text */
  function say(text) {
    status.textContent = text
  }

  /** @param {string} tool */
  function chooseTool(tool) {
    tools.tool = tool
    for (const button of toolButtons) button.ariaPressed = String(button.title.toLowerCase() === tool)
  }

  /** @param {number} label */
  function chooseRegion(label) {
    if (label > shown) return
    tools.label = label
    if (tools.tool === 'eraser') chooseTool('brush')
    showWeight()
    refresh()
  }

  function showWeight() {
    const [text, input] = /** @type {NodeListOf<HTMLElement>} */ (weightSlider.childNodes)
    input.ariaLabel = text.textContent = `Importance of ${tools.label > 0 ? `region ${tools.label}` : 'everything else'}`
    setSlider(weightSlider, () => history.weights[tools.label])
  }

  function toggleOverlay() {
    overlay.ariaPressed = String(!host.classList.toggle('bare'))
  }

  /** @param {boolean} panning */
  function setPanning(panning) {
    tools.panning = panning
    host.classList.toggle('panning', panning)
  }

  // ---- what the palette shows

  function buildPalette() {
    palette.replaceChildren(...Array.from({ length: shown + 1 }, (_, label) =>
      make('button', { className: 'swatch', onclick: () => chooseRegion(label) },
        ...label > 0 ? [swatch(label)] : [], make('b', {}, label > 0 ? String(label) : 'Else'))))
    if (shown < MAX_REGIONS) {
      palette.append(iconButton('plus', 'Add region', () => {
        shown++
        buildPalette()
        chooseRegion(shown)
      }))
    }
    refresh()
  }

  /** @param {number} label @returns {HTMLCanvasElement} */
  function swatch(label) {
    const canvas = make('canvas', { width: 40, height: 40 })
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
    const tile = patternTile(label, 10)
    context.fillStyle = `rgb(${tools.colors[label]})`
    context.fillRect(0, 0, 40, 40)
    context.fillStyle = `rgb(${inkOn(tools.colors[label])})`
    for (let i = 0; i < 1600; i++) {
      const [x, y] = [i % 40, Math.floor(i / 40)]
      if (tile[y % 10 * 10 + x % 10]) context.fillRect(x, y, 1, 1)
    }
    return canvas
  }

  /** @param {number} label @returns {string} why it will not work as painted, or nothing */
  function faultOf(label) {
    const on = counts.map((count) => label > 0 && count[label] > 0)
    const [here, there] = on[0] ? ['photo', 'style'] : ['style', 'photo']
    if (on[0] !== on[1]) return `painted on the ${here} only: paint ${THEM} on the ${there} too`
    const pixels = panes.map(({ map }, s) => counts[s][label] * (size / Math.max(map.width, map.height)) ** 2)
    if (!on[0] || Math.min(...pixels) >= FEWEST_PIXELS) return ''
    return `very small on the ${pixels[0] < pixels[1] ? 'photo' : 'style'} at ${size} px`
  }

  function refresh() {
    const faults = new Map(/** @type {[string, number[]][]} */ ([]))
    const isUsed = (/** @type {number} */ label) => counts.some((count) => count[label] > 0)
    for (const [label, button] of palette.querySelectorAll('.swatch').entries()) {
      const fault = faultOf(label)
      if (fault) faults.set(fault, [...faults.get(fault) ?? [], label])
      button.ariaPressed = String(label === tools.label)
      button.ariaLabel = nameOf(label) + (fault && `, ${about(fault, [label])}`)
      button.classList.toggle('used', isUsed(label))
      button.classList.toggle('flagged', fault !== '')
    }
    const parts = panes.map(({ map }, s) => `${(100 * counts[s][tools.label] / map.labels.length).toFixed(1)} %`)
    shares.textContent = `${nameOf(tools.label)}: ${parts.join(' of the photo, ')} of the style`
    warnings.replaceChildren(...Array.from(faults, ([fault, labels]) => make('li', {},
      `${labels.length > 1 ? 'Regions' : 'Region'} ${labels.join(', ')}: ${about(fault, labels)}.`)))
    undo.disabled = history.past.length === 0
    redo.disabled = history.future.length === 0
    clearOne.disabled = tools.label === 0 || !isUsed(tools.label)
    clearAll.disabled = ![...history.weights.keys()].some((label) => label > 0 && isUsed(label))
  }

  // ---- changes

  function redraw() {
    for (const pane of panes) pane.draw()
  }

  function changed() {
    counts = panes.map(({ map }) => countLabels(map))
    const highest = history.weights.findLastIndex((_, label) => counts.some((count) => count[label] > 0))
    shown = Math.max(shown, highest)
    if (palette.querySelectorAll('.swatch').length <= shown) buildPalette()
    else refresh()
    showWeight()
    say('')
    onChange()
  }

  /** @returns {boolean} false when nothing changed */
  function commit() {
    const anything = history.commit()
    if (anything) changed()
    return anything
  }

  /** @param {'undo' | 'redo'} direction */
  function step(direction) {
    history.revert()
    history.move(direction).forEach((rect, s) => panes[s].draw(rect))
    changed()
  }

  /** With its weight. @param {number} label 0: all @returns {boolean} false when there was nothing to clear */
  function clear(label) {
    if (label === 0) history.weights.fill(1)
    else history.weights[label] = 1
    for (const { map: { labels } } of panes) {
      for (let i = 0; i < labels.length; i++) if (label === 0 || labels[i] === label) labels[i] = 0
    }
    redraw()
    const anything = commit()
    if (anything) say(`${label === 0 ? 'All regions' : nameOf(label)} cleared.`)
    return anything
  }

  /**
   * @param {LabelMap[]} maps of any size @param {import('../guidance/palette.js').Color[]} colors
   * @param {number[]} weights those left out are 1 @returns {boolean} false when all was so before
   */
  function adopt(maps, colors, weights) {
    tools.colors = colors
    for (const k of history.weights.keys()) history.weights[k] = weights[k] ?? 1
    for (const [s, { map }] of panes.entries()) map.labels.set(resizeMap(maps[s], map.width, map.height).labels)
    buildPalette()
    redraw()
    say('')
    return commit()
  }

  // ---- files

  /** @param {DragEvent} event onto one of the file inputs, or its words */
  function dropGuidance(event) {
    const target = /** @type {Element} */ (event.target)
    const input = target.closest('label')?.querySelector('input')
    if (!input || !event.dataTransfer?.files.length) return
    event.preventDefault()
    input.files = event.dataTransfer.files
    importChosen()
  }

  function importChosen() {
    const [content, style] = files.map((input) => input.files?.[0])
    if (!content || !style) return say('Now choose the other guidance picture too.')
    for (const input of files) input.value = ''
    say('')
    importPair(content, style)
  }

  /** @param {File[]} pair of guidance pictures: content, style @returns {Promise<boolean>} false: nothing changed */
  async function importPair(...pair) {
    let lines
    let anything = false
    try {
      const [content, style] = await Promise.all(pair.map(decode))
      const guidance = readGuidance(content, style, tools.colors)
      lines = [...describeGuidance(guidance.report), ...panes.flatMap(({ name, map }, s) =>
        describeStretch([content, style][s], map, name.toLowerCase()))]
      const mixed = REGION_COLORS.map((color, label) => guidance.palette[label] ?? color)
      const isApart = mixed.every((a, i) => mixed.every((b, j) => i >= j || colorDistance(a, b) > APART))
      anything = adopt([guidance.content, guidance.style], isApart ? mixed : REGION_COLORS.slice(), [])
    } catch (error) {
      lines = [`Not imported: ${error instanceof Error ? error.message : error}`]
    }
    report.replaceChildren(...lines.map((line) => make('p', {}, line)))
    return anything
  }

  async function exportPair() {
    for (const [s, { map }] of panes.entries()) {
      download(await encode(writeGuidance(map, tools.colors)), 'image/png', `${names[s]}-regions.png`)
    }
  }

  // ---- keys

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const target = /** @type {HTMLElement} */ (event.target)
    const pane = panes.find(({ element }) => target.matches('.view') && element.contains(target))
    const key = event.key.toLowerCase()
    const tool = toolButtons.find(({ title }) => title[0].toLowerCase() === key)
    if (event.ctrlKey || event.metaKey) {
      if (key !== 'z' && key !== 'y') return
      step(key === 'y' || event.shiftKey ? 'redo' : 'undo')
    } else if (event.altKey || target.matches('input')) return
    else if (key === '[' || key === ']') setSlider(brushSlider, (value) => value + (key === ']' ? 4 : -4))
    else if (/^\d$/.test(key)) chooseRegion(Number(key))
    else if (key === 'h') toggleOverlay()
    else if (tool) tool.click()
    else if (pane && key === ' ') setPanning(true)
    else if (pane && '+=-'.includes(key)) pane.zoomBy(key === '-' ? 1 / 1.5 : 1.5)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  host.addEventListener('keydown', onKey)
  addEventListener('blur', () => setPanning(false))
  addEventListener('keyup', ({ key }) => { if (key === ' ') setPanning(false) })

  // ---- what the page calls

  /**
   * The regions go along: to the other picture when the two change places, scaled when one is another.
   * @param {Picture[]} pictures content and style
   */
  function setPictures(...pictures) {
    if (panes.every(({ image }, s) => image === pictures[s])) return
    history.commit()
    if (panes.every(({ image }, s) => image === pictures[1 - s])) history.swap()
    for (const [s, pane] of panes.entries()) if (pane.image !== pictures[s]) pane.setPicture(pictures[s])
    const sizes = panes.map(({ map: { width, height } }) => ({ width, height }))
    const fits = sizes.every(({ width, height }, s) =>
      width === history.maps[s].width && height === history.maps[s].height)
    if (!fits) history = history.resized(sizes)
    for (const [s, pane] of panes.entries()) pane.map = history.maps[s]
    redraw()
    changed()
    if (painted()) say('The regions were kept for the new pictures.')
  }

  /** @returns {boolean} whether anything is painted */
  const painted = () => counts.some((count) => count.some((n, label) => label > 0 && n > 0))

  /** @returns {Saved} */
  function save() {
    return structuredClone({ colors: tools.colors, weights: history.weights, maps: panes.map(({ map }) => map) })
  }

  /** Undo brings back what was painted before. @param {Saved} saved @returns {boolean} false when nothing changed */
  function restore({ maps, colors, weights }) {
    return adopt(maps, colors, weights)
  }

  chooseTool('brush')
  toggleOverlay()
  toggleOverlay()
  setSlider(brushSlider, () => 32)
  setSlider(overlaySlider, () => 75)
  buildPalette()
  chooseRegion(1)

  return {
    /** @returns {Regions | null} null when no region is on both pictures */
    get regions() {
      if (!counts[0].some((n, label) => label > 0 && n > 0 && counts[1][label] > 0)) return null
      const [forContent, forStyle] = panes.map(({ map }) => ({ ...map, labels: map.labels.slice() }))
      return { content: forContent, style: forStyle, weights: history.weights.slice(0, shown + 1) }
    },
    get painted() { return painted() },
    /** How many regions are on both pictures. */
    get paired() { return [...counts[0].keys()].filter((k) => k > 0 && counts[0][k] && counts[1][k]).length },
    /** Why regions will not work as painted. @returns {string[]} sentences */
    get faults() { return Array.from(warnings.children, ({ textContent }) => textContent ?? '') },
    clear: () => clear(0),
    setPictures,
    /** @param {number} longSide of the result */
    setSize(longSide) {
      size = longSide
      refresh()
    },
    importPair,
    save,
    restore
  }
}
