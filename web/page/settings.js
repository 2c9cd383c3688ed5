// SPDX-License-Identifier: MIT
//
// The settings form as one plain object and back, what they are called in file names and on the command line, and what
// a run with them will cost on this device: memory and time beside the button, before it is pressed.

import { amount, find, range, say } from '../shared/dom.js'

/**
 * @typedef {{ size: number, contentWeight: number, quality: 'draft'|'standard'|'fine', keepColors: boolean,
 *   seed: number, threads?: number }} Settings threads: undefined leaves it to the engine
 */

/** @param {string} id @returns {HTMLInputElement} */
const input = (id) => find(id)
const form = /** @type {HTMLFormElement} */ (find('settings'))

/** What the number fields may hold: whole numbers in their range, or nothing. */
const NUMBERS = ['seed', 'threads']

/** The number in a field, or the nearest that it may hold; undefined when there is none, and no default. @param {string} id */
function whole(id) {
  const { value, defaultValue, min, max } = input(id)
  return (value || defaultValue) === '' ? undefined : Math.min(Number(max), Math.max(Number(min), Math.floor(Number(value || defaultValue))))
}

/** Writes into the fields what they stand for, and says so where that is not what was typed. */
function correctNumbers() {
  say('numbers-say', '')
  for (const id of NUMBERS) {
    const { value, min, max, validity } = input(id)
    const number = whole(id) ?? ''
    if (value === String(number) && !validity.badInput) continue
    input(id).value = String(number)
    if (value === '' && !validity.badInput) continue
    say('numbers-say', `${id === 'seed' ? 'The seed' : 'Threads'}: a whole number from ${min} to ${max}. ` +
      `Taken: ${number === '' ? 'as if empty' : number}.`)
  }
}

/** @returns {Settings} */
export function readSettings() {
  const quality = /** @type {{ value: Settings['quality'] }} */ (
    /** @type {unknown} */ (form.querySelector('[name=quality]:checked'))).value
  return {
    size: Number(input('size').value),
    contentWeight: Number(input('weight').value),
    quality,
    keepColors: input('colors').checked,
    seed: whole('seed') ?? 0,
    threads: input('threads').disabled ? undefined : whole('threads')
  }
}

/** @param {Partial<Settings>} settings those left out stay as they are */
export function writeSettings({ size, contentWeight, seed, threads, keepColors, quality }) {
  for (const [id, value] of Object.entries({ size, weight: contentWeight, seed, threads })) {
    if (value !== undefined) input(id).value = String(value)
  }
  const colors = input('colors')
  colors.checked = keepColors ?? colors.checked
  for (const radio of form.querySelectorAll(`[value=${quality}]`))
    /** @type {HTMLInputElement} */ (radio).checked = true
  showValues()
}

function showValues() {
  const { size, contentWeight } = readSettings()
  say('size-out', `${size} px`)
  input('size').ariaValueText = `${size} pixels`
  say('weight-out', contentWeight.toFixed(2).replace(/0$/, ''))
}

/** @param {(settings: Settings) => void} onChange */
export function watchSettings(onChange) {
  form.addEventListener('input', () => {
    showValues()
    if (NUMBERS.every((id) => input(id).validity.valid)) say('numbers-say', '')
  })
  form.addEventListener('change', () => {
    correctNumbers()
    onChange(readSettings())
  })
  form.addEventListener('submit', (event) => event.preventDefault())
  showValues()
}

/** "owl-by-flowers-512-w0.5-standard-seed0" @param {Settings} s @param {string} content @param {string} style */
export function resultName(s, content, style) {
  /** @param {string} name */
  const stem = (name) => name.replace(/\.[^.]*$/, '').replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 40)
  const colors = s.keepColors ? '-colors' : ''
  return `${stem(content)}-by-${stem(style)}-${s.size}-w${s.contentWeight}-${s.quality}${colors}-seed${s.seed}`
}

/** First words of the command line that are no names of files. */
const COMMANDS = ['stylize', 'batch', 'report', 'evaluate', 'distances', 'hypercolumn']

/**
 * @param {Settings} s @param {string} content @param {string} style names of files
 * @param {import('../regions/editor.js').Regions|null} regions
 */
export function asCommand(s, content, style, regions) {
  /** As a shell and the command line take it for a file's name. @param {string} name */
  const file = (name) => {
    const plain = /^[\p{L}\p{N}_.]/u.test(name) && !/^file:/i.test(name) && !COMMANDS.includes(name)
    const safe = plain ? name : `./${name}`
    return /^[\w.@%+/-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`
  }
  const words = ['npx strotss', file(content), file(style), '-o', file(`${resultName(s, content, style)}.png`),
    '--size', s.size, '--content-weight', s.contentWeight, '--quality', s.quality, '--seed', s.seed]
  if (s.keepColors) words.push('--keep-colors')
  if (regions) words.push('-gr content-regions.png style-regions.png')
  for (const [label, weight] of regions?.weights.entries() ?? []) {
    const used = [regions?.content, regions?.style].every((map) => map?.labels.includes(label))
    if (weight !== 1 && used) words.push(`--region-weight ${label}=${weight}`)
  }
  return words.join(' ')
}

/** What a page can count on, in bytes; a browser says only roughly, and Safari not at all. */
function memoryLimit() {
  const told = /** @type {{ deviceMemory?: number }} */ (navigator).deviceMemory
  const phone = navigator.maxTouchPoints > 1 && /iPhone|iPad|Macintosh/.test(navigator.userAgent)
  return Math.min(4, told ? told / 2 : phone ? 1 : 4) * 1e9
}

/**
 * @param {{ bytes: number, seconds?: number }|null} estimate null: not known yet
 * @param {{ size: number, regions: number, faults: string[], measuring: boolean }} run
 *   regions: how many are on both pictures; faults: of regions that will not work as painted
 * @returns {boolean} there is nothing to warn of
 */
export function showEstimate(estimate, { size, regions, faults, measuring }) {
  const seconds = estimate?.seconds
  const paired = regions ? `, with ${regions === 1 ? 'one region' : `${regions} regions`}` : ''
  say('estimate', seconds !== undefined ? `${range(seconds)} on this device${paired}`
    : estimate && measuring ? `Measuring this device…${paired}` : '')
  say('memory', estimate ? `${amount(estimate.bytes)} of memory` : '')
  const limit = memoryLimit()
  const warnings = estimate && estimate.bytes > limit ? [...faults,
    `A run at ${size} px needs ${amount(estimate.bytes)}; a page on this device can count on about ` +
    `${amount(limit)}. Choose a smaller size, or it may fail.`] : faults
  say('warning', warnings.join(' '))
  find('warning').hidden = warnings.length === 0
  return warnings.length === 0
}
