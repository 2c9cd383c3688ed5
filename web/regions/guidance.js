// SPDX-License-Identifier: MIT
//
// Guidance pictures <-> label maps (method.md section 9): two pictures whose flat colours mark the regions, the same
// colour on both sides being one region. Black and white are colours like any other, as for the authors' -gr.
//
//   exact    a pair with few colours, most of them flat somewhere, is taken as it is: every common colour a region.
//   snapped  otherwise (JPEG, soft edges): the palette is the dominant colours of the flat parts; pixels near a palette
//            colour take it; the smear between regions is filled inwards from its rims; specks go to what surrounds them.
//
// Colours of one side only become label 0, the rest, and are reported. Alpha is ignored. Pure: browser and Node alike.
// Refuses, with code BAD_REGIONS: no common colour, pictures that are not flat, pixels that are not there.

import { MAX_REGIONS, REGION_COLORS, REST_COLOR, colorDistance, colorOf } from './palette.js'

/** @typedef {import('./palette.js').Color} Color */
/** @typedef {{ width: number, height: number, data: Uint8ClampedArray | Uint8Array }} Picture RGBA */
/** @typedef {{ width: number, height: number, labels: Uint8Array }} LabelMap */
/** @typedef {{ color: Color, pixels: number, side: 'content' | 'style' | 'both' }} Dropped */
/**
 * @typedef {object} Report
 * @property {boolean} exact nothing had to be snapped
 * @property {number} regions how many are common to both
 * @property {number} snappedContent pixels whose colour was changed to a palette colour's
 * @property {number} snappedStyle
 * @property {number} specks pixels in specks given to their surroundings, both sides together
 * @property {number} contentPixels
 * @property {number} stylePixels
 * @property {Dropped[]} dropped colours found on one side only, or beyond the 32 largest ('both')
 */
/** @typedef {{ content: LabelMap, style: LabelMap, palette: Color[], report: Report }} Guidance label k is palette[k] */

const MOST_COLORS = 64  // dominant ones of the pair looked at; a pair with more colours is not a lossless one
const FLAT = 12         // per channel, to the eight neighbours: part of a flat area
const MERGE = 28 ** 2   // flat colours nearer than this are one colour, smeared
const BLEND = 12 ** 2   // a colour this near the line between two others may be their soft edge
const EVEN = 5 ** 2     // most of a flat picture is this near its palette
const MOST = 0.6
const NEAR = 32 ** 2    // a pixel this near a palette colour is that colour
const KNOWN = 12 ** 2   // a snapped colour this near one of the caller's is the caller's
const MIN_SHARE = 2e-4  // of a side's pixels: flat areas smaller than this are specks
const SPECK = 9         // pixels

/** @param {string} message @returns {Error & { code: string }} */
function refusal(message) {
  return Object.assign(new Error(message), { code: 'BAD_REGIONS' })
}

/** @typedef {{ pixels: number, solid: number, flat: number }} Count of one colour: all, in an even or flat 3x3 block */
/** @typedef {{ width: number, height: number, rgb: Uint32Array, counts: Map<number, Count> }} Side */

/** @param {Picture} picture @param {string} name @returns {Side} */
function survey(picture, name) {
  const { width, height, data } = picture
  if (!(width > 0 && height > 0) || data.length !== width * height * 4) {
    throw refusal(`the ${name} guidance picture has no pixels, or not as many as its size says`)
  }
  const rgb = new Uint32Array(width * height)
  for (let i = 0, j = 0; i < rgb.length; i++, j += 4) rgb[i] = (data[j] << 16) | (data[j + 1] << 8) | data[j + 2]
  const counts = new Map()
  let last = -1
  let count = { pixels: 0, solid: 0, flat: 0 }
  for (let y = 0; y < height; y++) {
    const up = y > 0 ? -width : 0
    const down = y < height - 1 ? width : 0
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      const here = rgb[i]
      if (here !== last) {
        last = here
        count = counts.get(here) ?? { pixels: 0, solid: 0, flat: 0 }
        if (count.pixels === 0) counts.set(here, count)
      }
      count.pixels++
      const left = x > 0 ? -1 : 0
      const right = x < width - 1 ? 1 : 0
      let spread = 0
      for (let row = up; ; row += width) {
        for (let k = i + row + left; k <= i + row + right; k++) {
          if (rgb[k] !== here) spread = Math.max(spread, contrast(rgb[k], here))
        }
        if (row === down) break
      }
      if (spread === 0) count.solid++
      if (spread <= FLAT) count.flat++
    }
  }
  return { width, height, rgb, counts }
}

