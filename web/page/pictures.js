// SPDX-License-Identifier: MIT
//
// The two wells. A picture comes by button, drop, paste (into the focused well, else the first empty one) or from a
// sample. PNG and JPEG are decoded by the engine, whose EXIF handling is the definition for page, API and command line;
// any other kind by the browser. What neither can read is refused by its name, and the well keeps what it had.

import { click, find, say } from '../shared/dom.js'

/** @typedef {'content'|'style'} Role */
/** @typedef {import('../platform/engine_host.js').Use} Use */
/** @typedef {{ name: string, blob: Blob, url: string, image: import('../shared/dom.js').Pixels }} Picture */

const roles = /** @type {Role[]} */ (['content', 'style'])

/**
 * @param {{ use: Use, locked: () => boolean, onChange: () => void }} page
 *   locked: a run goes on, nothing is taken
 */
export function createPictures({ use, locked, onChange }) {
  /** @type {Record<Role, Picture|null>} */
  const pictures = { content: null, style: null }
  const turn = { content: 0, style: 0 }

  /** @param {Role} role @param {Blob} blob @param {string} name */
  async function put(role, blob, name) {
    const mine = ++turn[role]
    const well = find(role)
    well.setAttribute('aria-busy', 'true')
    say(`${role}-says`, '')
    try {
      const image = await readPicture(use, blob, name)
      if (mine === turn[role]) set(role, { name, blob, url: URL.createObjectURL(blob), image })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (mine === turn[role]) say(`${role}-says`, reason)
    } finally {
      if (mine === turn[role]) well.removeAttribute('aria-busy')
    }
  }

  /** @param {Role} role @param {Picture|null} picture */
  function set(role, picture) {
    const old = pictures[role]
    pictures[role] = picture
    show(role, picture)
    if (old && old !== pictures.content && old !== pictures.style) URL.revokeObjectURL(old.url)
    onChange()
  }

  function swap() {
    const { content, style } = pictures
    pictures.content = style
    pictures.style = content
    for (const role of roles) show(role, pictures[role])
    onChange()
  }

  /**
   * Files without a well of their own: the wanted one first, then the other.
   * @param {Iterable<File>} files @param {Role} [wanted]
   */
  async function putFiles(files, wanted) {
    const [first, second] = files
    if (!first || locked()) return
    const role = wanted ?? roles.find((name) => !pictures[name]) ?? 'content'
    const other = role === 'content' ? 'style' : 'content'
    await Promise.all([put(role, first, first.name), second && put(other, second, second.name)])
  }

  for (const role of roles) {
    const well = find(role)
    well.append(/** @type {HTMLTemplateElement} */ (find('well')).content.cloneNode(true))
    const [title, about] = well.querySelectorAll('.prompt > *')
    const problem = /** @type {Element} */ (well.querySelector('.problem'))
    const input = /** @type {HTMLInputElement} */ (well.querySelector('input'))
    title.textContent = well.ariaLabel
    about.textContent = well.dataset.about ?? ''
    problem.id = `${role}-says`
    input.id = `${role}-file`
    input.setAttribute('aria-describedby', problem.id)
    input.addEventListener('change', () => {
      putFiles(input.files ?? [], role)
      input.value = ''
    })
    well.querySelector('button')?.addEventListener('click', () => input.click())
    well.addEventListener('dragover', () => well.classList.add('over'))
    for (const end of ['dragleave', 'drop']) well.addEventListener(end, () => well.classList.remove('over'))
  }
  click('swap', swap)

  document.addEventListener('dragover', (event) => event.preventDefault())
  document.addEventListener('drop', (event) => {
    const target = /** @type {Element} */ (event.target)
    if (event.defaultPrevented) return
    event.preventDefault()
    putFiles(event.dataTransfer?.files ?? [], wellOf(target))
  })
  document.addEventListener('paste', (event) => {
    const files = event.clipboardData?.files ?? []
    if (files.length === 0) return
    event.preventDefault()
    putFiles(files, wellOf(document.activeElement))
  })

  return { pictures, put }
}

/** @param {Element|null} element @returns {Role|undefined} */
function wellOf(element) {
  return /** @type {Role|undefined} */ (element?.closest('.well')?.id)
}

/** @param {Role} role @param {Picture|null} picture */
function show(role, picture) {
  const well = find(role)
  const filled = /** @type {HTMLElement} */ (well.querySelector('.filled'))
  const image = /** @type {HTMLImageElement} */ (filled.querySelector('img'))
  const caption = /** @type {HTMLElement} */ (filled.querySelector('.caption span'))
  const had = filled.contains(document.activeElement)
  well.classList.toggle('has', Boolean(picture))
  filled.hidden = !picture
  say(`${role}-says`, '')
  if (!picture) return
  image.src = picture.url
  image.alt = `${well.ariaLabel}: ${picture.name}`
  caption.textContent = `${picture.name} · ${picture.image.width} × ${picture.image.height}`
  if (!had && well.contains(document.activeElement)) {
    /** @type {HTMLElement} */ (filled.querySelector('button')).focus()
  }
}

/** @param {Use} use @param {Blob} blob @param {string} name @returns {Promise<import('../shared/dom.js').Pixels>} */
export async function readPicture(use, blob, name) {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  const png = bytes[0] === 0x89 && bytes[1] === 0x50
  const jpeg = bytes[0] === 0xff && bytes[1] === 0xd8
  if (png || jpeg) return use((engine) => engine.decode(bytes, name))
  let bitmap
  try {
    bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image', premultiplyAlpha: 'none' })
  } catch {
    throw new Error(`${name} is not a picture that this browser can open.`)
  }
  const { width, height } = bitmap
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error(`${name}: the browser gave no canvas to decode it.`)
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  return { width, height, data: context.getImageData(0, 0, width, height).data }
}
