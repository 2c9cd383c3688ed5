// SPDX-License-Identifier: MIT
//
// strotss batch: many contents by one style, pairs from a list, what is skipped, what fails, and how it ends.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createEngine, writeImage } from '../../src/api/index.node.mjs'
import { parse } from '../../src/cli/parse.mjs'
import { content, style } from './pictures.mjs'

const script = fileURLToPath(new URL('../../src/cli/strotss.mjs', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'strotss-batch-'))
const at = (name) => path.join(folder, name)
const SMALL = ['--size', '64', '--iterations', '1', '--threads', '2']

before(async () => {
  const engine = await createEngine({ threads: 1 })
  mkdirSync(at('in'))
  await writeImage(engine, at('in/a.png'), content)
  await writeImage(engine, at('in/b c.png'), style)
  await writeImage(engine, at('in/s.jpg'), style)
  writeFileSync(at('in/bad.png'), 'hello')
  engine.dispose()
})
after(() => rmSync(folder, { recursive: true }))

const strotss = (...words) => spawnSync(process.execPath, [script, 'batch', ...words],
  { cwd: folder, encoding: 'utf8', timeout: 300000 })

test('one style: a failure is told and the rest painted; again, what is there is skipped', () => {
  const contents = ['--style', 'in/s.jpg', 'in/a.png', 'in/bad.png', 'in/b c.png']
  const first = strotss(...contents, '-o', 'out/deep', ...SMALL, '--json')
  assert.equal(first.status, 1, first.stderr)
  assert.match(first.stderr, /bad\.s\.png: failed: .*bad\.png/)
  assert.match(first.stderr, /^strotss: 2 painted, 0 skipped, 1 failed: bad\.s\.png$/m)
  assert.deepEqual(readdirSync(at('out/deep')).sort(), ['a.s.png', 'b c.s.png'])
  assert.deepEqual(JSON.parse(first.stdout).map(({ status }) => status), ['done', 'failed', 'done'])
  writeFileSync(at('out/deep/a.s.png'), 'mine')
  const second = strotss(...contents.filter((name) => name !== 'in/bad.png'), '-o', 'out/deep', ...SMALL)
  assert.equal(second.status, 0, second.stderr)
  assert.match(second.stderr, /^0 painted, 2 skipped, 0 failed$/m)
  assert.equal(second.stdout, '')
  assert.equal(readFileSync(at('out/deep/a.s.png'), 'utf8'), 'mine')
})