/** @param {number} a @param {number} b packed colours: the largest difference of a channel */
function contrast(a, b) {
  return Math.max(Math.abs((a >> 16) - (b >> 16)), Math.abs(((a >> 8) & 255) - ((b >> 8) & 255)),
    Math.abs((a & 255) - (b & 255)))
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
 * A lossless pair has few colours, and few of those are smear: nowhere even, though near or between others that are.
 * @param {Side[]} sides
 */
function isExact(sides) {
  if (sides.some((side) => side.counts.size > MOST_COLORS)) return false
  const colors = [...new Set(sides.flatMap((side) => [...side.counts.keys()]))]
  const even = colors.filter((color) => sides.some((side) => side.counts.get(color)?.solid)).map(colorOf)
  const smear = colors.map(colorOf).filter((color) => !even.some((other) => colorDistance(color, other) === 0) &&
    isSmear(color, even))
  return colors.length <= MOST_COLORS && smear.length * 2 < colors.length
}

/**
 * The colours that may be regions, each with its share of each side, largest first: every colour of an exact pair;
 * else the centres of clusters of flat pixels, less those that are only the slope of a soft edge.
 * @param {Side[]} sides @param {boolean} exact @returns {{ color: Color, shares: number[] }[]}
 */
function dominantColors(sides, exact) {
  const all = new Map(/** @type {[number, { rgb: number, color: Color, shares: number[], solid: number }][]} */ ([]))
  sides.forEach((side, s) => side.counts.forEach(({ pixels, solid, flat }, rgb) => {
    if (!exact && flat === 0) return
    const entry = all.get(rgb) ?? { rgb, color: colorOf(rgb), shares: sides.map(() => 0), solid: 0 }
    entry.shares[s] = (exact ? pixels : flat) / side.rgb.length
    entry.solid += solid / side.rgb.length
    all.set(rgb, entry)
  }))
  const largest = (/** @type {{ shares: number[] }} */ { shares }) => Math.max(...shares)
  const colors = [...all.values()].sort((a, b) => largest(b) - largest(a) || a.rgb - b.rgb)
  if (exact) return colors
  const clusters = /** @type {{ color: Color, shares: number[], solid: number }[]} */ ([])
  for (const { color, shares, solid } of colors.slice(0, 4096)) {
    const home = clusters.find((cluster) => colorDistance(cluster.color, color) < MERGE)
    if (!home) clusters.push({ color, shares: [...shares], solid })
    else {
      shares.forEach((share, s) => { home.shares[s] += share })
      home.solid += solid
    }
  }
  const regions = /** @type {typeof clusters} */ ([])
  for (const cluster of clusters.filter((entry) => largest(entry) >= MIN_SHARE)) {
    const soft = cluster.solid * 10 < largest(cluster) && isSmear(cluster.color, regions.map(({ color }) => color))
    if (!soft && regions.length < MOST_COLORS) regions.push(cluster)
  }
  return regions
}

/**
 * Each pixel's index into colors: the nearest that the side has, the smear filled from its rims.
 * @param {Side} side @param {Color[]} colors @param {boolean[]} present @param {string} name
 */
function indexPixels(side, colors, present, name) {
  const { width, height, rgb } = side
  const UNSURE = 255
  const nearest = new Map(/** @type {[number, number][]} */ ([]))
  let even = 0
  for (const [value, { pixels }] of side.counts) {
    let best = UNSURE
    let distance = NEAR
    colors.forEach((color, k) => {
      const d = present[k] ? colorDistance(color, colorOf(value)) : Infinity
      if (d < distance) [best, distance] = [k, d]
    })
    nearest.set(value, best)
    if (distance <= EVEN) even += pixels
  }
  if (even < MOST * rgb.length) {
    throw refusal(`the ${name} guidance picture is not made of flat colours: ` +
      `only ${Math.round(100 * even / rgb.length)} % of it is`)
  }
  const index = new Uint8Array(rgb.length)
  let rim = []
  for (let i = 0; i < rgb.length; i++) {
    index[i] = i > 0 && rgb[i] === rgb[i - 1] ? index[i - 1] : nearest.get(rgb[i]) ?? UNSURE
    if (index[i] === UNSURE) rim.push(i)
  }
  while (rim.length > 0) { // one ring of pixels a turn
    const ring = /** @type {[number, number][]} */ ([])
    const inner = []
    for (const i of rim) {
      let best = UNSURE
      let distance = Infinity
      for (const j of neighbours(i, width, height)) {
        if (index[j] === UNSURE) continue
        const d = colorDistance(colors[index[j]], colorOf(rgb[i]))
        if (d < distance) [best, distance] = [index[j], d]
      }
      if (best === UNSURE) inner.push(i)
      else ring.push([i, best])
    }
    for (const [i, best] of ring) index[i] = best
    rim = inner
  }
  return index
}

/** @param {number} i @param {number} width @param {number} height @returns {number[]} the up to four beside i */
function neighbours(i, width, height) {
  const x = i % width
  const out = []
  if (x > 0) out.push(i - 1)
  if (x < width - 1) out.push(i + 1)
  if (i >= width) out.push(i - width)
  if (i < width * (height - 1)) out.push(i + width)
  return out
}

/**
 * Gives every connected area of fewer than SPECK pixels to the index most frequent around it.
 * @param {Uint8Array} index @param {number} width @param {number} height @returns {number} pixels changed
 */
function dropSpecks(index, width, height) {
  const large = new Uint8Array(index.length) // 1: known to be part of SPECK pixels or more
  let changed = 0
  for (let start = 0; start < index.length; start++) {
    const own = index[start]
    large[start] = (start % width > 0 && index[start - 1] === own && large[start - 1]) ||
      (start >= width && index[start - width] === own && large[start - width]) || 0
    if (large[start]) continue
    const area = [start]
    const around = new Map(/** @type {[number, number][]} */ ([]))
    for (let n = 0; n < area.length && area.length < SPECK; n++) {
      for (const j of neighbours(area[n], width, height)) {
        if (index[j] !== own) around.set(index[j], (around.get(index[j]) ?? 0) + 1)
        else if (!area.includes(j)) area.push(j)
      }
    }
    if (area.length >= SPECK) for (const at of area) large[at] = 1
    else if (around.size > 0) {
      const winner = [...around].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0][0]
      for (const at of area) index[at] = winner
      changed += area.length
    }
  }
  return changed
}

