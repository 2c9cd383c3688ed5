// SPDX-License-Identifier: MIT
//
// The types of the library, and what travels between client/engine.js (the caller) and dispatcher.js (the worker). No
// code.
//
//   client to worker   { id, type, args }      one of Requests
//   worker to client   { id, event }           any number, from 'start' only
//                      { id, value }           the one answer, or
//                      { id, error }           { code, message, image, checkpoint } of a StrotssError
//
// A run is named by the id of its 'start'. Runs are done one after another; everything else is answered between the
// steps of the run at work. Pixels, states and files that the worker sends are transferred.

// ---- pictures -------------------------------------------------------------------------------------------------------

/**
 * 8-bit sRGB with alpha, row by row. ImageData is one.
 * @typedef {object} Picture
 * @property {number} width in pixels
 * @property {number} height in pixels
 * @property {Uint8ClampedArray<ArrayBuffer>} data red, green, blue and alpha of each pixel
 */
/**
 * Pixels as a caller may give them, on any kind of buffer.
 * @typedef {object} Pixels
 * @property {number} width in pixels
 * @property {number} height in pixels
 * @property {Uint8ClampedArray | Uint8Array} data red, green, blue and alpha of each pixel, row by row
 */
/**
 * A picture file, of PNG, JPEG, BMP, GIF, TGA or PNM, and what to call it in errors.
 * @typedef {{ bytes: Uint8Array, name: string }} PictureFile
 */
/** @typedef {Picture | PictureFile} Source */
/** Width and height in pixels, which pictures have too. @typedef {{ width: number, height: number }} Size */

/**
 * Which region each pixel belongs to.
 * @typedef {object} LabelMap
 * @property {number} width in pixels, of any size: the map is laid over its picture from edge to edge
 * @property {number} height in pixels
 * @property {Uint8Array} labels one byte per pixel, row by row; 0 is the unpainted rest
 */
/**
 * Regions that belong together: label k of the content takes its style from label k of the style.
 * @typedef {object} Regions
 * @property {LabelMap} content
 * @property {LabelMap} style
 * @property {number[]} [weights] how much each label counts, from 0 to 1000000; 1 unless given
 */

/**
 * A pair of places: at a pixel of the content the result is to look as the style does at a pixel of its own.
 * @typedef {object} Point
 * @property {[x: number, y: number]} content pixel of the content
 * @property {[x: number, y: number]} style pixel of the style
 * @property {number} [weight] how much it counts beside the other points, from 0 to 1000000; 1 unless given
 */

// ---- options --------------------------------------------------------------------------------------------------------

/**
 * How an engine is made.
 * @typedef {object} EngineOptions
 * @property {number} [threads] 1 to 64; one for each core, up to eight, unless given
 * @property {URL|string|Uint8Array|(() => Promise<Uint8Array>)} [weights] their address, their bytes (which must then
 *   stay as they are), or a function that gets them; the package's unless given
 * @property {URL|string} [base] the folder of the WebAssembly builds; the package's unless given
 * @property {'auto'|import('./shared/build.js').Build} [build] one of the four builds; the best that runs here unless
 *   given
 * @property {'auto'|Backend} [backend] what does the iterations: the CPU ('wasm', unless given), a graphics card, or
 *   the faster of both; where the card cannot, the CPU does, and info.card says why
 * @property {URL|string} [webgpu] in Node, the package that has WebGPU (npm's webgpu), as import() takes it
 * @property {URL|string} [worker] the worker's script; the package's unless given
 * @property {(event: DownloadEvent) => void} [onProgress] is called while a browser downloads the
 *   weights
 */

/** What does the iterations: the CPU or a graphics card. @typedef {'wasm'|'webgpu'} Backend */

/**
 * The options that decide a run's picture. Their ranges and defaults are the rows of shared/options.js.
 * @typedef {object} RunOptions
 * @property {number} [size] long side of the result in pixels
 * @property {number} [contentWeight] how much of the content stays
 * @property {Quality} [quality] how long each scale is worked at; 'fine' is the published method
 * @property {number} [iterations] iterations per scale; the quality's own unless given
 * @property {Optimizer} [optimizer] what moves the picture along the gradient; the quality's own unless given
 * @property {number} [step] base step of the optimizer; 0 takes the optimizer's own
 * @property {number} [seed] another seed gives another picture
 * @property {Factors} [factors] how much each term counts in the objective, by its name; 1 unless given
 * @property {Transport} [transport] how features are moved to the style's: by the relaxed earth mover's distance, or by
 *   entropic optimal transport; the value of either stands in the term `remd`
 * @property {SelfSimilarity} [selfSimilarity] how the content term compares a picture's hypercolumns with each other:
 *   by cosine distance, by cosine distance of the columns less their mean, or by Euclidean distance
 * @property {boolean} [contentAcrossRegions] one content term over the whole picture instead of one inside each region
 * @property {boolean} [keepColors] keeps the content's colours and takes the style's brush work
 */
