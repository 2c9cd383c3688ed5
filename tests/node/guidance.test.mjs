// SPDX-License-Identifier: MIT
//
// The region editor's parts that need no browser: guidance pictures, label maps and their history.
// What JPEG smears lies in tests/fixtures, read by the engine.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { readGuidance as readInBrowser, writeGuidance as writeInBrowser } from '../../src/api/index.browser.js'
import { createEngine, describeGuidance, describeStretch, readGuidance, StrotssError, writeGuidance }
  from '../../src/api/index.node.mjs'
import { History, countLabels, createMap, fillRect, floodFill, packRuns, paintSegment, resizeMap, unpackRuns }
  from '../../web/regions/labels.js'
import { MAX_REGIONS, REGION_COLORS, REST_COLOR, colorDistance, patternTile } from '../../src/guidance/palette.js'

const AUTHORS = [[255, 255, 255], [165, 45, 46], [153, 45, 165], [165, 139, 44], [45, 98, 166]]

/** @type {Awaited<ReturnType<typeof createEngine>>} */
let engine
before(async () => {
  engine = await createEngine({ threads: 1 })
})
after(() => engine.dispose())

/** A picture whose pixel (x, y) has colorAt(x, y). */
function picture(width, height, colorAt) {
  const data = new Uint8ClampedArray(width * height * 4)
  for (let i = 0; i < width * height; i++) data.set([...colorAt(i % width, Math.floor(i / width)), 255], 4 * i)
  return { width, height, data }
}

/** A picture of tests/fixtures. */
async function fixture(name) {
  return engine.decode(await readFile(new URL(`../fixtures/${name}.jpg`, import.meta.url)), name)
}

const fixtures = (name) => Promise.all([fixture(`${name}_content`), fixture(`${name}_style`)])

/** The picture under a Gaussian of this deviation. */
function blurred({ width, height, data }, sigma) {
  const radius = Math.ceil(3 * sigma)
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)))
  const sum = weights.reduce((a, b) => a + b)
  /** Along rows or columns: n lines of `length` pixels, `step` apart, the next line `next` further. */
  const along = (from, n, next, length, step) => {
    const to = new Float64Array(from.length)
    for (let line = 0; line < n; line++) for (let i = 0; i < length; i++) for (let c = 0; c < 4; c++) {
      let value = 0
      weights.forEach((weight, k) => {
        const at = Math.min(length - 1, Math.max(0, i + k - radius))
        value += weight * from[4 * (line * next + at * step) + c]
      })
      to[4 * (line * next + i * step) + c] = value / sum
    }
    return to
  }
  const across = along(data, height, width, width, 1)
  return { width, height, data: Uint8ClampedArray.from(along(across, width, 1, height, width)) }
}

/** Five blobs on white, none aligned to a JPEG's blocks; mirrored for the style. */
function scene(width, height, colors, mirrored = false) {
  return picture(width, height, (x, y) => {
    const u = (mirrored ? width - 1 - x : x) / width
    const v = y / height
    const centres = [[0.2, 0.3, 0.13], [0.55, 0.25, 0.12], [0.8, 0.6, 0.15], [0.3, 0.75, 0.1]]
    const k = centres.findIndex(([cx, cy, r]) => Math.hypot(u - cx, v - cy) < r)
    return colors[k + 1]
  })
}

function labelsOf(image, palette) {
  return Uint8Array.from({ length: image.width * image.height }, (_, i) =>
    palette.findIndex((color) => colorDistance(color, image.data.subarray(4 * i, 4 * i + 3)) === 0))
}

function shareOfDifference(a, b) {
  return a.reduce((n, value, i) => n + (value !== b[i] ? 1 : 0), 0) / a.length
}

