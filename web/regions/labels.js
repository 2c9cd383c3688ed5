// SPDX-License-Identifier: MIT
//
// Drawing on label maps, and its undo. A label map is labels[height][width], one byte a pixel; coordinates are in map
// pixels, pixel (x, y) covering [x, x + 1) x [y, y + 1). Every drawing function returns the rectangle it may have
// changed, { x0, y0, x1, y1 } half open and inside the map, or null. No canvas is involved.

/** @typedef {import('../guidance/guidance.js').LabelMap} LabelMap */
/** @typedef {{ x0: number, y0: number, x1: number, y1: number }} Rect */
/** @typedef {{ x: number, y: number }} Point */

/** @param {number} width @param {number} height @returns {LabelMap} all rest */
export function createMap(width, height) {
  return { width, height, labels: new Uint8Array(width * height) }
}

/** @param {LabelMap} map @param {number} width @param {number} height nearest neighbour @returns {LabelMap} */
export function resizeMap(map, width, height) {
  const out = createMap(width, height)
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y + 0.5) * map.height / height) * map.width
    for (let x = 0; x < width; x++) {
      out.labels[y * width + x] = map.labels[row + Math.floor((x + 0.5) * map.width / width)]
    }
  }
  return out
}

/** @param {LabelMap} map @returns {Uint32Array} pixels of each label, [256] */
export function countLabels({ labels }) {
  const counts = new Uint32Array(256)
  for (let i = 0; i < labels.length; i++) counts[labels[i]]++
  return counts
}

/** @param {Rect | null} a @param {Rect | null} b @returns {Rect | null} the smallest around both */
export function joinRects(a, b) {
  if (!a || !b) return a ?? b
  return { x0: Math.min(a.x0, b.x0), y0: Math.min(a.y0, b.y0), x1: Math.max(a.x1, b.x1), y1: Math.max(a.y1, b.y1) }
}

/** @param {LabelMap} map @param {Rect} rect @returns {Rect | null} */
function clip({ width, height }, { x0, y0, x1, y1 }) {
  const out = { x0: Math.max(0, x0), y0: Math.max(0, y0), x1: Math.min(width, x1), y1: Math.min(height, y1) }
  return out.x0 < out.x1 && out.y0 < out.y1 ? out : null
}

/**
 * A piece of a round brush's stroke: the pixels with centres within radius of the segment from a to b, and b's own
 * however small the brush.
 * @param {LabelMap} map @param {Point} a @param {Point} b @param {number} radius @param {number} label
 */
export function paintSegment(map, a, b, radius, label) {
  const rect = clip(map, { x0: Math.floor(Math.min(a.x, b.x) - radius), y0: Math.floor(Math.min(a.y, b.y) - radius),
    x1: Math.ceil(Math.max(a.x, b.x) + radius), y1: Math.ceil(Math.max(a.y, b.y) + radius) })
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const square = dx * dx + dy * dy || 1
  for (let y = rect?.y0 ?? 0; rect && y < rect.y1; y++) {
    for (let x = rect.x0; x < rect.x1; x++) {
      const [px, py] = [x + 0.5 - a.x, y + 0.5 - a.y]
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) / square))
      if ((px - along * dx) ** 2 + (py - along * dy) ** 2 <= radius * radius) map.labels[y * map.width + x] = label
    }
  }
  const [x, y] = [Math.floor(b.x), Math.floor(b.y)]
  return joinRects(rect, fillRect(map, { x0: x, y0: y, x1: x + 1, y1: y + 1 }, label))
}

/** @param {LabelMap} map @param {Rect} area @param {number} label */
export function fillRect(map, area, label) {
  const rect = clip(map, area)
  for (let y = rect?.y0 ?? 0; rect && y < rect.y1; y++) {
    map.labels.fill(label, y * map.width + rect.x0, y * map.width + rect.x1)
  }
  return rect
}

/** What is of one label around a point, side by side. @param {LabelMap} map @param {Point} at @param {number} label */
export function floodFill(map, at, label) {
  const { width, height, labels } = map
  const [x, y] = [Math.floor(at.x), Math.floor(at.y)]
  if (!clip(map, { x0: x, y0: y, x1: x + 1, y1: y + 1 })) return null
  const own = labels[y * width + x]
  if (own === label) return null
  const seeds = [y * width + x]
  for (let seed = seeds.pop(); seed !== undefined; seed = seeds.pop()) {
    if (labels[seed] !== own) continue
    const row = seed - seed % width
    let [from, to] = [seed, seed]
    while (from > row && labels[from - 1] === own) from--
    while (to < row + width - 1 && labels[to + 1] === own) to++
    labels.fill(label, from, to + 1)
    for (const step of [-width, width]) { // beyond the map there is no label
      for (let i = from + step; i <= to + step; i++) {
        if (labels[i] === own && (i === from + step || labels[i - 1] !== own)) seeds.push(i)
      }
    }
  }
  return { x0: 0, y0: 0, x1: width, y1: height }
}

/**
 * Run lengths: a byte's value, then its count in base 128, low digits first, the high bit on all but the last.
 * @param {Uint8Array} bytes
 */
