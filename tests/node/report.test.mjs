// SPDX-License-Identifier: MIT
//
// strotss report, at the smallest size: a run that is killed and one that is interrupted, what is kept and what is done
// again, that the page has every section and no number that is not in the stored results, and what is refused.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createEngine, writeImage } from '../../src/api/index.node.mjs'
import { html, number } from '../../src/report/markup.mjs'
import { plot } from '../../src/report/plot.mjs'
import { SECTION_IDS } from '../../src/report/report.mjs'
import { meanColor, pixelsOf, regionStatistics } from '../../src/report/sections/regions.mjs'
import { crop, source } from '../../src/report/sources.mjs'
import { content, halves, picture, style } from './pictures.mjs'

const script = fileURLToPath(new URL('../../src/cli/strotss.mjs', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'strotss-report-'))
const at = (/** @type {string[]} */ ...names) => path.join(folder, ...names)
const WORDS = [script, 'report', '--quick', '--size', '64', '--iterations', '1', '--threads', '2',
  '--content', 'a<b>.png', '--style', 's.jpg', '-o', 'out']
/** @type {import('../../src/api/client/engine.js').Engine} */
let engine

before(async () => {
  engine = await createEngine({ threads: 1 })
  await writeImage(engine, at('a<b>.png'), content)
  await writeImage(engine, at('s.jpg'), style)
})
after(() => {
  engine.dispose()
  rmSync(folder, { recursive: true })
})

const report = (/** @type {string[]} */ ...words) => spawnSync(process.execPath, [...WORDS, ...words],
  { cwd: folder, encoding: 'utf8', timeout: 300000 })

/**
 * Ends a report after so many tasks.
 * @param {NodeJS.Signals} signal @param {number} count @returns {Promise<{ status: number|null, text: string }>}
 */