test('exact colours: every common one is a region, black and white too, alpha ignored, sizes free', () => {
  const content = picture(37, 23, (x) => x < 12 ? [0, 0, 0] : x < 25 ? [255, 255, 255] : [200, 10, 10])
  const style = picture(11, 50, (x, y) => y < 20 ? [255, 255, 255] : y < 35 ? [200, 10, 10] : [0, 0, 0])
  for (let i = 3; i < content.data.length; i += 8) content.data[i] = 0
  const { palette, report, ...maps } = readGuidance(content, style)
  assert.equal(report.exact, true)
  assert.equal(report.regions, 3)
  assert.equal(report.snappedContent + report.snappedStyle + report.specks + report.dropped.length, 0)
  assert.deepEqual([maps.content.width, maps.content.height, maps.style.width, maps.style.height], [37, 23, 11, 50])
  for (const [image, map] of [[content, maps.content], [style, maps.style]]) {
    assert.deepEqual(labelsOf(image, palette), map.labels)
    assert.equal(countLabels(map)[0], 0)
  }
})

test('one-pixel regions and thin lines are kept in a lossless pair', () => {
  const color = (spot) => (x, y) => x === spot && y === 5 ? [0, 0, 255] : y === 9 ? [255, 0, 0] : [0, 128, 0]
  const { report, content, style, palette } = readGuidance(picture(31, 17, color(3)), picture(16, 16, color(9)))
  assert.equal(report.regions, 3)
  const blue = palette.findIndex((c) => colorDistance(c, [0, 0, 255]) === 0)
  assert.equal(content.labels[5 * 31 + 3], blue)
  assert.equal(style.labels[5 * 16 + 9], blue)
  assert.equal(countLabels(content)[blue], 1)
})

test('a label map stored as greys 0, 1, 2, 3 is taken exactly', () => {
  const grey = (x, y) => Array(3).fill((x > 20 ? 1 : 0) + (y > 15 ? 2 : 0))
  const { report, palette, content } = readGuidance(picture(41, 33, grey), picture(50, 40, grey))
  assert.equal(report.regions, 4)
  assert.deepEqual(labelsOf(picture(41, 33, grey), palette), content.labels)
})

