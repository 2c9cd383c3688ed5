// SPDX-License-Identifier: MIT
//
// What ends a run from outside: Ctrl-C, SIGTERM, and SIGHUP, which a terminal sends when it is closed. The first one
// asks for a stop in good order; a second Ctrl-C ends the process at once. A closing terminal's shell repeats SIGHUP,
// and npx passes on the Ctrl-C that the terminal has sent to all: these are no second ones.

import { constants } from 'node:os'

const ECHO_MS = 500

/** @param {(status: number) => void} stop gets the exit status, 128 and the signal's number */
export function onStop(stop) {
  let since = 0
  for (const signal of /** @type {const} */ (['SIGHUP', 'SIGINT', 'SIGTERM'])) {
    process.on(signal, () => {
      const status = 128 + constants.signals[signal]
      if (!since) {
        since = performance.now()
        stop(status)
      } else if (signal === 'SIGINT' && performance.now() - since > ECHO_MS) process.exit(status)
    })
  }
}

/** For work of many parts: the signal that stops it, and then the exit status. */
export function stopSignal() {
  const controller = new AbortController()
  const stop = { signal: controller.signal, status: 0 }
  onStop((status) => {
    stop.status = status
    controller.abort()
  })
  return stop
}