/** @typedef {typeof import('./shared/options.js').QUALITIES[number]} Quality */
/** @typedef {typeof import('./shared/options.js').OPTIMIZERS[number]} Optimizer */
/** @typedef {typeof import('./shared/options.js').TRANSPORTS[number]} Transport */
/** @typedef {typeof import('./shared/options.js').SIMILARITIES[number]} SelfSimilarity */
/** Factors of the terms, by name, for ablation. @typedef {{ [term: string]: number }} Factors */

/**
 * What a run is given beside its options.
 * @template [Input=unknown] what may be a picture
 * @typedef {object} RunInputs
 * @property {Input} content the picture that is painted anew
 * @property {Input} style the picture whose manner it takes
 * @property {Regions|null} [regions] regions of both pictures that belong together; readGuidance makes some
 * @property {Point[]|null} [points] places of both pictures that belong together, at most 64
 * @property {Input|null} [init] a picture of the content's shape that the run takes up at its last scale
 * @property {Uint8Array|null} [resume] a checkpoint, from which the run continues with that one's options
 * @property {boolean} [convert] whether the checkpoint may be of the other back end; the picture then differs from an
 *   uninterrupted run's
 * @property {number} [previewEvery] milliseconds between previews, 0 for none; 1000 unless given
 * @property {AbortSignal|null} [signal] ends the run; its reason becomes the error's cause
 * @property {(event: RunEvent) => unknown} [onProgress] is called with every event; what it throws ends the run
 */
/** @template [Input=unknown] @typedef {RunOptions & RunInputs<Input>} StartOptions */

/**
 * What a run to be estimated is like.
 * @typedef {object} EstimateInputs
 * @property {Size} content a picture or its size
 * @property {Size} style a picture or its size
 * @property {number} [pairs] of regions, the rest counted; 1 unless given
 * @property {number} [points] how many there are; 0 unless given
 * @property {Size} [init] the picture that the run takes up or its size
 * @property {number} [threads] 1 to 64; as many as the engine has unless given
 */
/** @typedef {RunOptions & EstimateInputs} EstimateOptions */

/**
 * @typedef {object} EncodeOptions
 * @property {'image/png'|'image/jpeg'} [type] 'image/png' unless given
 * @property {number} [quality] of JPEG, from 1 to 100
 */
/**
 * @template [Input=unknown]
 * @typedef {object} EvaluateOptions
 * @property {Input} content the picture that was painted anew
 * @property {Input} style the picture whose manner it took
 * @property {Input} result the finished picture that is measured
 * @property {number} [alpha] weight of the content term
 * @property {number} [draws] draws of positions, whose mean is given
 * @property {number} [seed] another seed draws other positions
 */
/**
 * @typedef {object} DistancesOptions
 * @property {number} [size] long side in pixels at which the pictures are compared
 * @property {number} [count] pixels drawn from each picture
 * @property {number} [seed] another seed draws other pixels
 */
/**
 * @template [Input=unknown]
 * @typedef {object} HypercolumnsOptions
 * @property {Input} image the picture that is looked at
 * @property {[y: number, x: number][]} at the pixels, at most 65536 of them
 */

// ---- what the engine says -------------------------------------------------------------------------------------------

/**
 * The objective, and every value of its terms by name: content, remd (the transport term), remd_x_to_style,
 * remd_style_to_x, moment, moment_mean, moment_cov, palette, points (0 where there are none).
 * @typedef {{ total: number, [value: string]: number }} Terms
 */
/**
 * Transport between two pictures' features at one tap of the network, or at all of them together.
 * @typedef {object} LevelDistances
 * @property {string} name of the tap; 'rgb' for the pixels' colours, 'all' for all taps together
 * @property {number} remd relaxed earth mover's distance, as in the objective
 * @property {number} emd exact earth mover's distance
 * @property {number} sinkhorn by the entropic plan
 */
/** @typedef {{ levels: LevelDistances[] }} Distances */

/**
 * @typedef {object} ScaleStats
 * @property {number} size long side in pixels
 * @property {number} iterations done
 * @property {number} seconds at work
 * @property {Terms} terms after the last iteration
 */
/**
 * @typedef {object} RunStats
 * @property {[width: number, height: number]} size of the result
 * @property {number} seconds at work since this start, pauses left out
 * @property {ScaleStats[]} scales from coarse to fine
 * @property {number} peakBytes of WebAssembly memory
 * @property {import('./shared/build.js').Build} build that did it
 * @property {number} threads that did it
 * @property {Backend} backend that did the last iterations
 */
/**
 * @typedef {object} RunResult
 * @property {Picture} image the finished picture
 * @property {RunStats} stats what it took
 * @property {Uint8Array<ArrayBuffer>} checkpoint the run's last state
 */