export function packRuns(bytes) {
  const out = []
  for (let i = 0, end = 0; i < bytes.length; i = end) {
    while (end < bytes.length && bytes[end] === bytes[i]) end++
    out.push(bytes[i])
    let count = end - i
    for (; count > 127; count >>>= 7) out.push((count & 127) | 128)
    out.push(count)
  }
  return Uint8Array.from(out)
}

/** @param {Uint8Array} packed @param {Uint8Array} out as long as what was packed */
export function unpackRuns(packed, out) {
  let at = 0
  for (let i = 0; i < packed.length;) {
    const value = packed[i++]
    const from = at
    for (let scale = 1, more = true; more && i < packed.length; scale *= 128) {
      at += (packed[i] & 127) * scale
      more = packed[i++] > 127
    }
    out.fill(value, from, at)
  }
}

const FEWEST_STEPS = 50
const MOST_BYTES = 8 << 20

/**
 * maps: of each, the span that changed; weights: all of them, before and after.
 * @typedef {{ maps: { from: number, length: number, runs: Uint8Array }[],
 *   weights: { undo: number[], redo: number[] } }} Step
 */

/**
 * Undo and redo over several maps and the regions' weights at once. Of maps, a step holds the runs of
 * (before XOR after), which is its own inverse: the same step undoes and redoes. Kept: always the last 50 steps, and more while all together take no more than 8 MB.
 */
export class History {
  /**
   * @param {LabelMap[]} maps drawn on by the caller, compared with what they were at commit()
   * @param {number[]} weights by label, set by the caller, compared in the same way
   */
  constructor(maps, weights = []) {
    this.maps = maps
    this.weights = weights
    this.committedWeights = weights.slice()
    this.committed = maps.map(({ labels }) => labels.slice())
    /** @type {Step[]} */
    this.past = []
    /** @type {Step[]} */
    this.future = []
  }

  get bytes() {
    return [...this.past, ...this.future].flatMap(({ maps }) => maps).reduce((sum, { runs }) => sum + runs.length, 0)
  }

  /** What was drawn since the last commit becomes one step. @returns {boolean} false when nothing changed */
  commit() {
    const maps = this.maps.map(({ labels }, m) => {
      const before = this.committed[m]
      let [from, end] = [0, labels.length]
      while (from < end && labels[from] === before[from]) from++
      while (from < end && labels[end - 1] === before[end - 1]) end--
      const difference = labels.slice(from, end)
      for (let i = from; i < end; i++) difference[i - from] ^= before[i]
      before.set(labels.subarray(from, end), from)
      return { from, length: end - from, runs: packRuns(difference) }
    })
    const [undo, redo] = [this.committedWeights, this.weights.slice()]
    if (maps.every(({ length }) => length === 0) && redo.every((weight, k) => weight === undo[k])) return false
    this.committedWeights = redo
    this.future = []
    this.past.push({ maps, weights: { undo, redo } })
    while (this.past.length > FEWEST_STEPS && this.bytes > MOST_BYTES) this.past.shift()
    return true
  }

  /** Takes back what was drawn and set since the last commit. */
  revert() {
    this.#weigh(this.committedWeights)
    this.maps.forEach(({ labels }, m) => labels.set(this.committed[m]))
  }

  /** The two maps change places, in every step too. */
  swap() {
    const steps = [...this.past, ...this.future].map(({ maps }) => maps)
    for (const pair of [this.maps, this.committed, ...steps]) pair.reverse()
  }

  /**
   * The same over maps of other sizes, undo and redo included, as far as the last 50 steps.
   * @param {{ width: number, height: number }[]} sizes
   */
  resized(sizes) {
    const back = Math.min(FEWEST_STEPS, this.past.length)
    const forth = this.future.length
    for (let i = 0; i < back; i++) this.move('undo')
    const scaled = () => this.maps.map((map, m) => resizeMap(map, sizes[m].width, sizes[m].height))
    const out = new History(scaled(), this.weights.slice())
    let ahead = 0
    for (let i = 0; i < back + forth; i++) {
      this.move('redo')
      for (const [m, { labels }] of scaled().entries()) out.maps[m].labels.set(labels)
      out.#weigh(this.weights)
      if (out.commit() && i >= back) ahead++
    }
    for (; ahead > 0; ahead--) out.move('undo')
    return out
  }

  /** @param {number[]} weights */
  #weigh(weights) {
    this.weights.splice(0, weights.length, ...weights)
  }

  /** @param {'undo' | 'redo'} direction @returns {(Rect | null)[]} what changed on each map */
  move(direction) {
    const [source, target] = direction === 'undo' ? [this.past, this.future] : [this.future, this.past]
    const step = source.pop()
    if (!step) return this.maps.map(() => null)
    target.push(step)
    this.#weigh(step.weights[direction])
    this.committedWeights = step.weights[direction]
    return step.maps.map(({ from, length, runs }, m) => {
      const { labels, width } = this.maps[m]
      const difference = new Uint8Array(length)
      unpackRuns(runs, difference)
      for (let i = 0; i < length; i++) labels[from + i] = this.committed[m][from + i] ^= difference[i]
      return length === 0 ? null
        : { x0: 0, y0: Math.floor(from / width), x1: width, y1: Math.floor((from + length - 1) / width) + 1 }
    })
  }
}
