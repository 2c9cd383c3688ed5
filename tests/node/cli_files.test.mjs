// SPDX-License-Identifier: MIT
//
// What the command line does to files: nothing that is read is written over, by whatever name; links and modes stay;
// every option is checked before the work; names may be file: URLs; a state goes when its picture is complete.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync,
  readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createEngine, readImage, replaceFile, writeImage } from '../../src/api/index.node.mjs'
import { parse } from '../../src/cli/parse.mjs'
import { readRecord } from '../../src/cli/shared/record.mjs'
import { writeGuidance } from '../../src/guidance/guidance.js'
import { content, halves, style } from './pictures.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const script = path.join(root, 'src/cli/strotss.mjs')
const folder = mkdtempSync(path.join(tmpdir(), 'strotss-files-'))
const at = (/** @type {string[]} */ ...names) => path.join(folder, ...names)
const SMALL = ['c.png', 's.jpg', '--size', '64', '--iterations', '1', '--threads', '1']
const GUIDED = ['-gr', 'cr.png', 'sr.png']

before(async () => {
  const engine = await createEngine({ threads: 1 })
  await writeImage(engine, at('c.png'), content)
  await writeImage(engine, at('s.jpg'), style)
  await writeImage(engine, at('cr.png'), writeGuidance(halves(80, 60)))
  await writeImage(engine, at('sr.png'), writeGuidance(halves(72, 72)))
  const { checkpoint } = await engine.stylize({ content: at('c.png'), style: at('s.jpg'), size: 64, iterations: 1 })
  writeFileSync(at('run.state'), checkpoint)
  engine.dispose()
  copyFileSync(path.join(root, 'weights/vgg16.q8.bin'), at('w.bin'))
  for (const name of ['c.png', 'run.state', 'w.bin', 'sr.png']) linkSync(at(name), at(`hard-${name}.png`))
  symlinkSync('c.png', at('soft.png'))
  mkdirSync(at('d'))
})
after(() => rmSync(folder, { recursive: true }))

const strotss = (/** @type {string[]} */ ...words) => spawnSync(process.execPath, [script, ...words],
  { cwd: folder, encoding: 'utf8', timeout: 300000 })

/** Every file's bytes and mode. */
const tree = () => new Map(readdirSync(folder, { recursive: true }).map((name) => {
  const facts = lstatSync(at(String(name)))
  return [name, facts.isFile() ? `${facts.mode} ${facts.mtimeMs} ${facts.size} ${facts.ino}` : 'other']
}))

/**
 * Fails with this status and one line, at once, and leaves every file as it is.
 * @param {number} status @param {RegExp} words @param {...string} command
 */
function refuses(status, words, ...command) {
  const before = tree()
  const result = strotss(...command)
  assert.equal(result.status, status, `${command.join(' ')}: ${result.stderr}`)
  assert.match(result.stderr, words)
  assert.match(result.stderr, /^strotss: .*\n$/, 'one line')
  assert.equal(result.stdout, '')
  assert.deepEqual(tree(), before, command.join(' '))
}

test('what is read is not written over, by whatever name, unless it is a picture and forced', () => {
  refuses(2, /c\.png: -o would overwrite the content, c\.png; .*--force/, ...SMALL, '-o', 'c.png')
  refuses(2, /-o would overwrite the content/, ...SMALL, '-o', './d/../c.png')
  refuses(2, /-o would overwrite the content/, ...SMALL, '-o', 'soft.png')
  refuses(2, /-o would overwrite the content/, ...SMALL, '-o', 'hard-c.png.png')
  refuses(2, /-o would overwrite the style/, ...SMALL, '-o', at('s.jpg'))
  refuses(2, /-o would overwrite the style guidance/, ...SMALL, ...GUIDED, '-o', 'hard-sr.png.png')
  refuses(2, /-o would overwrite the weights/, ...SMALL, '--weights', 'w.bin', '-o', 'hard-w.bin.png', '--force')
  refuses(2, /-o would overwrite the state to resume/, ...SMALL, '--resume', 'run.state',
    '-o', 'hard-run.state.png', '--force')
  for (const [name, role] of [['c.png', 'the content'], ['soft.png', 'the content'], ['s.jpg', 'the style'],
    ['cr.png', 'the content guidance'], ['w.bin', 'the weights'], ['x.png', '-o'], ['./d/../x.png', '-o']]) {
    refuses(2, new RegExp(`the saved state would overwrite ${role}, `),
      ...SMALL, ...GUIDED, '--weights', 'w.bin', '-o', 'x.png', '--state', name, '--force')
  }
  writeFileSync(at('notes.txt'), 'mine')
  refuses(6, /notes\.txt: .*not a saved state/, ...SMALL, '-o', 'x.png', '--state', 'notes.txt')
  rmSync(at('notes.txt'))
  copyFileSync(at('c.png'), at('again.png'))
  const forced = strotss('again.png', ...SMALL.slice(1), '-o', 'again.png', '--force')
  assert.equal(forced.status, 0, forced.stderr)
  assert.notDeepEqual(readFileSync(at('again.png')), readFileSync(at('c.png')))
})

