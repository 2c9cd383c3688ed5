// SPDX-License-Identifier: MIT
//
// Assembles the site, one folder for any static host: `node web/site.mjs build/site`. Nothing is bundled
// or made smaller (hosts compress); the files keep their names and relative places:
//
//   index.html style.css icons shared/ page/ last-run/ platform/ regions/ samples/ examples/   from web/
//   api/ gpu/ guidance/ from src/           wasm/     from build/wasm/         weights/  from weights/vgg16.q8.bin
//   sw.js             web/platform/sw.js below two lines: the version, a hash of every file; and the hash of
//   files-VERSION.json                 what the service worker keeps offline, each file with its hash
//   _headers .htaccess                 from web/hosting/: read by Netlify, Cloudflare Pages and Apache

import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Every [source folder, target folder, what to take]. @type {[string, string, RegExp][]} */
const parts = [
  ['web', '', /\.(html|css|svg|png|webmanifest)$/],
  ['web/shared', 'shared', /\.js$/],
  ['web/page', 'page', /\.js$/],
  ['web/last-run', 'last-run', /\.js$/],
  ['web/platform', 'platform', /^(?!sw\.).*\.js$/],
  ['web/platform', '', /^sw\.js$/],
  ['web/regions', 'regions', /\.(css|js)$/],
  ['web/samples', 'samples', /\.(json|jpg|png)$/],
  ['web/examples', 'examples', /\.jpg$/],
  ['web/examples/small', 'examples/small', /\.jpg$/],
  ['web/hosting', '', /^(_headers|\.htaccess)$/],
  ['src/guidance', 'guidance', /\.js$/],
  ['src/api', 'api', /^(?!types).*\.js$/],
  ['src/api/client', 'api/client', /\.js$/],
  ['src/api/worker', 'api/worker', /\.js$/],
  ['src/api/shared', 'api/shared', /\.js$/],
  ['src/gpu', 'gpu', /\.js$/],
  ['src/gpu/kernels', 'gpu/kernels', /\.wgsl$/],
  ['build/wasm', 'wasm', /\.(js|wasm)$/],
  ['weights', 'weights', /^vgg16\.q8\.bin$/]
]

/** As `fetch` takes it. @param {Buffer|string} bytes */
export const integrity = (bytes) => `sha256-${createHash('sha256').update(bytes).digest('base64')}`

/** @param {string} target folder, emptied first */
export async function assemble(target) {
  await rm(target, { recursive: true, force: true })
  const hash = createHash('sha256')
  /** Names and hashes. @type {[string, string][]} */
  const files = []
  for (const [from, to, wanted] of parts) {
    await mkdir(path.join(target, to), { recursive: true })
    for (const name of (await readdir(path.join(root, from))).filter((file) => wanted.test(file)).sort()) {
      const bytes = await readFile(path.join(root, from, name))
      const file = path.posix.join(to, name)
      await writeFile(path.join(target, file), bytes)
      hash.update(file).update(bytes)
      if (!/^(sw\.js|_headers|\.htaccess|weights\/.*)$/.test(file)) {
        files.push([file, integrity(bytes)])
      }
    }
  }
  const version = hash.digest('hex').slice(0, 16)
  const worker = await readFile(path.join(target, 'sw.js'), 'utf8')
  const list = JSON.stringify(files)
  await writeFile(path.join(target, 'sw.js'),
    `const VERSION = '${version}'\nconst LIST = '${integrity(list)}'\n${worker}`)
  await writeFile(path.join(target, `files-${version}.json`), list)
  return { version, files }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = path.resolve(process.argv[2] ?? path.join(root, 'build/site'))
  const { version, files } = await assemble(target)
  console.log(`${target}: version ${version}, ${files.length} files and the weights`)
}
