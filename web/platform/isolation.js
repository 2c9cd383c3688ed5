// SPDX-License-Identifier: MIT
//
// Registers the service worker and, where the host sends no isolation headers, reloads the page once so that the
// worker's headers take effect. At most one reload a session, never while `busy()`, never a loop: when isolation is
// still missing after it, the engine runs on one thread and the page says so.

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
  await controlled(service, newer)
  if (!service.controller) return here
  if (busy()) return later
  if (!firstTime()) return here
  location.reload()
  return 'reloading'
}

/**
 * Resolves when a worker controls this page, the newer one if there is one, or after three seconds without.
 * @param {ServiceWorkerContainer} service @param {ServiceWorker|null} newer
 */
function controlled(service, newer) {
  if (service.controller && !newer) return undefined
  newer?.postMessage('switch')
  return new Promise((resolve) => {
    service.addEventListener('controllerchange', resolve, { once: true })
    setTimeout(resolve, 3000)
  })
}

/** Once a session; without memory of it there must be no reload. */
function firstTime() {
  try {
    if (sessionStorage.getItem(GUARD)) return false
    sessionStorage.setItem(GUARD, '1')
    return true
  } catch {
    return false
  }
}