test('a link stays one, a mode stays, as long as the name may be, and no draft is left', async () => {
  mkdirSync(at('links/far'), { recursive: true })
  writeFileSync(at('links/far/old.png'), 'old')
  chmodSync(at('links/far/old.png'), 0o640)
  symlinkSync('far/old.png', at('links/one.png'))
  symlinkSync('one.png', at('links/two.png'))
  symlinkSync('far/new.png', at('links/dangling.png'))
  symlinkSync('circle.png', at('links/circle.png'))
  await replaceFile(at('links/two.png'), Buffer.from('new'))
  await replaceFile(at('links/dangling.png'), Buffer.from('new'))
  assert.deepEqual([readlinkSync(at('links/two.png')), readlinkSync(at('links/one.png'))], ['one.png', 'far/old.png'])
  assert.equal(readFileSync(at('links/far/old.png'), 'utf8'), 'new')
  assert.equal(statSync(at('links/far/old.png')).mode & 0o7777, 0o640)
  assert.equal(readFileSync(at('links/far/new.png'), 'utf8'), 'new')
  assert.equal(readlinkSync(at('links/dangling.png')), 'far/new.png')
  const long = `${'n'.repeat(251)}.png`
  await replaceFile(at('links', long), Buffer.from('new'))
  assert.deepEqual(readdirSync(at('links'), { recursive: true }).filter((name) => /\.part$/.test(String(name))), [])
  refuses(6, /circle\.png: cannot be written: its links lead in a circle/, ...SMALL, '-o', 'links/circle.png')
  refuses(6, /cannot be written: its name is too long/, ...SMALL, '-o', `${'n'.repeat(300)}.png`)
  rmSync(at('links'), { recursive: true })
})

test('every option is checked before anything is read or written', () => {
  for (const quality of ['0.9', '0', '101', 'high', '']) {
    refuses(2, /jpeg-quality/, 'missing.png', 's.jpg', '-o', 'x.jpg', '--jpeg-quality', quality)
    refuses(2, /jpeg-quality/, 'batch', '--list', 'missing.txt', '-o', 'd/x', '--format', 'jpg', '--jpeg-quality', quality)
  }
  refuses(2, /--jpeg-quality needs an output file/, ...SMALL, '-o', 'x.png', '--jpeg-quality', '80')
  refuses(2, /--region-weight needs guidance/, ...SMALL, '-o', 'x.png', '--region-weight', '1=2')
  refuses(2, /--region-weight/, ...SMALL, '-o', 'x.png', ...GUIDED, '--region-weight', '1=2000000')
  refuses(2, /--size/, ...SMALL, '-o', 'x.png', '--size', '')
  refuses(2, /size: "63\.5" is not a whole number from 64 to 2048/, ...SMALL, '-o', 'x.png', '--size', '63.5')
  refuses(2, /threads: "99" is not a whole number from 1 to 64/, ...SMALL, '-o', 'x.png', '--threads', '99')
  refuses(2, /--seed=-/, ...SMALL, '-o', 'x.png', '--seed', '-1')
  refuses(2, /seed: "-1"/, ...SMALL, '-o', 'x.png', '--seed=-1')
  refuses(2, /--alpha is an option of evaluate, not of stylize/, ...SMALL, '-o', 'x.png', '--alpha', '1')
  refuses(2, /the name of a file is empty/, '', 's.jpg', '-o', 'x.png')
  refuses(2, /must be given together/, ...SMALL, '-o', 'x.png', '-gr', 'cr.png')
  refuses(2, /--content-guidance: the value is empty/, ...SMALL, '-o', 'x.png', '--content-guidance=', '--style-guidance=')
  refuses(2, /expected CONTENT and STYLE, got 4 files/, '--', ...SMALL.slice(0, 2), '-o', 'x.png')
  refuses(2, /does not end in/, ...SMALL, '-o', './-')
  refuses(3, /d: it is a folder/, 'd', 's.jpg', '-o', 'x.png')
  refuses(4, /missing\.bin/, 'batch', '--style', 's.jpg', 'c.png', '-o', 'made', '--weights', 'missing.bin')
  refuses(3, /missing\.jpg/, 'batch', '--style', 'missing.jpg', 'c.png', '-o', 'made')
  mkdirSync(at('kept/pictures'), { recursive: true })
  copyFileSync(at('c.png'), at('kept/pictures/original-content.png'))
  refuses(2, /the report would overwrite the content/, 'report', '--content', 'kept/pictures/original-content.png',
    '--style', 's.jpg', '-o', 'kept', '--quick')
})

