// SPDX-License-Identifier: MIT
//
// The sample pairs below the wells: one click puts a pair into the wells and runs it. samples/samples.json names them.

import { find, make } from './dom.js'

/** @typedef {{ name: string, content: string, style: string }} Sample */

/** @param {(content: File, style: File) => void} onPick */
export async function showSamples(onPick) {
  const folder = new URL('samples/', document.baseURI)
  const answer = await fetch(new URL('samples.json', folder)).catch(() => null)
  if (!answer?.ok) return
  /** @param {string} name */
  const file = async (name) => {
    const response = await fetch(new URL(name, folder))
    if (!response.ok) throw new Error(`${name}: ${response.status}`)
    return new File([await response.blob()], name)
  }
  for (const sample of /** @type {Sample[]} */ (await answer.json())) {
    /** @param {string} name */
    const picture = (name) => make('img', { src: new URL(name, folder).href, alt: '', loading: 'lazy' })
    const pick = async () => onPick(await file(sample.content), await file(sample.style))
    const button = make('button', { className: 'sample', onclick: pick },
      make('span', { className: 'pair' }, picture(sample.content), picture(sample.style)), make('span', {}, sample.name))
    find('samples').querySelector('ul')?.append(make('li', {}, button))
    find('samples').hidden = false
  }
}
