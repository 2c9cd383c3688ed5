// SPDX-License-Identifier: MIT
//
// A static server for the assembled site, sending the headers that give the page threads:
//
//   node web/dev_server.mjs [folder] [--port 8080] [--host 127.0.0.1] [--base /sub/path/] [--no-isolation]
//
// --no-isolation leaves COOP and COEP out, as a plain static host does: the page's service worker must then help
// itself. --base serves the folder below a path and nothing else. Only GET and HEAD, no listings, no path outside.
// Refuses, in a sentence and with status 1, a port that is taken or none, and a folder that is not there.

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8', '.json': 'application/json', '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.png': 'image/png', '.jpg': 'image/jpeg'
}
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin'
}

/**
 * @param {{ folder: string, port?: number, host?: string, base?: string, isolated?: boolean }} options port 0: any
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve({ folder, port = 8080, host = '127.0.0.1', base = '/', isolated = true }) {
  const rootFolder = path.resolve(folder)
  const server = createServer(async (request, response) => {
    /** @param {number} status @param {string} text */
    const refuse = (status, text) => response.writeHead(status, { 'Content-Type': 'text/plain' }).end(`${text}\n`)
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'GET and HEAD only')
    let name
    try {
      name = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    } catch {
      return refuse(400, 'Bad address')
    }
    if (!name.startsWith(base) || name.includes('\0')) return refuse(404, 'Not found')
    let file = path.join(rootFolder, name.slice(base.length))
    if (file !== rootFolder && !file.startsWith(rootFolder + path.sep)) return refuse(404, 'Not found')
    if (name.endsWith('/')) file = path.join(file, 'index.html')
    const facts = await stat(file).catch(() => null)
    if (!facts?.isFile()) return refuse(404, 'Not found')
    const etag = `"${facts.size.toString(16)}-${facts.mtimeMs.toString(16)}"`
    const headers = {
      'Content-Type': types[path.extname(file)] ?? 'application/octet-stream',
      'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff', ETag: etag, ...(isolated ? isolation : {})
    }
    if (request.headers['if-none-match'] === etag) return response.writeHead(304, headers).end()
    response.writeHead(200, { ...headers, 'Content-Length': facts.size })
    if (request.method === 'HEAD') return response.end()
    createReadStream(file).on('error', () => response.destroy()).pipe(response)
  })
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, host, () => resolve(undefined)))
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}${base}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }
}

/** What may be wrong with an address. @type {Record<string, string>} */
const FAULTS = {
  EADDRINUSE: 'something else listens there; choose another port by --port',
  EACCES: 'only an administrator may listen there; choose another port by --port',
  EADDRNOTAVAIL: 'this machine has no such address', ENOTFOUND: 'there is no host of this name'
}

/** @param {string[]} words of the command line */
async function main(words) {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '8080' },
      host: { type: 'string', default: '127.0.0.1' },
      base: { type: 'string', default: '/' },
      'no-isolation': { type: 'boolean', default: false }
    }
  })
  const { host, base } = values
  const [folder = fileURLToPath(new URL('../build/site', import.meta.url)), ...more] = positionals
  const port = Number(values.port)
  if (more.length) throw new Error(`one folder is served, not ${positionals.length}`)
  if (!/^\d+$/.test(values.port) || port > 65535) throw new Error(
    `--port: "${values.port}" is not a whole number from 0 to 65535`)
  if (!/^\/(.*\/)?$/.test(base)) throw new Error(`--base: "${base}" does not begin and end with a slash`)
  const facts = await stat(folder).catch(() => null)
  if (!facts) throw new Error(`${folder}: there is no such folder`)
  if (!facts.isDirectory()) throw new Error(`${folder}: is not a folder`)
  const { url } = await serve({ folder, port, host, base, isolated: !values['no-isolation'] }).catch((error) => {
    throw new Error(`${host} port ${port}: ${FAULTS[error.code] ?? error.message}`)
  })
  console.log(`${folder} at ${url}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(`serve: ${error.message.split(/\.\s/)[0].replace(/\s*\n\s*/g, ' ')}`)
    process.exitCode = 1
  })
}
