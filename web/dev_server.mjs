// SPDX-License-Identifier: MIT
//
// A static server for the assembled site, sending the headers that give the page threads:
//
//   node web/dev_server.mjs [folder] [--port 8080] [--host 127.0.0.1] [--base /sub/path/] [--no-isolation]
//
// --no-isolation leaves COOP and COEP out, as a plain static host does: the page's service worker must then help
// itself. --base serves the folder below a path and nothing else. Only GET and HEAD, no listings, no path outside.

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { parseArgs } = await import('node:util')
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '8080' },
      host: { type: 'string', default: '127.0.0.1' },
      base: { type: 'string', default: '/' },
      'no-isolation': { type: 'boolean', default: false }
    }
  })
  const folder = positionals[0] ?? fileURLToPath(new URL('../build/site', import.meta.url))
  const { url } = await serve({
    folder, port: Number(values.port), host: values.host, base: values.base, isolated: !values['no-isolation']
  })
  console.log(`${folder} at ${url}`)
}
