// SPDX-License-Identifier: MIT
//
// Random use of the page in Chromium, for as long as is wished:
//
//   make -f emscripten.mk site && node tests/soak/soak.mjs [--minutes 60] [--seed 1]
//
// Loads pictures, draws regions, changes settings, starts, pauses, hides, resizes, cancels, continues, saves, reloads.
// It fails when the page logs an error or asks another host, when something that must happen has not happened after
// PATIENCE looks without progress (looks are counted, not seconds, so that a machine that sleeps between two of them
// does no harm), or when an idle page holds more than GROWTH beyond what it held after its first run: bytes of
// JavaScript heap, and nodes of the document. Prints what was done, and exits with status 1 on failure, naming the last
// steps.

import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'
import { Random } from '../fuzz/fuzz.mjs'
import { closeAll, host, sample, skip, visit } from '../browser/support.mjs'

const PATIENCE = 1200
const LOOK_MS = 250
const GROWTH = { heap: 24e6, nodes: 1000 } // Chromium holds the page before a reload, 450 to 700 nodes, for a while
const PICTURES = ['cat.jpg', 'church-at-auvers.jpg', 'astronaut.jpg', 'rocket.jpg'].map(sample)

const { values } = parseArgs({ options: {
  minutes: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } } })
assert.equal(skip, false)
const random = new Random(Number(values.seed))
const { page, context, close } = await visit(await host())
const devtools = await context.newCDPSession(page)
page.on('dialog', (dialog) => dialog.accept())

/** Steps done, by name. @type {Record<string, number>} */
const counts = {}
/** @type {string[]} */
const trail = []
/** What an idle page held after its first run. @type {{ heap: number, nodes: number }|null} */
let first = null
const most = { heap: 0, nodes: 0 }

/** What the page shows of itself. */
const look = () => page.evaluate(() => {
  const shown = (/** @type {string} */ id) => Boolean(document.getElementById(id)?.checkVisibility())
  const usable = (/** @type {string} */ id) => {
    const button = /** @type {HTMLButtonElement|null} */ (document.querySelector(id))
    return Boolean(button?.checkVisibility() && !button.disabled)
  }
  return {
    ready: document.getElementById('engine-info')?.textContent !== '',
    running: shown('running'), kept: shown('keep'), startable: usable('#start'), paintable: usable('#tab-regions'),
    canContinue: ['#carry-on', '#last .primary'].find(usable) ?? '',
    phase: document.getElementById('run-phase')?.textContent ?? '',
    progress: `${document.title} ${document.querySelector('#terms path')?.getAttribute('d')}`
  }
})

/** Looks until it is so. @template T @param {string} what @param {() => Promise<T>} condition */
async function until(what, condition) {
  let { progress } = await look()
  for (let looks = 0; looks < PATIENCE; looks++) {
    const found = await condition()
    if (found) return found
    const now = await look()
    if (now.progress !== progress) looks = 0
    progress = now.progress
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  throw new Error(`stuck: ${what}, at ${JSON.stringify(await look())}`)
}

/** Presses what can be pressed. @param {string} id selector */
const press = (id) => page.evaluate((name) => document.querySelector(name)?.click(), id)
const idle = () => until('the run ends', async () => !(await look()).running)

/** Bytes and nodes that a collected page holds. */
async function weigh() {
  await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize } = await devtools.send('Runtime.getHeapUsage')
  const { nodes } = await devtools.send('Memory.getDOMCounters')
  const now = { heap: usedSize, nodes }
  first ??= now
  for (const what of /** @type {const} */ (['heap', 'nodes'])) {
    most[what] = Math.max(most[what], now[what])
    assert.ok(now[what] <= first[what] + GROWTH[what], `${what}: ${first[what]} after the first run, now ${now[what]}`)
  }
}

