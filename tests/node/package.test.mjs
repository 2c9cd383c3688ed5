// SPDX-License-Identifier: MIT
//
// The package as npm would publish it: packed from what is built, installed offline in an empty project, and used there
// by name alone, in a ten-line script, from the command line and in TypeScript.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { FILES, WEIGHTS } from '../../src/api/shared/files.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const missing = ['build/wasm/strotss-threads.js', 'build/types/api/index.node.d.mts']
  .find((file) => !existsSync(path.join(root, file)))
const skip = missing ? `${missing} is missing: make -f emscripten.mk all types` : false
const project = mkdtempSync(path.join(tmpdir(), 'strotss-package-'))
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

/** @type {{ path: string, size: number }[]} */
let files = []
/** Of the tarball. */
let packed = 0

/**
 * Runs a command that is to succeed; gives what it wrote.
 * @param {string} command @param {string[]} args @param {string} [cwd]
 */
function run(command, args, cwd = project) {
  const { status, stdout, stderr } = spawnSync(command, args,
    { cwd, encoding: 'utf8', timeout: 300000, shell: command.endsWith('.cmd') })
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}\n${stderr}`)
  return stdout
}

before(() => {
  if (skip) return
  /** An array, or since npm 12 an object, of one. */
  const [report] = Object.values(JSON.parse(
    run(npm, ['pack', '--ignore-scripts', '--json', '--pack-destination', project], root)))
  files = report.files
  packed = report.size
  writeFileSync(path.join(project, 'package.json'), '{ "private": true, "type": "module" }')
  run(npm, ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', path.join(project, report.filename)])
  for (const name of ['cat.jpg', 'church-at-auvers.jpg']) cpSync(
    path.join(root, 'web/samples', name), path.join(project, name))
})
after(() => rmSync(project, { recursive: true, force: true }))

test('what is in it: all that is needed, nothing else, under its licences', { skip }, (t) => {
  const names = files.map((file) => file.path)
  for (const name of ['LICENSE', 'README.md', 'weights/LICENSE', 'weights/vgg16.q8.bin', 'src/vendor/README.md']) {
    assert.ok(names.includes(name) || !existsSync(path.join(root, name)), name)
  }
  const folders = /^(src\/(api|cli|gpu|guidance|report|vendor)|web\/samples|build\/(wasm|types)|weights)\//
  const needed = (/** @type {string} */ name) =>
    folders.test(name) || /^(package\.json|LICENSE|(README|CHANGELOG)\.md)$/.test(name)
  assert.deepEqual(names.filter((name) => !needed(name)), [])
  /** @type {Record<string, number>} */
  const parts = {}
  for (const { path: name, size } of files) {
    const part = path.posix.dirname(name)
    parts[part] = (parts[part] ?? 0) + size
  }
  for (const [part, size] of Object.entries(parts).sort()) t.diagnostic(
    `${part.padEnd(16)} ${(size / 1000).toFixed(1).padStart(9)} KB`)
  t.diagnostic(`tarball          ${(packed / 1000).toFixed(1).padStart(9)} KB`)
  assert.ok(packed < 16e6, `${packed} bytes`)
})

test('every entry leads to a file', { skip }, () => {
  /** @param {any} target @returns {string[]} */
  const ends = (target) => (typeof target === 'string' ? [target] : Object.values(target).flatMap(ends))
  const names = files.map((file) => `./${file.path}`)
  for (const end of [...Object.values(manifest.exports).flatMap(ends),
    ...Object.values(manifest.bin).map((file) => `./${file}`)]) {
    const [head, tail = ''] = end.split('*')
    assert.ok(names.some((name) =>
      (end.includes('*') ? name.startsWith(head) && name.endsWith(tail) : name === end)), end)
  }
  assert.equal(Object.keys(manifest.exports['.'])[0], 'types', 'types come first')
})

test('what bundlers are told to take is in it, and none of it is short enough to become a data: URL', { skip }, () => {
  const sizes = new Map(files.map((file) => [path.join(root, file.path), file.size]))
  for (const url of [...Object.values(FILES), WEIGHTS]) {
    const size = sizes.get(fileURLToPath(url)) ?? assert.fail(`${url} is not in the package`)
    assert.ok(size > 4096 || !url.pathname.endsWith('.worker.js'), `${url}: ${size} bytes`)
  }
})

test('ten lines of Node', { skip }, (t) => {
  writeFileSync(path.join(project, 'ten.js'), [
    "import { createEngine, writeImage } from 'strotss'",
    'const engine = await createEngine({ threads: 2 })',
    'const { image, stats } = await engine.stylize({',
    "  content: 'cat.jpg', style: 'church-at-auvers.jpg', size: 64, iterations: 1,",
    "  onProgress: (event) => event.type === 'iteration' && console.log(event.iteration, event.terms.total)",
    '})',
    "await writeImage(engine, 'out.png', image)",
    "console.log(stats.size.join('x'))",
    'engine.dispose()', ''].join('\n'))
  const start = performance.now()
  assert.match(run(process.execPath, ['ten.js']), /^1 0\.\d+\n(64x\d+|\d+x64)\n$/)
  t.diagnostic(`first picture after ${((performance.now() - start) / 1000).toFixed(1)} s`)
  assert.equal(readFileSync(path.join(project, 'out.png')).subarray(1, 4).toString(), 'PNG')
})

test('the command, by name', { skip }, () => {
  const command = path.join(project, 'node_modules/.bin', process.platform === 'win32' ? 'strotss.cmd' : 'strotss')
  assert.equal(run(command, ['--version']).trim(), manifest.version)
  run(command, ['report', '--size', '64', '--iterations', '1', '--sections', 'regions', '-o', 'report'])
  assert.match(readFileSync(path.join(project, 'report/index.html'), 'utf8'), /<section id="regions">/)
})

test("the browser's entry may be imported on a server, and files found by name", { skip }, () => {
  writeFileSync(path.join(project, 'server.js'), [
    'for (const name of ["window", "document", "navigator", "Worker", "location"]) Object.defineProperty(globalThis, name, { value: undefined })',
    'const { createEngine } = await import(new URL("./node_modules/strotss/src/api/index.browser.js", import.meta.url))',
    'const found = ["weights/vgg16.q8.bin", "wasm/strotss-threads.wasm", "worker", "package.json"].map((name) => import.meta.resolve("strotss/" + name))',
    'console.log(typeof createEngine, found.every((name) => name.startsWith("file:")))', ''].join('\n'))
  assert.equal(run(process.execPath, ['server.js']), 'function true\n')
})

test('types: nothing that the package declares is any', { skip }, () => {
  const declared = files.map((file) => file.path).filter((name) => /^build\/types\/.*\.d\.m?ts$/.test(name))
  assert.ok(declared.includes('build/types/api/index.node.d.mts') && declared.length > 10)
  for (const name of declared) {
    const code = readFileSync(path.join(root, name), 'utf8').replace(/\/\*[^]*?\*\//g, '')
    assert.doesNotMatch(code, /\bany\b/, name)
  }
})

/** What a caller writes, without what only Node has. */
const CODE = `
import { createEngine, readGuidance, StrotssError } from 'strotss'
import type { Engine, ErrorCode, Guidance, Picture, RunOptions, RunResult, StartOptions } from 'strotss'

