// SPDX-License-Identifier: MIT
//
// The command line as a person would use it, in a folder of its own: results, streams, exit statuses, and every kind of
// bad input.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync }
  from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createEngine, writeImage } from '../../src/api/index.node.mjs'
import { writeGuidance } from '../../src/guidance/guidance.js'
import { content, halves, picture, style } from './pictures.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const script = path.join(root, 'src/cli/strotss.mjs')
const folder = mkdtempSync(path.join(tmpdir(), 'strotss-cli-'))
const at = (name) => path.join(folder, name)
const SMALL = ['content.png', 'style.jpg', '--size', '64', '--iterations', '2', '--threads', '2']

before(async () => {
  const engine = await createEngine({ threads: 1 })
  await writeImage(engine, at('content.png'), content)
  await writeImage(engine, at('style.jpg'), style)
  await writeImage(engine, at('content-regions.png'), writeGuidance(halves(80, 60)))
  await writeImage(engine, at('style-regions.png'), writeGuidance(halves(72, 72)))
  await writeImage(engine, at('other-regions.png'), picture(72, 72, () => [1, 2, 3]))
  await writeImage(engine, at('pixel.png'), picture(1, 1, () => [0, 0, 0]))
  engine.dispose()
})
after(() => rmSync(folder, { recursive: true }))

/** @param {...string} words */
function strotss(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words],
    { cwd: folder, encoding: 'utf8', timeout: 300000 })
  return { status, stdout, stderr }
}

/** Fails with this status, one line on stderr that says why, and nothing on stdout. */
function refuses(status, words, ...command) {
  const result = strotss(...command)
  assert.equal(result.status, status, `${command.join(' ')}: ${result.stderr}`)
  assert.equal(result.stdout, '')
  assert.match(result.stderr, words)
  assert.match(result.stderr, /^strotss: .*\n$/, 'one line')
}

test('stylize: a picture, progress on stderr, nothing on stdout', () => {
  const { status, stdout, stderr } = strotss(...SMALL, '-o', 'out.png')
  assert.equal(status, 0, stderr)
  assert.equal(stdout, '')
  assert.match(stderr, /2 threads: 1 scale, about .* MB/)
  assert.match(stderr, /100 %  scale 1\/1 64x48  2\/2  objective 0\.\d+/)
  assert.match(stderr, /out\.png: 64x48/)
  assert.deepEqual([...readFileSync(at('out.png')).subarray(1, 4)], [...Buffer.from('PNG')])
  assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith('.')), [], 'no drafts are left')
})

test('--json: statistics on stdout; .jpg by its name; the same picture for any number of threads', () => {
  const { status, stdout } = strotss(...SMALL, '-o', 'out.jpg', '--json')
  assert.equal(status, 0)
  const stats = JSON.parse(stdout)
  assert.deepEqual(stats.size, [64, 48])
  assert.equal(stats.threads, 2)
  assert.ok(stats.peakBytes > 0 && stats.seconds > 0 && stats.build)
  assert.deepEqual(stats.scales.map(({ size, iterations }) => [size, iterations]), [[64, 2]])
  for (const name of ['total', 'content', 'remd', 'remd_x_to_style', 'remd_style_to_x',
    'moment', 'moment_mean', 'moment_cov', 'palette']) {
    assert.ok(Number.isFinite(stats.scales[0].terms[name]), name)
  }
  assert.deepEqual([...readFileSync(at('out.jpg')).subarray(0, 2)], [0xff, 0xd8])
  assert.equal(strotss(...SMALL, '-o', 'one.png', '--threads', '1').status, 0)
  assert.deepEqual(readFileSync(at('one.png')), readFileSync(at('out.png')))
})

test('guidance pictures, also as -gr, weighted', () => {
  const guided = strotss(...SMALL, '-o', 'guided.png',
    '--content-guidance', 'content-regions.png', '--style-guidance', 'style-regions.png')
  assert.equal(guided.status, 0, guided.stderr)
  assert.match(guided.stderr, /guidance: 2 regions/)
  assert.equal(strotss(...SMALL, '-o', 'gr.png', '-gr', 'content-regions.png', 'style-regions.png').status, 0)
  assert.deepEqual(readFileSync(at('gr.png')), readFileSync(at('guided.png')))
  assert.notDeepEqual(readFileSync(at('guided.png')), readFileSync(at('out.png')))
  assert.equal(strotss(...SMALL, '-o', 'heavy.png', '-gr', 'content-regions.png', 'style-regions.png',
    '--region-weight', '1=5').status, 0)
  assert.notDeepEqual(readFileSync(at('heavy.png')), readFileSync(at('guided.png')))
})

