// SPDX-License-Identifier: MIT
//
// How near REMD is to what it relaxes. Between a picture and its style, over iterations and layers: REMD, the exact
// earth mover's distance of the same hypercolumns, and Sinkhorn's entropic value. REMD leaves out one of the two
// constraints on the transport, so REMD / EMD <= 1.

import { columnsCost } from '../../api/shared/cost.js'
import { html, number, table } from '../markup.mjs'
import { painting } from '../painting.mjs'
import { plot } from '../plot.mjs'

/** @typedef {{ levels: { name: string, remd: number, emd: number, sinkhorn: number }[] }} Distances */

/** Exact transport is looked at on the first scale, whatever the report's. */
const SIZE = 64
const COUNT = 256
/** Iterations 1, 4, 16, ... up to this multiple of the plan's. */
const LONGEST = 3.2

/**
 * Of what a painting left, from its style.
 * @param {import('../painting.mjs').Painting} painting @param {import('../sources.mjs').Source} style
 * @param {number} seed @returns {import('../runner.mjs').Task<Distances>}
 */
export function distancesTo(painting, style, seed) {
  const draw = { size: SIZE, count: COUNT, seed }
  return {
    name: `${painting.name}-distances`, settings: { of: painting.settings, draw },
    cost: 1 + 2 * columnsCost(SIZE * SIZE),
    perform: async ({ engine, picture }) => ({
      values: await engine.distances(await picture(painting), style.image, draw)
    })
  }
}

/** @param {import('../report.mjs').Plan} plan @returns {import('../page.mjs').Section} */
export function distances({ base, pair }) {
  const counts = Array.from({ length: 6 }, (_, i) => 4 ** i).filter((count) => count <= LONGEST * base.iterations)
  const paintings = counts.map((iterations) => painting(base, pair, { size: SIZE, iterations, quality: 'fine' }))
  const tasks = paintings.map((task) => distancesTo(task, pair.style, base.seed))
  return {
    title: 'REMD and the exact distance', tasks: [...paintings, ...tasks],
    lead: `REMD against the exact earth mover’s distance between the same ${
      COUNT} hypercolumns of the picture and ${COUNT} ` +
      `of the style, as the picture forms at ${SIZE} px (quality “fine”), by layer and for all layers together. ` +
      'The ratio cannot exceed 1.',
    body(results) {
      const [first, last] = [results(tasks[0]).levels, results(tasks[tasks.length - 1]).levels]
      const ratios = tasks.map((task) => results(task).levels.map(({ remd, emd }) => remd / emd))
      const shown = last.flatMap(({ name }, i) => (/^(rgb|relu2_2|relu3_3|relu4_3|relu5_3|all)$/.test(name) ? [i] : []))
      return html`<div class="plots">${plot({
        title: 'REMD / EMD over the iterations, for some layers',
        x: { name: 'iterations', log: true, ticks: counts.map((at) => ({ at, label: String(at) })) },
        y: { name: 'REMD / EMD', to: 1 },
        series: shown.map((i) => ({ name: last[i].name, points: counts.map((count, k) => [count, ratios[k][i]]) }))
      })}
${plot({
        title: 'REMD / EMD by layer',
        x: { name: 'layer', ticks: last.map(({ name }, at) => ({ at, label: name.replace('relu', '') })) },
        y: { name: 'REMD / EMD', to: 1 },
        series: [...new Set([0, tasks.length - 1])].map((k) => ({
          name: `${counts[k]} iterations`, points: ratios[k].map((ratio, i) => [i, ratio])
        }))
      })}</div>
${table(
        html`The distances after ${counts[0]} and after ${
          counts[counts.length - 1]} iterations, and Sinkhorn’s value after the latter.`,
        ['layer', 'REMD, first', 'EMD, first', 'ratio', 'REMD, last', 'EMD, last', 'ratio', 'Sinkhorn, last'],
        last.map(({ name, remd, emd, sinkhorn }, i) => [name,
          number(first[i].remd, 4), number(first[i].emd, 4), ratios[0][i].toFixed(3),
          number(remd, 4), number(emd, 4), ratios[ratios.length - 1][i].toFixed(3), number(sinkhorn, 4)])
      )}`
    }
  }
}
