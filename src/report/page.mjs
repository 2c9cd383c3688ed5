// SPDX-License-Identifier: MIT
//
// The page around the sections: a head that says what was run and on what, a table of contents, the sections.

import { readFile } from 'node:fs/promises'
import { html, Markup } from './markup.mjs'

/** @typedef {import('./painting.mjs').Results} Results */
/**
 * lead: what is tried, in a sentence or two.
 * @typedef {{ title: string, lead: string, tasks: import('./runner.mjs').Task[],
 *   body: (results: Results) => Markup }} Section
 */
/**
 * facts: name and value; sections: by id.
 * @typedef {{ title: string, lead: Markup, facts: [string, string][], sections: Record<string, Section>,
 *   results: Results }} Page
 */

/** @param {Page} page @returns {Promise<string>} */
export async function writePage({ title, lead, facts, sections, results }) {
  const style = await readFile(new URL('./page.css', import.meta.url), 'utf8')
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
${new Markup(style)}</style>
<header>
<h1>${title}</h1>
${lead}
<dl class="facts">${facts.map(([name, value]) => html`
<div><dt>${name}</dt><dd>${value}</dd></div>`)}
</dl>
</header>
<nav aria-label="Contents"><ol>${Object.entries(sections).map(([id, { title: name }]) => html`
<li><a href="#${id}">${name}</a></li>`)}
</ol></nav>
<main>${Object.entries(sections).map(([id, { title: name, lead: words, body }]) => html`
<section id="${id}">
<h2>${name}</h2>
<p class="lead">${words}</p>
${body(results)}
</section>`)}
</main>
</html>
`.text
}
