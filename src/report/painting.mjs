// SPDX-License-Identifier: MIT
//
// The task that most experiments are made of: a run of the engine, its picture measured by `evaluate`. However a
// picture was made, it is measured alike: by the objective with all its terms, at the alpha of the plan's content
// weight on the last scale.

import { columnsCost, pixelsAt, scaleCost, scaleSizes } from '../api/shared/cost.js'
import { figure, html, number, seconds, table } from './markup.mjs'
import { pictureFile } from './runner.mjs'
import { digest } from './sources.mjs'

/** @typedef {import('../api/types.js').RunOptions} RunOptions */
/** @typedef {import('../api/types.js').Regions} Regions */
/** @typedef {import('./sources.mjs').Source} Source */
/**
 * size: width and height.
 * @typedef {{ size: [number, number], seconds: number, terms: import('../api/types.js').Terms }} Painted
 */
/**
 * options: of the run, complete but for the engine's own.
 * @typedef {import('./runner.mjs').Task<Painted> & { options: RunOptions }} Painting
 */
/**
 * What every experiment builds on.
 * @typedef {{ size: number, iterations: number, seed: number, contentWeight: number }} Base
 */
/** With the quality's own iterations unless some are given. @typedef {Omit<Base, 'iterations'> & Partial<Base>} Own */
/** Values of a task that was done. @typedef {<Values>(task: import('./runner.mjs').Task<Values>) => Values} Results */

/** Positions are drawn so often for a measurement. */
const DRAWS = 4

/** alpha on the last scale, as schedule.c has it. @param {Own} base */
export const lastAlpha = ({ size, contentWeight }) => 16 * contentWeight / 2 ** (scaleSizes(size).length - 1)

/** Iterations a scale, about. */
const TYPICAL = { draft: 20, standard: 50, fine: 200 }

/**
 * Of a run.
 * @param {Source} content @param {Source} style
 * @param {{ size: number, iterations?: number, quality?: import('../api/types.js').Quality,
 *   transport?: import('../api/types.js').Transport }} options
 */
export const runCost = (content, style, {
  size, quality = 'standard', iterations = TYPICAL[quality], transport
}) => scaleSizes(size).reduce((sum, side) => (
  sum + scaleCost(pixelsAt(content.image, side), pixelsAt(style.image, side), iterations, transport)), 0)

/** "remd-0-size-64" @param {object} change @returns {string} */
const slug = (change) => Object.entries(change)
  .map(([name, value]) => (typeof value === 'object' ? slug(value) : `${name}-${value}`)).join('-')

/**
 * @param {Own} base @param {{ content: Source, style: Source, regions?: Regions }} from
 * @param {RunOptions} [change] what differs from the base; decides, with the pair, the task's name
 * @returns {Painting}
 */
export function painting(base, { content, style, regions }, change = {}) {
  const options = { ...base, ...change }
  const { size } = options
  const measure = { alpha: lastAlpha({ ...base, size }), draws: DRAWS, seed: base.seed }
  const name = [content.name, 'by', style.name, ...(regions ? ['regions'] : []), slug(change)].filter(Boolean).join('-')
  const evaluated = 1 + columnsCost(pixelsAt(style.image, size)) + 2 * columnsCost(pixelsAt(content.image, size))
  return {
    name, options,
    settings: { content: content.digest, style: style.digest, options, measure,
      ...(regions ? { regions: [regions.content, regions.style].map((map) => digest(map, map.labels)) } : {}) },
    cost: evaluated + runCost(content, style, options),
    async perform({ engine, signal, progress }) {
      const { image, stats } = await engine.stylize({
        ...options, content: content.image, style: style.image, regions, signal, previewEvery: 0,
        onProgress: (event) => {
          if (event.type === 'iteration') progress(event.fraction)
        }
      })
      const terms = await engine.evaluate({ content: content.image, style: style.image, result: image, ...measure })
      return { image, values: { size: stats.size, seconds: stats.seconds, terms } }
    }
  }
}

/** @typedef {[title: string, task: Painting]} Titled */

/** Its picture with settings and terms below. @param {Results} results @param {Titled} titled */
export function painted(results, [title, task]) {
  const { size, terms } = results(task)
  const { contentWeight, iterations } = task.options
  return figure({
    file: pictureFile(task), title, size,
    facts: html`<span>${size.join(' × ')} px,</span> ${iterations ?? 'the quality’s own'} iterations a scale,
      <span>content weight ${contentWeight}:</span>
      <span>content ${number(terms.content)},</span> <span>REMD ${number(terms.remd)},</span>
      <span>moment ${number(terms.moment)},</span> <span>palette ${number(terms.palette)}</span>`
  })
}

/** What the table calls values of the objective; the others go by their own names. @type {Record<string, string>} */
export const TITLES = { remd: 'REMD', moment_mean: 'of means', moment_cov: 'of covariances', total: 'objective' }
/** REMD is the larger of these. */
const SIDES = ['remd_x_to_style', 'remd_style_to_x']

/** Every term of each. @param {Results} results @param {string} caption @param {Titled[]} paintings */
export function termsTable(results, caption, paintings) {
  const [[, first]] = paintings
  const shown = Object.keys(results(first).terms).filter((name) => name !== 'total' && !SIDES.includes(name) &&
    paintings.some(([, task]) => results(task).terms[name] !== 0)).concat('total')
  return table(caption, ['', ...shown.map((name) => TITLES[name] ?? name), 'seconds'], paintings.map(([title, task]) => {
    const { terms, seconds: taken } = results(task)
    return [title, ...shown.map((name) => number(terms[name], 4)), seconds(taken)]
  }))
}
