// SPDX-License-Identifier: MIT
//
// The options that decide a run's picture, as one list: what kind of value each is, its range, what the engine calls it
// (nothing: it does not know it), and its default (none: it depends on the others). Choices stand in the order of the
// engine's numbers for them. A test holds this list to the engine's (options.c), whose terms `factors` weigh (terms.c).

export const QUALITIES = /** @type {const} */ (['draft', 'standard', 'fine'])
export const TRANSPORTS = /** @type {const} */ (['remd', 'sinkhorn'])
export const SIMILARITIES = /** @type {const} */ (['cosine', 'centred', 'euclidean'])
export const OPTIMIZERS = /** @type {const} */ (['rmsprop', 'adam'])

export const ROWS = /** @type {const} */ ({
  /** Long side of the result in pixels. */
  size: { kind: 'number', engine: 'size', lowest: 64, highest: 2048, whole: true, standard: 512 },
  contentWeight: { kind: 'number', engine: 'content_weight', lowest: 0, highest: 16, standard: 0.5 },
  quality: { kind: QUALITIES, standard: 'standard' },
  /** Per scale; the quality's own. */
  iterations: { kind: 'number', engine: 'iterations', lowest: 1, highest: 2000, whole: true },
  /** The quality's own. */
  optimizer: { kind: OPTIMIZERS, engine: 'optimizer' },
  /** The optimizer's base step; 0 takes its own. */
  step: { kind: 'number', engine: 'step', lowest: 0, highest: 1, standard: 0 },
  /** The highest is JavaScript's; the engine's own is higher. */
  seed: { kind: 'number', engine: 'seed', lowest: 0, highest: Number.MAX_SAFE_INTEGER, whole: true, standard: 0 },
  /** What each term counts in the objective, by its name; 1 each. */
  factors: { kind: 'factors', lowest: 0, highest: 1000 },
  /**
   * How features are moved to the style's: relaxed earth mover's distance, or entropic optimal transport, whose value
   * then stands in the term `remd`.
   */
  transport: { kind: TRANSPORTS, engine: 'transport', standard: 'remd' },
  /**
   * What the content term compares a picture's hypercolumns among each other by: cosine distance, cosine distance of
   * the columns less their mean, or Euclidean distance.
   */
  selfSimilarity: { kind: SIMILARITIES, engine: 'similarity', standard: 'cosine' },
  /** One content term over the whole picture instead of one inside each region. */
  contentAcrossRegions: { kind: 'flag', engine: 'content_across_regions', standard: false },
  /** The content's colours, the style's brush. */
  keepColors: { kind: 'flag', standard: false }
})

/**
 * @template Kind
 * @typedef {Kind extends 'number' ? number : Kind extends 'flag' ? boolean
 *   : Kind extends 'factors' ? { [term: string]: number } : Kind extends readonly (infer Choice)[] ? Choice
 *   : never} ValueOf
 */
/** @typedef {{ -readonly [Name in keyof typeof ROWS]?: ValueOf<(typeof ROWS)[Name]['kind']> }} RunOptions */
/**
 * Those with a default.
 * @typedef {{ [Name in keyof typeof ROWS as (typeof ROWS)[Name] extends { standard: unknown } ? Name : never]:
 *   ValueOf<(typeof ROWS)[Name]['kind']> }} Defaults
 */

export const OPTIONS = /** @type {(keyof RunOptions)[]} */ (Object.keys(ROWS))
/** What is not given. */
export const DEFAULTS = /** @type {Defaults} */ (Object.fromEntries(
  Object.entries(ROWS).flatMap(([name, row]) => ('standard' in row ? [[name, row.standard]] : []))))
