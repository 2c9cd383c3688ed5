// SPDX-License-Identifier: MIT
//
// The sample pairs below the wells: one click puts a pair into the wells, with its regions where it has some, and runs
// it. samples/samples.json names them.

import { find, make } from '../shared/dom.js'
import { notice } from '../shared/notices.js'

/**
 * @typedef {{ name: string, content: string, style: string, contentWeight: number,
 *   contentRegions?: string, styleRegions?: string }} Sample
 */

/** @param {(pictures: File[], regions: File[], contentWeight: number) => Promise<void>} onPick regions: two or none */
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
    const { content, style, contentRegions, styleRegions, contentWeight } = sample
    const pick = async () => {
      const regions = contentRegions && styleRegions ? [contentRegions, styleRegions] : []
      const [first, second, ...rest] = await Promise.all([content, style, ...regions].map(file))
      await onPick([first, second], rest, contentWeight)
    }
    const button = make('button',
      { className: 'sample', onclick: () => pick().catch((error) => notice(error.message)) },
      make('span', { className: 'pair' }, picture(content), picture(style)), make('span', {}, sample.name))
    find('samples').querySelector('ul')?.append(make('li', {}, button))
    find('samples').hidden = false
  }
}
