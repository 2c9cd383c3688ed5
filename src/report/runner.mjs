// SPDX-License-Identifier: MIT
//
// Does a list of tasks once. Each leaves results/NAME.json (settings, what made it, values) and, where it paints,
// pictures/NAME.png in the report's folder; the JSON is written last, so a task whose JSON is there, of the same
// settings and maker, is complete and is not done again.

import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { readImage, replaceFile, writeImage } from '../api/index.node.mjs'

/** @typedef {import('../api/client/engine.js').Engine} Engine */
/** @typedef {import('../api/types.js').Picture} Picture */

/**
 * What a task may use. picture: what another task painted. progress: says that this share of the task is done.
 * @typedef {{ engine: Engine, signal: AbortSignal, picture: (task: Task) => Promise<Picture>,
 *   progress: (fraction: number) => void }} Tools
 */
/**
 * settings: all that decides the values, plain JSON. cost: seconds on the machine of cost.js. A task comes after those
 * whose pictures it uses.
 * @template [Values=any]
 * @typedef {{ name: string, settings: object, cost: number,
 *   perform: (tools: Tools) => Promise<{ values: Values, image?: Picture }> }} Task
 */
/**
 * Who made a result; of another maker it counts as missing.
 * @typedef {{ version: string, build: string, threads: number, processor: string }} Maker
 */
/** @typedef {{ settings: object, maker: Maker, values: any }} Stored */
/**
 * done: tasks before this one; left: seconds, 0 while unknown.
 * @typedef {{ done: number, tasks: number, name: string, fraction: number, left: number }} Progress
 */

/** Of a painting, inside the report's folder. @param {Task} task */
export const pictureFile = ({ name }) => `pictures/${name}.png`
/** @param {Task} task */
const resultFile = ({ name }) => `results/${name}.json`
/** All that a task may leave. @param {Task} task */
export const filesOf = (task) => [pictureFile(task), resultFile(task)]

/** @param {string} file @returns {Promise<Stored|null>} null where there is none, or none that can be read */
async function readStored(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return null
  }
}

/** Each task once, though several sections ask for it. @param {Task[]} tasks */
export const distinct = (tasks) => [...new Map(tasks.map((task) => [task.name, task])).values()]

/**
 * @param {Task[]} tasks
 * @param {{ engine: Engine, folder: string, maker: Maker, signal: AbortSignal,
 *   onProgress: (progress: Progress) => void, onDone: (name: string, seconds: number) => void }} options
 * @returns {Promise<Map<string, Stored>>} by name
 */
export async function runTasks(tasks, { engine, folder, maker, signal, onProgress, onDone }) {
  for (const part of ['results', 'pictures']) await mkdir(path.join(folder, part), { recursive: true })
  /** @type {Map<string, Stored>} */
  const stored = new Map()
  for (const task of tasks) {
    const found = await readStored(path.join(folder, resultFile(task)))
    const wanted = { settings: task.settings, maker, values: found?.values }
    if (found && isDeepStrictEqual(found, wanted)) stored.set(task.name, found)
  }
  const missing = tasks.filter(({ name }) => !stored.has(name))
  const whole = missing.reduce((sum, { cost }) => sum + cost, 0)
  const start = performance.now()
  let past = 0
  for (const task of missing) {
    const { name, settings, cost, perform } = task
    const done = stored.size
    /** @param {number} share of this task */
    const progress = (share) => {
      const fraction = (past + share * cost) / whole
      const elapsed = (performance.now() - start) / 1000
      onProgress({ done, tasks: tasks.length, name, fraction, left: fraction > 0 ? elapsed * (1 / fraction - 1) : 0 })
    }
    progress(0)
    const begun = performance.now()
    const { values, image } = await perform({
      engine, signal, progress, picture: (other) => readImage(engine, path.join(folder, pictureFile(other)))
    })
    signal.throwIfAborted()
    if (image) await writeImage(engine, path.join(folder, pictureFile(task)), image)
    const result = { settings, maker, values }
    await replaceFile(path.join(folder, resultFile(task)),
      new TextEncoder().encode(`${JSON.stringify(result, null, 2)}\n`))
    stored.set(name, result)
    past += cost
    onDone(name, (performance.now() - begun) / 1000)
  }
  return stored
}
