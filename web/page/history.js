// SPDX-License-Identifier: MIT
//
// What is kept on this device, on offer: runs to go on with, the newest as a card and the others in a fold; finished
// pictures as a row to open, delete, or hold against the one on show; and the styles that they were painted by, for the
// next photo. Only small pictures are read until one is opened.

import { click, find, make, moment, paint } from '../shared/dom.js'
import { begunAt, forget, keptRuns, recall } from '../last-run/store.js'

/** @typedef {import('../last-run/store.js').Card} Card */

const MOST_STYLES = 6

/** @param {import('../shared/dom.js').Pixels} image @returns {HTMLCanvasElement} */
function canvasOf(image) {
  const canvas = make('canvas', { ariaHidden: 'true' })
  paint(canvas, image)
  return canvas
}

/** @param {Card} card */
function words({ id, content, style, settings, done, fraction }) {
  const share = done ? [] : [`${Math.floor(100 * fraction)} % painted`]
  const detail = [`${settings.size} px`, ...share, ...moment(begunAt(id))].join(', ')
  return { name: `${content} after ${style}`, detail }
}

/** @param {string} name of a style's file */
const isShipped = (name) => find('styles').querySelector(`[data-file="${CSS.escape(name)}"]`) !== null

/**
 * @param {{ running: () => boolean, shown: () => string|undefined, open: (id: string) => void,
 *   restyle: (style: Promise<import('./pictures.js').Source>) => Promise<unknown>,
 *   against: (image: import('../shared/dom.js').Pixels|null) => void }} page shown: the run on show
 */
export function createHistory({ running, shown, open, restyle, against }) {
  let asked = 0
  const choice = /** @type {HTMLSelectElement} */ (find('against'))

  /** @param {string[]} ids */
  async function drop(ids) {
    for (const id of ids) await forget(id)
    await refresh()
    find('stage').focus()
  }

  /** @param {Card} card @param {boolean} newest */
  function unfinished(card, newest) {
    const title = newest ? 'Continue last run' : 'Continue an earlier run'
    const { name, detail } = words(card)
    return make('section', { className: 'card', ariaLabel: title }, canvasOf(card.image),
      make('p', {}, make('strong', {}, title), make('span', {}, `${name}, ${detail}`)),
      make('button', { className: 'primary', onclick: () => open(card.id) }, 'Continue'),
      make('button', { className: 'quiet', onclick: () => drop([card.id]) }, 'Discard'))
  }

  /** @param {Card} card */
  function finished(card) {
    const { name, detail } = words(card)
    return make('li', {}, make('button', { className: 'sample', onclick: () => open(card.id) },
      canvasOf(card.image), make('span', {}, name), make('small', {}, detail)),
    make('button', { className: 'quiet drop', ariaLabel: `Delete ${name}, ${detail}`, title: 'Delete',
      onclick: () => drop([card.id]) }, '×'))
  }

  /** @param {Card} card */
  const style = ({ id, style: name, styleImage }) => make('li', { className: 'recent' }, make('button', {
    className: 'sample style', title: name,
    onclick: () => restyle(recall(id).then((run) => {
      if (!run) throw new Error(`${name} is no longer kept.`)
      return run.inputs.style
    }))
  }, styleImage ? canvasOf(styleImage) : '', make('span', {}, name)))

  async function refresh() {
    const mine = ++asked
    const cards = running() ? [] : await keptRuns()
    if (mine !== asked) return
    const done = cards.filter((card) => card.done)
    const [newest, ...earlier] = cards.filter((card) => !card.done && card.id !== shown())
    const list = find('last')
    const isOpen = list.querySelector('details')?.open
    list.replaceChildren(newest ? unfinished(newest, true) : '', earlier.length ? make('details', { open: isOpen },
      make('summary', {}, `${earlier.length} earlier`), ...earlier.map((card) => unfinished(card, false))) : '')
    list.hidden = !newest
    find('history').hidden = done.length === 0
    find('history').querySelector('ul')?.replaceChildren(...done.map(finished))
    const newestOf = new Map([...done].reverse().map((card) => [card.style, card]))
    const recent = [...newestOf.values()].reverse().filter((card) => card.styleImage && !isShipped(card.style))
    for (const old of find('styles').querySelectorAll('.recent')) old.remove()
    find('styles').querySelector('ul')?.prepend(...recent.slice(0, MOST_STYLES).map(style))
    const others = done.filter(({ id }) => id !== shown())
    choice.replaceChildren(make('option', { value: '' }, 'the photo'), ...others.map((card) => {
      const { name, detail } = words(card)
      return make('option', { value: card.id }, `${name}, ${detail}`)
    }))
    choice.closest('label')?.toggleAttribute('hidden', others.length === 0)
  }

  choice.addEventListener('change', async () => {
    const kept = choice.value ? await recall(choice.value) : null
    against(kept?.state.image ?? null)
  })
  click('delete-all', async () => {
    const done = (await keptRuns()).filter((card) => card.done)
    const sure = confirm(`Delete all ${done.length} pictures that are kept on this device?`)
    if (sure) await drop(done.map(({ id }) => id))
  })
  document.addEventListener('visibilitychange', () => {
    const busy = ['last', 'history'].some((id) => find(id).contains(document.activeElement))
    if (document.visibilityState === 'visible' && !busy) refresh()
  })

  return { refresh }
}
