// SPDX-License-Identifier: MIT
//
// The smallest page that paints: two pictures in, previews and the result on a canvas. In a clone, serve the repo's
// root (node web/dev_server.mjs .) and open /examples/page/. With a bundler, import from 'strotss'.

import { createEngine } from '../../src/api/index.browser.js'

const at = (id) => document.getElementById(id)
const engine = await createEngine()

function show({ width, height, data }) {
  Object.assign(at('picture'), { width, height }).getContext('2d').putImageData(new ImageData(data, width), 0, 0)
}

at('paint').onclick = async () => {
  try {
    const { image } = await engine.stylize({ content: at('content').files[0], style: at('style').files[0],
      size: Number(at('size').value),
      onProgress(event) {
        if (event.type === 'preview') show(event.image)
        if (event.type === 'iteration') at('said').value = `${Math.round(100 * event.fraction)} %`
      } })
    show(image)
    at('said').value = 'Done'
  } catch (error) {
    at('said').value = error.message
  }
}