const engine: Engine = await createEngine({ threads: 2, build: 'auto' })
declare const image: Picture
const options: RunOptions = { size: 128, quality: 'fine', factors: { moment: 2 } }
const inputs: StartOptions = { ...options, content: image, style: { width: 1, height: 1, data: new Uint8Array(4) },
  onProgress(event) {
    if (event.type === 'iteration') { const left: number = event.secondsLeft; void left }
    if (event.type === 'scale') { const state: Uint8Array<ArrayBuffer> = event.checkpoint; void state }
    // @ts-expect-error: phases have no terms
    if (event.type === 'phase') void event.terms
  } }
const run = engine.start(inputs)
const result: RunResult = await run.result
const pixels: Uint8ClampedArray<ArrayBuffer> = result.image.data
const guidance: Guidance = readGuidance(image, image)
await engine.stylize({ content: image, style: image, regions: guidance, resume: result.checkpoint })
const columns: Float32Array<ArrayBuffer>[] = await engine.hypercolumns({ image, at: [[0, 0]] })
// @ts-expect-error: no such quality
engine.start({ content: image, style: image, quality: 'best' })
// @ts-expect-error: no such option
engine.start({ content: image, style: image, sise: 512 })
// @ts-expect-error: a number is no picture
engine.start({ content: 7, style: image })
// @ts-expect-error: nor is a label map
engine.hypercolumns({ image: guidance.content, at: [[0, 0]] })
// @ts-expect-error: no such build
createEngine({ build: 'fast' })
export function what(error: unknown): ErrorCode | '' {
  // @ts-expect-error: no such code
  if (error instanceof StrotssError && error.code === 'BAD_LUCK') return ''
  return error instanceof StrotssError ? error.code : ''
}
{
  using other = await createEngine()
  void other.info.why
}
export { columns, pixels, result }
`

/** Projects, strict and without skipLibCheck. @type {Record<string, { code: string, compilerOptions: object }>} */
const PROJECTS = {
  'Node without the DOM library': {
    code: `${CODE}
