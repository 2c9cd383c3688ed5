// SPDX-License-Identifier: MIT
//
// What travels between client/engine.js (the caller) and dispatcher.js (the worker), and the types of the API. No code.
//
//   client to worker   { id, type, args }      one of Requests
//   worker to client   { id, event }           any number, from 'start' only
//                      { id, value }           the one answer, or
//                      { id, error }           { code, message, image, checkpoint } of a StrotssError
//
// A run is named by the id of its 'start'. Runs are done one after another; everything else is answered between the
// steps of the run at work. Pixels, states and files that the worker sends are transferred.

/**
 * 8-bit sRGB with alpha, row by row: ImageData is one.
 * @typedef {{ width: number, height: number, data: Uint8ClampedArray<ArrayBuffer> }} Picture
 */
/**
 * Pixels as a caller may give them, on any kind of buffer.
 * @typedef {{ width: number, height: number, data: Uint8ClampedArray | Uint8Array }} Pixels
 */
/**
 * A picture file, of PNG, JPEG, BMP, GIF, TGA or PNM, and what to call it in errors.
 * @typedef {{ bytes: Uint8Array, name: string }} PictureFile
 */
/** @typedef {Picture | PictureFile} Source */

/**
 * Label k of the content takes its style from label k of the style; 0 is the unpainted rest.
 * @typedef {{ width: number, height: number, labels: Uint8Array }} LabelMap
 */
/**
 * weights: by label, 1 each unless given.
 * @typedef {{ content: LabelMap, style: LabelMap, weights?: number[] }} Regions
 */

/** From the one list of options. @typedef {import('./shared/options.js').RunOptions} RunOptions */
/** @typedef {NonNullable<RunOptions['quality']>} Quality */
/** @typedef {NonNullable<RunOptions['transport']>} Transport */
/** @typedef {NonNullable<RunOptions['selfSimilarity']>} SelfSimilarity */
/** Factors of the terms, by name, for ablation. @typedef {NonNullable<RunOptions['factors']>} Factors */

/**
 * The objective, and every value of its terms by name: content, remd (the transport term), remd_x_to_style,
 * remd_style_to_x, moment, moment_mean, moment_cov, palette.
 * @typedef {{ total: number, [value: string]: number }} Terms
 */
/**
 * Transport between two pictures' features: relaxed (as in the objective), exact, and by the entropic plan; of each tap
 * of the network, and of all together.
 * @typedef {{ levels: { name: string, remd: number, emd: number, sinkhorn: number }[] }} Distances
 */
/** size: long side. @typedef {{ size: number, iterations: number, seconds: number, terms: Terms }} ScaleStats */
/**
 * size: width and height; backend: what did the last iterations; seconds: at work since this start, pauses left out; peakBytes: of WebAssembly memory.
 * @typedef {{ size: [number, number], seconds: number, scales: ScaleStats[], peakBytes: number, build: string,
 *   threads: number, backend: 'wasm'|'webgpu' }} RunStats
 */
/** @typedef {{ image: Picture, stats: RunStats, checkpoint: Uint8Array<ArrayBuffer> }} RunResult */

/** scale counts from 0. @typedef {{ scale: number, scales: number, width: number, height: number }} Where */
/**
 * What begins now; 'weights': the run waits for them.
 * @typedef {{ type: 'phase', phase: 'weights'|'style'|'content'|'iterate'|'done' } & Where} PhaseEvent
 */
/**
 * secondsElapsed: at work since this start.
 * @typedef {{ type: 'iteration', iteration: number, iterations: number, terms: Terms, secondsLeft: number,
 *   secondsElapsed: number, fraction: number } & Where} IterationEvent
 */
/** @typedef {{ type: 'preview', image: Picture } & Where} PreviewEvent */
/**
 * The end of a scale.
 * @typedef {{ type: 'scale', image: Picture, checkpoint: Uint8Array<ArrayBuffer>, seconds: number,
 *   terms: Terms } & Where} ScaleEvent
 */
