// SPDX-License-Identifier: MIT
//
// The command line whose log or terminal is gone: a reader that ends, a full disk, closed streams, signals of every
// kind. No run ends by what it cannot tell; what is stopped keeps its picture and its state.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createEngine, writeImage } from '../../src/api/index.node.mjs'
import { content, style } from './pictures.mjs'

const script = fileURLToPath(new URL('../../src/cli/strotss.mjs', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'strotss-streams-'))
const at = (/** @type {string} */ name) => path.join(folder, name)
const posix = process.platform !== 'win32'
const full = existsSync('/dev/full')

before(async () => {
  const engine = await createEngine({ threads: 1 })
  await writeImage(engine, at('c.png'), content)
  await writeImage(engine, at('s.jpg'), style)
  engine.dispose()
})
after(() => rmSync(folder, { recursive: true }))

/** @param {number} iterations @param {string} output */
const words = (iterations, output) => [script, 'c.png', 's.jpg', '--size', '64', '--iterations', String(iterations),
  '--threads', '1', '-o', output]

/** @param {number} iterations @param {string} output @param {string} rest of the shell's line */
const shell = (iterations, output, rest) => spawnSync('bash',
  ['-c', `"$@" ${rest}`, 'bash', process.execPath, ...words(iterations, output)], { cwd: folder, encoding: 'utf8' })

test('stderr and stdout that are closed, full or not read: the picture is there, status 0', { skip: !posix }, () => {
  for (const [name, rest] of [['a.png', '2>&-'], ['b.png', '>&- 2>&-'], ['c1.png', '--json >&-'],
    ['d.png', '2> >(exec true)'], ['e.png', '--json > >(exec true)'], ...full ? [['f.png', '2>/dev/full']] : []]) {
    const { status, stderr } = shell(1, name, rest)
    assert.equal(status, 0, `${rest}: ${stderr}`)
    assert.ok(existsSync(at(name)), rest)
  }
})

test('numbers that a full disk refuses: status 6 in words, the picture is there', { skip: !full }, () => {
  const { status, stderr } = shell(1, 'g.png', '--json >/dev/full')
  assert.equal(status, 6, stderr)
  assert.match(stderr, /^strotss: standard output: cannot be written: the disk is full$/m)
  assert.ok(existsSync(at('g.png')))
})

/**
 * Sends signals to a long run, once it paints.
 * @param {string} output @param {(child: import('node:child_process').ChildProcess) => unknown} act
 * @returns {Promise<{ status: number|null, text: string }>}
 */
async function stopped(output, act) {
  const child = spawn(process.execPath, words(400, output), { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (part) => (text += part))
  while (!/objective/.test(text)) await new Promise((resolve) => setTimeout(resolve, 20))
  const ended = new Promise((resolve) => child.on('exit', resolve))
  await act(child)
  return { status: await ended, text }
}

test('SIGHUP and SIGTERM save as Ctrl-C does, status 128 and their number; repeated, they still save',
  { skip: !posix }, async () => {
    for (const [signal, status] of /** @type {const} */ ([['SIGHUP', 129], ['SIGTERM', 143], ['SIGINT', 130]])) {
      const ended = await stopped(`${signal}.png`, (child) => {
        child.kill(signal)
        child.kill(signal)
        setTimeout(() => child.kill(signal === 'SIGINT' ? 'SIGHUP' : signal), 10)
      })
      assert.equal(ended.status, status, ended.text)
      assert.match(ended.text, /interrupted; the picture so far is .*; continue with --resume/)
      assert.ok(existsSync(at(`${signal}.png`)) && existsSync(at(`${signal}.png.state`)), signal)
    }
    const resumed = spawnSync(process.execPath, [script, 'c.png', 's.jpg', '-o', 'SIGHUP.png',
      '--resume', 'SIGHUP.png.state', '--iterations', '400', '--size', '96'], { cwd: folder, encoding: 'utf8' })
    assert.match(resumed.stderr, /another size/, 'the state is one')
  })

test('a log whose reader ends, as tee does by Ctrl-C: picture and state are saved', { skip: !posix }, async () => {
  const { status } = await stopped('log.png', async (child) => {
    child.stderr?.destroy()
    await new Promise((resolve) => setTimeout(resolve, 100))
    child.kill('SIGINT')
  })
  assert.equal(status, 130)
  assert.deepEqual([...readFileSync(at('log.png')).subarray(1, 4)], [...Buffer.from('PNG')])
  assert.match(readFileSync(at('log.png.state'), 'latin1'), /^STROTSC/)
})
