// SPDX-License-Identifier: MIT
//
// Assembles the site, one folder for any static host: `node web/site.mjs build/site`. Nothing is rewritten or bundled;
// the files keep their relative places:
//
//   index.html style.css *.js regions/ samples/   from web/
//   api/       from src/api/           wasm/     from build/wasm/         weights/  from weights/vgg16.q8.bin
//   sw.js      web/sw.js below one line that names the version (a hash of every file) and the files to keep offline
//   _headers .htaccess                 from web/hosting/: read by Netlify, Cloudflare Pages and Apache

import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Every [source folder, target folder, what to take]. @type {[string, string, RegExp][]} */
const parts = [
  ['web', '', /\.(html|css|js|svg|webmanifest)$/],
  ['web/regions', 'regions', /\.(css|js)$/],
  ['web/samples', 'samples', /\.(json|jpg|png)$/],
  ['web/hosting', '', /^(_headers|\.htaccess)$/],
  ['src/api', 'api', /^(?!glue_export).*\.js$/],
  ['build/wasm', 'wasm', /\.(js|mjs|wasm)$/],
  ['weights', 'weights', /^vgg16\.q8\.bin$/]
]

/** @param {string} target folder, emptied first */
export async function assemble(target) {
  await rm(target, { recursive: true, force: true })
  /** @type {string[]} */
  const files = []
  for (const [from, to, wanted] of parts) {
    for (const name of (await readdir(path.join(root, from))).sort()) {
      if (!wanted.test(name)) continue
      await mkdir(path.join(target, to), { recursive: true })
      await cp(path.join(root, from, name), path.join(target, to, name))
      files.push(path.posix.join(to, name))
    }
  }
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update(await readFile(path.join(target, file)))
  const offline = files.filter((file) => !/^(sw\.js|_headers|\.htaccess|weights\/.*)$/.test(file))
  const stamp = { version: hash.digest('hex').slice(0, 16), files: offline }
  const worker = await readFile(path.join(target, 'sw.js'), 'utf8')
  await writeFile(path.join(target, 'sw.js'), `const SITE = ${JSON.stringify(stamp)}\n${worker}`)
  return { ...stamp, target }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { target, version, files } = await assemble(path.resolve(process.argv[2] ?? path.join(root, 'build/site')))
  console.log(`${target}: version ${version}, ${files.length} files and the weights`)
}
