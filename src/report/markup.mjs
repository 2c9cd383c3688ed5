// SPDX-License-Identifier: MIT
//
// HTML that is safe to put together: html`...` escapes whatever is put in, except what html`...` itself made, alone or
// in lists. Measured numbers are <data> elements: the reader sees them rounded, a program reads the whole value.

export class Markup {
  /** @param {string} text */
  constructor(text) {
    this.text = text
  }

  toString() {
    return this.text
  }
}

/** @typedef {Markup|string|number|null|undefined} Leaf */
/** @typedef {Leaf|readonly Leaf[]|readonly (readonly Leaf[])[]} Part */

/** @type {Record<string, string>} */
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** @param {Part} part @returns {string} */
function written(part) {
  if (Array.isArray(part)) return part.map(written).join('')
  if (part instanceof Markup) return part.text
  return String(part ?? '').replace(/[&<>"]/g, (character) => ENTITIES[character])
}

/** @param {TemplateStringsArray} strings @param {...Part} parts */
export const html = (strings, ...parts) => new Markup(
  strings.reduce((text, string, i) => text + written(parts[i - 1]) + string))

/** A measured number. @param {number} value @param {number} [digits] behind the point */
export const number = (value, digits = 3) => html`<data value="${value}">${value.toFixed(digits)}</data>`

/** Seconds with as many digits as tell something. @param {number} value */
export const seconds = (value) => number(value, value < 10 ? 2 : value < 100 ? 1 : 0)

/**
 * A table whose first column names the rows. @param {Part} caption @param {Part[]} head @param {Part[][]} rows
 */
export const table = (caption, head, rows) => html`
<div class="scroll"><table>
<caption>${caption}</caption>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map(([name, ...cells]) => html`
<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}
</tbody>
</table></div>`

/**
 * One picture of a contact sheet. facts: what was done and measured, below the title.
 * @param {{ file: string, title: Part, size: [number, number], facts: Part }} picture
 */
export const figure = ({ file, title, size: [width, height], facts }) => html`
<figure><img src="${encodeURI(file)}" width="${width}" height="${height}" alt="${title}" loading="lazy">
<figcaption><b>${title}</b> ${facts}</figcaption></figure>`

/** @param {Leaf[]} figures @param {'strip'|'pair'} [kind] many small ones in a row, or two */
export const contactSheet = (figures, kind) => html`<div class="sheet${kind && ` ${kind}`}">${figures}</div>`
