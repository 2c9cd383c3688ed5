// SPDX-License-Identifier: MIT
//
// The two wells. A picture comes by button, drop, paste (into the focused well, else the first empty one) or from a
// sample. It is read once: what is kept and painted are those bytes, whatever happens to the file. PNG and JPEG are
// decoded by the engine, whose EXIF handling is the definition for page, API and command line; any other kind by the
// browser, within the engine's limits. What neither can read is refused by its name, and the well keeps what it had.

import { notice } from '../shared/notices.js'
import { breathe, click, find, say } from '../shared/dom.js'

/** @typedef {'content'|'style'} Role */
/** @typedef {import('../platform/engine_host.js').Use} Use */
/** @typedef {{ name: string, blob: Blob }} Source */
/** @typedef {{ name: string, blob: Blob, url: string, image: import('../shared/dom.js').Pixels }} Picture */

const roles = /** @type {Role[]} */ (['content', 'style'])
const MOST_BYTES = 1 << 29
const [LEAST_SIDE, MOST_SIDE, MOST_PIXELS] = [2, 16384, 100e6] // as in src/engine
const BAND = 1 << 22 // pixels that a canvas holds at a time: some browsers allow no more than 16 million
const ADDRESS_ALONE = 'Only its address came. Save the picture and drop the file, or copy the picture and paste it.'

/**
 * @param {{ use: Use, locked: () => boolean, reveal: () => void, onChange: () => void }} page
 *   locked: a run goes on, nothing is taken; reveal: shows the wells, for what came while they were out of sight
 */
export function createPictures({ use, locked, reveal, onChange }) {
  /** @type {Record<Role, Picture|null>} */
  const pictures = { content: null, style: null }
  const turn = { content: 0, style: 0 }
  /** What was said last to a picture that came during a run. @type {HTMLElement|undefined} */
  let refusal

  /**
   * @param {Role} role @param {Source|Promise<Source|undefined>} source undefined: there is none after all
   * @returns {Promise<Picture|null>} null: not taken
   */
  async function put(role, source) {
    const mine = ++turn[role]
    const well = find(role)
    well.setAttribute('aria-busy', 'true')
    say(`${role}-says`, '')
    try {
      const given = await source
      if (!given) return null
      const { name, blob } = given
      const read = new Blob([await bytesOf(blob, name)], { type: blob.type })
      const image = await readPicture(use, read, name)
      if (mine !== turn[role]) return null
      const picture = { name, blob: read, url: URL.createObjectURL(read), image }
      set(role, picture)
      return picture
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (mine === turn[role]) say(`${role}-says`, reason)
      return null
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

  const vacant = () => roles.find((name) => !pictures[name]) ?? 'content'

  /** @returns {boolean} whether the wells, now in sight, take what comes */
  function opens() {
    refusal?.remove()
    if (locked()) refusal = notice(
      'A run goes on: it takes no other picture. Stop it first, or wait until it is finished.')
    else reveal()
    return !locked()
  }

  /**
   * Something dropped that is no file: a picture of this host is fetched, of another is asked for as a file.
   * @param {DataTransfer} transfer @param {Role} [wanted]
   */
  async function putAddress(transfer, wanted) {
    const [address] = transfer.getData('text/uri-list').split(/[\r\n]+/)
    if (!opens()) return
    const role = wanted ?? vacant()
    const url = URL.canParse(address) ? new URL(address) : null
    if (url?.protocol !== location.protocol || url.origin !== location.origin) {
      return say(`${role}-says`, url ? ADDRESS_ALONE : 'What was dropped is no picture file.')
    }
    const response = await fetch(url).catch(() => null)
    const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '')
    if (response?.ok) await put(role, { name, blob: await response.blob() })
    else say(`${role}-says`, `${name} could not be fetched.`)
  }

  /**
   * Files without a well of their own: the wanted one first, then the other.
   * @param {Iterable<File>} files @param {Role} [wanted]
   */
  async function putFiles(files, wanted) {
    const [first, second] = files
    if (!first || !opens()) return
    const role = wanted ?? vacant()
    const other = role === 'content' ? 'style' : 'content'
    await Promise.all([put(role, file(first)), second && put(other, file(second))])
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
    const { dataTransfer } = event
    if (event.defaultPrevented || !dataTransfer) return
    event.preventDefault()
    if (dataTransfer.files.length > 0) putFiles(dataTransfer.files, wellOf(target))
    else putAddress(dataTransfer, wellOf(target))
  })
  document.addEventListener('paste', (event) => {
    const files = event.clipboardData?.files ?? []
    if (files.length === 0) return
    event.preventDefault()
    putFiles(files, wellOf(document.activeElement))
  })

  return { pictures, put }
}

/** @param {File} picked @returns {Source} */
const file = (picked) => ({ name: picked.name, blob: picked })

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

/** @param {Blob} blob @param {string} name */
async function bytesOf(blob, name) {
  if (blob.size > MOST_BYTES) {
    throw new Error(`${name} has ${Math.round(blob.size / 1e6)} MB; a picture file may have up to 500 MB.`)
  }
  return blob.arrayBuffer().catch(() => {
    throw new Error(`${name} could not be read. Was it moved or changed? Choose it again.`)
  })
}

/** @param {Use} use @param {Blob} blob @param {string} name @returns {Promise<import('../shared/dom.js').Pixels>} */
export async function readPicture(use, blob, name) {
  const bytes = new Uint8Array(await bytesOf(blob, name))
  const png = bytes[0] === 0x89 && bytes[1] === 0x50
  const jpeg = bytes[0] === 0xff && bytes[1] === 0xd8
  if (png || jpeg) return use((engine) => engine.decode(bytes, name))
  await checkSides(blob, name)
  const bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image', premultiplyAlpha: 'none' })
    .catch(() => unreadable(name))
  const { width, height } = bitmap
  const data = new Uint8ClampedArray(4 * width * height)
  const rows = Math.max(1, Math.floor(BAND / width))
  const context = new OffscreenCanvas(width, Math.min(rows, height)).getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error(`${name}: the browser gave no canvas to decode it.`)
  for (let y = 0; y < height; y += rows) {
    context.clearRect(0, 0, width, rows)
    context.drawImage(bitmap, 0, -y)
    data.set(context.getImageData(0, 0, width, Math.min(rows, height - y)).data, 4 * width * y)
    await breathe()
  }
  bitmap.close()
  return { width, height, data }
}

/** @type {(name: string) => never} */
function unreadable(name) {
  throw new Error(`${name} is not a picture that this browser can open.`)
}

/** The sides stand in the file's head: an element that is not shown reads them without decoding the pixels. */
async function checkSides(/** @type {Blob} */ blob, /** @type {string} */ name) {
  const image = new Image()
  image.src = URL.createObjectURL(blob)
  await new Promise((resolve, reject) => Object.assign(image, { onload: resolve, onerror: reject }))
    .catch(() => unreadable(name)).finally(() => URL.revokeObjectURL(image.src))
  const { naturalWidth: width, naturalHeight: height } = image
  const sides = `${name}: ${width} x ${height} pixels is too`
  if (Math.min(width, height) < LEAST_SIDE) {
    throw new Error(`${sides} small; at least ${LEAST_SIDE} x ${LEAST_SIDE}`)
  }
  if (Math.max(width, height) > MOST_SIDE || width * height > MOST_PIXELS) {
    throw new Error(`${sides} large; at most ${MOST_SIDE} a side and ${MOST_PIXELS / 1e6} million in all`)
  }
}
