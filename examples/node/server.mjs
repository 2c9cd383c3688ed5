// SPDX-License-Identifier: MIT
//
//   node examples/node/server.mjs STYLE [--port 8080] [--size 256] [--quality draft] [--engines 1] [--waiting 8]
//
// A server that paints in one style: POST a photograph, and a PNG comes back.
//
//   curl --data-binary @photo.jpg -o painted.png http://localhost:8080/
//
// Each engine paints one picture at a time, with its share of the cores. Requests beyond those that are painted or wait
// are refused with 503 at once, and a client that goes away ends its run. There is neither TLS nor a login here: put it
// behind a server that has both.

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { createEngine } from 'strotss'

const LARGEST_PHOTO = 32e6 // bytes
const STATUS = { BAD_IMAGE: 415, BAD_ARGUMENT: 400, OUT_OF_MEMORY: 503 }

const { values, positionals: [stylePath] } = parseArgs({ allowPositionals: true, options: {
  port: { type: 'string', default: '8080' }, size: { type: 'string', default: '256' },
  quality: { type: 'string', default: 'draft' },
  engines: { type: 'string', default: '1' }, waiting: { type: 'string', default: '8' }
} })
const style = await readFile(stylePath)
const count = Number(values.engines)
const threads = Math.max(Math.floor(availableParallelism() / count), 1)
const engines = await Promise.all(Array.from({ length: count }, async () => (
  { engine: await createEngine({ threads }), runs: 0 })))

async function bodyOf(request) {
  const parts = []
  let bytes = 0
  for await (const part of request) {
    bytes += part.length
    if (bytes > LARGEST_PHOTO) return null
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function answer(response, status, type, body) {
  response.writeHead(status, { 'Content-Type': type }).end(body)
}

const server = createServer(async (request, response) => {
  const refuse = (status, sentence) => answer(response, status, 'text/plain; charset=utf-8', `${sentence}\n`)
  if (request.method !== 'POST') return refuse(405, 'POST a photograph.')
  const free = engines.reduce((a, b) => (b.runs < a.runs ? b : a))
  if (engines.reduce((sum, { runs }) => sum + runs, 0) >= count + Number(values.waiting)) {
    response.setHeader('Retry-After', '60')
    return refuse(503, 'Too many pictures wait. Try again in a minute.')
  }
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  free.runs++
  try {
    const content = await bodyOf(request)
    if (!content) return refuse(413, `The photograph is larger than ${LARGEST_PHOTO / 1e6} MB.`)
    const { image } = await free.engine.stylize(
      { content, style, size: Number(values.size), quality: values.quality, signal: gone.signal })
    answer(response, 200, 'image/png', await free.engine.encode(image, { type: 'image/png' }))
  } catch (error) {
    if (!gone.signal.aborted) refuse(STATUS[error.code] ?? 500, error.message)
  } finally {
    free.runs--
  }
})
server.listen(Number(values.port), () => console.log(`http://localhost:${server.address().port}/`))
