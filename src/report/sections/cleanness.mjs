// SPDX-License-Identifier: MIT
//
// How clean the pictures of the three qualities are: light and colour in their finest bands beside those of the style
// (bands.js). Few iterations at too long a step would leave coloured speckle, which no term of the objective sees.

import { look } from '../../api/shared/bands.js'
import { contactSheet, html, number, table } from '../markup.mjs'
import { painted, painting, termsTable } from '../painting.mjs'

/** @typedef {import('../runner.mjs').Task<import('../../api/shared/bands.js').Look>} Looked */

const QUALITIES = /** @type {const} */ (['draft', 'standard', 'fine'])

/**
 * Of what a painting left.
 * @param {import('../painting.mjs').Painting} painting @param {import('../report.mjs').Plan['pair']} pair
 * @returns {Looked}
 */
const lookAt = (painting, { content, style }) => ({
  name: `${painting.name}-look`, settings: { of: painting.settings }, cost: 1,
  perform: async ({ picture }) => ({
    values: look({ content: content.image, style: style.image, result: await picture(painting) })
  })
})

/** @param {import('../report.mjs').Plan} plan @returns {import('../page.mjs').Section} */
export function cleanness({ own, pair }) {
  /** @type {import('../painting.mjs').Titled[]} */
  const titled = QUALITIES.map((quality) => [quality, painting(own, pair, { quality })])
  const paintings = titled.map(([, task]) => task)
  const looks = paintings.map((task) => lookAt(task, pair))
  return {
    title: 'How clean', tasks: [...paintings, ...looks],
    lead: 'The three qualities, and what can be measured of their look: the standard deviation of light (L) and of ' +
      'colour (C) in the four finest bands of the Laplacian pyramid, of 255. A picture is clean where the colour of ' +
      'its finest band is at most that of its style; far above is coloured speckle, far below blur.',
    body(results) {
      const { content, style } = results(looks[0]).bands
      /** @param {import('../../api/shared/bands.js').Band[]} bands */
      const cells = (bands) => bands.flatMap(({ L, C }) => [number(L, 2), number(C, 2)])
      const share = (/** @type {number|null} */ colour) => (colour === null ? '–' : number(colour, 2))
      return html`${contactSheet(titled.map((one) => painted(results, one)))}
${table(
        'Light and colour by band, finest first; the style and the content at the size of the pictures.',
        ['', ...[1, 2, 3, 4].flatMap((band) => [`L ${band}`, `C ${band}`]), 'finest colour, of the style’s'],
        [['style', ...cells(style), ''], ['content', ...cells(content), ''],
          ...titled.map(([name], i) => {
            const { bands, finest_colour: colour } = results(looks[i])
            return [name, ...cells(bands.result), share(colour)]
          })]
      )}
${termsTable(results, 'Every term of each.', titled)}`
    }
  }
}