test('folders are made with those above them; where none can be made, that is said at once',
  { skip: !existsSync('/proc/self') && 'there is no /proc' }, () => {
    const small = ['--style', 's.jpg', 'c.png', ...SMALL.slice(2)]
    for (const folder of ['/proc/x', '/proc/x/y/z']) {
      refuses(6, /^strotss: \/proc\/x.*: cannot be written: there is no such folder$/m, 'batch', ...small, '-o', folder)
      refuses(6, /\/proc\/x.*: cannot be written/, 'report', '--quick', '-o', folder)
      refuses(6, /\/proc\/x.*: cannot be written/, ...SMALL, '-o', `${folder}/out.png`)
      refuses(6, /\/proc\/x.*: cannot be written/, ...SMALL, '-o', 'x.png', '--state', `${folder}/out.state`)
    }
    refuses(6, /\/proc\/index\.html: cannot be written/, 'report', '--quick', '-o', '/proc')
    refuses(6, /c\.png\/x: cannot be written: a part of its path is not a folder/, 'batch', ...small, '-o', 'c.png/x')
    const deep = strotss('batch', ...small, '-o', 'made/deep/er')
    assert.equal(deep.status, 0, deep.stderr)
    assert.ok(existsSync(at('made/deep/er/c.s.png')))
  })

