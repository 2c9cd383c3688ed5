// SPDX-License-Identifier: MIT
//
// Drawing on label maps, and its undo. A label map is labels[height][width], one byte a pixel; coordinates are in map
// pixels, pixel (x, y) covering [x, x + 1) x [y, y + 1). Every drawing function returns the rectangle it may have
// changed, { x0, y0, x1, y1 } half open and inside the map, or null. No canvas is involved.

/** @typedef {import('./guidance.js').LabelMap} LabelMap */
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
export function countLabels(map) {
  const counts = new Uint32Array(256)
  for (let i = 0; i < map.labels.length; i++) counts[map.labels[i]]++
  return counts
}

/** @param {Rect | null} a @param {Rect | null} b @returns {Rect | null} the smallest around both */
export function joinRects(a, b) {
  if (!a || !b) return a ?? b
  return { x0: Math.min(a.x0, b.x0), y0: Math.min(a.y0, b.y0), x1: Math.max(a.x1, b.x1), y1: Math.max(a.y1, b.y1) }
}

/** @param {LabelMap} map @param {Rect} rect any numbers @returns {Rect | null} */
function clip(map, rect) {
  const out = { x0: Math.max(0, rect.x0), y0: Math.max(0, rect.y0),
    x1: Math.min(map.width, rect.x1), y1: Math.min(map.height, rect.y1) }
  return out.x0 < out.x1 && out.y0 < out.y1 ? out : null
}

/**
 * The piece of a round brush's stroke from a to b: all pixels with centres within radius of the segment, and b's own
 * pixel however small the brush. Row by row; the shape is convex, so that a row is one span.
 * @param {LabelMap} map @param {Point} a @param {Point} b @param {number} radius @param {number} label
 */
export function paintSegment(map, a, b, radius, label) {
  const length = Math.hypot(b.x - a.x, b.y - a.y)
  const nx = length > 0 ? -(b.y - a.y) / length * radius : 0
  const ny = length > 0 ? (b.x - a.x) / length * radius : 0
  const corners = [[a.x + nx, a.y + ny], [b.x + nx, b.y + ny], [b.x - nx, b.y - ny], [a.x - nx, a.y - ny]]
  const rect = clip(map, { x0: Math.floor(Math.min(a.x, b.x) - radius), y0: Math.floor(Math.min(a.y, b.y) - radius),
    x1: Math.ceil(Math.max(a.x, b.x) + radius), y1: Math.ceil(Math.max(a.y, b.y) + radius) })
  if (rect) {
    for (let y = rect.y0; y < rect.y1; y++) {
      const row = y + 0.5
      let from = Infinity
      let to = -Infinity
      for (const end of [a, b]) {
        const half = Math.sqrt(radius ** 2 - (row - end.y) ** 2) // NaN where the disk misses the row
        if (half >= 0) [from, to] = [Math.min(from, end.x - half), Math.max(to, end.x + half)]
      }
      corners.forEach(([x, edgeY], i) => {
        const [nextX, nextY] = corners[(i + 1) % 4]
        if ((edgeY <= row) === (nextY <= row)) return
        const at = x + (nextX - x) * (row - edgeY) / (nextY - edgeY)
        from = Math.min(from, at)
        to = Math.max(to, at)
      })
      const first = Math.max(0, Math.ceil(from - 0.5))
      const last = Math.min(map.width - 1, Math.floor(to - 0.5))
      if (first <= last) map.labels.fill(label, y * map.width + first, y * map.width + last + 1)
    }
  }
  const [x, y] = [Math.floor(b.x), Math.floor(b.y)]
  return joinRects(rect, fillRect(map, { x0: x, y0: y, x1: x + 1, y1: y + 1 }, label))
}

/** @param {LabelMap} map @param {Rect} area @param {number} label */
export function fillRect(map, area, label) {
  const rect = clip(map, area)
  if (!rect) return null
  for (let y = rect.y0; y < rect.y1; y++) map.labels.fill(label, y * map.width + rect.x0, y * map.width + rect.x1)
  return rect
}

/** @param {LabelMap} map @param {Point} at the area of one label around it, connected by sides @param {number} label */
export function floodFill(map, at, label) {
  const { width, height, labels } = map
  const [x, y] = [Math.floor(at.x), Math.floor(at.y)]
  if (!clip(map, { x0: x, y0: y, x1: x + 1, y1: y + 1 })) return null
  const own = labels[y * width + x]
  if (own === label) return null
  const rect = { x0: x, y0: y, x1: x + 1, y1: y + 1 }
  const seeds = [y * width + x]
  for (let seed = seeds.pop(); seed !== undefined; seed = seeds.pop()) {
    if (labels[seed] !== own) continue
    const row = Math.floor(seed / width)
    let from = seed
    let to = seed
    while (from > row * width && labels[from - 1] === own) from--
    while (to < row * width + width - 1 && labels[to + 1] === own) to++
    labels.fill(label, from, to + 1)
    rect.x0 = Math.min(rect.x0, from - row * width)
    rect.x1 = Math.max(rect.x1, to - row * width + 1)
    rect.y0 = Math.min(rect.y0, row)
    rect.y1 = Math.max(rect.y1, row + 1)
    for (const step of [-width, width]) {
      if (row + Math.sign(step) < 0 || row + Math.sign(step) >= height) continue
      for (let i = from + step; i <= to + step; i++) {
        if (labels[i] === own && (i === from + step || labels[i - 1] !== own)) seeds.push(i)
      }
    }
  }
  return rect
}

