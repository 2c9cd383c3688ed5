// SPDX-License-Identifier: MIT
//
// Registers the service worker and, where the host sends no isolation headers, reloads the page once so that the
// worker's headers take effect. A host that isolates gets the service worker later, with the engine. At most one reload a session, never while `busy()`, never a loop: when isolation is
// still missing after it, the engine runs on one thread and the page says so. A newer version of the site waits until no
// window shows the older one (sw.js).

const GUARD = 'strotss-reloaded'

/**
 * @typedef {'isolated'|'reloading'|'single'|'waiting'} Isolation 'waiting': a reload would bring threads, but not now
 */

/**
 * @param {() => boolean} busy a run goes on, or a picture was chosen: reloading would disturb
 * @returns {Promise<Isolation>}
 */
export async function isolate(busy) {
  if (crossOriginIsolated) return 'isolated'
  if (!isSecureContext || !await registered()) return 'single'
  if (busy()) return 'waiting'
  if (reloaded() || !await controlled()) return 'single'
  if (busy()) return 'waiting'
  if (!remember()) return 'single'
  location.reload()
  return 'reloading'
}

/** The whole site is kept for the next visit, once somebody uses it. */
export async function keepSite() {
  if (!isSecureContext || !await registered()) return
  const { active } = await navigator.serviceWorker.ready
  active?.postMessage('keep')
}

/** @type {Promise<ServiceWorkerRegistration|undefined>|undefined} */
let registration

/** @returns {Promise<ServiceWorkerRegistration|undefined>} nothing where there are none, or not here */
const registered = () => registration ??= Promise.resolve(
  navigator.serviceWorker?.register(new URL('sw.js', document.baseURI))).catch(() => undefined)

/** Resolves to true when the worker controls this page; to false after three seconds without. @returns {Promise<boolean>} */
function controlled() {
  const service = navigator.serviceWorker
  if (service.controller) return Promise.resolve(true)
  return new Promise((resolve) => {
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