test('a name is text, whatever it says: one line for each, nothing that a terminal obeys', () => {
  const { status, stderr } = strotss('--style', 'in/s.jpg', 'no\n\x1b[2Jsuch.png', '-o', 'named', ...SMALL)
  assert.equal(status, 1, stderr)
  assert.match(stderr, /^1\/1 \P{Cc}* failed: no \?\[2Jsuch\.png: there is no such file\nstrotss: \P{Cc}*\n$/u)
})

test('pairs from a list, names relative to it', () => {
  writeFileSync(at('in/list.txt'), '# pairs\r\na.png s.jpg\n\nb c.png\ts.jpg\n')
  const { status, stderr } = strotss('--list', 'in/list.txt', '-o', 'listed', ...SMALL, '--format', 'jpg')
  assert.equal(status, 0, stderr)
  assert.match(stderr, /^2 painted, 0 skipped, 0 failed$/m)
  assert.deepEqual([...readFileSync(at('listed/b c.s.jpg')).subarray(0, 2)], [0xff, 0xd8])
})

test('a list of JSON lines beside others; a line that is neither is named', () => {
  writeFileSync(at('in/list.jsonl'), '{"content": "a.png", "style": "s.jpg"}\n{"style":"s.jpg","content":"b c.png"}\n')
  const { status, stderr } = strotss('--list', 'in/list.jsonl', '-o', 'json', ...SMALL)
  assert.equal(status, 0, stderr)
  assert.deepEqual(readdirSync(at('json')).sort(), ['a.s.png', 'b c.s.png'])
  for (const line of ['{"content": "a.png"}', '{"content": "a.png", "style": 1}', '{"content": "a.png", "style": ""}', '{',
    '{"content": "a.png", "style": "s.jpg", "size": 64}', 'a.png', '\ta.png\ts.jpg\tx.png']) {
    writeFileSync(at('in/wrong.txt'), `# first\n${line}\n`)
    const wrong = strotss('--list', 'in/wrong.txt', '-o', 'x', ...SMALL)
    assert.equal(wrong.status, 3, line)
    assert.match(wrong.stderr, /^strotss: in\/wrong\.txt: line 2 is neither \{"content": "A", "style": "B"\} nor/)
  }
})

test('shards: started together they share the work and collide nowhere; again, only what is missing is painted',
  async () => {
    mkdirSync(at('in/other'))
    writeFileSync(at('in/other/a.png'), readFileSync(at('in/b c.png'))) // two pictures of one name
    writeFileSync(at('in/five.txt'), 'a.png s.jpg\nother/a.png s.jpg\nb c.png\ts.jpg\na.png a.png\ns.jpg a.png\n')
    const words = ['--list', 'in/five.txt', '-o', 'shards/new', '--json', ...SMALL, '--threads', '1']
    /** @param {string} shard @returns {Promise<{ status: string, output: string }[]>} */
    const start = (shard) => new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [script, 'batch', ...words, '--shard', shard], { cwd: folder })
      let [text, faults] = ['', '']
      child.stdout.setEncoding('utf8').on('data', (part) => (text += part))
      child.stderr.setEncoding('utf8').on('data', (part) => (faults += part))
      child.on('close', (status) => (status ? reject(new Error(faults)) : resolve(JSON.parse(text))))
    })
    const all = async () => (await Promise.all(['1/3', '2/3', '3/3'].map(start)))
      .map((outcomes) => outcomes.map(({ status, output }) => `${status} ${path.basename(output)}`))
    const names = ['in-a.png.s.png', 'other-a.png.s.png', 'b c.s.png', 'a.a.png', 's.a.png']
    const expected = (/** @type {string} */ status) => (
      [[0, 3], [1, 4], [2]].map((mine) => mine.map((i) => `${status} ${names[i]}`)))
    assert.deepEqual(await all(), expected('done'))
    assert.deepEqual(readdirSync(at('shards/new')).sort(), [...names].sort())
    assert.deepEqual(await all(), expected('skipped'))
    rmSync(at('shards/new/s.a.png'))
    assert.deepEqual((await all()).flat().filter((outcome) => outcome.startsWith('done')), ['done s.a.png'])
    assert.deepEqual(await start('7/9'), [], 'more shards than pictures')
    for (const shard of ['0/3', '4/3', '1', '1/0', 'a/b', '-1/3', '1.5/3']) {
      const wrong = strotss(...words, `--shard=${shard}`)
      assert.equal(wrong.status, 2)
      assert.match(wrong.stderr, /^strotss: --shard: ".*" is not K\/N, where K is a whole number from 1 to N;/)
    }
  })

