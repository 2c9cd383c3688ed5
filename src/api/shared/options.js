// SPDX-License-Identifier: MIT
//
// The options of the library's calls as lists: what kind of value each is, its range, its default (none: it depends on
// others, as `usual` says), what the engine calls it (nothing: it does not know it), and for the command line what it
// is for, what its value is called there, and its flag where that is not its name. ROWS decide a run's picture. Choices
// stand in the order of the engine's numbers for them. A test holds ROWS to the engine's (options.c), whose terms
// `factors` weigh (terms.c).

export const QUALITIES = /** @type {const} */ (['draft', 'standard', 'fine'])
export const TRANSPORTS = /** @type {const} */ (['remd', 'sinkhorn'])
export const SIMILARITIES = /** @type {const} */ (['cosine', 'centred', 'euclidean'])
export const OPTIMIZERS = /** @type {const} */ (['rmsprop', 'adam'])

/** @typedef {import('../types.js').RunOptions} RunOptions */
/**
 * A row by the type of its option's value, which types.js has.
 * @template Value
 * @typedef {{ kind: [Value] extends [number] ? 'number' : [Value] extends [boolean] ? 'flag'
 *   : [Value] extends [string] ? readonly Value[] : 'factors' } & { [fact: string]: unknown }} Row
 */

/** @satisfies {{ [Name in keyof RunOptions]-?: Row<NonNullable<RunOptions[Name]>> }} */
export const ROWS = /** @type {const} */ ({
  /** Long side of the result in pixels. */
  size: { kind: 'number', engine: 'size', lowest: 64, highest: 2048, whole: true, standard: 512, value: 'N',
    help: 'long side of the result in pixels' },
  contentWeight: { kind: 'number', engine: 'content_weight', lowest: 0, highest: 16, standard: 0.5, value: 'W',
    help: 'how much of the content stays' },
  quality: { kind: QUALITIES, standard: 'standard', value: 'Q',
    help: 'how long each scale is worked at; fine is the published method' },
  /** Per scale; the quality's own unless given. */
  iterations: { kind: 'number', engine: 'iterations', lowest: 1, highest: 2000, whole: true, value: 'N',
    usual: "the quality's own", help: 'iterations per scale' },
  /** The quality's own unless given. */
  optimizer: { kind: OPTIMIZERS, engine: 'optimizer', value: 'O', usual: "the quality's own",
    help: 'what moves the picture along the gradient' },
  /** The optimizer's base step; 0 takes its own. */
  step: { kind: 'number', engine: 'step', lowest: 0, highest: 1, standard: 0, value: 'S',
    help: "base step of the optimizer, where 0 takes the optimizer's own" },
  /** Another seed gives another picture. The highest is JavaScript's; the engine's own is higher. */
  seed: { kind: 'number', engine: 'seed', lowest: 0, highest: Number.MAX_SAFE_INTEGER, whole: true, standard: 0,
    value: 'N', help: 'another seed gives another picture' },
  /** What each term counts in the objective, by its name; 1 each. */
  factors: { kind: 'factors', lowest: 0, highest: 1000, usual: '1 each', flag: 'loss', value: 'TERM=W,...',
    help: 'the factors of terms in the objective' },
  /** How features are moved to the style's; the value of either stands in the term `remd`. */
  transport: { kind: TRANSPORTS, engine: 'transport', standard: 'remd', value: 'T',
    help: "how features are moved to the style's: by the relaxed earth mover's distance, or by entropic optimal " +
      'transport, which is slower, most of all at small sizes' },
  /** What the content term compares a picture's hypercolumns among each other by. */
  selfSimilarity: { kind: SIMILARITIES, engine: 'similarity', standard: 'cosine', value: 'S',
    help: "how the content term compares a picture's hypercolumns with each other: by cosine distance, by cosine " +
      'distance of the columns less their mean, or by Euclidean distance' },
  /** One content term over the whole picture instead of one inside each region. */
  contentAcrossRegions: { kind: 'flag', engine: 'content_across_regions', standard: false,
    help: 'one content term over the whole picture instead of one inside each region' },
  /** The content's colours, the style's brush work. */
  keepColors: { kind: 'flag', standard: false,
    help: "keeps the content's colours and takes the style's brush work" }
})

/** Of Engine.evaluate. */
export const EVALUATE_ROWS = /** @type {const} */ ({
  alpha: { kind: 'number', lowest: 0, highest: 1e6, standard: 1, value: 'A', help: 'weight of the content term' },
  draws: { kind: 'number', lowest: 1, highest: 1000, whole: true, standard: 4, value: 'K',
    help: 'draws of positions, whose mean is printed' },
  seed: { ...ROWS.seed, help: 'another seed draws other positions' }
})

/** Of Engine.distances. */
export const DISTANCES_ROWS = /** @type {const} */ ({
  size: { ...ROWS.size, standard: 256, help: 'long side in pixels at which the pictures are compared' },
  count: { kind: 'number', lowest: 1, highest: 1024, whole: true, standard: 512, value: 'N',
    help: 'pixels drawn from each picture' },
  seed: { ...ROWS.seed, help: 'another seed draws other pixels' }
})

/** Of Engine.encode. */
export const ENCODE_ROWS = /** @type {const} */ ({
  quality: { kind: 'number', lowest: 1, highest: 100, whole: true, standard: 92, flag: 'jpeg-quality', value: 'Q',
    help: 'quality of a JPEG' }
})

/**
 * Those with a default.
 * @typedef {{ [Name in keyof typeof ROWS as (typeof ROWS)[Name] extends { standard: unknown } ? Name : never]:
 *   NonNullable<RunOptions[Name]> }} Defaults
 */

export const OPTIONS = /** @type {(keyof RunOptions)[]} */ (Object.keys(ROWS))
/** What is not given. */
export const DEFAULTS = /** @type {Defaults} */ (Object.fromEntries(
  Object.entries(ROWS).flatMap(([name, row]) => ('standard' in row ? [[name, row.standard]] : []))))
