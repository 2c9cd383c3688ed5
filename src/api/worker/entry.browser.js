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
    kernel: async (file) => (await import('./kernels.browser.js')).readKernel(file)
  }
})