/**
 * @param {Picture} content @param {Picture} style of any sizes
 * @param {readonly Color[]} known colours whose label is kept (index = label): what writeGuidance was given
 * @returns {Guidance}
 */
export function readGuidance(content, style, known = REGION_COLORS) {
  const sides = [survey(content, 'content'), survey(style, 'style')]
  const exact = isExact(sides)
  const found = dominantColors(sides, exact)
  const report = { exact, regions: 0, snappedContent: 0, snappedStyle: 0, specks: 0, dropped: /** @type {Dropped[]} */ ([]),
    contentPixels: sides[0].rgb.length, stylePixels: sides[1].rgb.length }
  const colors = found.map((entry) => entry.color)
  const indices = sides.map((side, s) => {
    const present = found.map(({ shares }) => shares[s] >= (exact ? Number.MIN_VALUE : MIN_SHARE))
    const index = indexPixels(side, colors, present, s === 0 ? 'content' : 'style')
    if (!exact) report.specks += dropSpecks(index, side.width, side.height)
    return index
  })
  const areas = indices.map((index) => {
    const area = new Array(colors.length).fill(0)
    for (let i = 0; i < index.length; i++) area[index[i]]++
    return area
  })

  const palette = /** @type {Color[]} */ ([REST_COLOR])
  const labelOf = new Uint8Array(256)
  const fresh = []
  for (const [k, color] of colors.entries()) {
    if (colorDistance(color, REST_COLOR) === 0 || !areas.every((area) => area[k] > 0)) continue
    const label = known.findIndex((other, l) => l > 0 && l <= MAX_REGIONS && !palette[l] &&
      colorDistance(color, other) <= (exact ? 0 : KNOWN))
    if (label > 0) [labelOf[k], palette[label]] = [label, known[label]]
    else fresh.push(k)
  }
  let next = 1
  for (const k of fresh) {
    while (palette[next]) next++
    if (next <= MAX_REGIONS) [labelOf[k], palette[next]] = [next, colors[k]]
  }
  const unused = REGION_COLORS.filter((color) => !palette.some((taken) => taken && colorDistance(taken, color) < MERGE))
  for (let k = 1; k < palette.length; k++) palette[k] ??= unused.shift() ?? REST_COLOR

  report.regions = labelOf.reduce((n, label) => n + (label > 0 ? 1 : 0), 0)
  if (report.regions === 0) throw refusal('no colour is common to the content and the style guidance pictures')
  for (const [k, color] of colors.entries()) {
    if (labelOf[k] > 0 || colorDistance(color, REST_COLOR) === 0) continue
    const [inContent, inStyle] = [areas[0][k], areas[1][k]]
    if (inContent + inStyle === 0) continue
    const side = inContent > 0 && inStyle > 0 ? 'both' : inContent > 0 ? 'content' : 'style'
    report.dropped.push({ color, pixels: inContent + inStyle, side })
  }
  const maps = sides.map(({ width, height }, s) => ({ width, height, labels: indices[s].map((k) => labelOf[k]) }))
  const [snappedContent, snappedStyle] = sides.map((side, s) => {
    let snapped = 0
    const packed = colors.map(([r, g, b]) => (r << 16) | (g << 8) | b)
    for (let i = 0; i < side.rgb.length; i++) if (side.rgb[i] !== packed[indices[s][i]]) snapped++
    return snapped
  })
  return { content: maps[0], style: maps[1], palette, report: { ...report, snappedContent, snappedStyle } }
}

