// SPDX-License-Identifier: MIT
//
// Guidance pictures <-> label maps (the paper's User Control): two pictures whose flat colours mark the regions, the
// same colour on both sides being one region. Black and white are colours like any other, as for the authors' -gr.
//
//   exact    a pair of known colours alone, of few colours, hardly any of them smear, or of many that nearly all have
//            flat areas, is taken as it is: every common colour is a region.
//   snapped  otherwise (JPEG, soft edges) the palette is the dominant colours of the flat parts; pixels near a palette
//            colour take it; the smear between regions is filled inwards from its rims; specks go to what is around.
//
// Colours of one side only become label 0, the rest, and are reported, with the other side's that is all but the same;
// of more regions than there are labels the largest are kept. Alpha is ignored. Pure: browser and Node alike.
// Refuses, with code BAD_REGIONS: no common colour, pictures that are not flat, pixels that are not there.

import { StrotssError } from '../api/errors.js'
import { MAX_REGIONS, REGION_COLORS, REST_COLOR, colorDistance, colorOf, hexOf } from './palette.js'

/** @typedef {import('./palette.js').Color} Color */
/** @typedef {import('../api/types.js').Pixels} Pixels */
/** @typedef {import('../api/types.js').LabelMap} LabelMap */
/**
 * both: one too many. near: on the other side, and hardly another colour.
 * @typedef {{ color: Color, pixels: number, side: 'content' | 'style' | 'both', near?: Color }} Dropped
 */
/**
 * @typedef {object} Report
 * @property {boolean} exact nothing had to be snapped
 * @property {number} regions common to both
 * @property {number} contentPixels
 * @property {number} stylePixels
 * @property {number} snappedContent pixels whose colour was changed to a palette colour's
 * @property {number} snappedStyle
 * @property {number} specks pixels in specks given to their surroundings, both sides together
 * @property {Dropped[]} dropped colours left as rest
 */
/** @typedef {{ content: LabelMap, style: LabelMap, palette: Color[], report: Report }} Guidance label k: palette[k] */
/** @typedef {{ pixels: number, solid: number, flat: number }} Count of a colour: all, in an even and in a flat 3x3 */
/** @typedef {{ name: string, width: number, height: number, rgb: Uint32Array, counts: Map<number, Count> }} Side */

const FEW_COLORS = 64    // of a lossless pair that may have thin lines and single pixels
const MANY_COLORS = 4096 // of a lossless pair of flat areas
const MOST_COLORS = 200  // dominant ones looked at
const MOST_LINES = 12    // of a report, one a colour
const FLAT = 12          // per channel, to the eight neighbours: part of a flat area
const MERGE = 28 ** 2    // flat colours nearer than this are one colour, smeared
const BLEND = 12 ** 2    // a colour this near the line between two others may be their soft edge
const NEAR = 32 ** 2     // a pixel this near a palette colour is that colour
const KNOWN = 12 ** 2    // two colours this near are meant to be one: a snapped one and one of the caller's
const EVEN = 5 ** 2      // most of a flat picture is this near its palette
const MOST = 0.6
const MIN_SHARE = 2e-4   // of a side's pixels: flat areas smaller than this are specks
const SPECK = 9          // pixels
const UNSURE = 65535

/** @param {string} message */
const refusal = (message) => new StrotssError('BAD_REGIONS', message)

/** @param {Pixels} picture @param {string} name @returns {Side} */
function survey(picture, name) {
  const { width, height, data } = picture ?? {}
  if (!(width > 0 && height > 0) || data?.length !== width * height * 4) {
    throw refusal(`the ${name} guidance picture is not { width, height, data } with width x height RGBA pixels`)
  }
  const rgb = new Uint32Array(width * height)
  for (let i = 0, j = 0; i < rgb.length; i++, j += 4) rgb[i] = (data[j] << 16) | (data[j + 1] << 8) | data[j + 2]
  const counts = new Map()
  let count = { pixels: 0, solid: 0, flat: 0 }
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const here = rgb[i]
      if (here !== rgb[i - 1]) count = counts.get(here) ?? { pixels: 0, solid: 0, flat: 0 }
      if (count.pixels === 0) counts.set(here, count)
      let spread = 0
      for (let v = Math.max(0, y - 1); v <= y + 1 && v < height; v++) {
        for (let u = Math.max(0, x - 1); u <= x + 1 && u < width; u++) {
          const there = rgb[v * width + u]
          if (there !== here) spread = Math.max(spread, contrast(there, here))
        }
      }
      count.pixels++
      if (spread === 0) count.solid++
      if (spread <= FLAT) count.flat++
    }
  }
  return { name, width, height, rgb, counts }
}

