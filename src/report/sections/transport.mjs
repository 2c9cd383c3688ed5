// SPDX-License-Identifier: MIT
//
// Transport: the style term by REMD and by Sinkhorn's transport, a better approximation of the exact distance which
// the paper's authors name as future work. The section shows the pictures, the cost, and the exact distance from the
// style that each reaches.

import { contactSheet, html, number, seconds, table } from '../markup.mjs'
import { painted, painting, termsTable } from '../painting.mjs'
import { distancesTo } from './distances.mjs'

/** @param {import('../report.mjs').Plan} plan @returns {import('../page.mjs').Section} */
export function transport({ base, pair }) {
  /** @type {import('../painting.mjs').Titled[]} */
  const titled = [['REMD', painting(base, pair)], ['Sinkhorn', painting(base, pair, { transport: 'sinkhorn' })]]
  const paintings = titled.map(([, task]) => task)
  const measured = paintings.map((task) => distancesTo(task, pair.style, base.seed))
  return {
    title: 'Transport', tasks: [...paintings, ...measured],
    lead: 'The same run with the relaxed distance, where each hypercolumn goes to its nearest, and with Sinkhorn’s ' +
      'entropic transport, where every hypercolumn of either side has its share.',
    body(results) {
      const [relaxed, entropic] = paintings.map((task) => results(task).seconds)
      return html`${contactSheet(titled.map((one) => painted(results, one)))}
${termsTable(results, 'Every term of each picture, both measured with REMD.', titled)}
${table(
        'Whole hypercolumns of each picture against the style’s: exact distance, its relaxation, its entropic value.',
        ['run by', 'EMD', 'REMD', 'Sinkhorn', 'seconds of the run'],
        titled.map(([name, task], i) => {
          const { remd, emd, sinkhorn } = results(measured[i]).levels.slice(-1)[0]
          return [name, number(emd, 4), number(remd, 4), number(sinkhorn, 4), seconds(results(task).seconds)]
        })
      )}
<p>The run with Sinkhorn’s transport took ${(entropic / relaxed).toFixed(2)} times as long.</p>`
    }
  }
}
