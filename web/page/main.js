// SPDX-License-Identifier: MIT
//
// Wiring: which part is told what when a picture, a setting, the view or the run changes.

import { notice, watchShortcuts, watchTheme } from './chrome.js'
import { amount, click, find, make, paint, say } from '../shared/dom.js'
import { forget, recall } from '../last-run/store.js'
import { createHost } from '../platform/engine_host.js'
import { isolate } from '../platform/isolation.js'
import { createPictures, readPicture } from './pictures.js'
import { showSamples } from './samples.js'
import { createSession } from './session.js'
import { readSettings, showEstimate, watchSettings, writeSettings } from './settings.js'
import { dropWeights, storedWeights } from '../platform/weights_cache.js'

/** @param {string} id @returns {HTMLButtonElement} */
const button = (id) => find(id)
const VIEWS = ['pictures', 'regions', 'result']

/** @type {any} */
let editor = null
const host = createHost({
  ready: describeEngine, download: describeDownload, failed: (error) => notice(`${error.message}. Paint to try again.`)
})
const wells = createPictures({
  use: host.use,
  locked: () => session.running,
  onChange: onPictures
})
const { pictures } = wells
const session = createSession({
  engine: host.get,
  use: host.use,
  job: () => ({ .../** @type {any} */ (pictures), regions: editor?.regions ?? null, settings: readSettings() }),
  drawn: () => (editor?.regions ? editor.save() : null),
  changed: onRun
})

watchTheme()
watchSettings((settings) => {
  editor?.setSize(settings.size)
  session.setKeepColors(settings.keepColors)
  estimate()
})
watchShortcuts([
  ['1', 'Pictures', () => view('pictures')], ['2', 'Regions', () => view('regions')],
  ['3', 'Result', () => view('result')], ['Ctrl V', 'Paste into the well in focus'],
  ['Ctrl Enter', 'Paint', () => button('start').click()], ['P', 'Pause or go on', session.togglePause],
  ['+ or =', 'Zoom in', () => session.compare.zoomBy(1.5)], ['-', 'Zoom out', () => session.compare.zoomBy(1 / 1.5)],
  ['0', 'Whole picture', session.compare.fit], ['S', 'Download PNG', () => button('save-png').click()]
], () => !find('view-regions').hidden)
for (const name of VIEWS) click(`tab-${name}`, () => view(name))
click('start', () => session.begin(null))
click('weights-drop', () => dropWeights().then(describeWeights))
showSamples(async ([content, style], regions, contentWeight) => {
  if (session.running) return
  writeSettings({ contentWeight })
  if (!await fill([content, content.name], [style, style.name])) return
  if (regions.length) {
    await openEditor()
    await editor.importPair(...regions)
  }
  session.begin(null)
})
offerLast()
settle()

/** Threads or not, then the engine: nothing of it waits for the weights. */
async function settle() {
  const how = await isolate(() => session.running || Boolean(pictures.content ?? pictures.style))
  if (how === 'reloading') return
  if (how === 'waiting') {
    notice('Running on one processor core; the page can use them all once it is reloaded.',
      make('button', { onclick: () => location.reload() }, 'Reload'))
  } else if (how === 'single') {
    notice('Running on one processor core: this browser or host allows no threads here. Everything works, but slower.')
  }
  host.get().catch((error) => notice(error.message))
  describeWeights()
}

/** @param {string} name */
async function view(name) {
  if (button(`tab-${name}`).disabled) return
  for (const other of VIEWS) {
    find(`view-${other}`).hidden = other !== name
    button(`tab-${other}`).ariaCurrent = other === name ? 'page' : null
  }
  find('keep').hidden = session.running || name !== 'result'
  if (name === 'regions') await openEditor()
}

/**
 * Both wells at once.
 * @param {[Blob, string]} content @param {[Blob, string]} style
 * @returns {Promise<boolean>} false when one is refused, or another was taken or a run started meanwhile
 */
async function fill(content, style) {
  await Promise.all([wells.put('content', ...content), wells.put('style', ...style)])
  return pictures.content?.blob === content[0] && pictures.style?.blob === style[0] && !session.running
}

