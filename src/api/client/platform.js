// SPDX-License-Identifier: MIT
//
// What differs between browsers and Node, as engine.js asks for it. No code: the entries (index.*) are that.

/** @typedef {import('../types.js').Picture} Picture */
/** @typedef {import('../types.js').PictureFile} PictureFile */
/** @typedef {import('../types.js').Source} Source */

/**
 * One worker.
 * @typedef {object} Port
 * @property {(message: import('../types.js').Request, transfer: ArrayBuffer[]) => void} post
 * @property {() => void} terminate
 * @property {(busy: boolean) => void} hold keeps the process alive while busy
 */

/**
 * @typedef {object} Platform
 * @property {number} cores
 * @property {(base: URL|string, name: string) => URL} inFolder a file of a folder that a caller names
 * @property {(file: URL) => string} address as import() takes it
 * @property {(file: URL) => string} script as new Worker() takes it
 * @property {(script: URL|string|undefined, hear: (reply: import('../types.js').Reply) => void,
 *   fail: (why: string) => void) => Port} spawn
 * @property {(from: URL|string, onProgress?: (loaded: number, total: number) => void) =>
 *   Promise<Uint8Array<ArrayBuffer>>} read bytes that nobody else holds
 * @property {(role: string, input: unknown) => Promise<Source>|null} take what only this platform knows as a picture,
 *   copied or being read when it returns; null where the input is not such
 * @property {(file: PictureFile, role: string) => Promise<Source>} open what the engine may not be able to decode
 * @property {(picture: Picture) => Picture} picture as a caller gets it
 * @property {string} kinds of inputs that may be pictures, in words
 */

export {}