/**
 * What readCheckpoint tells of a checkpoint.
 * @typedef {object} Checkpoint
 * @property {import('./shared/build.js').Build} build that made it; one with the same rounding continues it (relaxed or
 *   not)
 * @property {Backend} [backend] of the iterations since the last start; the CPU unless given
 * @property {RunOptions} options of the run, with which it continues
 * @property {number} fraction of the whole run that is done, from 0 to 1
 * @property {ScaleStats[]} scales that are done; the last may be the one at work
 */

/**
 * Where a run is.
 * @typedef {object} Where
 * @property {number} scale from 0
 * @property {number} scales in all
 * @property {number} width of the picture at this scale
 * @property {number} height of the picture at this scale
 */
/**
 * What begins now; 'weights': the run waits until they are loaded.
 * @typedef {{ type: 'phase', phase: 'weights'|'style'|'content'|'iterate'|'done' } & Where} PhaseEvent
 */
/**
 * @typedef {object} IterationDone
 * @property {'iteration'} type
 * @property {number} iteration of this scale, from 1
 * @property {number} iterations of this scale in all
 * @property {Terms} terms of the objective
 * @property {number} secondsLeft until the end of the run, as far as is known
 * @property {number} secondsElapsed at work since this start
 * @property {number} fraction of the whole run that is done, from 0 to 1
 */
/** One iteration was done. @typedef {IterationDone & Where} IterationEvent */
/** The picture so far. @typedef {{ type: 'preview', image: Picture } & Where} PreviewEvent */
/**
 * @typedef {object} ScaleDone
 * @property {'scale'} type
 * @property {Picture} image as it is at the end of the scale
 * @property {Uint8Array<ArrayBuffer>} checkpoint the run's state there
 * @property {number} seconds at work at this scale
 * @property {Terms} terms after its last iteration
 */
/** A scale was finished. @typedef {ScaleDone & Where} ScaleEvent */
/**
 * The run waits for its turn, also when it was paused and others had theirs meanwhile.
 * @typedef {object} QueuedEvent
 * @property {'queued'} type
 * @property {number} ahead runs that are done before it
 */
/**
 * The run continues without the graphics card, and why, in words.
 * @typedef {{ type: 'backend', backend: 'wasm', why: string } & Where} BackendEvent
 */
/**
 * What a run reports to onProgress.
 * @typedef {QueuedEvent | PhaseEvent | IterationEvent | PreviewEvent | ScaleEvent | BackendEvent} RunEvent
 */
/**
 * Bytes of the weights so far and in all.
 * @typedef {{ type: 'download', loaded: number, total: number }} DownloadEvent
 */

/**
 * @typedef {object} ScaleEstimate
 * @property {number} size long side in pixels
 * @property {number} iterations planned
 * @property {number} [seconds] as far as the device was measured
 */
/**
 * @typedef {object} Estimate
 * @property {number} bytes of memory of the whole engine, at the peak
 * @property {number} [seconds] of the whole run, once the device was measured by calibrate() or by a run
 * @property {ScaleEstimate[]} scales from coarse to fine
 */
/**
 * @typedef {object} Calibration
 * @property {number} slowness seconds here for one second of the machine that shared/cost.js names
 */
/**
 * What an engine runs on.
 * @typedef {object} Info
 * @property {import('./shared/build.js').Build} build of the four
 * @property {number} threads at work, this one counted
 * @property {string} why this build was chosen, in words
 * @property {string} version of the library
 * @property {Backend} backend what does the iterations, known once the weights are loaded
 * @property {string} card which graphics card that is, or why it is the CPU, in words
 */

// ---- messages -------------------------------------------------------------------------------------------------------

/**
 * What the engine paints from, decoded.
 * @typedef {{ content: Picture, style: Picture, regions?: Regions|null, points?: Point[],
 *   init?: Picture|null }} EngineInputs
 */

/**
 * Every request's arguments and answer.
 * @typedef {object} Requests
 * @property {{ args: { glue: string, scripts: { main: string, thread: string }|null, wasm: Uint8Array,
 *   build: import('./shared/build.js').Build, threads: number,
 *   backend: 'auto'|Backend, webgpu?: string }, value: { version: string } }} open
 * @property {{ args: { bytes: Uint8Array }, value: { backend: Backend, card: string } }} weights
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
 * @typedef {{ content: Source, style: Source, regions: Regions|null, points: Point[], init: Source|null,
 *   options: RunOptions, resume: Uint8Array|null, convert: boolean, previewEvery: number, paused: boolean,
 *   seconds: number }} StartArgs
 */

/** @typedef {{ [T in keyof Requests]: { id: number, type: T, args: Requests[T]['args'] } }[keyof Requests]} Request */
/**
 * @typedef {{ code: import('./errors.js').ErrorCode, message: string, image: Picture|null,
 *   checkpoint: Uint8Array<ArrayBuffer>|null }} ErrorMessage
 */
/** @typedef {{ id: number, event?: RunEvent, value?: unknown, error?: ErrorMessage }} Reply */

export {}