import { readFileSync } from 'node:fs'
import { readImage, writeImage } from 'strotss'
const picture: Picture = await readImage(engine, 'a.png')
await engine.stylize({ content: new URL('file:///a.png'), style: readFileSync('b.png') })
await writeImage(engine, 'out.png', picture, 90)
`,
    compilerOptions: { module: 'nodenext', lib: ['es2023', 'esnext.disposable'], types: ['node'] }
  },
  'a page by way of a bundler': {
    code: `${CODE}
const shown = new ImageData(image.data, image.width)
await engine.stylize({ content: shown, style: new Blob() })
// @ts-expect-error: paths are Node's
engine.start({ content: 'a.png', style: shown })
// @ts-expect-error: so are functions that read files
import { readImage } from 'strotss'
`,
    compilerOptions: { module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom'], types: [] }
  }
}
/** The examples of the documents, which are Node's. */
for (const document of ['README.md', 'docs/library.md']) {
  const examples = [...readFileSync(path.join(root, document), 'utf8').matchAll(/^```js\n([^]*?)^```$/gm)]
  assert.ok(examples.length)
  for (const [i, [, code]] of examples.entries()) for (const [mode, compilerOptions] of Object.entries({
    nodenext: { module: 'nodenext' },
    bundler: { module: 'esnext', moduleResolution: 'bundler', customConditions: ['node'] }
  })) {
    PROJECTS[`example ${i + 1} of ${path.basename(document)}, ${mode}`] = { code: `${code}\nexport {}\n`,
      compilerOptions: { ...compilerOptions, lib: ['es2023'], types: ['node'] } }
  }
}
for (const [name, { code, compilerOptions }] of Object.entries(PROJECTS)) {
  test(`types: ${name}`, { skip }, () => {
    const folder = path.join(project, name.replaceAll(' ', '-'))
    mkdirSync(folder)
    writeFileSync(path.join(folder, 'use.ts'), code)
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...compilerOptions,
      target: 'es2022', strict: true, noEmit: true, skipLibCheck: false,
      skipDefaultLibCheck: true, typeRoots: [path.join(root, 'node_modules/@types')] } }))
    run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])
  })
}

test('types: hover text on every option, event and number', { skip }, () => {
  const file = path.join(project, 'hover.ts')
  writeFileSync(file, "export type * from 'strotss'\n")
  const program = ts.createProgram([file], { module: ts.ModuleKind.NodeNext, strict: true, lib: ['lib.es2023.d.ts'],
    types: ['node'], typeRoots: [path.join(root, 'node_modules/@types')] })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file) ?? assert.fail()
  const exported = new Map(checker.getExportsOfModule(checker.getSymbolAtLocation(source) ?? assert.fail())
    .map((symbol) => [symbol.name, checker.getDeclaredTypeOfSymbol(
      symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)]))
  for (const name of ['EngineOptions', 'StartOptions', 'RunOptions', 'EstimateOptions', 'EncodeOptions',
    'EvaluateOptions', 'DistancesOptions', 'HypercolumnsOptions', 'RunResult', 'RunStats', 'ScaleStats', 'Estimate',
    'ScaleEstimate', 'Info', 'LevelDistances', 'Picture', 'LabelMap']) {
    const properties = checker.getPropertiesOfType(exported.get(name) ?? assert.fail(name))
    assert.ok(properties.length > 1, name)
    for (const property of properties) assert.ok(property.getDocumentationComment(checker).length,
      `${name}.${property.name} has no text`)
  }
})