/**
 * A flat, opaque RGB picture of the labels: readGuidance with the same palette gives them back, the authors' -gr too.
 * @param {LabelMap} map @param {readonly Color[]} [palette] index = label
 * @returns {{ width: number, height: number, data: Uint8ClampedArray }}
 */
export function writeGuidance(map, palette = REGION_COLORS) {
  const data = new Uint8ClampedArray(map.width * map.height * 4)
  map.labels.forEach((label, i) => {
    const [r, g, b] = palette[label] ?? REST_COLOR
    data[4 * i] = r
    data[4 * i + 1] = g
    data[4 * i + 2] = b
    data[4 * i + 3] = 255
  })
  return { width: map.width, height: map.height, data }
}

/** @param {Report} report @returns {string[]} sentences for people */
export function describeGuidance(report) {
  const percent = (/** @type {number} */ part, /** @type {number} */ whole) => `${(100 * part / whole).toFixed(1)} %`
  const out = [`${report.regions} ${report.regions === 1 ? 'region' : 'regions'} found` +
    (report.exact ? ', colours exact.' : '.')]
  if (!report.exact) {
    out.push(`Colours were smeared: ${percent(report.snappedContent, report.contentPixels)} of the content's pixels and ` +
      `${percent(report.snappedStyle, report.stylePixels)} of the style's were snapped to the nearest region` +
      (report.specks > 0 ? `, ${report.specks} of them in specks.` : '.'))
  }
  for (const { color, pixels, side } of report.dropped) {
    const hex = '#' + color.map((value) => value.toString(16).padStart(2, '0')).join('')
    out.push(side === 'both' ? `${hex} (${pixels} pixels) is beyond the ${MAX_REGIONS} regions allowed: left as rest.`
      : `${hex} (${pixels} pixels) is on the ${side} only: left as rest.`)
  }
  return out
}
