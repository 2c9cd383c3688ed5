// SPDX-License-Identifier: MIT
//
// Regimes: the kinds of pairs that the paper's study distinguishes.

import { contactSheet, html } from '../markup.mjs'
import { original, originalFigure } from '../original.mjs'
import { painted, painting, termsTable } from '../painting.mjs'

/** @param {import('../report.mjs').Plan} plan @returns {import('../page.mjs').Section} */
export function regimes({ base, samples }) {
  const { cat, church, rocket, cafe, sky, leaves } = samples
  const kinds = [
    { name: 'Paired', content: rocket, style: cafe,
      says: 'Both pictures show a night with lamps, so that every part of the content has its like in the style.' },
    { name: 'Unpaired', content: cat, style: church,
      says: 'The pictures have nothing in common: what becomes of fur and eyes is for the transport to find.' },
    { name: 'Texture', content: cat, style: leaves,
      says: 'The style is a texture without objects, so that only the content can bring any layout.' },
    { name: 'Texture by texture', content: sky, style: leaves,
      says: 'Neither side has objects: strokes of one kind are to be laid along the flow of the other.' }
  ].map((kind) => ({ ...kind, task: painting(base, kind), from: original(kind.content), by: original(kind.style) }))
  return {
    title: 'Kinds of pairs', tasks: kinds.flatMap(({ task, from, by }) => [from, by, task]),
    lead: 'Pairs of like subject, of unlike subject, and textures, all from the shipped samples.',
    body: (results) => html`${kinds.map(({ name, content, style, says, task, from, by }) => html`
<h3>${name}</h3>
<p>${says}</p>
${contactSheet([
      originalFigure(results, 'Content', content.title, from), originalFigure(results, 'Style', style.title, by),
      painted(results, ['Result', task])])}`)}
${termsTable(results, 'Every term of each result.', kinds.map(({ name, task }) => [name, task]))}`
  }
}
