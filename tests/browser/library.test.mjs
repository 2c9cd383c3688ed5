// SPDX-License-Identifier: MIT
//
// The library in Chromium as the package has it, without the page: every kind of picture that callers may give, the
// same pixels from each; results that are ImageData; and refusals that name what came.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { closeAll, host, root, skip, visit } from './support.mjs'

after(closeAll)

/** @param {import('playwright-core').Page} page */
const open = (page) => page.evaluate(async () => {
  const library = await import('/src/api/index.browser.js')
  window.engine = await library.createEngine({ threads: 1 })
  window.StrotssError = library.StrotssError
})

/** Opaque, so that a canvas loses nothing: one of these as each kind of picture. */
async function everyKind() {
  const [width, height] = [70, 50]
  const image = new ImageData(width, height)
  for (let i = 0; i < image.data.length; i++) image.data[i] = i % 4 === 3 ? 255 : (i * 7919) >> 3 & 255
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  canvas.getContext('2d').putImageData(image, 0, 0)
  const offscreen = new OffscreenCanvas(width, height)
  offscreen.getContext('2d').putImageData(image, 0, 0)
  const blob = await offscreen.convertToBlob({ type: 'image/png' })
  const buffer = await blob.arrayBuffer()
  const element = Object.assign(new Image(), { src: URL.createObjectURL(blob) }) /* not loaded yet */
  return { image, kinds: {
    Blob: blob, File: new File([blob], 'a.png'), URL: new URL(URL.createObjectURL(blob)), ArrayBuffer: buffer,
    Uint8Array: new Uint8Array(buffer), DataView: new DataView(buffer), ImageData: image,
    pixels: { width, height, data: new Uint8Array(image.data) }, ImageBitmap: await createImageBitmap(image),
    HTMLImageElement: element, HTMLCanvasElement: canvas, OffscreenCanvas: offscreen,
    VideoFrame: new VideoFrame(canvas, { timestamp: 0 })
  } }
}

test('every kind of picture gives the same pixels, taken at the time of the call', { skip }, async () => {
  const { page, close } = await visit(`${await host({ folder: root })}tests/browser/library.html`)
  await open(page)
  const wrong = await page.evaluate(`(${everyKind})().then(async ({ image, kinds }) => {
    const wrong = []
    for (const [name, input] of Object.entries(kinds)) {
      const promise = engine.decode(input)
      if (name.endsWith('Canvas') || name === 'HTMLCanvasElement') input.getContext('2d').clearRect(0, 0, 99, 99)
      if (name === 'VideoFrame') input.close()
      const picture = await promise
      if (!(picture instanceof ImageData)) wrong.push(name + ' gives no ImageData')
      if (picture.width !== 70 || picture.height !== 50) wrong.push(name + ': ' + picture.width + 'x' + picture.height)
      if (!picture.data.every((value, i) => value === image.data[i])) wrong.push(name + ' gives other pixels')
    }
    return wrong
  })`)
  assert.deepEqual(wrong, [])
  await close()
})

test('what the decoder does not know the browser decodes: WebP and AVIF', { skip }, async () => {
  const { page, close } = await visit(`${await host({ folder: root })}tests/browser/library.html`)
  await open(page)
  const [webp, avif, tall] = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(40, 30)
    const context = canvas.getContext('2d')
    context.fillStyle = 'rgb(200, 40, 90)'
    context.fillRect(0, 0, 40, 30)
    const file = await canvas.convertToBlob({ type: 'image/webp', quality: 1 })
    const sizes = (picture) => [file.type, picture.width, picture.height, ...picture.data.slice(0, 4)]
    const fade = await window.engine.decode(new URL('/tests/fixtures/fade.avif', location.href))
    const large = new OffscreenCanvas(2500, 3000) /* more than one band */
    const brush = large.getContext('2d')
    for (let y = 0; y < 3000; y += 100) {
      brush.fillStyle = `rgb(${y / 20}, 0, 0)`
      brush.fillRect(0, y, 2500, 100)
    }
    const { data } = await window.engine.decode(large)
    return [sizes(await window.engine.decode(file)), [fade.width > 1, fade.height > 1],
      [0, 99, 100, 1677, 1678, 2999].map((y) => data[4 * 2500 * y])]
  })
  assert.deepEqual(webp.slice(0, 3), ['image/webp', 40, 30])
  for (const [i, value] of [200, 40, 90, 255].entries()) assert.ok(Math.abs(webp[3 + i] - value) <= 4, `${webp}`)
  assert.deepEqual(avif, [true, true])
  assert.deepEqual(tall, [0, 0, 5, 80, 80, 145])
  await close()
})

