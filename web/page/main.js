// SPDX-License-Identifier: MIT
//
// Wiring: which part is told what when a picture, a setting, the view or the run changes.

import { watchShortcuts, watchTheme } from './chrome.js'
import { amount, click, find, make, range, say } from '../shared/dom.js'
import { notice } from '../shared/notices.js'
import { isPainted, recall } from '../last-run/store.js'
import { createHost } from '../platform/engine_host.js'
import { isolate, keepSite } from '../platform/isolation.js'
import { createHistory } from './history.js'
import { createPictures, readPicture } from './pictures.js'
import { showExamples } from './examples.js'
import { createStrengths } from './strengths.js'
import { createSession, ELSEWHERE } from './session.js'
import { readSettings, showEstimate, showTimes, SIDES, watchSettings, writeSettings } from './settings.js'
import { dropWeights, storedWeights } from '../platform/weights_cache.js'

/** @param {string} id @returns {HTMLButtonElement} */
const button = (id) => find(id)
/** @typedef {import('./pictures.js').Source} Source */
/** @typedef {Record<'content'|'style', import('./pictures.js').Picture>} Both */
/** @typedef {import('../platform/engine_host.js').Engine} Engine */
const VIEWS = ['pictures', 'regions', 'result']

/** @type {ReturnType<typeof import('../regions/editor.js').createRegionEditor>|null} */
let editor = null
/** What the engine or its weights failed by, until they are there. @type {HTMLElement|undefined} */
let trouble
/** Regions were painted since a run was last started with them. */
let loose = false
/** The engine that measures this device. @type {Engine|null} */
let measuring = null
/** What a run would cost. @type {{ bytes: number, seconds?: number }|null} */
let latest = null
/** Counts, for the latest estimate to win. */
let asked = 0
const host = createHost({
  ready: describeEngine, download: describeDownload,
  failed(error) {
    trouble?.remove()
    const fetched = /** @type {import('../platform/engine_host.js').StrotssError} */ (error).code !== 'WEIGHTS_FETCH'
    const words = fetched ? error.message : 'The model could not be downloaded. Check your connection.'
    const again = make('button', { onclick: () => host.get().catch(() => undefined) }, 'Try again')
    trouble = Object.assign(notice(words, again), { title: error.message })
  },
  loaded() {
    trouble?.remove()
    describeWeights()
  }
})
const wells = createPictures({
  use: host.use,
  locked: () => session.running,
  reveal: () => view('pictures'),
  onChange: onPictures
})
const { pictures } = wells
const job = () => ({
  .../** @type {Both} */ (pictures), settings: readSettings(),
  regions: editor?.regions ?? null, drawn: editor?.painted ? editor.save() : null
})
const session = createSession({ engine: host.get, use: host.use, job, changed: onRun })
const strengths = createStrengths({ use: host.use, job, choose(contentWeight) {
  writeSettings({ contentWeight })
  estimate()
} })
const history = createHistory({
  running: () => session.running,
  shown: () => session.result?.id,
  open: openRun,
  async restyle(style) {
    if (!session.running) await wells.put('style', style)
  },
  against: (image) => session.compare.against(image)
})

