// SPDX-License-Identifier: MIT
//
// Which of the four builds runs here, and why: threads where memory can be shared, relaxed SIMD where there is any.

import { describe, StrotssError } from '../errors.js'

/** @typedef {'threads-relaxed'|'threads'|'single-relaxed'|'single'} Build */

/** @type {readonly string[]} */
export const BUILDS = ['threads-relaxed', 'threads', 'single-relaxed', 'single']
export const MAX_THREADS = 64
/** More threads than this have little left to do at the first scales. */
export const USEFUL_THREADS = 8

/**
 * The build with the threads of one and the rounding of another: builds with relaxed SIMD round differently.
 * @param {Build} build @param {Build} saved
 */
export const roundsLike = (build, saved) =>
  /** @type {Build} */ (`${build.split('-')[0]}${saved.endsWith('-relaxed') ? '-relaxed' : ''}`)

/** A module of one function, () -> v128: ends in the instructions given. @param {number[]} code */
function probe(code) {
  const body = [0, ...code, 0x0b]
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0,
    10, body.length + 2, 1, body.length, ...body])
}
const zero = [0x41, 0, 0xfd, 0x11] /* i32.const 0, i32x4.splat */
const madd = [0xfd, 0x85, 0x02]    /* f32x4.relaxed_madd */

/** What this runtime can do. */
export function features() {
  return {
    simd: WebAssembly.validate(probe(zero)),
    relaxed: WebAssembly.validate(probe([...zero, ...zero, ...zero, ...madd])),
    shared: typeof SharedArrayBuffer === 'function' && globalThis.crossOriginIsolated !== false
  }
}

/**
 * @param {{ build?: 'auto'|Build, threads?: number, cores: number, has?: ReturnType<typeof features> }} wanted
 * @returns {{ build: Build, threads: number, why: string }}
 */
export function chooseBuild({ build = 'auto', threads, cores, has = features() }) {
  /** @type {(why: string) => never} */
  const refuse = (why) => { throw new StrotssError('BAD_ARGUMENT', why) }
  if (!has.simd) throw new StrotssError('NO_SIMD', 'this browser or runtime has no WebAssembly SIMD')
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS)) {
    refuse(`threads: ${describe(threads)} is not a whole number from 1 to ${MAX_THREADS}`)
  }
  const many = threads ?? Math.max(1, Math.min(cores, USEFUL_THREADS))
  if (build !== 'auto') {
    if (!BUILDS.includes(build)) refuse(`build: ${describe(build)} is not one of auto, ${BUILDS.join(', ')}`)
    const [kind, relaxed] = build.split('-')
    if (kind === 'threads' && !has.shared) refuse(`build: "${build}" needs shared memory, which is unavailable here`)
    if (relaxed && !has.relaxed) refuse(`build: "${build}" needs relaxed SIMD, which this runtime lacks`)
    return { build, threads: kind === 'single' ? 1 : many, why: 'as asked for' }
  }
  const single = !has.shared || many === 1
  const why = !has.shared ? 'one thread, since the page is not cross-origin isolated'
    : single ? `one thread, ${threads ? 'as asked for' : 'since there is one core'}`
      : `${many} threads${threads ? ' as asked for' : ` on ${cores} cores`}`
  return {
    build: /** @type {Build} */ (`${single ? 'single' : 'threads'}${has.relaxed ? '-relaxed' : ''}`),
    threads: single ? 1 : many,
    why: `${why}; ${has.relaxed ? 'with relaxed SIMD' : 'without relaxed SIMD, which this runtime lacks'}`
  }
}
