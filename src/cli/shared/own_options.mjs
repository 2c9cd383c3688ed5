// SPDX-License-Identifier: MIT
//
// The options that the library does not have, as one list of rows like those of api/shared/options.js; values.mjs says
// what a row holds. COMMON are every command's; of OWN, each command takes what it needs.

import { BUILDS, MAX_THREADS, USEFUL_THREADS } from '../../api/shared/build.js'
import { ENCODE_ROWS, OPTIONS, ROWS } from '../../api/shared/options.js'
import { SCALE, SECTION_IDS } from '../../report/report.mjs'

export const COMMON = /** @type {const} */ ({
  threads: { kind: 'number', lowest: 1, highest: MAX_THREADS, whole: true, value: 'N',
    usual: `one per core, at most ${USEFUL_THREADS}`, help: 'threads that compute' },
  build: { kind: /** @type {readonly ('auto'|import('../../api/shared/build.js').Build)[]} */ (['auto', ...BUILDS]),
    standard: 'auto', value: 'B', help: 'the WebAssembly build; auto is the best that runs here' },
  weights: { kind: 'file', value: 'FILE', usual: 'the shipped ones', help: "the network's weights" },
  quiet: { kind: 'flag', short: 'q', help: 'prints nothing on stderr but what failed' },
  json: { kind: 'flag', help: 'prints results as JSON on stdout' },
  help: { kind: 'flag', short: 'h', help: 'prints the usage of all commands, or of the one that is named' },
  version: { kind: 'flag', help: 'prints the version' }
})

export const OWN = /** @type {const} */ ({
  output: { kind: 'file', short: 'o', value: 'OUT', required: 'the output file',
    help: 'the picture to write, which ends in .png, .jpg or .jpeg; - is standard output' },
  folder: { kind: 'folder', flag: 'output', short: 'o', value: 'DIR', required: 'the output folder',
    help: 'the folder to write, made where there is none' },
  jpegQuality: ENCODE_ROWS.quality,
  overwrite: { kind: 'flag', flag: 'force', help: 'OUT may be one of the pictures that are read' },

  contentGuidance: { kind: 'file', value: 'IMG', help: 'a picture whose flat colours mark regions of the content' },
  styleGuidance: { kind: 'file', value: 'IMG',
    help: 'the same for the style; equal colours mark one pair; -gr IMG IMG is short for both' },
  regionWeight: { kind: 'regionWeight', lowest: 0, highest: 1e6, many: true, value: 'K=W', usual: '1 each',
    help: 'the weight of region K, once for each region meant' },
  point: { kind: 'point', lowest: 0, highest: 1e6, many: true, value: 'CX,CY:SX,SY[=W]', usual: 'W is 1',
    help: 'the result at column CX and row CY of the content looks as the style does at column SX and row SY, with ' +
      'weight W beside other points; once for each point' },
  init: { kind: 'file', value: 'IMG',
    help: 'takes up a picture of the same shape at the last scale, for a third of its iterations unless --iterations ' +
      'says otherwise' },
  resume: { kind: 'file', value: 'FILE', help: 'continues from a saved state of the same pictures, with its options' },
  state: { kind: 'file', value: 'FILE', usual: 'OUT.state',
    help: 'where the state is saved during the run and by Ctrl-C; it is removed once the picture is complete; with ' +
      '-o - there is none unless it is named' },

  commonStyle: { kind: 'file', flag: 'style', value: 'STYLE', help: 'the style of every content' },
  list: { kind: 'file', value: 'FILE',
    help: 'the pairs, one per line: {"content": "A", "style": "B"}, or both names with a tab or spaces between; # ' +
      'begins a comment, and names are relative to FILE' },
  shard: { kind: 'shard', value: 'K/N', usual: 'all',
    help: 'paints only every N-th of the pictures, beginning with the K-th' },
  format: { kind: ['png', 'jpg'], standard: 'png', value: 'F', help: 'the format of what has no ending of its own' },
  repaint: { kind: 'flag', flag: 'force',
    help: 'paints again what exists with other settings, which is refused otherwise' },

  quick: { kind: 'flag', help: `${SCALE.quick.size} px and ${SCALE.quick.iterations} iterations per scale ` +
    `instead of ${SCALE.whole.size} px and ${SCALE.whole.iterations}` },
  ownContent: { kind: 'file', flag: 'content', value: 'IMG', usual: 'a shipped picture',
    help: 'a content of yours; needs --style' },
  ownStyle: { kind: 'file', flag: 'style', value: 'IMG', usual: 'a shipped picture',
    help: 'a style of yours; needs --content' },
  reportSize: { ...ROWS.size, flag: 'size', standard: undefined, usual: "the report's own" },
  reportIterations: { ...ROWS.iterations, flag: 'iterations', usual: "the report's own" },
  sections: { kind: 'list', of: SECTION_IDS, value: 'A,B,...', usual: 'all', help: 'which sections' },

  at: { kind: 'pixel', many: true, value: 'Y,X', required: 'the row and the column of a pixel',
    help: 'the row and the column of a pixel, once for each pixel wanted' }
})

/**
 * @template {keyof typeof OWN} Name
 * @param {...Name} names @returns {Pick<typeof OWN, Name>}
 */
export const own = (...names) => /** @type {Pick<typeof OWN, Name>} */ (
  Object.fromEntries(names.map((name) => [name, OWN[name]])))

/**
 * Those of a command, and every command's.
 * @param {{ readonly [name: string]: import('./values.mjs').Row }} options
 * @returns {{ readonly [name: string]: import('./values.mjs').Row }}
 */
export const allOptions = (options) => ({ ...options, ...COMMON })

/**
 * Those that decide a picture, as far as they are given.
 * @param {import('../../api/shared/options.js').RunOptions} order
 */
export const runOptions = (order) => /** @type {import('../../api/shared/options.js').RunOptions} */ (
  Object.fromEntries(OPTIONS.filter((name) => order[name] !== undefined).map((name) => [name, order[name]])))
