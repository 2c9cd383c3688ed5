// SPDX-License-Identifier: MIT
//
// Self-similarity: what the content term compares a picture's places by, and whether it should look beyond the regions.

import { contactSheet, html } from '../markup.mjs'
import { painted, painting, termsTable } from '../painting.mjs'
import { regionStatistics, statisticsTable } from './regions.mjs'

/** @typedef {import('../painting.mjs').Titled} Titled */

/** @param {import('../report.mjs').Plan} plan @returns {import('../page.mjs').Section} */
export function selfSimilarity({ base, pair, samples: { cat, church, catByChurch, regionNames } }) {
  /** @type {Titled[]} */
  const descriptors = [
    ['Cosine', painting(base, pair)],
    ['Centred cosine', painting(base, pair, { selfSimilarity: 'centred' })],
    ['Euclidean', painting(base, pair, { selfSimilarity: 'euclidean' })]
  ]
  const guided = { content: cat, style: church, regions: catByChurch }
  /** @type {Titled[]} */
  const reaches = [
    ['Inside each region', painting(base, guided)],
    ['Across regions', painting(base, guided, { contentAcrossRegions: true })]
  ]
  const statistics = reaches.map(([, task]) => regionStatistics(task, church, catByChurch))
  return {
    title: 'Self-similarity', tasks: [...[...descriptors, ...reaches].map(([, task]) => task), ...statistics],
    lead:
      'The content term keeps the pattern of distances between a picture’s own places. The distance may be another ' +
      'than the paper’s cosine.',
    body: (results) => html`${contactSheet(descriptors.map((titled) => painted(results, titled)))}
${termsTable(results, 'Every term of each picture, all measured with the cosine distance.', descriptors)}
<h3>Inside regions or across them?</h3>
<p>With paired regions the content term may hold inside each region alone, or over the whole picture, so that regions
also keep their distances from each other.</p>
${contactSheet(reaches.map((titled) => painted(results, titled)))}
${statisticsTable(results, 'Each region of the result against the style region it is paired with.', regionNames,
      reaches.map(([name], i) => [name, statistics[i]]))}
${termsTable(results, 'Every term of each picture, measured without regions.', reaches)}`
  }
}
