// SPDX-License-Identifier: MIT
//
// The paper's experiments on this engine: each section names its tasks and shows their results; the tasks are done
// once, whichever sections ask for them, and the page is written from what they stored.

import { availableParallelism, cpus } from 'node:os'
import path from 'node:path'
import { replaceFile } from '../api/index.node.mjs'
import { contactSheet, html } from './markup.mjs'
import { original, originalFigure } from './original.mjs'
import { writePage } from './page.mjs'
import { distinct, filesOf, runTasks } from './runner.mjs'
import { ablation } from './sections/ablation.mjs'
import { cleanness } from './sections/cleanness.mjs'
import { contentWeight } from './sections/content_weight.mjs'
import { distances } from './sections/distances.mjs'
import { regimes } from './sections/regimes.mjs'
import { regionsSection } from './sections/regions.mjs'
import { selfSimilarity } from './sections/self_similarity.mjs'
import { timingSection } from './sections/timing.mjs'
import { transport } from './sections/transport.mjs'
import { readSamples } from './sources.mjs'

/** @typedef {import('../api/client/engine.js').Engine} Engine */
/** @typedef {import('./sources.mjs').Source} Source */
/**
 * own: the base with the qualities' own iterations, unless some are asked for. pair: what most experiments are done on.
 * timedIterations: of the timing's run. terms: of the objective, by their names.
 * @typedef {{ base: import('./painting.mjs').Base, own: import('./painting.mjs').Own,
 *   pair: { content: Source, style: Source }, samples: Awaited<ReturnType<typeof readSamples>>,
 *   timedIterations: number, terms: string[] }} Plan
 */
/**
 * pair: of the user's, else the shipped one. size, iterations: instead of the plan's own. sections: those wanted, all
 * unless given.
 * @typedef {object} Order
 * @property {string} folder
 * @property {boolean} quick
 * @property {{ content: Source, style: Source }} [pair]
 * @property {number} [size]
 * @property {number} [iterations]
 * @property {string[]} [sections]
 * @property {string[]} terms of the objective, by their names
 */

/** By id, in the page's order. @type {Record<string, (plan: Plan) => import('./page.mjs').Section>} */
const SECTIONS = {
  ablation,
  'content-weight': contentWeight,
  distances,
  transport,
  regimes,
  'self-similarity': selfSimilarity,
  'how-clean': cleanness,
  timing: timingSection,
  regions: regionsSection
}
/** What a report's pictures take unless told: the long side in pixels, and iterations per scale. */
export const SCALE = { quick: { size: 128, iterations: 30 }, whole: { size: 256, iterations: 80 } }
export const SECTION_IDS = Object.keys(SECTIONS)

/**
 * @param {Engine} engine @param {Order} order
 * @param {Pick<Parameters<typeof runTasks>[1], 'signal'|'onProgress'|'onDone'> &
 *   { onPlan: (files: string[]) => Promise<void> }} hooks onPlan: before anything is done, what may be written
 * @returns the page's file, and how many tasks there are
 */
export async function report(engine, { folder, quick, pair, size, iterations, sections = SECTION_IDS, terms },
  { onPlan, ...hooks }) {
  const samples = await readSamples(engine)
  const { content, style } = pair ?? { content: samples.cat, style: samples.church }
  const planned = quick ? SCALE.quick : SCALE.whole
  const own = { size: size ?? planned.size, ...(iterations ? { iterations } : {}), seed: 0, contentWeight: 0.5 }
  const base = { iterations: planned.iterations, ...own }
  const plan = { base, own, pair: { content, style }, samples, timedIterations: quick ? 3 : 9, terms }
  const chosen = Object.fromEntries(Object.entries(SECTIONS)
    .filter(([id]) => sections.includes(id)).map(([id, section]) => [id, section(plan)]))
  const originals = [original(content), original(style)]
  const tasks = distinct([...originals, ...Object.values(chosen).flatMap((section) => section.tasks)])

  const file = path.join(folder, 'index.html')
  await onPlan([file, ...tasks.flatMap(filesOf).map((name) => path.join(folder, name))])

  const { build, threads, version } = engine.info
  const processor = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores`
  const stored = await runTasks(tasks, { engine, folder, maker: { version, build, threads, processor }, ...hooks })
  /** @type {import('./painting.mjs').Results} */
  const results = (task) => stored.get(task.name)?.values
  const page = await writePage({
    title: 'STROTSS: the paper’s experiments, on this machine',
    lead:
      html`<p class="lead">Every picture and every number below comes from this run of the engine, except where a table
says otherwise.</p>
${contactSheet([
      originalFigure(results, 'Content', content.title, originals[0]),
      originalFigure(results, 'Style', style.title, originals[1])], 'pair')}`,
    facts: [
      ['Long side', `${base.size} px`], ['Iterations a scale', String(base.iterations)],
      ['Content weight', String(base.contentWeight)], ['Seed', String(base.seed)],
      ['Engine', `strotss ${version}, ${build}, ${threads} thread${threads > 1 ? 's' : ''}`],
      ['Machine', `${processor}, Node ${process.versions.node}`]
    ],
    sections: chosen, results
  })
  await replaceFile(file, new TextEncoder().encode(page))
  return { file, tasks: tasks.length }
}
