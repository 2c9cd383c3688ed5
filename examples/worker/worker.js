// SPDX-License-Identifier: MIT
//
// The library inside a module worker of your own: it gets two Blobs and answers with an ImageBitmap to draw. The engine
// starts its own worker below this one, so nothing here waits.

import { createEngine } from '../../src/api/index.browser.js'

const engine = createEngine()

self.onmessage = async ({ data: { content, style, size } }) => {
  try {
    const { image } = await (await engine).stylize({ content, style, size })
    const picture = await createImageBitmap(new ImageData(image.data, image.width))
    self.postMessage({ picture }, { transfer: [picture] })
  } catch (error) {
    self.postMessage({ error: error.message })
  }
}
