// SPDX-License-Identifier: MIT
//
// Keeps the documents true: every file they name exists, every command is known to make, npm or the command line (what
// is cheap is run), the examples of the library and of C run, and the example of a loss term compiles against the
// headers as they are. What their tables say is doc_tables.test.mjs's.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { help } from '../../src/cli/help.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const scratch = path.join(root, 'build/docs') /* inside the package, so that its name leads to itself */
const at = (/** @type {string[]} */ ...names) => path.join(root, ...names)
const PAGES = readdirSync(at('docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'weights/README.md', 'web/samples/README.md',
  'src/vendor/README.md', 'tests/peer/README.md', ...PAGES]
/** Files that the examples make. */
const MADE_UP = /loss_tint\.c$/
const { scripts } = JSON.parse(readFileSync(at('package.json'), 'utf8'))
/** Of the command line, in full. */
const HELP = await help(null)
const has = (/** @type {string} */ command) => spawnSync(command, ['--version']).status === 0
after(() => rmSync(scratch, { recursive: true, force: true }))

const texts = new Map(DOCUMENTS.filter((name) => existsSync(at(name)))
  .map((name) => [name, readFileSync(at(name), 'utf8')]))
/** Every file of the tree that a document may name, by path. */
const tree = ['src', 'web', 'tests', 'weights', 'docs', 'examples', '.github', '.ci'].flatMap((folder) => (
  readdirSync(at(folder), { recursive: true })
    .map((name) => path.posix.join(folder, String(name).replaceAll('\\', '/')))))
  .filter((name) => !name.includes('node_modules'))
  .concat(readdirSync(root))

/** Blocks between fences. @param {string} text @param {string} language @returns {string[]} */
const blocks = (text, language) => [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)]
  .filter((m) => m[1] === language).map((m) => m[2])
