// SPDX-License-Identifier: MIT
//
// Content weight: from an eighth to eight times the plan's, and what the style terms pay for a smaller content term.

import { contactSheet, html } from '../markup.mjs'
import { painted, painting, termsTable, TITLES } from '../painting.mjs'
import { plot } from '../plot.mjs'

const FACTORS = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8]

/** @param {import('../report.mjs').Plan} plan @returns {import('../page.mjs').Section} */
export function contentWeight({ base, pair, terms }) {
  const ofStyle = terms.filter((term) => term !== 'content')
  const weights = FACTORS.map((factor) => factor * base.contentWeight)
  const paintings = weights.map((weight) => (
    painting(base, pair, weight === base.contentWeight ? {} : { contentWeight: weight })))
  const titled = weights.map((weight, i) =>
    /** @type {import('../painting.mjs').Titled} */ ([`Weight ${weight}`, paintings[i]]))
  return {
    title: 'Content weight', tasks: paintings,
    lead: 'From high to low stylisation: the content weight doubles from picture to picture, everything else stays.',
    body: (results) => html`${contactSheet(titled.map((one) => painted(results, one)), 'strip')}
${plot({
      title: 'The trade-off: each point is a picture, named by its content weight',
      x: { name: 'content term' }, y: { name: 'style term', from: 0 },
      series: ofStyle.map((term, i) => ({
        name: TITLES[term] ?? term, points: paintings.map((task) => [results(task).terms.content, results(task).terms[term]]),
        labels: i ? undefined : weights.map(String)
      }))
    })}
${termsTable(results, 'Every term of each picture.', titled)}`
  }
}