/** @param {number} a @param {number} b packed colours: the largest difference of a channel */
function contrast(a, b) {
  const channel = (/** @type {number} */ shift) => Math.abs((a >> shift & 255) - (b >> shift & 255))
  return Math.max(channel(16), channel(8), channel(0))
}

/** @param {Color} color @param {Color[]} others is it near one of them, or a blend of two? */
function isSmear(color, others) {
  return others.some((a, i) => colorDistance(color, a) < MERGE || others.slice(0, i).some((b) => {
    const along = [0, 1, 2].reduce((sum, c) => sum + (color[c] - a[c]) * (b[c] - a[c]), 0) / colorDistance(a, b)
    const blend = /** @type {Color} */ (a.map((value, c) => value + along * (b[c] - value)))
    return along > 0 && along < 1 && colorDistance(color, blend) < BLEND
  }))
}

/**
 * The colours that may be regions, each with its share of both sides, largest first: every colour of an exact pair;
 * else the centres of clusters of flat pixels, less those that are only the slope of a soft edge.
 * @param {Side[]} sides @param {readonly Color[]} known
 */
function dominantColors(sides, known) {
  const all = new Map(/** @type {[number, { color: Color, pixels: number[], flat: number[], solid: number }][]} */ ([]))
  sides.forEach(({ counts, rgb }, s) => counts.forEach(({ pixels, solid, flat }, key) => {
    const entry = all.get(key) ?? { color: colorOf(key), pixels: [0, 0], flat: [0, 0], solid: 0 }
    entry.pixels[s] = pixels / rgb.length
    entry.flat[s] = flat / rgb.length
    entry.solid += solid / rgb.length
    all.set(key, entry)
  }))
  const list = [...all.values()]
  const even = list.filter(({ solid }) => solid > 0).map(({ color }) => color)
  const exact = list.every(({ color }) => known.some((other) => colorDistance(color, other) === 0)) ||
    (list.length <= FEW_COLORS &&
      list.filter(({ color, solid }) => solid === 0 && isSmear(color, even)).length * 2 < list.length) ||
    (list.length <= MANY_COLORS && even.length * 4 > list.length * 3)
  const colors = list.map(({ color, pixels, flat, solid }) => ({ color, solid, shares: exact ? pixels : flat }))
    .sort((a, b) => Math.max(...b.shares) - Math.max(...a.shares))
  if (exact) return { exact, found: colors }
  const clusters = /** @type {typeof colors} */ ([])
  for (const { color, shares, solid } of colors.slice(0, 4096)) {
    const home = clusters.find((cluster) => colorDistance(cluster.color, color) < MERGE)
    if (home) {
      shares.forEach((share, s) => { home.shares[s] += share })
      home.solid += solid
    } else clusters.push({ color, shares, solid })
  }
  const found = /** @type {typeof colors} */ ([])
  for (const cluster of clusters) {
    const share = Math.max(...cluster.shares)
    if (share < MIN_SHARE || found.length >= MOST_COLORS) continue
    const soft = cluster.solid * 10 < share && isSmear(cluster.color, found.map(({ color }) => color))
    if (!soft) found.push(cluster)
  }
  return { exact, found }
}

/** @param {number} key @param {Color[]} colors @param {number[]} among @returns {[number, number]} index, distance */
function closest(key, colors, among) {
  let [best, distance] = [UNSURE, Infinity]
  for (const k of among) {
    const d = colorDistance(colorOf(key), colors[k])
    if (d < distance) [best, distance] = [k, d]
  }
  return [best, distance]
}

/** @param {Color[]} ours @param {Color[]} theirs @returns {Color[]} one of each, the nearest, where both have some */
function nearestPair(ours, theirs) {
  let [best, distance] = [/** @type {Color[]} */ ([]), Infinity]
  for (const a of ours) for (const b of theirs) {
    const d = colorDistance(a, b)
    if (d < distance) [best, distance] = [[a, b], d]
  }
  return best
}

/** @param {Side} side @param {number} i @returns {number[]} the up to four pixels beside it */
function beside({ width, height }, i) {
  const x = i % width
  const out = []
  if (x > 0) out.push(i - 1)
  if (x < width - 1) out.push(i + 1)
  if (i >= width) out.push(i - width)
  if (i < width * (height - 1)) out.push(i + width)
  return out
}

