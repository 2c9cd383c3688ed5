// SPDX-License-Identifier: MIT
//
// One pair at the three strengths, small and quick, side by side: a press on one chooses it. They are painted one after
// another and are not kept; a run, other pictures or a second press end them.

import { click, find, make, paint, say } from '../shared/dom.js'
import { notice } from '../shared/notices.js'

const SIDE = 128
const WORDS = /** @type {[string, number][]} */ ([['Subtle', 1.5], ['Balanced', 0.5], ['Strong', 0.25]])
const OFFER = 'See all three, small'

/**
 * @param {{ use: import('../platform/engine_host.js').Use, job: () => import('./run.js').Job,
 *   choose: (contentWeight: number) => void }} page
 */
export function createStrengths({ use, job, choose }) {
  const box = find('strengths')
  const list = /** @type {HTMLElement} */ (box.querySelector('ul'))
  /** @type {ReturnType<import('../platform/engine_host.js').Engine['start']>|null} */
  let run = null
  let turn = 0

  function stop() {
    turn++
    run?.cancel()
    run = null
    say('triple', OFFER)
  }

  /** @param {string} word @param {number} contentWeight */
  function tile(word, contentWeight) {
    const canvas = make('canvas', { ariaHidden: 'true' })
    const button = make('button', { className: 'sample', disabled: true, onclick: () => {
      for (const other of list.querySelectorAll('button')) other.ariaPressed = String(other === button)
      choose(contentWeight)
    } }, canvas, make('span', {}, word))
    list.append(make('li', {}, button))
    return { button, canvas }
  }

  async function all() {
    const { content, style, regions, settings: { seed } } = job()
    const mine = ++turn
    list.replaceChildren()
    box.hidden = false
    say('triple', 'Stop the small ones')
    find('sheet').popover && find('sheet').hidePopover()
    const tiles = WORDS.map(([word, weight]) => tile(word, weight))
    for (const { canvas } of tiles) Object.assign(canvas, { width: content.image.width, height: content.image.height })
    box.scrollIntoView({ block: 'nearest' })
    for (const [i, [, contentWeight]] of WORDS.entries()) {
      const { button, canvas } = tiles[i]
      const { image } = await use((engine) => {
        if (mine !== turn) throw Object.assign(new Error('stopped'), { name: 'AbortError' })
        run = engine.start({ content: content.image, style: style.image, regions: regions ?? undefined, size: SIDE,
          contentWeight, quality: 'draft', seed, previewEvery: 500,
          onProgress: (event) => 'image' in event && paint(canvas, event.image) })
        return run.result
      })
      paint(canvas, image)
      button.disabled = false
    }
  }

  click('triple', () => {
    if (run) return stop()
    all().then(stop, (error) => {
      if (error.name !== 'AbortError') notice(error.message)
      stop()
    })
  })

  return {
    stop,
    /** For other pictures, or none. */
    clear() {
      stop()
      box.hidden = true
    }
  }
}
