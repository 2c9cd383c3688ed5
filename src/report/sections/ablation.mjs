// SPDX-License-Identifier: MIT
//
// Ablation: the objective without one of its terms at a time, from the same seed.

import { contactSheet, html } from '../markup.mjs'
import { painted, painting, termsTable, TITLES } from '../painting.mjs'

/** @param {import('../report.mjs').Plan} plan @returns {import('../page.mjs').Section} */
export function ablation({ base, pair, terms: all }) {
  const whole = painting(base, pair)
  const terms = all.filter((term) => term !== 'points') // of which this pair has none
  const without = terms.map((term) => painting(base, pair, { factors: { [term]: 0 } }))
  /** @type {import('../painting.mjs').Titled[]} */
  const paintings = [['Full objective', whole], ...terms.map((term, i) => (
    /** @type {import('../painting.mjs').Titled} */ ([`Without ${TITLES[term] ?? term}`, without[i]])))]
  return {
    title: 'Ablation', tasks: paintings.map(([, task]) => task),
    lead: 'What each term of the objective is for: the same run from the same seed, with one term left out. ' +
      'All pictures are measured by the full objective.',
    body(results) {
      const grown = terms.map((term, i) => (
        `${TITLES[term] ?? term} ${(results(without[i]).terms[term] / results(whole).terms[term]).toFixed(2)}`))
      return html`${contactSheet(paintings.map((titled) => painted(results, titled)))}
${termsTable(results, 'Every term of each picture; lower is nearer to what the term asks for.', paintings)}
<p>The term that was left out, as a multiple of what it is under the full objective: ${grown.join(', ')}.</p>`
    }
  }
}