/** What may be done while no run goes on. */
const atRest = {
  async load() {
    await press('#tab-pictures')
    await page.setInputFiles(`#${random.pick(['content', 'style'])}-file`, random.pick(PICTURES), { timeout: 0 })
  },
  async both() {
    await press('#tab-pictures')
    for (const well of ['content', 'style']) await page.setInputFiles(
      `#${well}-file`, random.pick(PICTURES), { timeout: 0 })
    await until('both pictures are there', async () => (await look()).startable)
  },
  swap: () => press('#swap'),
  async draw() {
    if (!(await look()).paintable) return
    const boxes = await until('the region editor opens', async () => {
      await press('#tab-regions') // again where a last picture, opened just before, came in front
      const all = await page.evaluate(() => [...document.querySelectorAll('#regions canvas')]
        .map((canvas) => canvas.getBoundingClientRect().toJSON()))
      return all.filter(({ width, height }) => width > 60 && height > 60).length > 1 &&
        all.filter(({ width }) => width > 60)
    })
    for (let stroke = 1 + random.below(3); stroke > 0; stroke--) {
      const { x, y, width, height } = random.pick(boxes)
      const somewhere = () => /** @type {[number, number]} */ ([x + random.below(width), y + random.below(height)])
      await page.mouse.move(...somewhere())
      await page.mouse.down()
      for (let n = random.below(6); n >= 0; n--) await page.mouse.move(...somewhere())
      await page.mouse.up()
    }
  },
  settings: () => page.evaluate(([size, seed, colors, threads]) => {
    /** @param {string} id @param {string} value */
    const set = (id, value) => {
      const field = /** @type {HTMLInputElement} */ (document.getElementById(id))
      field.value = value
      for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }))
    }
    set('size', size)
    set('seed', seed)
    set('threads', threads)
    for (const wished of [colors && '#colors', '[name=quality][value=draft]']) {
      if (wished) /** @type {HTMLElement|null} */ (document.querySelector(wished))?.click()
    }
  }, /** @type {const} */ ([random.pick(['128', '192']), String(random.below(9)),
    random.once(4) ? 'yes' : '', random.pick(['', '1', '2'])])),
  async start() {
    if (!(await look()).startable) return
    await atRest.settings() // a page just loaded would paint 512 px
    await press('#start')
  },
  async carryOn() {
    const { canContinue } = await look()
    if (canContinue) await press(canContinue)
  },
  async save() {
    if (!(await look()).kept) return
    const file = page.waitForEvent('download', { timeout: 0 })
    await press(random.pick(['#save-png', '#save-jpeg', '#save-settings']))
    await (await file).delete()
  },
  async weigh() {
    if ((await look()).kept) await weigh()
  }
}

/** What may be done while a run goes on. */
const atWork = {
  async watch() {
    const before = await look()
    if (before.running && before.phase !== 'Paused') {
      await until('the run gets on', async () => {
        const now = await look()
        return !now.running || now.progress !== before.progress || now.phase !== before.phase
      })
    }
  },
  async pause() {
    await press('#pause')
    await until('the run pauses or ends', async () => (await look()).phase === 'Paused' || !(await look()).running)
    if (random.once(3)) await hide()
    if (random.once(6)) return
    if ((await look()).running) await press('#pause')
  },
  async goOn() {
    if ((await look()).phase === 'Paused') await press('#pause')
  },
  async cancel() {
    await press('#cancel')
    await idle()
  },
  async finish() {
    if ((await look()).phase !== 'Paused') await idle()
  }
}

async function hide() {
  for (const state of ['hidden', 'visible']) {
    await page.evaluate((now) => {
      Object.defineProperty(document, 'visibilityState', { value: now, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }, state)
  }
}

/** What may be done at any time. */
const always = {
  hide,
  resize: () => page.setViewportSize({ width: 340 + random.below(1200), height: 500 + random.below(600) }),
  async reload() {
    await page.reload({ timeout: 0 })
    await until('the engine is there', async () => (await look()).ready)
  },
  key: () => page.keyboard.press(random.pick(['1', '2', '3', 'p', '+', '-', '0', 'Escape', 'Tab']))
}

/** Steps by how often they are taken. @param {boolean} running */
const choices = (running) => running
  ? { ...atWork, watching: atWork.watch, watched: atWork.watch, finished: atWork.finish,
    ...(random.once(3) ? always : {}) }
  : { ...atRest, starting: atRest.start, loading: atRest.both, ...(random.once(3) ? always : {}) }

const end = performance.now() + 60000 * Number(values.minutes)
const summary = () => `${Object.entries(counts).map(([name, n]) => `${n} ${name}`).join(', ')}; at most ${
  (most.heap / 1e6).toFixed(1)} MB of heap and ` +
  `${most.nodes} nodes, ${((first?.heap ?? 0) / 1e6).toFixed(1)} MB and ${first?.nodes ?? 0} after the first run`
try {
  await until('the engine is there', async () => (await look()).ready)
  await atRest.both()
  while (performance.now() < end) {
    const { running } = await look()
    const [name, act] = random.pick(Object.entries(choices(running)))
    trail.push(running ? `${name} (at work)` : name)
    counts[act.name] = (counts[act.name] ?? 0) + 1
    await act()
  }
  if ((await look()).running) await atWork.cancel()
  await close()
  console.log(`soak: ${values.minutes} min, ${trail.length} steps: ${summary()}`)
} catch (error) {
  console.log(`soak failed after ${trail.length} steps, the last of them ${trail.slice(-12).join(', ')}\n${summary()}`)
  console.error(error)
  process.exitCode = 1
}
await closeAll()