test('guidance: a stretched picture is told, regions are numbered, a weight of none is refused', () => {
  const guided = strotss('c.png', 's.jpg', ...SMALL.slice(2), '-gr', 'sr.png', 'sr.png', '-o', 'g.png',
    '--region-weight', '2=0.5')
  assert.equal(guided.status, 0, guided.stderr)
  assert.match(guided.stderr, /guidance: The content's guidance has another shape than the picture: stretched to fit/)
  assert.ok(!/style's guidance has another shape/.test(guided.stderr))
  assert.match(guided.stderr, /guidance: Region 1 is #e5484d, 2 is #3b7be0\./)
  const { status, stderr } = strotss(...SMALL, ...GUIDED, '-o', 'x.png', '--region-weight', '3=2')
  assert.equal(status, 2, stderr)
  assert.match(stderr, /no region 3/)
  assert.ok(!existsSync(at('x.png')))
})

test('file: URLs name files everywhere', () => {
  const url = (/** @type {string} */ name) => String(pathToFileURL(at(name)))
  const order = /** @type {any} */ (parse([url('c.png'), url('ß 1.jpg'), '-o', url('o.png'), '-gr', url('a'), url('b'),
    '--resume', url('r'), '--state', url('t'), '--weights', url('w')]))
  assert.deepEqual([...order.files, order.output, order.state, order.contentGuidance, order.styleGuidance, order.resume,
    order.weights], ['c.png', 'ß 1.jpg', 'o.png', 't', 'a', 'b', 'r', 'w'].map((name) => at(name)))
  const many = /** @type {any} */ (parse(['batch', url('c'), '-o', url('d'), '--style', url('s')]))
  assert.deepEqual([...many.files, many.folder, many.commonStyle], [at('c'), at('d'), at('s')])
  assert.equal(parse(['batch', '--list', url('l'), '-o', 'd']).list, at('l'))
  assert.equal(/** @type {any} */ (parse(['./file:a.png', 'b', '-o', 'o.png'])).files[0], './file:a.png')
  assert.throws(() => parse(['file://elsewhere/a.png', 'b', '-o', 'o.png']), /not the URL of a file/)
  writeFileSync(at('urls.txt'), `${url('c.png')} s.jpg\n`)
  const painted = strotss('batch', '--list', url('urls.txt'), '-o', url('d'), ...SMALL.slice(2))
  assert.equal(painted.status, 0, painted.stderr)
  assert.ok(existsSync(at('d/c.s.png')))
})

test('a state goes when its picture is complete; one that was only resumed stays; changed pictures are told', () => {
  copyFileSync(at('run.state'), at('done.png.state'))
  assert.equal(strotss('c.png', 's.jpg', '-o', 'done.png', '--resume', 'done.png.state').status, 0)
  assert.ok(existsSync(at('done.png')) && !existsSync(at('done.png.state')))
  copyFileSync(at('run.state'), at('other.state'))
  assert.equal(strotss('c.png', 's.jpg', '-o', 'done.png', '--resume', 'other.state').status, 0)
  assert.ok(existsSync(at('other.state')) && !existsSync(at('done.png.state')))
  assert.equal(strotss(...SMALL, '-o', 'done.png', '--state', 'other.state').status, 0)
  assert.ok(existsSync(at('other.state')), 'it is of another run')
  refuses(3, /other\.state: saved state: of other pictures.*was one of s\.jpg, s\.jpg changed since/,
    's.jpg', 's.jpg', '-o', 'x.png', '--resume', 'other.state')
})

test('batch: results of other settings or pictures are refused, painted again by --force; names are told apart',
  async () => {
    const words = ['batch', '--style', 's.jpg', '-o', 'b', '--threads', '1', '--iterations', '1']
    mkdirSync(at('e'))
    copyFileSync(at('c.png'), at('e/c.png'))
    copyFileSync(at('s.jpg'), at('e/c.jpg'))
    const first = strotss(...words, 'e/c.png', 'e/c.jpg', 'c.png', '--size', '64')
    assert.equal(first.status, 0, first.stderr)
    const name = path.basename(folder)
    assert.deepEqual(readdirSync(at('b')).sort(), ['c.jpg.s.png', 'e-c.png.s.png', `${name}-c.png.s.png`].sort())
    assert.equal(readRecord(readFileSync(at('b/c.jpg.s.png')))?.size, 64)
    const engine = await createEngine({ threads: 1 })
    assert.equal((await readImage(engine, at('b/c.jpg.s.png'))).width, 64, 'a record does no harm')
    engine.dispose()
    assert.match(strotss(...words, 'e/c.png', 'e/c.jpg', 'c.png', '--size', '64').stderr, /0 painted, 3 skipped/)
    refuses(6, /c\.jpg\.s\.png: already exists, painted with another size; .*--force/,
      ...words, 'e/c.jpg', 'e/c.png', '--size', '72')
    copyFileSync(at('s.jpg'), at('e/c.png'))
    refuses(6, /c\.png\.s\.png: already exists, painted with another content/,
      ...words, 'e/c.jpg', 'e/c.png', 'c.png', '--size', '64')
    const forced = strotss(...words, 'e/c.jpg', 'e/c.png', 'c.png', '--size', '64', '--force')
    assert.match(forced.stderr, /1 painted, 2 skipped/)
    mkdirSync(at('f'))
    copyFileSync(at('c.png'), at('f/c.png'))
    copyFileSync(at('c.png'), at('f/c.s.png'))
    refuses(2, /f\/c\.s\.png: the result of f\/c\.png would overwrite a content, f\/c\.s\.png/,
      'batch', '--style', 's.jpg', '-o', 'f', 'f/c.png', 'f/c.s.png')
  })

test('points lead a run, and a picture begins it', () => {
  for (const word of ['5,5', '1,1:2', '1,1:2,2=-1', '1,1:2,2=', '1.5,1:2,2', '-1,1:2,2']) refuses(2,
    /--point: "[^"]*" is not CX,CY:SX,SY/, ...SMALL, '-o', 'x.png', `--point=${word}`)
  refuses(2, /points: number 2 lies outside the content/, ...SMALL, '-q', '-o', 'x.png', '--point', '79,59:0,0',
    '--point', '80,0:0,0')
  refuses(3, /init: 72 x 72 pixels is not of the content's shape, 80 x 60/, ...SMALL, '-q', '-o', 'x.png', '--init',
    's.jpg')
  refuses(2, /-o would overwrite the picture to start from, cr.png/, ...SMALL, '-o', 'cr.png', '--init', 'cr.png')
  const { status, stdout, stderr } = strotss('c.png', 's.jpg', '--size', '96', '--iterations', '2', '--point',
    '10,10:20,20', '--point', '70,50:3,60=2', '--init', 'c.png', '--json', '-o', 'led.png')
  assert.equal(status, 0, stderr)
  const { scales } = JSON.parse(stdout)
  assert.deepEqual(scales.map((/** @type {any} */ scale) => [scale.size, scale.iterations]), [[96, 2]])
  assert.ok(scales[0].terms.points > 0)
  rmSync(at('led.png'))
})