test('colours on one side only become the rest and are reported', () => {
  const content = picture(30, 30, (x) => x < 10 ? [255, 0, 0] : x < 20 ? [0, 255, 0] : [255, 255, 255])
  const style = picture(30, 30, (x) => x < 10 ? [255, 0, 0] : x < 15 ? [0, 0, 255] : [255, 255, 255])
  const { report, ...maps } = readGuidance(content, style)
  assert.equal(report.regions, 2)
  assert.deepEqual(report.dropped, [{ color: [0, 255, 0], pixels: 300, side: 'content' },
    { color: [0, 0, 255], pixels: 150, side: 'style' }])
  assert.equal(countLabels(maps.content)[0], 300)
  assert.equal(countLabels(maps.style)[0], 150)
  const words = describeGuidance(report).join(' ')
  assert.match(words, /2 regions found/)
  assert.match(words, /#00ff00 \(300 pixels\) is on the content only/)
})

test('no common colour, no pixels, not flat: refused as BAD_REGIONS', () => {
  const red = picture(8, 8, () => [255, 0, 0])
  const blue = picture(8, 8, () => [0, 0, 255])
  assert.throws(() => readGuidance(red, blue), { code: 'BAD_REGIONS', message: /no colour is common/ })
  assert.throws(() => readGuidance({ ...red, width: 9 }, red), { code: 'BAD_REGIONS', message: /content/ })
  const nothing = { width: 0, height: 0, data: new Uint8ClampedArray() }
  assert.throws(() => readGuidance(red, nothing), { code: 'BAD_REGIONS', message: /style/ })
  for (const none of [undefined, null, 7, 'red.png', {}]) assert.throws(() => readGuidance(none, red), (error) => (
    error instanceof StrotssError && error.code === 'BAD_REGIONS' && /content/.test(error.message)))
  const noise = picture(200, 200, (x, y) => [x * 7919 * y % 251, x * 31 % 256, (x ^ y) * 57 % 256])
  assert.throws(() => readGuidance(noise, noise), { code: 'BAD_REGIONS' })
  assert.equal(readGuidance(red, red).report.regions, 1)
})

test('what readGuidance gives is what a run takes as its regions, in Node and in browsers', async () => {
  assert.deepEqual([readInBrowser, writeInBrowser], [readGuidance, writeGuidance])
  const map = { width: 64, height: 48, labels: Uint8Array.from({ length: 64 * 48 }, (_, i) => 1 + Number(i % 64 < 32)) }
  const file = await engine.encode(writeGuidance(map))
  const guidance = readGuidance(await engine.decode(file), await engine.decode(file))
  assert.deepEqual(guidance.content, map)
  const content = picture(64, 48, (x, y) => [4 * x, 5 * y, 90])
  const run = { content, style: picture(64, 48, (x, y) => [9, 4 * x, 5 * y]), size: 64, iterations: 1 }
  const { image } = await engine.stylize({ ...run, regions: guidance })
  assert.deepEqual(image.data, (await engine.stylize({ ...run, regions: { content: map, style: map } })).image.data)
  assert.notDeepEqual(image.data, (await engine.stylize(run)).image.data)
})

test('more than 32 common colours: the largest 32 are kept, the others reported', () => {
  const image = picture(400, 40, (x) => [Math.floor(x / 10) * 6, 100, 255 - Math.floor(x / 10) * 6])
  const { report, content } = readGuidance(image, image)
  assert.equal(report.regions, MAX_REGIONS)
  assert.equal(report.dropped.length, 8)
  assert.ok(report.dropped.every((entry) => entry.side === 'both' && entry.pixels === 800))
  assert.equal(Math.max(...content.labels), MAX_REGIONS)
})

test('many exact colours: flat all the same, the largest are regions, the report is of a length to read', () => {
  for (const count of [65, 150, 300]) {
    const color = (k) => [k * 37 % 256, (k >> 4) * 13 % 256, k * 53 % 256]
    const tiles = (columns) => picture(6 * columns, 6 * Math.ceil(count / columns), (x, y) => (
      color(Math.min(count - 1, Math.floor(y / 6) * columns + Math.floor(x / 6)))))
    const { report, palette, ...maps } = readGuidance(tiles(16), tiles(11))
    assert.equal(report.exact, true)
    assert.equal(report.regions, MAX_REGIONS)
    assert.equal(report.dropped.length, count - MAX_REGIONS)
    const regions = [[-1, 0, 0], ...palette.slice(1)] // -1, none of them, is the rest
    assert.deepEqual(labelsOf(tiles(16), regions).map((label) => (label === 255 ? 0 : label)), maps.content.labels)
    const lines = describeGuidance(report)
    assert.ok(lines.length < 15)
    assert.match(lines.at(-1), new RegExp(`${count - MAX_REGIONS - 12} more colours .* left as rest`))
  }
})

test('colours that are all but the same are named, refused or left as rest', () => {
  const red = (value) => (x) => (x < 10 ? [value, 0, 0] : [255, 255, 255])
  assert.throws(() => readGuidance(picture(8, 8, red(255)), picture(8, 8, red(254))),
    { code: 'BAD_REGIONS', message: /no colour is common.* #ff0000 on the content and #fe0000 on the style/ })
  const { report } = readGuidance(picture(20, 8, red(255)), picture(20, 8, red(254)))
  assert.deepEqual(report.dropped.map(({ color, near }) => [color, near]),
    [[[255, 0, 0], [254, 0, 0]], [[254, 0, 0], [255, 0, 0]]])
  assert.match(describeGuidance(report).join(' '),
    /#ff0000 \(80 pixels\) is on the content only: left as rest; the style has #fe0000\./)
  const rest = picture(8, 8, () => REST_COLOR)
  assert.throws(() => readGuidance(rest, rest), { message: /#7f8081 is the unpainted rest/ })
  assert.throws(() => readGuidance(rest, picture(8, 8, red(1))), { message: /no colour is common/ })
})

test('another shape than the picture is told, the rounding of a size is not', () => {
  const size = (width, height) => ({ width, height })
  for (const [guide, image] of [[[80, 60], [1024, 768]], [[240, 160], [481, 321]], [[50, 33], [3000, 2000]],
    [[6000, 4000], [1024, 683]], [[1, 1], [1, 2]]]) {
    assert.deepEqual(describeStretch(size(...guide), size(...image), 'style'), [])
  }
  for (const [guide, image] of [[[72, 72], [80, 60]], [[500, 510], [500, 500]], [[60, 80], [80, 60]],
    [[80, 60], [800, 615]]]) {
    assert.match(describeStretch(size(...guide), size(...image), 'style').join(), /^The style's guidance has another/)
  }
})

test('written guidance reads back label for label, rest included, for 1 to 32 regions', () => {
  for (const regions of [1, 2, 7, 8, 31, 32]) {
    const map = createMap(97, 61)
    for (let k = 0; k <= regions; k++) fillRect(map, { x0: k * 2, y0: 4, x1: k * 2 + 2, y1: 60 }, k)
    const small = resizeMap(map, 53, 61)
    for (let k = 1; k <= regions; k++) small.labels[k] = k
    const back = readGuidance(writeGuidance(map), writeGuidance(small))
    assert.deepEqual(back.content.labels, map.labels)
    assert.deepEqual(back.style.labels, small.labels)
    assert.equal(back.report.regions, regions)
    assert.deepEqual(back.palette[1], REGION_COLORS[1])
  }
  const own = [REST_COLOR, [9, 9, 9], [255, 255, 255], [10, 200, 30]]
  const map = createMap(12, 12)
  fillRect(map, { x0: 0, y0: 0, x1: 4, y1: 12 }, 3)
  fillRect(map, { x0: 4, y0: 0, x1: 6, y1: 12 }, 1)
  const image = writeGuidance(map, own)
  assert.ok(image.data.every((value, i) => i % 4 < 3 || value === 255))
  assert.deepEqual(readGuidance(image, image, own).content.labels, map.labels)
})

test('smeared JPEG pairs give the regions they were made from', async () => {
  const own = [REST_COLOR, ...REGION_COLORS.slice(1)]
  const cases = [['authors', AUTHORS], ['ours', [[255, 255, 255], ...own.slice(1, 5)]],
    ['primary', [[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]]]]
  for (const [name, colors] of cases) {
    for (const quality of [30, 75, 95]) {
      for (const sampling of ['420', '444']) {
        const flat = [scene(481, 321, colors), scene(333, 517, colors, true)]
        const label = `${name}_q${quality}_${sampling}`
        const jpeg = await fixtures(label)
        const guidance = readGuidance(jpeg[0], jpeg[1])
        assert.equal(guidance.report.exact, false, label)
        assert.equal(guidance.report.regions, 5, label)
        assert.deepEqual(guidance.report.dropped, [], label)
        assert.ok(guidance.report.snappedContent > 0, label)
        const order = colors.map((color) =>
          guidance.palette.findIndex((c, k) => k > 0 && colorDistance(c, color) < 300))
        for (const [image, map] of [[flat[0], guidance.content], [flat[1], guidance.style]]) {
          const want = labelsOf(image, colors).map((k) => order[k])
          const wrong = shareOfDifference(map.labels, want)
          assert.ok(wrong < (quality < 75 ? 0.004 : 0.002), `${label}: ${(100 * wrong).toFixed(2)} % wrong`)
        }
      }
    }
  }
})

test('our colours keep their numbers through a JPEG', async () => {
  const jpeg = await fixtures('numbered_q85_420')
  const { palette, content } = readGuidance(jpeg[0], jpeg[1])
  const counts = countLabels(content)
  for (const k of [7, 3, 12, 1, 20]) {
    assert.ok(counts[k] > 300, `region ${k}`)
    assert.deepEqual(palette[k], REGION_COLORS[k])
  }
})

test('soft edges, grey JPEGs, one JPEG with one PNG', async () => {
  const flat = [scene(300, 200, AUTHORS), scene(200, 300, AUTHORS, true)]
  const soft = flat.map((image) => blurred(image, 1.2))
  assert.equal(readGuidance(soft[0], soft[1]).report.regions, 5)
  const wide = flat.map((image) => blurred(image, 4))
  assert.equal(readGuidance(wide[0], wide[1]).report.regions, 5)
  const mixed = readGuidance(await fixture('mixed_q60_420'), flat[1])
  assert.equal(mixed.report.regions, 5)
  const mask = [[255, 255, 255], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
  const grey = await fixtures('grey_q92')
  const { report, content } = readGuidance(grey[0], grey[1])
  assert.equal(report.regions, 2)
  assert.ok(shareOfDifference(content.labels, labelsOf(scene(300, 200, mask), [[-1, 0, 0], mask[0], mask[1]])) < 0.002)
})

test('specks in a smeared pair go to their surroundings, a small patch stays', async () => {
  const jpeg = await fixture('specks_q95_444')
  const { report, content } = readGuidance(jpeg, jpeg)
  assert.equal(report.regions, 6)
  for (let y = 0; y < 170; y++) assert.equal(content.labels[y * 300 + 3], content.labels[0])
  assert.notEqual(content.labels[186 * 300 + 276], content.labels[0])
})

test('a brush is round, without gaps, and clipped', () => {
  const map = createMap(60, 40)
  const rect = paintSegment(map, { x: 10, y: 10 }, { x: 50.3, y: 29.7 }, 3.2, 5)
  for (let y = 0; y < 40; y++) {
    for (let x = 0; x < 60; x++) {
      const [px, py, dx, dy] = [x + 0.5 - 10, y + 0.5 - 10, 40.3, 19.7]
      const t = Math.min(1, Math.max(0, (px * dx + py * dy) / (dx * dx + dy * dy)))
      const d = Math.hypot(px - t * dx, py - t * dy)
      if (Math.abs(d - 3.2) > 1e-9) assert.equal(map.labels[y * 60 + x], d < 3.2 ? 5 : 0, `${x},${y}`)
      if (map.labels[y * 60 + x]) assert.ok(x >= rect.x0 && x < rect.x1 && y >= rect.y0 && y < rect.y1)
    }
  }
  const thin = createMap(50, 50)
  paintSegment(thin, { x: 2.2, y: 3.1 }, { x: 41.7, y: 23.9 }, 0.5, 1)
  paintSegment(thin, { x: 41.7, y: 23.9 }, { x: 44.4, y: 48.4 }, 0.5, 1)
  for (let x = 2; x < 42; x++) assert.ok([...Array(50).keys()].some((y) => thin.labels[y * 50 + x]), `column ${x}`)
  for (let y = 24; y < 48; y++) assert.ok([...Array(50).keys()].some((x) => thin.labels[y * 50 + x]), `row ${y}`)
  assert.equal(floodFill(thin, { x: 0, y: 49 }, 2) !== null, true)
  assert.equal(paintSegment(map, { x: -90, y: -90 }, { x: -80, y: -80 }, 5, 1), null)
  assert.deepEqual(paintSegment(createMap(9, 9), { x: 4.01, y: 4.01 }, { x: 4.01, y: 4.01 }, 0.1, 1),
    { x0: 3, y0: 3, x1: 5, y1: 5 })
})

test('flood fill stays inside its area, also in a maze', () => {
  const map = createMap(41, 41)
  for (let y = 1; y < 41; y += 2) fillRect(map, { x0: 0, y0: y, x1: 41, y1: y + 1 }, 1)
  for (let y = 1; y < 41; y += 2) map.labels[y * 41 + (y % 4 === 1 ? 40 : 0)] = 0
  const walls = countLabels(map)[1]
  assert.deepEqual(floodFill(map, { x: 0.5, y: 0.5 }, 7), { x0: 0, y0: 0, x1: 41, y1: 41 })
  assert.deepEqual([countLabels(map)[1], countLabels(map)[7]], [walls, 41 * 41 - walls])
  assert.equal(floodFill(map, { x: 0, y: 0 }, 7), null)
  assert.equal(floodFill(map, { x: 41, y: 0 }, 3), null)
  const box = createMap(10, 10)
  fillRect(box, { x0: 2, y0: 2, x1: 8, y1: 8 }, 1)
  fillRect(box, { x0: 3, y0: 3, x1: 7, y1: 7 }, 0)
  floodFill(box, { x: 5, y: 5 }, 2)
  assert.equal(countLabels(box)[2], 16)
})

test('history: 60 steps over two maps undo and redo exactly, and take little memory', () => {
  const maps = [createMap(1024, 683), createMap(700, 1024)]
  const history = new History(maps)
  const states = [maps.map((map) => map.labels.slice())]
  let seed = 1
  const random = (n) => (seed = seed * 48271 % 2147483647) % n
  for (let step = 0; step < 60; step++) {
    const map = maps[step % 2]
    const point = () => ({ x: random(map.width), y: random(map.height) })
    if (step % 7 === 6) floodFill(map, point(), 1 + random(8))
    else paintSegment(map, point(), point(), 1 + random(60), random(9))
    if (history.commit()) states.push(maps.map((m) => m.labels.slice()))
  }
  assert.ok(states.length > 50)
  assert.equal(history.commit(), false)
  assert.ok(history.bytes < 1 << 20, `${history.bytes} bytes`)
  const same = (state) => maps.forEach((map, m) => assert.equal(Buffer.compare(map.labels, state[m]), 0))
  for (let s = states.length - 2; s >= 0; s--) {
    const before = maps.map((map) => map.labels.slice())
    const rects = history.move('undo')
    same(states[s])
    maps.forEach((map, m) => { // outside the rectangle nothing changed
      if (rects[m]) fillRect({ ...map, labels: before[m] }, rects[m], 99)
      let outside = 0
      for (let i = 0; i < map.labels.length; i++) if (before[m][i] !== 99 && before[m][i] !== map.labels[i]) outside++
      assert.equal(outside, 0)
    })
  }
  assert.deepEqual([history.past.length, history.future.length > 0], [0, true])
  assert.deepEqual(history.move('undo'), [null, null])
  for (let s = 1; s < states.length; s++) {
    history.move('redo')
    same(states[s])
  }
  history.move('undo')
  fillRect(maps[0], { x0: 0, y0: 0, x1: 3, y1: 3 }, 30)
  history.revert()
  same(states.at(-2))
  fillRect(maps[0], { x0: 0, y0: 0, x1: 3, y1: 3 }, 30)
  history.commit()
  assert.equal(history.future.length, 0)
})

test('history drops its oldest steps only beyond 50 steps and 8 MB', () => {
  const map = createMap(500, 500)
  const history = new History([map])
  for (let step = 0; step < 60; step++) {
    for (let i = step % 2; i < map.labels.length; i += 3) map.labels[i] = (map.labels[i] + 1) % 32
    history.commit()
  }
  assert.equal(history.past.length, 50)
})

test('runs pack and unpack', () => {
  const bytes = new Uint8Array(100000)
  bytes.fill(3, 200, 327)
  bytes.fill(255, 400, 528)
  bytes[99999] = 1
  const packed = packRuns(bytes)
  assert.ok(packed.length < 40)
  const back = new Uint8Array(bytes.length)
  unpackRuns(packed, back)
  assert.deepEqual(back, bytes)
  assert.equal(packRuns(new Uint8Array()).length, 0)
})

test('maps resize by nearest neighbour', () => {
  const map = { width: 3, height: 2, labels: Uint8Array.of(1, 2, 3, 4, 5, 6) }
  assert.deepEqual([...resizeMap(map, 6, 2).labels], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6])
  assert.deepEqual([...resizeMap(map, 1, 1).labels], [5])
})

test('32 colours apart from each other and from the rest, eight different patterns', () => {
  assert.equal(REGION_COLORS.length, MAX_REGIONS + 1)
  const others = [...REGION_COLORS, [0, 0, 0], [255, 255, 255]]
  others.forEach((a, i) => others.slice(0, i).forEach((b) => assert.ok(colorDistance(a, b) >= 57 ** 2, `${a} ${b}`)))
  const tiles = new Set(Array.from({ length: 8 }, (_, k) => patternTile(k + 1, 12).join('')))
  assert.equal(tiles.size, 8)
  for (const tile of tiles) assert.ok(tile.includes('1') && tile.includes('0'))
})
