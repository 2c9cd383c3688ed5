// SPDX-License-Identifier: MIT
//
// The page around the work: light or dark by the system or as chosen, and the list of shortcuts.

import { click, find, make } from '../shared/dom.js'

const THEMES = ['system', 'light', 'dark']

/** @param {string} [theme] */
function storedTheme(theme) {
  try {
    if (theme) localStorage.setItem('strotss-theme', theme)
    return localStorage.getItem('strotss-theme') ?? 'system'
  } catch {
    return theme ?? 'system'
  }
}

export function watchTheme() {
  /** @param {string} theme */
  const apply = (theme) => {
    document.documentElement.dataset.theme = theme
    const button = find('theme')
    button.textContent = { system: '◐', light: '○', dark: '●' }[theme] ?? '◐'
    button.ariaLabel = `Colour theme: ${theme}`
    button.title = button.ariaLabel
  }
  apply(storedTheme())
  click('theme', () => {
    const now = document.documentElement.dataset.theme ?? 'system'
    apply(storedTheme(THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]))
  })
}

/**
 * Single keys, never while typing and never where a widget uses them itself.
 * @param {[string, string, (() => void)?][]} list of [keys, what they do, action]; without an action: only told
 * @param {() => boolean} quiet true while another part of the page owns the keys
 */
export function watchShortcuts(list, quiet) {
  const dialog = /** @type {HTMLDialogElement} */ (find('shortcuts'))
  const open = () => dialog.open || dialog.showModal()
  const all = /** @type {typeof list} */ ([...list, ['?', 'This list', open]])
  const lines = dialog.querySelector('dl')
  for (const [keys, text] of all) lines?.append(make('dt', {}, make('kbd', {}, keys)), make('dd', {}, text))
  click('help', open)
  document.addEventListener('keydown', (event) => {
    const target = /** @type {HTMLElement} */ (event.target)
    const typing = target.matches(
      'input:not([type=checkbox], [type=radio], [type=range], [type=file]), textarea, select')
    if (typing || dialog.open || event.defaultPrevented || event.altKey) return
    const key = event.ctrlKey || event.metaKey ? `Ctrl ${event.key}` : event.key
    if (quiet() && key !== '?' && !key.startsWith('Ctrl')) return
    const action = all.find(([keys]) => keys.split(' or ').some((k) => k.toLowerCase() === key.toLowerCase()))?.[2]
    if (!action) return
    event.preventDefault()
    action()
  })
}