/** Both pictures are there. @param {import('../regions/editor.js').Saved|null} [drawn] regions of an earlier run */
async function openEditor(drawn) {
  if (!editor) {
    const { createRegionEditor } = await import('../regions/editor.js')
    const { content, style } = /** @type {any} */ (pictures)
    editor = createRegionEditor(find('regions'), {
      content: content.image, style: style.image, onChange: estimate,
      decode: (file) => readPicture(host.use, file, file.name),
      encode: (picture) => host.use((engine) => engine.encode(picture))
    })
  }
  editor.setSize(readSettings().size)
  if (drawn) editor.restore(drawn)
}

function onPictures() {
  const { content, style } = pictures
  if (content && style) editor?.setPictures(content.image, style.image)
  button('swap').disabled = !content && !style
  enable()
  estimate()
}

function onRun() {
  const { running, result } = session
  enable()
  find('running').hidden = !running
  find('settings').hidden = running
  if (running) find('last').hidden = true
  else describeWeights()
  view(running || result ? 'result' : 'pictures')
}

/** What can be pressed, by whether a run goes on and what there is. */
function enable() {
  const { running, result } = session
  const both = Boolean(pictures.content && pictures.style)
  button('start').disabled = running || !both
  button('tab-pictures').disabled = running
  button('tab-regions').disabled = running || !both
  button('tab-result').disabled = !running && !result
}

let asked = 0
async function estimate() {
  const mine = ++asked
  const { size, quality, threads } = readSettings()
  await host.setThreads(threads)
  const nominal = { width: 4, height: 3 }
  const cost = await host.get().then((engine) => engine.estimate({
    content: pictures.content?.image ?? nominal, style: pictures.style?.image ?? nominal, size, quality,
    pairs: editor?.regions ? new Set(editor.regions.content.labels).size : 1
  })).catch(() => null)
  if (mine === asked) button('start').textContent = showEstimate(cost, size) ? 'Paint' : 'Paint anyway'
}

/** @param {any} engine */
async function describeEngine(engine) {
  const { build, threads, why } = engine.info
  say('engine-info', `${build}, ${threads} ${threads === 1 ? 'thread' : 'threads'}: ${why}`)
  say('threads-why', why)
  const field = /** @type {HTMLInputElement} */ (find('threads'))
  field.placeholder = `auto (${threads})`
  field.disabled = !crossOriginIsolated
  field.max = String(navigator.hardwareConcurrency || 1)
  estimate()
  await engine.calibrate().then(estimate, () => undefined)
}

/** @param {number} loaded @param {number} total */
function describeDownload(loaded, total) {
  const text = `${(loaded / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`
  say('weights-info', `Fetching the network’s weights: ${text}`)
  session.download(text)
  if (loaded === total) setTimeout(describeWeights, 1000)
}

async function describeWeights() {
  const bytes = await storedWeights()
  find('weights-info').textContent = bytes
    ? `The network’s weights (${amount(bytes)}) are kept on this device.`
    : 'The network’s weights are not kept on this device.'
  find('weights-drop').hidden = !bytes
}

async function offerLast() {
  const last = await recall()
  if (!last || session.running) return
  const { inputs: { content, style, settings, regions }, state } = last
  const drop = () => (find('last').hidden = true)
  say('last-title', state.done ? 'Your last picture' : 'Continue last run')
  find('last-detail').textContent = `${content.name} by ${style.name}, ${settings.size} px` +
    (state.done ? '' : `, ${Math.floor(100 * state.fraction)} % painted`)
  say('last-open', state.done ? 'Open' : 'Continue')
  paint(find('last-picture'), state.image)
  find('last').hidden = false
  click('last-drop', () => forget().then(drop))
  click('last-open', async () => {
    writeSettings(settings)
    if (!await fill([content.blob, content.name], [style.blob, style.name])) return
    drop()
    if (regions) await openEditor(regions)
    if (state.done) session.reopen(state)
    else session.begin(state)
  })
}
