// SPDX-License-Identifier: MIT
//
// The browser's worker: a module worker around dispatcher.js.

import { serve } from './dispatcher.js'

const bell = new MessageChannel()
bell.port1.start()

serve({
  post: (reply, transfer) => self.postMessage(reply, { transfer }),
  listen: (hear) => self.addEventListener('message', ({ data }) => hear(data)),
  breathe: () => new Promise((resolve) => {
    bell.port1.addEventListener('message', () => resolve(), { once: true })
    bell.port2.postMessage(null)
  }),
  cards: {
    gpu: async () => /** @type {any} */ (navigator).gpu,
    async kernel(file) {
      const response = await fetch(new URL(`../../gpu/kernels/${file}.wgsl`, import.meta.url))
      if (!response.ok) throw new Error(`${file}.wgsl answered ${response.status}`)
      return response.text()
    }
  }
})
