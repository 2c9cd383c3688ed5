// SPDX-License-Identifier: MIT
//
// What can be done with a result: download as PNG or JPEG with the settings in the name, copy the picture, copy the
// command that gives it in a terminal, save the settings with everything needed to repeat it, go on with a cancelled
// run.

import { click, download, duration, find, make, paint, say } from '../shared/dom.js'
import { asCommand, resultName } from './settings.js'

/**
 * @typedef {{ image: import('../shared/dom.js').Pixels, done: boolean, stats: any, seconds: number, fraction: number,
 *   scales: import('../shared/dom.js').Pixels[], checkpoint: Uint8Array|null,
 *   job: import('./run.js').Job }} Result image: as shown, colours kept or not
 */

/**
 * @param {{ use: import('../platform/engine_host.js').Use, current: () => Result|null, onScale: (index: number) => void }} from
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

  /** @param {import('../shared/dom.js').Pixels} image @param {'image/png'|'image/jpeg'} type */
  const encoded = (image, type) => use((engine) => engine.encode(image, { type }))

  /** @param {Result} result @param {Uint8Array} bytes @param {string} type @param {string} ending */
  function offer(result, bytes, type, ending) {
    const name = `${nameOf(result)}.${ending}`
    download(bytes, type, name)
    return `Saved as ${name}`
  }

  button('save-png', async (r) => offer(r, await encoded(r.image, 'image/png'), 'image/png', 'png'))
  button('save-jpeg', async (r) => offer(r, await encoded(r.image, 'image/jpeg'), 'image/jpeg', 'jpg'))
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
    return offer(r, new TextEncoder().encode(JSON.stringify(told, null, 2)), 'application/json', 'json')
  })

  return {
    /** @param {Result} result */
    show({ image, done, fraction, seconds, scales, checkpoint, job }) {
      say('keep-title', done ? 'Your picture' : `Stopped at ${Math.floor(100 * fraction)} %`)
      say('keep-facts', `${image.width} × ${image.height}, painted in ${duration(seconds)}`)
      find('carry-on').hidden = done || !checkpoint
      say('keep-says', '')
      this.strip(scales, job.settings.size)
    },
    /** The strip of each scale's picture. @param {import('../shared/dom.js').Pixels[]} scales @param {number} full size */
    strip(scales, full) {
      find('strip').replaceChildren(...scales.map((image, i) => {
        const size = Math.max(image.width, image.height)
        const canvas = make('canvas', { ariaHidden: 'true' })
        paint(canvas, image)
        return make('li', {}, make('button', {
          className: 'quiet', ariaLabel: `Show the ${size} pixel scale of ${full}`, onclick: () => onScale(i)
        }, canvas, `${size}`))
      }))
    }
  }
}
