// SPDX-License-Identifier: MIT
//
// Tells a person who looks elsewhere that a run is done: in the title, and by a notification where one was asked for.
// The browser's question comes only after a press of the button, which is offered while that is not yet decided.

import { click, find } from '../shared/dom.js'

const can = () => typeof Notification === 'function'

/** Offers to tell, while a run goes on. */
export function offerNotice() {
  find('notify').hidden = !can() || Notification.permission !== 'default'
}

click('notify', async () => {
  await Notification.requestPermission().catch(() => undefined)
  offerNotice()
})

/** @param {boolean} done false: stopped, or failed */
export async function tellDone(done) {
  document.title = done ? 'Done · Strotss' : 'Strotss'
  if (!done || document.visibilityState === 'visible' || !can() || Notification.permission !== 'granted') return
  const [title, options] = ['Your picture is done', { body: 'Strotss has finished painting.', icon: 'icon.svg' }]
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined)
  if (registration) await registration.showNotification(title, options).catch(() => undefined)
  else new Notification(title, options).onclick = () => window.focus()
}