/**
 * The run goes on without the graphics card, and why, in words.
 * @typedef {{ type: 'backend', backend: 'wasm', why: string } & Where} BackendEvent
 */
/** @typedef {PhaseEvent | IterationEvent | PreviewEvent | ScaleEvent | BackendEvent} RunEvent */
/** @typedef {{ type: 'download', loaded: number, total: number }} DownloadEvent */

/** width and height, which a Picture has too. @typedef {{ width: number, height: number }} Size */
/**
 * pairs: of regions, the rest counted; threads: 1 to 64, as many as the engine has.
 * @typedef {{ content: Size, style: Size, pairs?: number, threads?: number } & RunOptions} EstimateOptions
 */
/**
 * bytes: at the peak, of the whole engine; seconds: once calibrated, or once a run was measured.
 * @typedef {{ bytes: number, seconds?: number,
 *   scales: { size: number, iterations: number, seconds?: number }[] }} Estimate
 */
/**
 * slowness: seconds here for one second of the machine that cost.js names.
 * @typedef {{ slowness: number }} Calibration
 */
/**
 * why: which build runs, and the reason, in words. backend: what does the iterations, known with the weights; card:
 * which graphics card that is or why it is the CPU, in words.
 * @typedef {{ build: string, threads: number, why: string, version: string, backend: 'wasm'|'webgpu',
 *   card: string }} Info
 */

/**
 * Every request's arguments and answer.
 * @typedef {object} Requests
 * @property {{ args: { glue: string, folder: string, wasm: Uint8Array, build: string, threads: number,
 *   backend: 'auto'|'wasm'|'webgpu', webgpu?: string }, value: { version: string } }} open
 * @property {{ args: { bytes: Uint8Array }, value: { backend: 'wasm'|'webgpu', card: string } }} weights
 * @property {{ args: { picture: PictureFile }, value: Picture }} decode
 * @property {{ args: { picture: Picture, quality: number }, value: Uint8Array<ArrayBuffer> }} encode
 * @property {{ args: EstimateOptions, value: Estimate }} estimate
 * @property {{ args: {}, value: Calibration }} calibrate
 * @property {{ args: StartArgs, value: RunResult }} start
 * @property {{ args: { run: number }, value: Uint8Array<ArrayBuffer>|null }} pause
 * @property {{ args: { run: number }, value: null }} resume
 * @property {{ args: { run: number }, value: null }} cancel
 * @property {{ args: { run: number }, value: Picture|null }} snapshot
 * @property {{ args: { run: number }, value: Uint8Array<ArrayBuffer>|null }} checkpoint
 * @property {{ args: { content: Source, style: Source, result: Source, alpha: number, draws: number, seed: number },
 *   value: Terms }} evaluate
 * @property {{ args: { a: Source, b: Source, size: number, count: number, seed: number }, value: Distances }} distances
 * @property {{ args: { image: Source, at: [number, number][] }, value: Float32Array<ArrayBuffer>[] }} hypercolumns
 */
/**
 * convert: whether the state may be of the other back end; previewEvery: milliseconds, 0 for none; paused: does nothing
 * until 'resume'; seconds: at work in earlier workers.
 * @typedef {{ content: Source, style: Source, regions: Regions|null, options: RunOptions, resume: Uint8Array|null,
 *   convert: boolean, previewEvery: number, paused: boolean, seconds: number }} StartArgs
 */

/** @typedef {{ [T in keyof Requests]: { id: number, type: T, args: Requests[T]['args'] } }[keyof Requests]} Request */
/**
 * @typedef {{ code: string, message: string, image: Picture|null,
 *   checkpoint: Uint8Array<ArrayBuffer>|null }} ErrorMessage
 */
/** @typedef {{ id: number, event?: RunEvent, value?: unknown, error?: ErrorMessage }} Reply */

export {}