watchTheme()
watchSettings((settings) => {
  editor?.setSize(settings.size)
  session.setKeepColors(settings.keepColors)
  estimate()
})
watchShortcuts([
  ['1', 'Pictures', () => view('pictures')], ['2', 'Regions', () => view('regions')],
  ['3', 'Result', () => view('result')], ['Ctrl V', 'Paste a picture'],
  ['Ctrl Enter', 'Paint', () => button('start').click()], ['P', 'Pause or resume', session.togglePause],
  ['+ or =', 'Zoom in', () => session.compare.zoomBy(1.5)], ['-', 'Zoom out', () => session.compare.zoomBy(1 / 1.5)],
  ['0', 'Whole picture', session.compare.fit], ['S', 'Download', () => button('save').click()]
], () => !find('view-regions').hidden)
for (const name of VIEWS) click(`tab-${name}`, () => view(name))
click('start', () => session.begin(null))
find('advanced').addEventListener('toggle', () => host.get().catch(() => undefined), { once: true })
click('weights-drop', () => dropWeights().then(describeWeights))
const examples = showExamples({
  async paint([content, style], regions, contentWeight) {
    if (session.running) return
    if (!await fill(source(content), source(style))) return
    writeSettings({ contentWeight })
    await changeRegions(regions.length ? () => editor?.importPair(...regions) ?? false : null)
    session.begin(null)
  },
  async restyle(style) {
    if (!session.running) await wells.put('style', style.then(source))
  }
})
history.refresh()
examples.then(history.refresh) // which styles the gallery has is known now
settle()

/** @param {File} file @returns {Source} */
const source = (file) => ({ name: file.name, blob: file })

/**
 * Threads or not. The engine comes when something is asked of it, and the model with the first picture; what is kept on
 * the device comes at once.
 */