/**
 * Each pixel's index into colors: the nearest that the side has, the smear filled from its rims.
 * @param {Side} side @param {Color[]} colors @param {number[]} present
 */
function indexPixels(side, colors, present) {
  const { name, rgb, counts } = side
  const nearest = new Map()
  let even = 0
  for (const [key, { pixels }] of counts) {
    const [best, distance] = closest(key, colors, present)
    nearest.set(key, distance < NEAR ? best : UNSURE)
    if (distance <= EVEN) even += pixels
  }
  if (even < MOST * rgb.length) {
    const percent = Math.round(100 * even / rgb.length)
    throw refusal(`the ${name} guidance picture is not made of flat colours: only ${percent} % of it is`)
  }
  const index = new Uint16Array(rgb.length)
  let unsure = []
  for (let i = 0; i < rgb.length; i++) {
    index[i] = rgb[i] === rgb[i - 1] ? index[i - 1] : nearest.get(rgb[i])
    if (index[i] === UNSURE) unsure.push(i)
  }
  while (unsure.length > 0) { // one ring of pixels a turn
    const ring = unsure.map((i) =>
      closest(rgb[i], colors, beside(side, i).map((j) => index[j]).filter((k) => k !== UNSURE))[0])
    unsure.forEach((i, n) => { index[i] = ring[n] })
    unsure = unsure.filter((i) => index[i] === UNSURE)
  }
  return index
}

/**
 * Gives every connected area of fewer than SPECK pixels to the index most frequent around it.
 * @param {Side} side @param {Uint16Array} index @returns {number} pixels changed
 */
function dropSpecks(side, index) {
  const large = new Uint8Array(index.length) // 1: known to be part of SPECK pixels or more
  let changed = 0
  for (let start = 0; start < index.length; start++) {
    const own = index[start]
    const [left, up] = [start - 1, start - side.width]
    if ((index[up] === own && large[up]) || (index[left] === own && large[left] && start % side.width > 0)) {
      large[start] = 1
      continue
    }
    const area = [start]
    const around = /** @type {number[]} */ ([])
    for (let n = 0; n < area.length && area.length < SPECK; n++) {
      for (const j of beside(side, area[n])) {
        if (index[j] !== own) around.push(index[j])
        else if (!area.includes(j)) area.push(j)
      }
    }
    if (area.length >= SPECK) for (const at of area) large[at] = 1
    else if (around.length > 0) {
      const often = (/** @type {number} */ k) => around.filter((other) => other === k).length
      const winner = around.reduce((best, k) => often(k) > often(best) ? k : best)
      for (const at of area) index[at] = winner
      changed += area.length
    }
  }
  return changed
}

/**
 * Two guidance pictures as label maps: what it gives can be passed on as a run's `regions`.
 * @param {Pixels} content @param {Pixels} style of any sizes
 * @param {readonly Color[]} known colours whose label is kept (index = label): what writeGuidance was given
 * @returns {Guidance}
 */
