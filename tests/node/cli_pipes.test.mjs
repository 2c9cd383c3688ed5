// SPDX-License-Identifier: MIT
//
// The command line between other programs: pictures, lists, states and weights from standard input, a picture on
// standard output, and nothing beside it that is not asked for: --quiet, NO_COLOR, dumb terminals.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createEngine, writeImage } from '../../src/api/index.node.mjs'
import { createProgress } from '../../src/cli/shared/progress.mjs'
import { red } from '../../src/cli/shared/status.mjs'
import { content, style } from './pictures.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const script = path.join(root, 'src/cli/strotss.mjs')
const folder = mkdtempSync(path.join(tmpdir(), 'strotss-pipes-'))
const at = (/** @type {string} */ name) => path.join(folder, name)
const SMALL = ['--size', '64', '--iterations', '1', '--threads', '1']
const files = () => readdirSync(folder).sort()

before(async () => {
  const engine = await createEngine({ threads: 1 })
  await writeImage(engine, at('c.png'), content)
  await writeImage(engine, at('s.jpg'), style)
  const { image, checkpoint } = await engine.stylize({ content: at('c.png'), style: at('s.jpg'), size: 64, iterations: 1 })
  await writeImage(engine, at('x.png'), image)
  writeFileSync(at('run.state'), checkpoint)
  engine.dispose()
})
after(() => rmSync(folder, { recursive: true }))

/** @param {string|undefined} from what comes on standard input @param {...string} words */
function strotss(from, ...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words],
    { cwd: folder, input: from === undefined ? '' : readFileSync(at(from)), timeout: 120000 })
  return { status, stdout, stderr: String(stderr) }
}

/** @param {number} status @param {RegExp} words @param {...string} command */
function refuses(status, words, ...command) {
  const result = strotss('c.png', ...command)
  assert.equal(result.status, status, `${command.join(' ')}: ${result.stderr}`)
  assert.match(result.stderr, words)
  assert.match(result.stderr, /^strotss: .*\n$/, 'one line')
  assert.equal(result.stdout.length, 0)
}

test('a picture from standard input and one to standard output, PNG or JPEG, nothing else; no state unless named', () => {
  writeFileSync(at('c'), readFileSync(at('c.png'))) // decoded by what it holds
  const before = files()
  const png = strotss('c', '-', 's.jpg', ...SMALL, '-o', '-', '--quiet')
  assert.deepEqual([png.status, png.stderr], [0, ''])
  assert.deepEqual(png.stdout, readFileSync(at('x.png')))
  const jpeg = strotss('s.jpg', 'c.png', '-', ...SMALL, '-o', '-', '--format', 'jpg', '--jpeg-quality', '50')
  assert.equal(jpeg.status, 0, jpeg.stderr)
  assert.deepEqual([...jpeg.stdout.subarray(0, 3)], [0xff, 0xd8, 0xff])
  assert.match(jpeg.stderr, /^standard output: 64x48, /m)
  assert.deepEqual(files(), before, 'no state, no picture')
  assert.equal(strotss('c', '-', 's.jpg', ...SMALL, '-o', '-', '--state', 'named.state').status, 0)
  assert.deepEqual(files(), before, 'the end of the run removes the state')
})

test('states, weights, lists and measured pictures from standard input', () => {
  const resumed = strotss('run.state', 'c.png', 's.jpg', '-o', 'r.png', '--resume', '-', '--threads', '1')
  assert.equal(resumed.status, 0, resumed.stderr)
  assert.deepEqual(readFileSync(at('r.png')), readFileSync(at('x.png')))
  const other = strotss('run.state', 's.jpg', 's.jpg', '-o', 'r.png', '--resume', '-', '--threads', '1')
  assert.equal(other.status, 3)
  assert.match(other.stderr, /^strotss: standard input: saved state: of other pictures/m)
  const measured = ['evaluate', 'c.png', 's.jpg', '--draws', '1', '--threads', '1']
  const piped = strotss('x.png', ...measured, '-')
  assert.equal(piped.status, 0, piped.stderr)
  assert.deepEqual(piped.stdout, strotss(undefined, ...measured, 'x.png').stdout)
  const columns = strotss('c.png', 'hypercolumn', '-', '--at', '0,0', '--threads', '1')
  assert.deepEqual(columns.stdout, strotss(undefined, 'hypercolumn', 'c.png', '--at', '0,0', '--threads', '1').stdout)
  const far = ['--size', '64', '--count', '32', '--threads', '1']
  const apart = strotss('s.jpg', 'distances', 'c.png', '-', ...far)
  assert.deepEqual(apart.stdout, strotss(undefined, 'distances', 'c.png', 's.jpg', ...far).stdout)
  writeFileSync(at('w.bin'), readFileSync(path.join(root, 'weights/vgg16.q8.bin')))
  const weighed = strotss('w.bin', 'hypercolumn', 'c.png', '--at', '0,0', '--weights', '-', '--threads', '1')
  assert.deepEqual(weighed.stdout, columns.stdout, weighed.stderr)
  writeFileSync(at('list'), 'c.png\ts.jpg\n')
  const listed = strotss('list', 'batch', '--list', '-', '-o', 'listed', ...SMALL, '-q')
  assert.deepEqual([listed.status, listed.stderr], [0, ''])
  assert.ok(existsSync(at('listed/c.s.png')))
})

