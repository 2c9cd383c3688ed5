// SPDX-License-Identifier: MIT
//
// The region editor alone, for regions.test.mjs: two pictures named in the address (?content=cat.jpg&style=...), or
// two of flat grey, 480x320 and 300x400. window.editor is the editor, window.changes how often it said so.

import { createEngine } from '../../build/site/api/index.browser.js'
import { readPicture } from '../../build/site/page/pictures.js'
import { createRegionEditor } from '../../build/site/regions/editor.js'

const wanted = new URLSearchParams(location.search)

window.grey = (width, height) => new ImageData(new Uint8ClampedArray(width * height * 4).fill(180), width, height)

/** @param {string} side @param {ImageData} otherwise */
async function picture(side, otherwise) {
  const name = wanted.get(side)
  if (!name) return otherwise
  const bitmap = await createImageBitmap(await (await fetch(`../../web/samples/${name}`)).blob())
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
  context.drawImage(bitmap, 0, 0)
  return context.getImageData(0, 0, bitmap.width, bitmap.height)
}

/** For pictures in and out alone: its weights never come. */
const engine = createEngine({
  threads: 1, base: new URL('../../build/site/wasm/', location.href), weights: () => new Promise(() => undefined)
})

document.getElementById('alone').style.display = 'block'
window.changes = 0
window.editor = createRegionEditor(document.getElementById('host'), {
  content: await picture('content', window.grey(480, 320)),
  style: await picture('style', window.grey(300, 400)),
  onChange: () => { window.changes++ },
  decode: (file) => readPicture(async (work) => work(await engine), file, file.name),
  encode: async (picture) => (await engine).encode(picture)
})