export function readGuidance(content, style, known = REGION_COLORS) {
  const sides = [survey(content, 'content'), survey(style, 'style')]
  const { exact, found } = dominantColors(sides, known)
  const colors = found.map(({ color }) => color)
  const snapped = [0, 0]
  let specks = 0
  const read = sides.map((side, s) => {
    const present = [...colors.keys()].filter((k) => found[k].shares[s] >= (exact ? Number.MIN_VALUE : MIN_SHARE))
    const index = indexPixels(side, colors, present)
    if (!exact) specks += dropSpecks(side, index)
    const area = new Uint32Array(colors.length)
    const keys = colors.map(([r, g, b]) => r << 16 | g << 8 | b)
    for (let i = 0; i < index.length; i++) {
      area[index[i]]++
      if (side.rgb[i] !== keys[index[i]]) snapped[s]++
    }
    return { ...side, index, area }
  })

  const palette = [REST_COLOR]
  const labelOf = new Uint8Array(colors.length)
  const isRest = (/** @type {Color} */ color) => colorDistance(color, REST_COLOR) === 0
  const common = [...colors.keys()].filter((k) => !isRest(colors[k]) && read.every(({ area }) => area[k] > 0))
  const fresh = common.filter((k) => {
    const label = known.findIndex((color, l) => l > 0 && l <= MAX_REGIONS && !palette[l] &&
      colorDistance(colors[k], color) <= (exact ? 0 : KNOWN))
    if (label > 0) [labelOf[k], palette[label]] = [label, known[label]]
    return label < 0
  })
  for (let label = 1; label <= MAX_REGIONS && fresh.length > 0; label++) {
    if (palette[label]) continue
    const k = /** @type {number} */ (fresh.shift())
    ;[labelOf[k], palette[label]] = [label, colors[k]]
  }
  if (common.length === 0) {
    const [ours, theirs] = read.map(({ area }) => colors.filter((color, k) => area[k] > 0 && !isRest(color)))
    const [a, b] = nearestPair(ours, theirs)
    throw refusal(`no colour is common to the content and the style guidance pictures; ${a && b
      ? `the nearest are ${hexOf(a)} on the content and ${hexOf(b)} on the style, but a region has one colour on both`
      : `${hexOf(REST_COLOR)} is the unpainted rest`}`)
  }

  const dropped = colors.flatMap((color, k) => {
    const [onContent, onStyle] = read.map(({ area }) => area[k])
    if (labelOf[k] > 0 || isRest(color) || onContent + onStyle === 0) return []
    const side = /** @type {Dropped['side']} */ (onContent === 0 ? 'style' : onStyle === 0 ? 'content' : 'both')
    const there = side === 'both' ? [] : colors.filter((_, j) => read[side === 'content' ? 1 : 0].area[j] > 0)
    const near = there.find((other) => colorDistance(color, other) <= KNOWN)
    return [{ color, pixels: onContent + onStyle, side, ...(near && { near }) }]
  })
  const [forContent, forStyle] = read.map(({ width, height, index }) =>
    ({ width, height, labels: Uint8Array.from(index, (k) => labelOf[k]) }))
  return {
    content: forContent,
    style: forStyle,
    palette: Array.from(palette, (color, k) => color ?? REGION_COLORS[k]),
    report: { exact, regions: common.length - fresh.length, contentPixels: forContent.labels.length,
      stylePixels: forStyle.labels.length, snappedContent: snapped[0], snappedStyle: snapped[1], specks, dropped }
  }
}

/**
 * A flat, opaque RGB picture of the labels: readGuidance with the same palette gives them back, the authors' -gr too.
 * @param {LabelMap} map @param {readonly Color[]} [palette] index = label
 * @returns {import('../api/types.js').Picture}
 */
export function writeGuidance({ width, height, labels }, palette = REGION_COLORS) {
  const data = new Uint8ClampedArray(width * height * 4)
  labels.forEach((label, i) => data.set([...palette[label] ?? REST_COLOR, 255], 4 * i))
  return { width, height, data }
}

/** @param {Report} report @returns {string[]} sentences for people */
export function describeGuidance(report) {
  const percent = (/** @type {number} */ part, /** @type {number} */ whole) => `${(100 * part / whole).toFixed(1)} %`
  const count = `${report.regions} ${report.regions === 1 ? 'region' : 'regions'} found`
  const smear = 'Smeared colours were snapped to the nearest region: ' +
    `${percent(report.snappedContent, report.contentPixels)} of the content's pixels, ` +
    `${percent(report.snappedStyle, report.stylePixels)} of the style's; ${report.specks} pixels were specks.`
  const left = report.dropped.map(({ color, pixels, side, near }) => {
    const where = side === 'both' ? `beyond the ${MAX_REGIONS} regions allowed` : `on the ${side} only`
    const hint = near ? `; the ${side === 'content' ? 'style' : 'content'} has ${hexOf(near)}` : ''
    return `${hexOf(color)} (${pixels} pixels) is ${where}: left as rest${hint}.`
  })
  const more = left.length - MOST_LINES
  const others = report.dropped.slice(MOST_LINES).reduce((sum, { pixels }) => sum + pixels, 0)
  return [...report.exact ? [`${count}, colours exact.`] : [`${count}.`, smear], ...left.slice(0, MOST_LINES),
    ...more > 0 ? [`${more} more colours (${others} pixels) are left as rest.`] : []]
}

/**
 * A guidance picture lies over its picture from edge to edge, whatever its size.
 * @param {{ width: number, height: number }} guide @param {{ width: number, height: number }} picture
 * @param {string} side @returns {string[]} a sentence where it is of another shape, by more than a size's rounding
 */
export function describeStretch(guide, picture, side) {
  const cross = Math.abs(guide.width * picture.height - guide.height * picture.width)
  return cross <= Math.max(guide.width, guide.height, picture.width, picture.height) ? []
    : [`The ${side}'s guidance has another shape than the picture: stretched to fit.`]
}
