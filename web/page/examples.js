// SPDX-License-Identifier: MIT
//
// What there is before a person brings anything: examples, each with its finished picture beside the photo it was made
// from, and a gallery of styles to take with one tap. samples/samples.json names them; the pictures in examples/ were
// painted by tests/browser/paint_examples.mjs. Only small pictures are fetched before a person asks for more.

import { createCompare } from './compare.js'
import { click, find, make, say } from '../shared/dom.js'
import { notice } from '../shared/notices.js'

/**
 * @typedef {{ name: string, content: string, style: string, contentWeight: number,
 *   contentRegions?: string, styleRegions?: string }} Example
 * @typedef {{ file: string, name: string }} Style
 */

const address = (/** @type {string} */ name) => new URL(name, document.baseURI).href
const stem = (/** @type {string} */ file) => file.replace(/\.jpg$/, '')
const finished = (/** @type {Example} */ { content, style }) => `${stem(content)}-${stem(style)}.jpg`
const small = (/** @type {string} */ name) => address(`examples/small/${name}`)

/** @param {string} name */
async function file(name) {
  const response = await fetch(address(`samples/${name}`))
  if (!response.ok) throw new Error(`${name} could not be fetched (${response.status}).`)
  return new File([await response.blob()], name)
}

/** What a person does with it may fail for want of a network. @param {() => Promise<void>} act */
const told = (act) => () => act().catch((/** @type {Error} */ error) => notice(error.message))

/**
 * @param {{ paint: (pictures: File[], regions: File[], contentWeight: number) => Promise<void>,
 *   restyle: (style: Promise<File>) => Promise<void> }} on
 *   paint: with two regions or none; restyle: the style for a photo of the person's own
 * @returns the finished example, at the top
 */
export async function showExamples({ paint, restyle }) {
  const hero = find('hero')
  const compare = createCompare(hero)
  const [before, after] = /** @type {HTMLImageElement[]} */ ([...hero.querySelectorAll('.plane img')])
  /** @type {Example|null} */
  let chosen = null
  let visible = true
  const answer = await fetch(address('samples/samples.json')).catch(() => null)
  /** @type {{ examples: Example[], styles: Style[] }} */
  const { examples, styles } = answer?.ok ? await answer.json() : { examples: [], styles: [] }

  /** @param {Example} example */
  async function choose(example) {
    chosen = example
    const { name, content, style } = example
    for (const button of find('samples').querySelectorAll('button')) button.ariaPressed = String(button.title === name)
    before.src = address(`samples/${content}`)
    after.src = address(`examples/${finished(example)}`)
    after.alt = name
    find('example-style').setAttribute('src', small(style))
    say('example-name', name)
    await after.decode().catch(() => undefined)
    if (chosen === example && after.naturalWidth) compare.fill(after.naturalWidth / after.naturalHeight, 50)
  }

  /** @param {string} source @param {string} name @param {() => void} onclick @param {string} className */
  const tile = (source, name, onclick, className) => make('li', {}, make('button', { className, title: name, onclick },
    make('img', { src: source, alt: '', loading: 'lazy' }), make('span', {}, name)))

  for (const example of examples) {
    find('samples').querySelector('ul')?.append(tile(small(finished(example)), example.name, () => {
      choose(example)
      show(true)
      hero.scrollIntoView({ block: 'nearest' })
    }, 'sample'))
  }
  for (const { file: name, name: title } of styles) {
    const item = tile(small(name), title, told(() => restyle(file(name))), 'sample style')
    item.dataset.file = name
    find('styles').querySelector('ul')?.append(item)
  }
  click('example-paint', told(async () => {
    if (!chosen) return
    const { content, style, contentRegions, styleRegions, contentWeight } = chosen
    const regions = contentRegions && styleRegions ? [contentRegions, styleRegions] : []
    const [first, second, ...rest] = await Promise.all([content, style, ...regions].map(file))
    await paint([first, second], rest, contentWeight)
  }))
  click('example-restyle', told(async () => {
    find('content-file').click() // at once: a dialog opens only for a person's click
    if (chosen) await restyle(file(chosen.style))
  }))

  /** @param {boolean} wanted */
  function show(wanted) {
    visible = wanted
    hero.hidden = !visible || !chosen
    find('samples').hidden = examples.length === 0
    find('styles').hidden = styles.length === 0
  }

  if (examples.length) choose(examples[0])
  show(visible)
  return {
    show,
    /** @param {string} words how long a run takes here, or nothing */
    time(words) {
      say('example-paint', words ? `Paint it here (${words})` : 'Paint it here')
    }
  }
}