/**
 * Run lengths: a byte's value, then its count in base 128, low digits first, the high bit on all but the last.
 * @param {Uint8Array} bytes
 */
export function packRuns(bytes) {
  const out = []
  for (let i = 0; i < bytes.length;) {
    let end = i + 1
    while (end < bytes.length && bytes[end] === bytes[i]) end++
    out.push(bytes[i])
    for (let count = end - i; ; count >>>= 7) {
      out.push(count < 128 ? count : (count & 127) | 128)
      if (count < 128) break
    }
    i = end
  }
  return Uint8Array.from(out)
}

/**
 * Calls back for each run of packed; stops at a run that is cut.
 * @param {Uint8Array} packed @param {(value: number, from: number, to: number) => void} each
 * @returns {number} bytes described
 */
export function eachRun(packed, each) {
  let at = 0
  for (let i = 0; i < packed.length;) {
    const value = packed[i++]
    let count = 0
    for (let scale = 1; i < packed.length; scale *= 128) {
      count += (packed[i] & 127) * scale
      if (packed[i++] < 128) break
    }
    each(value, at, at + count)
    at += count
  }
  return at
}

const FEWEST_STEPS = 50
const MOST_BYTES = 8 << 20

/**
 * Undo and redo over several maps at once. One step is, for each map, the runs of (before XOR after), mostly zeros;
 * XOR being its own inverse, the same step undoes and redoes. Kept: always the last 50 steps, and more while all
 * together take no more than 8 MB.
 */
export class History {
  /** @param {LabelMap[]} maps drawn on by the caller, compared with what they were at commit() */
  constructor(maps) {
    this.maps = maps
    this.committed = maps.map((map) => map.labels.slice())
    /** @type {Uint8Array[][]} */
    this.past = []
    /** @type {Uint8Array[][]} */
    this.future = []
    this.bytes = 0
  }

  get canUndo() { return this.past.length > 0 }
  get canRedo() { return this.future.length > 0 }

  /** What was drawn since the last commit becomes one step. @returns {boolean} false when nothing changed */
  commit() {
    let changed = 0
    const step = this.maps.map(({ labels }, m) => {
      const before = this.committed[m]
      const difference = new Uint8Array(labels.length)
      for (let i = 0; i < labels.length; i++) changed |= difference[i] = labels[i] ^ before[i]
      return packRuns(difference)
    })
    if (changed === 0) return false
    this.maps.forEach(({ labels }, m) => this.committed[m].set(labels))
    for (const dropped of this.future) this.bytes -= sizeOf(dropped)
    this.future = []
    this.past.push(step)
    this.bytes += sizeOf(step)
    while (this.past.length > FEWEST_STEPS && this.bytes > MOST_BYTES) {
      this.bytes -= sizeOf(/** @type {Uint8Array[]} */ (this.past.shift()))
    }
    return true
  }

  /** Takes back what was drawn since the last commit. */
  revert() {
    this.maps.forEach(({ labels }, m) => labels.set(this.committed[m]))
  }

  /** @returns {(Rect | null)[]} what changed on each map, null for all when there is no step */
  undo() { return this.#move(this.past, this.future) }

  redo() { return this.#move(this.future, this.past) }

  /** @param {Uint8Array[][]} from @param {Uint8Array[][]} to @returns {(Rect | null)[]} */
  #move(from, to) {
    const step = from.pop()
    if (!step) return this.maps.map(() => null)
    to.push(step)
    return step.map((packed, m) => {
      const { labels, width } = this.maps[m]
      let rect = /** @type {Rect | null} */ (null)
      eachRun(packed, (value, start, end) => {
        if (value === 0) return
        for (let i = start; i < end; i++) labels[i] = this.committed[m][i] ^= value
        const [first, last] = [Math.floor(start / width), Math.floor((end - 1) / width)]
        rect = joinRects(rect, first === last
          ? { x0: start % width, y0: first, x1: (end - 1) % width + 1, y1: last + 1 }
          : { x0: 0, y0: first, x1: width, y1: last + 1 })
      })
      return rect
    })
  }
}

/** @param {Uint8Array[]} step */
function sizeOf(step) {
  return step.reduce((sum, packed) => sum + packed.length, 0)
}
