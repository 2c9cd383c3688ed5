// SPDX-License-Identifier: MIT
//
// A picture painted on the server, by one engine for all requests.

import { createEngine } from 'strotss'

const engine = createEngine()

export const dynamic = 'force-dynamic'

export async function GET() {
  const working = await engine
  const { image, stats } = await working.stylize(
    { content: 'public/content.jpg', style: 'public/style.jpg', size: 64, quality: 'draft' })
  return new Response(await working.encode(image),
    { headers: { 'Content-Type': 'image/png', 'X-Picture': `done ${image.width}x${image.height} ${stats.build}` } })
}
