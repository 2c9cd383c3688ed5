// SPDX-License-Identifier: MIT
//
// What the entries for browsers and for Node both export beside createEngine: the library's error, what a checkpoint
// says, guidance pictures, and every type.

export { StrotssError } from './errors.js'
export { readCheckpoint } from './shared/checkpoint.js'
export { describeGuidance, describeStretch, readGuidance, writeGuidance } from '../guidance/guidance.js'

/** @typedef {import('./types.js').Picture} Picture */
/** @typedef {import('./types.js').Pixels} Pixels */
/** @typedef {import('./types.js').LabelMap} LabelMap */
/** @typedef {import('./types.js').Regions} Regions */
/** @typedef {import('./types.js').Size} Size */
/** @typedef {import('./types.js').EngineOptions} EngineOptions */
/** @typedef {import('./types.js').RunOptions} RunOptions */
/** @typedef {import('./types.js').Quality} Quality */
/** @typedef {import('./types.js').Optimizer} Optimizer */
/** @typedef {import('./types.js').Transport} Transport */
/** @typedef {import('./types.js').SelfSimilarity} SelfSimilarity */
/** @typedef {import('./types.js').Factors} Factors */
/** @typedef {import('./types.js').EstimateOptions} EstimateOptions */
/** @typedef {import('./types.js').EncodeOptions} EncodeOptions */
/** @typedef {import('./types.js').DistancesOptions} DistancesOptions */
/** @typedef {import('./types.js').Terms} Terms */
/** @typedef {import('./types.js').LevelDistances} LevelDistances */
/** @typedef {import('./types.js').Distances} Distances */
/** @typedef {import('./types.js').ScaleStats} ScaleStats */
/** @typedef {import('./types.js').RunStats} RunStats */
/** @typedef {import('./types.js').RunResult} RunResult */
/** @typedef {import('./types.js').Where} Where */
/** @typedef {import('./types.js').Checkpoint} Checkpoint */
/** @typedef {import('./types.js').QueuedEvent} QueuedEvent */
/** @typedef {import('./types.js').PhaseEvent} PhaseEvent */
/** @typedef {import('./types.js').IterationEvent} IterationEvent */
/** @typedef {import('./types.js').PreviewEvent} PreviewEvent */
/** @typedef {import('./types.js').ScaleEvent} ScaleEvent */
/** @typedef {import('./types.js').RunEvent} RunEvent */
/** @typedef {import('./types.js').DownloadEvent} DownloadEvent */
/** @typedef {import('./types.js').ScaleEstimate} ScaleEstimate */
/** @typedef {import('./types.js').Estimate} Estimate */
/** @typedef {import('./types.js').Calibration} Calibration */
/** @typedef {import('./types.js').Info} Info */
/** @typedef {import('./errors.js').ErrorCode} ErrorCode */
/** @typedef {import('./shared/build.js').Build} Build */
/** @typedef {import('./client/run.js').Run} Run */
/** @typedef {import('../guidance/guidance.js').Guidance} Guidance */
/** @typedef {import('../guidance/guidance.js').Report} GuidanceReport */
/** @typedef {import('../guidance/palette.js').Color} Color */
