// SPDX-License-Identifier: MIT
//
// node relax.mjs IN.wasm OUT.wasm: the relaxed-SIMD build of a SIMD128 module. Every f32x4.add(f32x4.mul(a, b), c), in
// either order of operands, becomes f32x4.relaxed_madd(a, b, c): one instruction and one rounding where the processor
// has it. A pass over the finished binary, because the compilers we support do not all write the standard opcode.
// Works on the text form of the module, which is a tree of lists. Prints how many it fused and how many it had to leave
// for the order of evaluation; fails when there was nothing to fuse.

import { readFile, writeFile } from 'node:fs/promises'
import binaryen from 'binaryen'

/** @typedef {string | any[]} Expression  an atom or a list of expressions */

/**
 * @param {string} text one list
 * @returns {Expression[]}
 */
function parse(text) {
  /** @type {Expression[][]} */
  const open = [[]]
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|;;.*|\(;.*?;\)|[()]|[^\s()"]+/g)) {
    if (token.startsWith(';;') || token.startsWith('(;')) continue
    if (token === '(') open.push([])
    else if (token === ')') {
      const list = /** @type {Expression[]} */ (open.pop())
      open[open.length - 1].push(list)
    } else open[open.length - 1].push(token)
  }
  return /** @type {Expression[]} */ (open[0][0])
}

/**
 * @param {Expression} e
 * @returns {string}
 */
const print = e => (typeof e === 'string' ? e : '(' + e.map(print).join(' ') + ')')

/**
 * True when `late` may be computed after `early` instead of before: it changes nothing itself and nothing it reads is
 * changed by `early`.
 * @param {Expression} late
 * @param {Expression[]} early
 */
function mayFollow(late, early) {
  const does = print(late)
  const before = early.map(print).join(' ')
  const writes = /\.(store|tee|set|grow|atomic)|call|memory\.|table\.|br|return|throw/
  if (writes.test(does)) return false
  if (/load/.test(does) && /store|call|memory\./.test(before)) return false
  return [...does.matchAll(/(local|global)\.get (\S+?)\)/g)].every(
    ([, kind, name]) => !new RegExp(`\\(${kind}\\.(tee|set) \\${name}[ )]`).test(before)
  )
}

/** @param {Expression} e */
const isProduct = e => Array.isArray(e) && e[0] === 'f32x4.mul'

/**
 * @param {Expression} e
 * @param {{ fused: number, left: number }} count
 * @returns {Expression}
 */
function fuse(e, count) {
  if (typeof e === 'string') return e
  const list = e.map(part => fuse(part, count))
  if (list[0] !== 'f32x4.add') return list
  const [, x, y] = list
  if (isProduct(x)) {
    count.fused++
    return ['f32x4.relaxed_madd', x[1], x[2], y]
  }
  if (!isProduct(y)) return list
  if (!mayFollow(x, [y[1], y[2]])) {
    count.left++
    return list
  }
  count.fused++
  return ['f32x4.relaxed_madd', y[1], y[2], x]
}

// What any Emscripten from 3.1 on may use for us. Asking for all of them would let binaryen write newer encodings.
const { MutableGlobals, SignExt, NontrappingFPToInt, BulkMemory, BulkMemoryOpt, Multivalue, ReferenceTypes, Atomics,
  SIMD128, RelaxedSIMD } = binaryen.Features
const features = MutableGlobals | SignExt | NontrappingFPToInt | BulkMemory | BulkMemoryOpt | Multivalue |
  ReferenceTypes | Atomics | SIMD128 | RelaxedSIMD

const [input, output] = process.argv.slice(2)
const plain = binaryen.readBinary(await readFile(input))
plain.setFeatures(features)
const count = { fused: 0, left: 0 }
const relaxed = binaryen.parseText(print(fuse(parse(plain.emitText()), count)))
relaxed.setFeatures(features)
if (!relaxed.validate() || count.fused === 0) {
  console.error(`relax: ${input}: ${count.fused ? 'the fused module is not valid' : 'nothing to fuse'}`)
  process.exit(1)
}
await writeFile(output, relaxed.emitBinary())
console.log(`relax: ${output}: ${count.fused} multiply-adds fused, ${count.left} left`)