test("a run's pictures are ImageData, in events too, and a canvas takes them", { skip }, async () => {
  const { page, close } = await visit(`${await host({ folder: root })}tests/browser/library.html`)
  await open(page)
  const shown = await page.evaluate(`(${everyKind})().then(async ({ kinds }) => {
    const told = []
    const run = engine.start({ content: kinds.File, style: kinds.ImageBitmap, size: 64, iterations: 1, previewEvery: 1,
      onProgress: ({ type, image }) => image && told.push(type, image instanceof ImageData) })
    const { image } = await run.result
    new OffscreenCanvas(64, 64).getContext('2d').putImageData(image, 0, 0)
    return [...told, image instanceof ImageData, image.width]
  })`)
  assert.deepEqual(shown, ['scale', true, true, 64])
  await close()
})

test("a build left to the library follows the checkpoint's rounding", { skip }, async () => {
  const { page, close } = await visit(`${await host({ folder: root })}tests/browser/library.html`)
  await open(page)
  const [auto, build, same, threads] = await page.evaluate(async () => {
    const { createEngine, readCheckpoint } = await import('/src/api/index.browser.js')
    const plain = await createEngine({ build: 'threads', threads: 2 })
    const picture = (seed) => {
      const image = new ImageData(48, 48)
      for (let i = 0; i < image.data.length; i++) image.data[i] = i % 4 === 3 ? 255 : (i * seed) >> 3 & 255
      return image
    }
    const inputs = { content: picture(7919), style: picture(104729) }
    const whole = await plain.stylize({ ...inputs, size: 72, iterations: 2 })
    /** @type {Uint8Array|undefined} */
    let resume
    await plain.stylize({ ...inputs, size: 72, iterations: 2,
      onProgress: (event) => event.type === 'scale' && (resume ??= event.checkpoint) })
    const { image, stats } = await window.engine.stylize({ ...inputs, resume })
    const bytes = new Uint8Array(image.data.buffer)
    const expected = new Uint8Array(whole.image.data.buffer)
    plain.dispose()
    return [window.engine.info.build, stats.build, expected.every((value, i) => value === bytes[i]),
      readCheckpoint(resume).build]
  })
  assert.deepEqual([auto, build, same, threads], ['single-relaxed', 'single', true, 'threads'])
  await close()
})

test('everything else is refused with words that name what came', { skip }, async () => {
  const { page, close } = await visit(`${await host({ folder: root })}tests/browser/library.html`, { expected: /404/ })
  await open(page)
  const refused = await page.evaluate(async () => {
    const style = new ImageData(9, 9)
    const bitmap = await createImageBitmap(style)
    bitmap.close()
    const broken = Object.assign(new Image(), { src: 'data:image/png;base64,AAAA' })
    const inputs = ['cat.jpg', 7, null, [], new Map(), new Float32Array(4), document.body, bitmap, broken, new Image(),
      new URL('/none.png', location.href), new Blob(['no picture']), { width: 2, height: 2, data: new Float32Array(16) }]
    const said = []
    for (const input of inputs) {
      const error = await window.engine.stylize({ content: input, style, size: 64 }).catch((reason) => reason)
      said.push(error instanceof window.StrotssError ? `${error.code} ${error.message}` : `no StrotssError: ${error}`)
    }
    return said
  })
  const kinds = 'is not a URL, a Blob or the bytes of a picture file, something drawable (ImageBitmap, <img>, <canvas>, ' +
    'OffscreenCanvas, <video>, VideoFrame), an ImageData or { width, height, data }'
  assert.deepEqual(refused.slice(0, 10), [
    `BAD_ARGUMENT content: "cat.jpg" ${kinds}`, `BAD_ARGUMENT content: 7 ${kinds}`, 'BAD_IMAGE content: missing',
    `BAD_ARGUMENT content: an Array ${kinds}`, `BAD_ARGUMENT content: a Map ${kinds}`,
    `BAD_ARGUMENT content: a Float32Array ${kinds}`, `BAD_ARGUMENT content: an HTMLBodyElement ${kinds}`,
    'BAD_IMAGE content: the ImageBitmap has no pixels; it is empty, closed or not loaded',
    'BAD_IMAGE content: the HTMLImageElement has no pixels; it is empty, closed or not loaded',
    'BAD_IMAGE content: the HTMLImageElement has no pixels; it is empty, closed or not loaded'])
  assert.match(refused[10], /^BAD_IMAGE http.*\/none\.png: HTTP status 404$/)
  assert.match(refused[11], /^BAD_IMAGE content: not a picture/)
  assert.match(refused[12], /^BAD_IMAGE content: its data is not width x height RGBA pixels/)
  await close()
})
