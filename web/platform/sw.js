// SPDX-License-Identifier: MIT
//
// The one service worker. It does two things:
//   isolation: every answer of this folder carries COOP, COEP and CORP, so that a host without headers of its own still
//              gives the page SharedArrayBuffer, hence threads;
//   offline:   the site's files are kept, of one version, and served from there: the page's own at once, the engine and
//              the pictures (LATER) when the page says that somebody uses it.
// web/site.mjs puts `const VERSION = '...'` and `const LIST = '...'`, the hash of files-VERSION.json, in front of this
// file: a changed file changes this script, the browser then installs the new version beside the old one, byte for byte
// as it was built, and switches once no window shows the old one: a page is of one version, from its first file to its
// last. The network's weights are not here: weights_cache.js keeps them, so that they survive versions and can be deleted.

const CACHE = `strotss-site-${VERSION}`

const LATER = /^(wasm|samples|examples)\//

self.addEventListener('install', (event) => event.waitUntil(keep((file) => !LATER.test(file))))
self.addEventListener('message', (event) => event.waitUntil(keep((file) => LATER.test(file)).catch(() => undefined)))
self.addEventListener('activate', (event) => event.waitUntil(takeOver()))
self.addEventListener('fetch', (event) => {
  const { request } = event
  if (new URL(request.url).origin === self.location.origin && request.method === 'GET') {
    event.respondWith(answer(request))
  }
})

async function keep(wanted) {
  const cache = await caches.open(CACHE)
  const files = await (await fetch(`files-${VERSION}.json`, { cache: 'no-cache', integrity: LIST })).json()
  await Promise.all(files.filter(([file]) => wanted(file)).map(async ([file, integrity]) => {
    if (await cache.match(file)) return
    const response = await fetch(file, { cache: 'no-cache', integrity })
    if (!response.ok) throw new Error(`${file}: ${response.status}`)
    await cache.put(file, response)
  }))
}

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith('strotss-site-') && name !== CACHE) await caches.delete(name)
  }
  await self.clients.claim()
}

async function answer(request) {
  const url = new URL(request.url)
  const scope = new URL(self.registration.scope)
  const key = url.pathname === scope.pathname ? new URL('index.html', scope).href : url.origin + url.pathname
  const kept = request.cache === 'reload' ? undefined : await caches.match(key, { cacheName: CACHE })
  return isolated(kept ?? (await fetch(request)))
}

function isolated(response) {
  if (response.type === 'opaque' || response.status === 0) return response
  const headers = new Headers(response.headers)
  headers.set('Cross-Origin-Opener-Policy', 'same-origin')
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp')
  headers.set('Cross-Origin-Resource-Policy', 'same-origin')
  const { status, statusText } = response
  const empty = status === 204 || status === 304
  return new Response(empty ? null : response.body, { status, statusText, headers })
}
