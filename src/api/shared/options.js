// SPDX-License-Identifier: MIT
//
// The names of options, and of the choices that some of them are, in the order of the engine's numbers for these.

/** All that decide a run's picture. */
export const OPTIONS = /** @type {const} */ (['size', 'contentWeight', 'quality', 'iterations', 'seed', 'factors',
  'transport', 'selfSimilarity', 'contentAcrossRegions', 'keepColors'])
export const QUALITIES = ['draft', 'standard', 'fine']
export const TRANSPORTS = ['remd', 'sinkhorn']
export const SIMILARITIES = ['cosine', 'centred', 'euclidean']
/** What is not given; iterations and factors depend on these. */
export const DEFAULTS = /** @type {const} */ ({ size: 512, contentWeight: 0.5, quality: 'standard', seed: 0,
  transport: 'remd', selfSimilarity: 'cosine', contentAcrossRegions: false, keepColors: false })
/** The terms that `factors` weigh. */
export const FACTORS = ['content', 'remd', 'moment', 'palette']