async function settle() {
  const how = await isolate(() => session.running || Boolean(pictures.content ?? pictures.style))
  if (how === 'reloading') return
  if (how === 'waiting') {
    notice('Running on one processor core; the page can use them all once it is reloaded.',
      make('button', { onclick: () => location.reload() }, 'Reload'))
  } else if (how === 'single') {
    notice('Running on one processor core, so it will be slower.')
  }
  if (await describeWeights()) {
    host.wantWeights()
    host.get().catch(() => undefined)
  }
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
 * @param {Source|Promise<Source|undefined>} content @param {Source|Promise<Source|undefined>} style
 * @returns {Promise<boolean>} false when one is refused, or another was taken or a run started meanwhile
 */
async function fill(content, style) {
  const taken = await Promise.all([wells.put('content', content), wells.put('style', style)])
  return taken.every(Boolean) && pictures.content === taken[0] && pictures.style === taken[1] && !session.running
}

/** Both pictures are there. */
async function openEditor() {
  if (!editor) {
    const { createRegionEditor } = await import('../regions/editor.js')
    const { content, style } = /** @type {Both} */ (pictures)
    editor = createRegionEditor(find('regions'), {
      content: content.image, style: style.image, onChange: onRegions,
      decode: (file) => readPicture(host.use, file, file.name),
      encode: (picture) => host.use((engine) => engine.encode(picture))
    })
  }
  editor.setSize(readSettings().size)
}

/**
 * For pictures that come with regions of their own, or with none: Undo brings back what was painted.
 * @param {(() => boolean|Promise<boolean>)|null} put says whether it changed any; null: there are none
 */
async function changeRegions(put) {
  const had = editor?.painted
  if (put) await openEditor()
  const anything = await (put ? put() : editor?.clear())
  if (had && anything) notice('The regions that were painted are for other pictures: ' +
    `they are ${put ? 'replaced' : 'cleared'}. Undo in Regions brings them back.`)
}

function onRegions() {
  loose = Boolean(editor?.painted)
  guard()
  estimate()
}

/** @param {BeforeUnloadEvent} event */
const ask = (event) => event.preventDefault()

/** Leaving is asked about only while something would be lost: else the page may rest in the back/forward cache. */
function guard() {
  removeEventListener('beforeunload', ask)
  if (session.running || loose) addEventListener('beforeunload', ask)
}

function onPictures() {
  const { content, style } = pictures
  if (content || style) host.wantWeights()
  examples.then(({ show }) => show(!content && !style))
  strengths.clear()
  if (content && style) editor?.setPictures(content.image, style.image)
  button('swap').disabled = !content && !style
  enable()
  estimate()
}

function onRun() {
  const { running, result } = session
  if (running) {
    loose = false
    strengths.stop()
  }
  guard()
  enable()
  find('running').hidden = !running
  find('settings').hidden = running
  history.refresh()
  if (!running) describeWeights()
  view(running || result ? 'result' : 'pictures')
}

/** What can be pressed, by whether a run goes on and what there is. */
function enable() {
  const { running, result } = session
  const both = Boolean(pictures.content && pictures.style)
  button('start').disabled = running || !both
  button('triple').disabled = running || !both
  button('tab-pictures').disabled = running
  button('tab-regions').disabled = running || !both
  button('tab-result').disabled = !running && !result
}

async function estimate() {
  const mine = ++asked
  const { size, quality, threads } = readSettings()
  await host.setThreads(threads)
  if (!host.begun && !pictures.content && !pictures.style) return
  const nominal = { width: 4, height: 3 }
  const of = { content: pictures.content?.image ?? nominal, style: pictures.style?.image ?? nominal, quality,
    pairs: editor?.regions ? new Set(editor.regions.content.labels).size : 1 }
  const costs = await host.get().then((engine) => Promise.all(
    [size, ...SIDES].map((side) => engine.estimate({ ...of, size: side })))).catch(() => null)
  if (mine !== asked) return
  if (costs) {
    latest = costs[0]
    showTimes(costs.slice(1).map(({ seconds }) => seconds))
  }
  showCost()
}

function showCost() {
  const { size } = readSettings()
  const { regions = 0, faults = [] } = editor ? { regions: editor.paired, faults: editor.faults } : {}
  const fine = showEstimate(latest, { size, regions, faults, measuring: Boolean(measuring && host.wanted) })
  button('start').textContent = fine ? 'Paint' : 'Paint anyway'
  examples.then(({ time }) => time(latest?.seconds ? range(latest.seconds).toLowerCase() : ''))
}

/** @param {Engine} engine */
async function describeEngine(engine) {
  const { build, threads, why } = engine.info
  const cores = navigator.hardwareConcurrency || 1
  say('engine-info', `Using ${threads} of ${Math.max(cores, threads)} ${cores > 1 ? 'cores' : 'core'}.`)
  find('engine-info').title = `${build}: ${why}`
  say('threads-why', `${why}.`)
  const field = /** @type {HTMLInputElement} */ (find('threads'))
  field.placeholder = `auto (${threads})`
  field.disabled = !crossOriginIsolated
  field.max = String(Math.min(64, cores))
  measuring = engine
  estimate()
  keepSite()
  const paced = await engine.calibrate().then(() => true, () => false)
  if (measuring !== engine) return
  measuring = null
  if (paced) estimate()
  else showCost() // a new question would ask for an engine, and for the weights, again and again
}

/** @param {number} loaded @param {number} total */
function describeDownload(loaded, total) {
  const text = `${(loaded / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`
  say('weights-info', `Downloading the model: ${text}`)
  session.download(text)
  if (loaded === total) setTimeout(describeWeights, 1000)
}

async function describeWeights() {
  const bytes = await storedWeights()
  find('weights-info').textContent = bytes
    ? `The model (${amount(bytes)}) is kept on this device.`
    : 'The model (15 MB) is not kept on this device.'
  find('weights-drop').hidden = !bytes
  say('model-size', bytes ? '' : 'The model (15 MB) is downloaded once, with your first picture.')
  return bytes
}

/** @param {string} id */
async function openRun(id) {
  const taken = isPainted(id).then(async (elsewhere) => {
    const run = elsewhere ? null : await recall(id)
    if (!run) notice(elsewhere ? ELSEWHERE : 'That run is no longer kept.')
    return run
  })
  const took = await fill(taken.then((run) => run?.inputs.content), taken.then((run) => run?.inputs.style))
  const kept = await taken
  if (!took || !kept) return history.refresh()
  const { inputs: { settings, regions }, state } = kept
  writeSettings(settings)
  await changeRegions(regions && (() => editor?.restore(regions) ?? false))
  loose = false
  guard()
  if (state.done) session.reopen(state, id)
  else session.begin(state, undefined, id)
}