test('evaluate and hypercolumn', () => {
  const evaluated = strotss('evaluate', 'content.png', 'style.jpg', 'out.png', '--draws', '1', '--json')
  assert.equal(evaluated.status, 0, evaluated.stderr)
  const terms = JSON.parse(evaluated.stdout)
  assert.ok(terms.total > 0 && terms.remd >= terms.remd_style_to_x)
  const lines = strotss('evaluate', 'content.png', 'style.jpg', 'out.png', '--draws', '1').stdout
  assert.match(lines, /^total +0\.\d+$/m)
  const [{ C }, ...coarser] = terms.bands.result
  assert.equal(coarser.length, 3)
  assert.equal(terms.finest_colour, C / terms.bands.style[0].C)
  assert.match(lines, /^content {10}L \d+\.\d\d C \d+\.\d\d {2}L .*$/m)
  assert.match(lines, new RegExp(`^finest_colour +${terms.finest_colour.toFixed(6)}$`, 'm'))
  const columns = strotss('hypercolumn', 'content.png', '--at', '0,0', '--at', '59,79', '--json')
  assert.equal(columns.status, 0, columns.stderr)
  const [first, last] = JSON.parse(columns.stdout)
  assert.deepEqual([first.at, last.at], [[0, 0], [59, 79]])
  assert.equal(first.values.length, 2179)
  assert.match(strotss('hypercolumn', 'content.png', '--at', '0,0').stdout, /^0,0: -?[\d.]/)
})

/** Starts a long run and ends it by a signal, once `due` holds of what it has written. */
async function end(signal, due, ...words) {
  const child = spawn(process.execPath, [script, ...words], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (part) => (text += part))
  while (!due(text)) await new Promise((resolve) => setTimeout(resolve, 5))
  child.kill(signal)
  const status = await new Promise((resolve) => child.on('exit', resolve))
  return { status, text }
}

const painting = (text) => /objective/.test(text)

test('Ctrl-C keeps picture and state, status 130; --resume goes on to the same bytes', async () => {
  const long = ['content.png', 'style.jpg', '--size', '64', '--iterations', '12', '--threads', '2']
  assert.equal(strotss(...long, '-o', 'whole.png').status, 0)
  const first = await end('SIGINT', painting, ...long, '-o', 'part.png')
  assert.equal(first.status, 130, first.text)
  assert.match(first.text, /interrupted; the picture so far is part\.png; continue with --resume part\.png\.state$/m)
  assert.ok(existsSync(at('part.png')) && existsSync(at('part.png.state')))
  copyFileSync(at('part.png.state'), at('copy.state'))
  const resumed = strotss('content.png', 'style.jpg', '-o', 'part.png', '--resume', 'part.png.state')
  assert.equal(resumed.status, 0, resumed.stderr)
  assert.deepEqual(readFileSync(at('part.png')), readFileSync(at('whole.png')))
  assert.ok(!existsSync(at('part.png.state')), 'the picture is complete')
  writeFileSync(at('kept.png'), 'precious')
  writeFileSync(at('kept.unfinished.png'), 'precious too')
  const second = await end('SIGINT', painting, ...long, '-o', 'kept.png')
  assert.equal(second.status, 130)
  assert.equal(readFileSync(at('kept.png'), 'utf8'), 'precious', 'a file of that name stays')
  assert.equal(readFileSync(at('kept.unfinished.png'), 'utf8'), 'precious too')
  assert.ok(existsSync(at('kept.unfinished-2.png')))
  refuses(3, /saved state.*another size/, 'content.png', 'style.jpg', '-o', 'x.png', '--resume', 'copy.state',
    '--size', '96')
  refuses(3, /saved state/, 'style.jpg', 'style.jpg', '-o', 'x.png', '--resume', 'copy.state')
})

test('killed: the state of the scale before is there, and goes on to the same bytes; the end removes it', async () => {
  const two = ['content.png', 'style.jpg', '--size', '128', '--iterations', '3', '--threads', '2']
  assert.equal(strotss(...two, '-o', 'through.png').status, 0)
  assert.ok(!existsSync(at('through.png.state')))
  await end('SIGKILL', () => existsSync(at('killed.png.state')), ...two, '-o', 'killed.png')
  assert.ok(!existsSync(at('killed.png')))
  const resumed = strotss(...two, '-o', 'killed.png', '--resume', 'killed.png.state')
  assert.equal(resumed.status, 0, resumed.stderr)
  assert.deepEqual(readFileSync(at('killed.png')), readFileSync(at('through.png')))
})