async function stop(signal, count) {
  const child = spawn(process.execPath, WORDS, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  let stopped = false
  child.stderr.setEncoding('utf8').on('data', (part) => {
    text += part
    if (stopped || (text.match(/^\S+: \d+ s$/gm) ?? []).length < count) return
    stopped = true
    child.kill(signal)
  })
  return { status: await new Promise((resolve) => child.on('exit', resolve)), text }
}

const results = () => readdirSync(at('out/results')).filter((name) => name.endsWith('.json'))
/** When each result was written. */
const times = () => new Map(results().map((name) => [name, statSync(at('out/results', name)).mtimeMs]))
/** @returns {Map<string, any>} by task */
const stored = () => new Map(results().map((name) =>
  [name.slice(0, -5), JSON.parse(readFileSync(at('out/results', name), 'utf8'))]))
const page = () => readFileSync(at('out/index.html'), 'utf8')

/** Every number of stored values. @param {any} value @returns {number[]} */
const numbers = (value) => (
  typeof value === 'number' ? [value] : typeof value === 'object' ? Object.values(value).flatMap(numbers) : [])

test('killed, interrupted, finished: what was done is not done again', async () => {
  const killed = await stop('SIGKILL', 4)
  assert.ok(!existsSync(at('out/index.html')))
  const first = times()
  assert.ok(first.size >= 4, killed.text)

  const { status, text } = await stop('SIGINT', 1)
  assert.equal(status, 130, text)
  assert.match(text, /^strotss: interrupted: \d+ tasks done; the same command continues from here$/m)
  const second = times()
  assert.ok(second.size > first.size)

  const last = report()
  assert.equal(last.status, 0, last.stderr)
  assert.match(last.stderr, /%  \d+\/\d+ \S+ +.* left$/m, 'time left')
  const [, tasks, kept] = /index\.html: (\d+) tasks, (\d+) of which were done before$/m.exec(last.stderr) ?? []
  assert.deepEqual([Number(tasks), Number(kept)], [results().length, second.size])
  for (const [name, time] of [...first, ...second]) assert.equal(times().get(name), time, name)
})

test('again: nothing is done, the page keeps its bytes; a result of other settings is done anew', () => {
  const before = page()
  const again = JSON.parse(report('--json').stdout)
  assert.deepEqual([again.done, again.tasks], [[], results().length])
  assert.equal(page(), before)
  const [name, other] = [...stored()].find(([key]) => key.startsWith('original')) ?? []
  writeFileSync(at(`out/results/${name}.json`),
    JSON.stringify({ ...other, settings: { digest: 'of another picture' } }))
  assert.deepEqual(
    JSON.parse(report('--json').stdout).done.map((/** @type {{ name: string }} */ task) => task.name), [name])
  assert.equal(page(), before)
})

test('the page: every section, every number from the results, nothing from elsewhere', () => {
  const text = page()
  const sections = new Map([...text.matchAll(/<section id="([\w-]+)">([^]*?)<\/section>/g)]
    .map(([, id, body]) => [id, body]))
  assert.deepEqual([...sections.keys()], SECTION_IDS)
  const known = new Set([...stored().values()].flatMap(({ values }) => numbers(values)))
  for (const [id, body] of sections) {
    assert.ok(text.includes(`<a href="#${id}">`), `contents: ${id}`)
    const shown = [...body.matchAll(/<data value="([^"]+)">([^<]+)<\/data>/g)]
    assert.ok(shown.length > 4, id)
    for (const [, value, words] of shown) {
      assert.ok(known.has(Number(value)), `${id}: ${value}`)
      assert.equal(words, Number(value).toFixed((words.split('.')[1] ?? '').length), id)
    }
  }
  for (const name of ['', '-content-0', '-remd-0', '-moment-0', '-palette-0']) {
    const { terms } = stored().get(`content-by-style${name}`).values
    for (const value of Object.values(terms)
      .filter((term) => term && term !== terms.remd_x_to_style && term !== terms.remd_style_to_x)) {
      assert.ok(sections.get('ablation')?.includes(`<data value="${value}">`), `${name}: ${value}`)
    }
  }
  for (const [, file] of text.matchAll(/<img src="([^"]+)"/g)) assert.ok(existsSync(at('out', file)), file)
  assert.deepEqual(text.match(/.{0,60}(<script|https?:|\b(NaN|undefined|Infinity)\b)/g), null)
  assert.ok(text.includes('a&lt;b&gt;.png') && !text.includes('a<b>'))
})

test('timing: a whole run is preparation and iterations of every scale up to it', () => {
  const { scales } = stored().get('timing').values
  assert.deepEqual(scales.map((/** @type {{ size: number }} */ { size }) => size), [64, 128, 256])
  let sum = 0
  for (const { size, preparation, iteration } of scales) {
    sum += preparation + 200 * iteration
    assert.match(page(), new RegExp(`<th scope="row">${size} px</th>.*<td>${sum.toFixed(1)}</td></tr>`), `${size}`)
  }
})

test('distances: REMD is at most the exact distance at every layer, and the page shows the ratio', () => {
  const measured = [...stored()].filter(([name]) => name.endsWith('-distances'))
  assert.ok(measured.length >= 3)
  for (const [name, { values }] of measured) {
    assert.equal(values.levels.length, 11, name)
    for (const { name: level, remd, emd } of values.levels) assert.ok(
      remd > 0 && remd <= emd * (1 + 1e-5), `${name} ${level}`)
  }
  const { remd, emd } = stored().get('content-by-style-size-64-iterations-1-quality-fine-distances').values.levels[10]
  assert.ok(page().includes(`<data value="${emd}">${emd.toFixed(4)}</data></td><td>${(remd / emd).toFixed(3)}</td>`))
})

test('a part of the sections: theirs alone', () => {
  const { status, stderr } = report('--sections', 'ablation')
  assert.equal(status, 0, stderr)
  assert.deepEqual([...page().matchAll(/<section id="([\w-]+)">/g)].map((m) => m[1]), ['ablation'])
})

test('what it refuses', () => {
  const refuses = (/** @type {number} */ status, /** @type {RegExp} */ words, /** @type {string[]} */ ...command) => {
    const result = spawnSync(process.execPath, [script, 'report', ...command], { cwd: folder, encoding: 'utf8' })
    assert.equal(result.status, status, result.stderr)
    assert.match(result.stderr, words)
    assert.match(result.stderr, /^strotss: .*\n$/, 'one line')
  }
  writeFileSync(at('bad.png'), 'hello')
  refuses(2, /missing -o DIR \(the output folder\); see strotss report --help/)
  refuses(2, /expected no files, got 1 file/, 's.jpg', '-o', 'x')
  refuses(2, /--content and --style must be given together/, '--content', 's.jpg', '-o', 'x')
  refuses(2, /--sections: "speed" is not one of ablation, /, '--sections', 'ablation,speed', '-o', 'x')
  refuses(2, /--size: "32" is not a whole number from 64 to 2048/, '--size', '32', '-o', 'x')
  refuses(3, /missing\.png: there is no such file/, '--content', 'missing.png', '--style', 's.jpg', '-o', 'x')
  refuses(3, /bad\.png/, '--content', 's.jpg', '--style', 'bad.png', '-o', 'x')
  refuses(6, /s\.jpg/, '-o', 's.jpg')
  assert.ok(!existsSync(at('x')))
})

test('markup: what is put in is escaped, what was made is not; numbers keep their value', () => {
  const made = html`<i>${1}</i>`
  assert.equal(String(html`<p>${'<b> & "c"'}${[made, null, 'd']}</p>`), '<p>&lt;b&gt; &amp; &quot;c&quot;<i>1</i>d</p>')
  assert.equal(String(number(0.123456, 2)), '<data value="0.123456">0.12</data>')
})

test('plot: logarithmic axes place equal ratios at equal distances, ticks are round, names do not overlap', () => {
  const points = /** @type {[number, number][]} */ ([[1, 0.2], [10, 0.4], [100, 0.8]])
  const svg = String(plot({
    title: 't', x: { name: 'x, px', log: true }, y: { name: 'y, s', from: 0, to: 1 },
    series: [{ name: 'one', points }, { name: 'two', points, dashed: true }]
  }))
  const [x, y] = [1, 2].map((k) =>
    [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].slice(0, 3).map((m) => Number(m[k])))
  assert.ok(Math.abs((x[1] - x[0]) - (x[2] - x[1])) < 0.2, `${x}`)
  assert.ok(Math.abs(2 * (y[0] - y[1]) - (y[1] - y[2])) < 0.3, `${y}`)
  assert.deepEqual(['0', '0.2', '0.4', '1', '100'].filter((tick) => !svg.includes(`>${tick}</text>`)), [])
  const ends = [...svg.matchAll(/class="end" x="[\d.]+" y="([\d.]+)"/g)].map((m) => Number(m[1]))
  assert.ok(Math.abs(ends[0] - ends[1]) >= 14, `${ends}`)
})

test('regions: the pixels of a label at any size, their mean; a picture made of its style is at distance 0',
  async () => {
    const image = picture(8, 4, (x) => (x < 4 ? [10, 20, 30] : [200, 100, 50]))
    assert.deepEqual(pixelsOf(image, halves(2, 2), 1).length, 16)
    assert.deepEqual(meanColor(image, pixelsOf(image, halves(16, 2), 2)), [200, 100, 50])
    assert.deepEqual([...crop(image, { x: 3, y: 1, width: 2, height: 1 }).data], [10, 20, 30, 255, 200, 100, 50, 255])
    const labels = { content: halves(72, 72), style: halves(72, 72) }
    const task = regionStatistics(/** @type {any} */ ({ name: 'p', settings: {} }), source('s', 's', style), labels)
    const tools = /** @type {any} */ ({ engine, picture: async () => style })
    const { values } = await task.perform(tools)
    assert.deepEqual(values.regions.map(({ label, share, distance }) => [label, share, distance]),
      [[1, 0.5, 0], [2, 0.5, 0]])
    const apart = (await task.perform({ ...tools, picture: async () => picture(72, 72, () => [0, 0, 0]) }))
      .values.regions[0]
    assert.ok(values.regions[0].palette < 0.2 * apart.palette, `${values.regions[0].palette} ${apart.palette}`)
  })
