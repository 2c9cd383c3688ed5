// SPDX-License-Identifier: MIT
//
// examples/node as somebody runs them: a script that writes a picture, and a server that paints for several at once and
// refuses whom it cannot serve. (examples/c: docs.test.mjs; the pages: tests/browser/examples.test.mjs.)

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const content = path.join(root, 'web/samples/cat.jpg')
const style = path.join(root, 'web/samples/church-at-auvers.jpg')
const scratch = mkdtempSync(path.join(tmpdir(), 'strotss-examples-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

/** Long side and kind. @param {Buffer} png */
function seen(png) {
  assert.equal(png.subarray(1, 4).toString(), 'PNG')
  return Math.max(png.readUInt32BE(16), png.readUInt32BE(20))
}

test('paint.mjs writes a picture, and names what it cannot read', () => {
  const paint = (/** @type {string[]} */ ...words) => spawnSync(process.execPath,
    [path.join(root, 'examples/node/paint.mjs'), ...words], { encoding: 'utf8' })
  const out = path.join(scratch, 'out.png')
  const { status, stderr } = paint(content, style, out, '64')
  assert.equal(status, 0, stderr)
  assert.equal(seen(readFileSync(out)), 64)
  const refused = paint('no-such.jpg', style, out, '64')
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /no-such\.jpg/)
})

test('server.mjs paints what it is sent, one after another, and refuses the rest in words', async () => {
  const server = spawn(process.execPath, [path.join(root, 'examples/node/server.mjs'), style,
    '--port', '0', '--size', '64', '--waiting', '1'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const url = await new Promise((resolve, reject) => {
      server.stdout.setEncoding('utf8').once('data', (text) => resolve(text.trim()))
      server.once('exit', (code) => reject(new Error(`it ended with ${code}`)))
    })
    const post = (/** @type {BodyInit} */ body) => fetch(url, { method: 'POST', body })
    const photo = readFileSync(content)
    const answers = await Promise.all([post(photo), post(photo), post(photo)])
    const statuses = answers.map(({ status }) => status)
    assert.deepEqual([...statuses].sort(), [200, 200, 503])
    const pictures = await Promise.all(answers.filter(({ status }) => status === 200)
      .map(async (answer) => Buffer.from(await answer.arrayBuffer())))
    assert.equal(seen(pictures[0]), 64)
    assert.deepEqual(pictures[0], pictures[1])
    assert.equal(answers[statuses.indexOf(503)].headers.get('retry-after'), '60')

    const bad = await post('not a picture')
    assert.equal(bad.status, 415)
    assert.match(await bad.text(), /^content: /)
    assert.equal((await fetch(url)).status, 405)

    const gone = new AbortController()
    const left = fetch(url, { method: 'POST', body: photo, signal: gone.signal }).catch((error) => error.name)
    const next = post(photo)
    gone.abort()
    assert.equal(await left, 'AbortError')
    assert.equal((await next).status, 200)
  } finally {
    server.kill()
  }
})
