// SPDX-License-Identifier: MIT
//
// What can be done with a result: look at it as it was at each scale, download what is shown as PNG or JPEG with the
// settings in the name, copy it, copy the command that gives the whole in a terminal, save the settings with everything
// needed to repeat it, go on with a cancelled run.

import { click, download, duration, find, make, paint, say } from '../shared/dom.js'
import { asCommand, resultName } from './settings.js'

/**
 * @typedef {{ image: import('../shared/dom.js').Pixels, done: boolean,
 *   stats?: import('../api/index.browser.js').RunStats|null, seconds: number, fraction: number,
 *   scales: import('../shared/dom.js').Pixels[], checkpoint: Uint8Array|null, id: string, scale: number|null,
 *   job: import('./run.js').Job }} Result image: as shown, colours kept or not; scale: the one it is of, if not whole
 */

/**
 * @param {{ use: import('../platform/engine_host.js').Use, current: () => Result|null, onScale: (index: number|null) => void }} from
 */
export function createKeep({ use, current, onScale }) {
  /** @param {string} id @param {(result: Result) => Promise<string>} act which returns what to say */
  function button(id, act) {
    click(id, async () => {
      const result = current()
      if (!result) return
      say('keep-says', await act(result).catch((error) => `That did not work: ${error.message}`))
    })
  }

  /** @param {Result} result */
  const nameOf = ({ job }) => resultName(job.settings, job.content.name, job.style.name)
  /** @param {import('../shared/dom.js').Pixels} image */
  const longSide = ({ width, height }) => Math.max(width, height)

  /** @param {import('../shared/dom.js').Pixels} image @param {'image/png'|'image/jpeg'} type */
  const encoded = (image, type) => use((engine) => engine.encode(image, { type }))

  /** @param {BlobPart} bytes @param {string} type @param {string} name */
  function offer(bytes, type, name) {
    download(bytes, type, name)
    return `Saved as ${name}`
  }

  /** @param {Result} result @param {'image/png'|'image/jpeg'} type @param {string} ending */
  async function offerShown(result, type, ending) {
    const scale = result.scale === null ? '' : `-scale${longSide(result.image)}`
    return offer(await encoded(result.image, type), type, `${nameOf(result)}${scale}.${ending}`)
  }

  button('save-png', (r) => offerShown(r, 'image/png', 'png'))
  button('save-jpeg', (r) => offerShown(r, 'image/jpeg', 'jpg'))
  button('copy-picture', async (r) => {
    const png = encoded(r.image, 'image/png').then((bytes) => new Blob([bytes], { type: 'image/png' }))
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })])
    return 'Picture copied.'
  })
  button('copy-command', async ({ job }) => {
    const command = asCommand(job.settings, job.content.name, job.style.name, job.regions)
    const hint = job.regions ? ' Export the regions as content-regions.png and style-regions.png for it.' : ''
    try {
      await navigator.clipboard.writeText(command)
      return `Command copied.${hint}`
    } catch {
      return command
    }
  })
  button('save-settings', async (r) => {
    const { job, stats, seconds } = r
    /** @param {import('./pictures.js').Picture} picture */
    const facts = ({ name, image: { width, height } }) => ({ name, width, height })
    const told = { content: facts(job.content), style: facts(job.style), settings: job.settings,
      regions: job.regions ? { weights: job.regions.weights } : null, build: await use(async ({ info }) => info),
      seconds, stats }
    return offer(new TextEncoder().encode(JSON.stringify(told, null, 2)), 'application/json', `${nameOf(r)}.json`)
  })

  return {
    /** @param {Result} result */
    show({ image, done, fraction, seconds, scales, scale, checkpoint, job }) {
      const { size } = job.settings
      const stopped = `Stopped at ${Math.floor(100 * fraction)} % after ${duration(seconds)}`
      say('keep-title', done ? 'Your picture' : stopped)
      const painted = done ? `, painted in ${duration(seconds)}` : ''
      const what = scale === null ? painted : `, one step of ${size} px: this is what is downloaded`
      say('keep-facts', `${image.width} × ${image.height}${what}`)
      find('carry-on').hidden = done || !checkpoint
      say('keep-says', '')
      const whole = done ? scales.length - 1 : -1
      this.strip(scales, size, (i) => onScale(i === scale || i === whole ? null : i), scale ?? whole)
    },
    /**
     * The strip of each scale's picture.
     * @param {import('../shared/dom.js').Pixels[]} scales @param {number} full size
     * @param {(index: number) => void} [choose] left out: nothing to press @param {number} [shown]
     */
    strip(scales, full, choose, shown) {
      const list = find('strip')
      const at = [...list.children].findIndex((item) => item.contains(document.activeElement))
      list.replaceChildren(...scales.map((image, i) => {
        const size = longSide(image)
        const canvas = make('canvas', { ariaHidden: 'true' })
        paint(canvas, image)
        return make('li', {}, choose ? make('button', {
          className: 'quiet thumb', ariaLabel: `Show the picture at ${size} pixels`,
          ariaPressed: String(i === shown), onclick: () => choose(i)
        }, canvas, `${size}`) : make('span', { className: 'thumb' }, canvas, `${size}`))
      }))
      list.children[at]?.querySelector('button')?.focus()
    }
  }
}
