// SPDX-License-Identifier: MIT
//
// web/dev_server.mjs as a command: what it cannot serve it refuses in one sentence, with a status.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('../../web/dev_server.mjs', import.meta.url))
const web = fileURLToPath(new URL('../../web', import.meta.url))

/** @param {RegExp} words @param {...string} command */
function refuses(words, ...command) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...command],
    { encoding: 'utf8', timeout: 20000 })
  assert.equal(status, 1, stderr)
  assert.equal(stdout, '')
  assert.match(stderr, words)
  assert.match(stderr, /^serve: .*\n$/, 'one line')
}

test('a port that is taken or none, a folder that is not there, and what it does not know', async () => {
  const taken = createServer()
  await new Promise((resolve) => taken.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (taken.address())
  refuses(new RegExp(`127\\.0\\.0\\.1 port ${port}: something else listens there`), web, '--port', String(port))
  taken.close()
  for (const value of ['65536', '80.5', 'http', '', '0x50', '1e3']) refuses(/--port: /, web, `--port=${value}`)
  refuses(/no-such-folder: there is no such folder/, 'no-such-folder')
  refuses(/dev_server\.mjs: is not a folder/, script)
  refuses(/one folder is served, not 2/, web, web)
  refuses(/--base/, web, '--base', 'sub')
  refuses(/--frobnicate/, web, '--frobnicate')
})