test('what standard input and output are not for', () => {
  refuses(2, /only one of the files can come from standard input/, '-', '-', '-o', 'x.png')
  refuses(2, /only one of the files can come from standard input/, '-', 's.jpg', '-o', 'x.png', '--resume', '-')
  refuses(2, /--json and -o - cannot both/, '-', 's.jpg', '-o', '-', '--json')
  refuses(2, /--jpeg-quality needs --format jpg/, '-', 's.jpg', '-o', '-', '--jpeg-quality', '5')
  refuses(2, /--format needs -o -/, '-', 's.jpg', '-o', 'y.jpg', '--format', 'jpg')
  refuses(2, /--state needs the name of a file/, 'c.png', 's.jpg', '-o', 'y.jpg', '--state', '-')
  refuses(2, /--output: "-" is not a folder/, 'batch', '--list', 'list', '-o', '-')
  refuses(2, /--output: "-" is not a folder/, 'report', '-o', '-')
  refuses(2, /a picture of a batch cannot come from standard input/, 'batch', '-', '--style', 's.jpg', '-o', 'y')
  const empty = strotss(undefined, '-', 's.jpg', ...SMALL, '-o', 'y.png')
  assert.equal(empty.status, 3)
  assert.match(empty.stderr, /^strotss: standard input: /)
})

test('standard output that nobody reads, or that is full: status 6, and the named state keeps the work', async () => {
  const child = spawn(process.execPath, [script, 'c.png', 's.jpg', ...SMALL, '-o', '-', '--state', 'lost.state'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (part) => (text += part))
  assert.equal(await new Promise((resolve) => child.on('close', resolve)), 6, text)
  assert.match(text, /^strotss: standard output: cannot be written: .*; nothing is lost: .* --resume lost\.state$/m)
  const again = strotss('lost.state', 'c.png', 's.jpg', '-o', '-', '--resume', '-', '--quiet', '--threads', '1')
  assert.deepEqual(again.stdout, readFileSync(at('x.png')))
  if (!existsSync('/dev/full')) return
  const full = spawnSync('bash', ['-c', '"$@" > /dev/full', 'bash', process.execPath, script, 'c.png', 's.jpg', ...SMALL,
    '-o', '-'], { cwd: folder, encoding: 'utf8' })
  assert.equal(full.status, 6)
  assert.match(full.stderr, /^strotss: standard output: cannot be written: the disk is full$/m)
})

test('--quiet: only what failed is told', () => {
  writeFileSync(at('bad.png'), 'hello')
  const { status, stderr } = strotss(undefined, 'batch', 'c.png', 'bad.png', '--style', 's.jpg', '-o', 'q', ...SMALL, '-q')
  assert.equal(status, 1)
  assert.match(stderr, /^2\/2 .*: failed: bad\.png: .*\nstrotss: 1 painted, 0 skipped, 1 failed: bad\.s\.png\n$/)
})

/** A terminal that keeps what is written. @param {string[]} written */
const terminal = (written) => /** @type {any} */ ({
  isTTY: true, columns: 80, hasColors: () => process.env.NO_COLOR === undefined,
  write: (/** @type {string} */ text) => written.push(text)
})

test('a terminal gets a bar unless it is dumb or all is quiet, and colours unless NO_COLOR is set', () => {
  const event = /** @type {any} */ ({ scale: 0, scales: 1, width: 64, height: 48, iteration: 1, iterations: 2,
    fraction: 0.5, secondsLeft: 3, terms: { total: 1 } })
  const { TERM } = process.env
  /** @param {string} term @param {boolean} [quiet] */
  function shown(term, quiet) {
    process.env.TERM = term
    /** @type {string[]} */
    const written = []
    createProgress(terminal(written), quiet).iteration(event)
    return written.join('').replaceAll('\x1b', 'ESC')
  }
  assert.match(shown('xterm'), /^\rESC\[K\[=+ +\] {2}50 %/)
  assert.match(shown('dumb'), /^ 50 % .*\n$/)
  assert.equal(shown('xterm', true), '')
  if (TERM === undefined) delete process.env.TERM
  else process.env.TERM = TERM
  assert.equal(red('x', /** @type {any} */ ({ isTTY: false })), 'x')
  assert.equal(red('x', /** @type {any} */ ({ isTTY: true, hasColors: () => false })), 'x')
  assert.equal(red('x', /** @type {any} */ ({ isTTY: true, hasColors: () => true })), '\x1b[31mx\x1b[39m')
})

const pty = spawnSync('script', ['--version'], { encoding: 'utf8' })
test('on a real terminal an error is red, but for NO_COLOR',
  { skip: !/util-linux/.test(pty.stdout ?? '') && 'no script of util-linux' }, () => {
    /** @param {Record<string, string>} env */
    const told = (env) => spawnSync('script', ['-qec', `${process.execPath} ${script} only.png`, '/dev/null'],
      { encoding: 'utf8', cwd: folder, env: { PATH: process.env.PATH, TERM: 'xterm-256color', ...env } })
      .stdout.replaceAll('\x1b', 'ESC')
    assert.match(told({}), /^ESC\[31mstrotss: expected CONTENT and STYLE.*ESC\[39m\r\n$/)
    assert.match(told({ NO_COLOR: '1' }), /^strotss: expected CONTENT and STYLE.*\r\n$/)
  })
