// SPDX-License-Identifier: MIT
//
// Where Chromium or Chrome is on this machine: the first that starts and says its version, by name in PATH or where
// Debian, Ubuntu and macOS put it. CHROMIUM names another.
//
//   node tests/browser/find_chromium.mjs    prints it; exit status 1 where there is none

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const FOLDERS = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/bin', '/snap/bin']
const APPS = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium']

/** @returns {string|undefined} the path of the executable */
export function findChromium() {
  const places = process.env.CHROMIUM ? [process.env.CHROMIUM]
    : [...NAMES.flatMap((name) => FOLDERS.map((folder) => path.join(folder, name))), ...APPS]
  return places.find((place) => existsSync(place) &&
    spawnSync(place, ['--version', '--no-sandbox'], { stdio: 'ignore', timeout: 30_000 }).status === 0)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = findChromium()
  if (found) console.log(found)
  else process.exitCode = 1
}