/** @param {string} text @returns {string[]} */
const inline = (text) => [...text.replace(/^```[^]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map((m) => m[1])
/**
 * Is there a file of this path, or, without a folder, of this name anywhere? "*" stands for anything.
 * @param {string} name
 */
function exists(name) {
  const pattern = new RegExp(`${name.includes('/') ? '^' : '(^|/)'}${
    name.replace(/[.+()[\]]/g, '\\$&').replaceAll('*', '[^/]*')}$`)
  return tree.some((file) => pattern.test(file))
}

test('there are the documents', () => {
  assert.deepEqual(DOCUMENTS.filter((name) => !texts.has(name)), [])
})

for (const [document, text] of texts) {
  test(`${document}: the files it names exist`, () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((m) => m[1]).filter((link) => !/^([a-z]+:|#)/.test(link))
    for (const link of links) assert.ok(existsSync(path.join(path.dirname(at(document)), link.split('#')[0])), link)
    const named = inline(text).filter((word) => (
      /^(src|web|tests|weights|docs|examples|\.github)\/[\w./*-]+$/.test(word) ||
      /^[\w*-]+\.(c|h|m?js|mk|json|html|md|bin|py)$/.test(word)))
    const drawn = blocks(text, '').flatMap((block) => block.match(/\b\w+\.(c|h|m?js)\b/g) ?? [])
    for (const name of [...named, ...drawn]) {
      const here = path.posix.join(path.posix.dirname(document), name)
      assert.ok(MADE_UP.test(name) || exists(name.replace(/\/$/, '')) || exists(here), name)
    }
  })
}

const hasMake = has('make')
/** Targets that make can plan. @type {Set<string>} */
const plans = new Set()

/** @param {string[]} words of a command @returns {string} what is wrong with it, or '' */
function fault([command, ...words]) {
  const operands = words.filter((word) => !word.startsWith('-'))
  if (command === 'make') {
    const targets = operands.filter((word) => word !== 'emscripten.mk')
    if (!hasMake) return ''
    if (targets.every((target) => plans.has(target))) return ''
    const { status, stderr } = spawnSync('make', ['-f', 'emscripten.mk', '-n', ...targets],
      { cwd: root, encoding: 'utf8' })
    if (status !== 0) return stderr
    for (const target of targets) plans.add(target)
    return ''
  }
  if (command === 'npm') {
    if (words[0] === 'run') return scripts[words[1]] ? '' : `npm has no script ${words[1]}`
    return ['pack', 'install', 'ci'].includes(words[0]) ? '' : `npm ${words[0]}`
  }
  if (command === 'npx' || command === 'strotss') {
    if (words[0] !== 'strotss' && command === 'npx') return `npx ${words[0]}`
    return words.filter((word) => /^--[a-z]/.test(word) && !HELP.includes(word)).join(' ')
  }
  if (command === 'node') return operands.filter((name) => !name.startsWith('build/') && !exists(name)).join(' ')
  const [, program] = /^build\/native\/(test_\w+)$/.exec(command) ?? []
  return program && exists(`tests/c/${program}.c`) ? '' : 'a command that this test does not know'
}

/** What builds and runs the program of docs/c.md: run as it stands by a test of its own. */
const C_COMMANDS = blocks(texts.get('docs/c.md') ?? '', 'sh')[1]

/**
 * Lines that go on, and commands in a row, taken apart; brackets of a synopsis and comments left out.
 * @param {string} block
 */
const commands = (block) => block.replace(/\s+#.*$/gm, '').replace(/\n\s+/g, ' ').split(/\n|&&/)
  .map((line) => line.replace(/[[\]|]/g, ' ').trim()).filter((line) => line && !line.startsWith('#'))

for (const document of ['README.md', 'CONTRIBUTING.md', ...PAGES]) {
  const text = texts.get(document) ?? ''
  test(`${document}: its commands are known`, () => {
    const shown = blocks(text, 'sh').filter((block) => block !== C_COMMANDS).flatMap(commands)
    const said = inline(text).filter((words) => /^(make -f|npm run|npx strotss|strotss [a-z-]|node [\w.])/.test(words))
      .flatMap(commands)
    assert.ok(shown.length > 1 || document.startsWith('docs/'))
    for (const command of [...shown, ...said]) assert.equal(fault(command.split(/\s+/)), '', command)
  })
}

test('what is cheap is run: the two helps, and a picture by the synopsis',
  { skip: !hasMake && 'make is missing' }, () => {
    const help = spawnSync('make', ['-f', 'emscripten.mk', 'help'], { cwd: root, encoding: 'utf8' })
    assert.match(help.stdout, /all .*\n[^]*demo[^]*test[^]*site/)
    const phony = [...readFileSync(at('emscripten.mk'), 'utf8').matchAll(/^\.PHONY: (.*)$/gm)]
      .flatMap((m) => m[1].split(' '))
    for (const target of phony.filter((name) => !name.startsWith('need-'))) assert.match(
      help.stdout, new RegExp(`\\b${target}\\b`), target)
    mkdirSync(scratch, { recursive: true })
    const out = path.join(scratch, 'out.png')
    const words = ['web/samples/cat.jpg', 'web/samples/church-at-auvers.jpg', '-o', out,
      '--size', '64', '--iterations', '1']
    const painted = spawnSync(process.execPath, [at('src/cli/strotss.mjs'), ...words], { cwd: root, encoding: 'utf8' })
    assert.equal(painted.status, 0, painted.stderr)
    assert.ok(existsSync(out))
  })

for (const document of ['README.md', 'docs/library.md']) for (const [i, example] of
  blocks(texts.get(document) ?? '', 'js').entries()) {
  test(`${document}: example ${i + 1} of the library runs`, () => {
    mkdirSync(scratch, { recursive: true })
    for (const [name, sample] of [['cat', 'cat'], ['painting', 'church-at-auvers']]) {
      cpSync(at(`web/samples/${sample}.jpg`), path.join(scratch, `${name}.jpg`))
      cpSync(at(`web/samples/${sample}.regions.png`), path.join(scratch, `${name}.regions.png`))
    }
    const small = example.replace(/size: \d+/, 'size: 64, iterations: 1')
    assert.notEqual(small, example)
    writeFileSync(path.join(scratch, 'example.mjs'),
      `${small}\nconsole.log(image.width, image.height)\nengine.dispose()\n`)
    const { status, stdout, stderr } = spawnSync(process.execPath, ['example.mjs'], { cwd: scratch, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^(64 \d+|\d+ 64)$/m)
  })
}

const compiler = ['clang-14', 'clang', 'gcc'].find(has)
for (const [document, ...folders] of [['CONTRIBUTING.md', '-Isrc', '-Isrc/include'], ['README.md', '-Isrc/include']]) {
  test(`the C of ${document} compiles`, { skip: !compiler && 'no C compiler' }, () => {
    const [code] = blocks(texts.get(document) ?? '', 'c')
    const { status, stderr } = spawnSync(compiler,
      ['-std=c11', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', ...folders, '-x', 'c', '-'],
      { cwd: root, input: code, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  })
}

for (const cc of ['clang-14', 'gcc'].filter(has)) {
  test(`docs/c.md with ${cc}: the library is built without warnings, installs, and its example paints, as C and as C++`,
    { skip: !hasMake && 'make is missing' }, () => {
      const installed = path.join(scratch, cc)
      const shell = (/** @type {string} */ script) => {
        const { status, stderr } = spawnSync('sh', ['-e', '-c', script], { cwd: root, encoding: 'utf8' })
        assert.equal(status, 0, stderr)
      }
      const paints = () => {
        const out = path.join(scratch, 'out.png')
        const png = readFileSync(out)
        assert.equal(png.subarray(1, 4).toString(), 'PNG')
        assert.equal(Math.max(png.readUInt32BE(16), png.readUInt32BE(20)), 64)
        rmSync(out)
        return png
      }
      rmSync(at('build/lib'), { recursive: true, force: true })
      shell(`make -f emscripten.mk install CC=${cc} CFLAGS=-Werror DESTDIR=${installed} PREFIX=/usr`)
      const here = (/** @type {string} */ text) => text.replace(/^cc/, cc).replaceAll('build/paint', 'build/docs/paint')
        .replace('out.png', 'build/docs/out.png 64')
      shell(here(C_COMMANDS))
      const asC = paints()
      const usr = path.join(installed, 'usr')
      const [, flags] = /^Libs: (.*)$/m.exec(readFileSync(path.join(usr, 'lib/pkgconfig/strotss.pc'), 'utf8')) ?? []
      const cxx = `${cc} -x c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -I${usr}/include examples/c/paint.c ` +
        `-x none ${flags.replace(/\$\{libdir\}/, `${usr}/lib`)} -o build/docs/paint`
      shell(here(C_COMMANDS.replace(/^cc.*$/m, cxx)))
      assert.deepEqual(paints(), asC)
    })
}

test('the version is the same to npm and to C', () => {
  const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8'))
  assert.ok(readFileSync(at('src/include/strotss.h'), 'utf8').includes(`#define STROTSS_VERSION "${version}"\n`))
})

test("README.md's picture of the page is 1280 x 800 and small", () => {
  const png = readFileSync(at('docs/page.png'))
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1280, 800])
  assert.ok(png.length <= 250_000, `${png.length} bytes`)
})

test('README.md leads to every page, and every page to another', () => {
  const linksOf = (/** @type {string} */ document) => [...(texts.get(document) ?? '').matchAll(/\]\(([^)\s#]+\.md)/g)]
    .map((m) => path.posix.join(path.posix.dirname(document), m[1]))
  assert.deepEqual(PAGES.filter((page) => !linksOf('README.md').includes(page)), [])
  assert.deepEqual(PAGES.filter((page) => !linksOf(page).some((link) => PAGES.includes(link) && link !== page)), [])
})