test("the shards of docs/cli.md: each way of starting them covers all, once", () => {
  const [, section] = /\n## Many machines\n([^]*?)\n## /.exec(readFileSync(new URL('../../docs/cli.md', import.meta.url),
    'utf8')) ?? assert.fail('there is no such section')
  const block = (/** @type {string} */ language) => (
    new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(section)?.[1] ?? assert.fail(language))
  /** What `strotss` would be started with. @param {string} code @param {Record<string, string>} env */
  function words(code, env) {
    const { status, stdout, stderr } = spawnSync('bash', ['-c',
      `npx() { shift; strotss "$@"; }\nstrotss() { printf '%s\\n' "$@"; }\n${code}`], { encoding: 'utf8', env })
    assert.equal(status, 0, stderr)
    return stdout.trim().split('\n')
  }
  const [, template, numbers] = /^parallel (.*) ::: ([\d ]+)$/m.exec(block('sh')) ?? assert.fail('no parallel')
  const [, array] = /--array=1-(\d+)/.exec(block('bash')) ?? assert.fail('no array')
  const [, completions] = /completions: (\d+)/.exec(block('yaml')) ?? assert.fail('no completions')
  const [, args] = /args: \['exec (.*)'\]/.exec(block('yaml')) ?? assert.fail('no args')
  const started = [
    numbers.split(' ').map((n) => words(template.replace('{}', n), {})),
    Array.from({ length: Number(array) }, (_, i) => words(block('bash'), { SLURM_CPUS_PER_TASK: '8',
      SLURM_ARRAY_TASK_ID: String(i + 1), SLURM_ARRAY_TASK_COUNT: array })),
    Array.from({ length: Number(completions) }, (_, i) => words(args, { JOB_COMPLETION_INDEX: String(i) }))
  ]
  for (const runs of started) {
    const orders = runs.map((run) => parse(run))
    assert.ok(orders.every(({ command, list }) => command?.name === 'batch' && list === 'pairs.txt'))
    assert.deepEqual(orders.map(({ shard }) => shard), runs.map((_, i) => [i + 1, runs.length]))
  }
})

test('Ctrl-C: status 130, what was finished stays', async () => {
  const words = ['batch', '--style', 'in/s.jpg', 'in/a.png', 'in/b c.png', '-o', 'cut',
    '--size', '64', '--iterations', '2000', '--threads', '2']
  const child = spawn(process.execPath, [script, ...words], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (part) => {
    if (!/objective/.test(text) && /objective/.test(text += part)) child.kill('SIGINT')
    else text += part
  })
  assert.equal(await new Promise((resolve) => child.on('exit', resolve)), 130, text)
  assert.match(text, /interrupted: 0 painted/)
  assert.deepEqual(readdirSync(at('cut')), [])
})

test('what it refuses', () => {
  const refuses = (status, words, ...command) => {
    const result = strotss(...command)
    assert.equal(result.status, status, result.stderr)
    assert.match(result.stderr, words)
    assert.match(result.stderr, /^strotss: .*\n$/, 'one line')
  }
  writeFileSync(at('in/three.txt'), 'a.png s.jpg x.png y.png\n')
  writeFileSync(at('in/none.txt'), '# nothing\n')
  refuses(2, /missing --style STYLE or --list FILE/, 'in/a.png', 'in/s.jpg', '-o', 'x')
  refuses(2, /expected at least one CONTENT, got no files/, '--style', 'in/s.jpg', '-o', 'x')
  refuses(2, /expected no files, got 1 file/, 'in/a.png', '--list', 'in/list.txt', '-o', 'x')
  refuses(2, /cannot be given together/, 'in/a.png', '--style', 'in/s.jpg', '--list', 'in/list.txt', '-o', 'x')
  refuses(2, /"charm" is not one of content, /, '--list', 'in/list.txt', '-o', 'x', '--loss', 'charm=1')
  refuses(2, /missing -o DIR \(the output folder\)/, '--list', 'in/list.txt')
  refuses(2, /not one of png, jpg/, '--list', 'in/list.txt', '-o', 'x', '--format', 'gif')
  refuses(2, /size/, '--list', 'in/list.txt', '-o', 'x', '--size', '7')
  refuses(2, /two results would be/, '--style', 'in/s.jpg', 'in/a.png', 'in/a.png', '-o', 'x')
  refuses(3, /missing\.txt/, '--list', 'missing.txt', '-o', 'x')
  refuses(3, /line 1/, '--list', 'in/three.txt', '-o', 'x')
  refuses(3, /no pictures/, '--list', 'in/none.txt', '-o', 'x')
  refuses(6, /a\.png/, '--list', 'in/list.txt', '-o', 'in/a.png')
  assert.ok(!existsSync(at('x')))
})
