// SPDX-License-Identifier: MIT
//
// Threads need two headers; nothing else has to be set. EXPORT=1 writes a static site.

const headers = [{ key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Embedder-Policy', value: 'require-corp' }]

export default process.env.EXPORT ? { output: 'export' } : { headers: async () => [{ source: '/:path*', headers }] }