test('usage: status 2', () => {
  refuses(2, /missing -o OUT \(the output file\)/, 'content.png', 'style.jpg')
  refuses(2, /expected CONTENT and STYLE, got 1 file/, 'content.png', '-o', 'x.png')
  refuses(2, /does not end in/, ...SMALL, '-o', 'x.gif')
  refuses(2, /unknown/i, ...SMALL, '-o', 'x.png', '--frobnicate')
  refuses(2, /must be given together/, ...SMALL, '-o', 'x.png', '--content-guidance', 'content-regions.png')
  for (const [option, value] of [['size', '63'], ['size', '2049'], ['size', 'big'], ['content-weight', '17'],
    ['content-weight=-1', ''], ['iterations', '0'], ['iterations', '1.5'], ['seed', '0.5'], ['quality', 'best'],
    ['threads', '0'], ['threads', '65'], ['build', 'fast'], ['region-weight', 'x']]) {
    refuses(2, new RegExp(value || option.split('=')[1]), ...SMALL, '-o', 'x.png',
      `--${option}`, ...(value ? [value] : []))
  }
  refuses(2, /missing --at Y,X \(the row/, 'hypercolumn', 'content.png')
  refuses(2, /"5" is not Y,X/, 'hypercolumn', 'content.png', '--at', '5')
  refuses(2, /--at: 60,0 is outside content\.png, which is 80x60/, 'hypercolumn', 'content.png', '--at', '60,0')
  assert.match(strotss('--help').stdout, /Exit status/)
  assert.match(strotss('--version').stdout, /^\d+\.\d+\.\d+\n$/)
  assert.ok(!existsSync(at('x.png')))
})

test('inputs: status 3, the file named', () => {
  const png = readFileSync(at('content.png'))
  const wide = Buffer.from(png)
  wide.writeUInt32BE(20000, 16)
  wide.writeUInt32BE(20000, 20)
  const files = { 'text.png': Buffer.from('hello'), 'empty.png': Buffer.alloc(0),
    'cut.png': png.subarray(0, png.length / 2), 'cut.jpg': readFileSync(at('style.jpg')).subarray(0, 400),
    'wide.png': wide }
  for (const [name, bytes] of Object.entries(files)) writeFileSync(at(name), bytes)
  mkdirSync(at('folder.png'))
  for (const name of [...Object.keys(files), 'missing.png', 'pixel.png', 'folder.png']) {
    refuses(3, new RegExp(name.replace('.', '\\.')), name, 'style.jpg', '-o', 'x.png')
    refuses(3, new RegExp(name.replace('.', '\\.')), 'content.png', name, '-o', 'x.png')
  }
  refuses(3, /no colour is common/, ...SMALL, '-o', 'x.png', '-gr', 'content-regions.png', 'other-regions.png')
  refuses(3, /missing\.png/, ...SMALL, '-o', 'x.png', '-gr', 'missing.png', 'style-regions.png')
  refuses(3, /missing\.state/, ...SMALL, '-o', 'x.png', '--resume', 'missing.state')
  refuses(3, /text\.png/, 'evaluate', 'content.png', 'style.jpg', 'text.png')
  refuses(3, /text\.png/, 'hypercolumn', 'text.png', '--at', '0,0')
})

test('weights: status 4', () => {
  writeFileSync(at('cut.bin'), readFileSync(path.join(root, 'weights/vgg16.q8.bin')).subarray(0, 100000))
  refuses(4, /cut\.bin/, ...SMALL, '-o', 'x.png', '--weights', 'cut.bin')
  refuses(4, /missing\.bin/, ...SMALL, '-o', 'x.png', '--weights', 'missing.bin')
  refuses(4, /content\.png/, ...SMALL, '-o', 'x.png', '--weights', 'content.png')
})

test('memory that is refused: status 5', { skip: process.platform !== 'linux' && 'ulimit is needed' }, () => {
  const command = `ulimit -v 3000000; exec ${process.execPath} ${script} ${SMALL.join(' ')} -o x.png`
  const { status, stderr } = spawnSync('bash', ['-c', command], { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 5, stderr)
  assert.match(stderr, /^strotss: .*memory.*\n$/)
})

test('output: status 6, before any work', () => {
  refuses(6, /no-such-folder/, ...SMALL, '-o', 'no-such-folder/x.png')
  refuses(6, /folder\.png/, ...SMALL, '-o', 'folder.png')
  refuses(6, /no-such-folder/, ...SMALL, '-o', 'x.png', '--state', 'no-such-folder/state')
})

test('npx strotss works in the clone', () => {
  const { status, stdout } = spawnSync('npx', ['--no-install', 'strotss', '--version'], { cwd: root, encoding: 'utf8' })
  assert.equal(status, 0)
  assert.match(stdout, /^\d+\.\d+\.\d+/)
})
