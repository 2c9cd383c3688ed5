// SPDX-License-Identifier: MIT
//
// Registers the service worker and, where the host sends no isolation headers, reloads the page once so that the
// worker's headers take effect. At most one reload a session, never while `busy()`, never a loop: when isolation is
// still missing after it, the engine runs on one thread and the page says so. A newer version takes over with such a
// reload too, where no other window shows the older one: a page is of one version, from its first file to its last.

const GUARD = 'strotss-reloaded'

/**
 * @typedef {'isolated'|'reloading'|'single'|'waiting'} Isolation 'waiting': a reload would bring threads, but not now
 */

/**
 * @param {() => boolean} busy a run goes on, or a picture was chosen: reloading would disturb
 * @returns {Promise<Isolation>}
 */
export async function isolate(busy) {
  const here = crossOriginIsolated ? 'isolated' : 'single'
  const service = isSecureContext ? navigator.serviceWorker : undefined
  const registration = await service?.register(new URL('sw.js', document.baseURI)).catch(() => undefined)
  if (!service || !registration) return here
  const newer = registration.waiting
  if (here === 'isolated' && !newer) return here
  const later = here === 'isolated' ? here : 'waiting'
  if (busy()) return later
  if (reloaded()) return here
  if (!await controlled(service, newer)) return here
  if (busy() && !newer) return later
  if (!remember()) return here
  location.reload()
  return 'reloading'
}

/**
 * Resolves to true when a worker controls this page, the newer one if there is one; to false when the newer one stays
 * back because another window is open, or after three seconds.
 * @param {ServiceWorkerContainer} service @param {ServiceWorker|null} newer @returns {Promise<boolean>}
 */
function controlled(service, newer) {
  if (service.controller && !newer) return Promise.resolve(true)
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => resolve(false)
    newer?.postMessage('switch', [port2])
    service.addEventListener('controllerchange', () => resolve(true), { once: true })
    setTimeout(() => resolve(false), 3000)
  })
}

/** Whether there was a reload in this session. Without memory of it there must be none. */
function reloaded() {
  try {
    return sessionStorage.getItem(GUARD) !== null
  } catch {
    return true
  }
}

/** @returns {boolean} false where nothing can be remembered */
function remember() {
  try {
    sessionStorage.setItem(GUARD, '1')
    return true
  } catch {
    return false
  }
}
