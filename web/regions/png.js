// SPDX-License-Identifier: MIT
//
// A lossless PNG writer for flat pictures: 8-bit RGB (colour type 2), every row filtered "up" (2: difference to the row
// above), one IDAT of zlib data from CompressionStream. Not a canvas's toBlob: some privacy browsers alter a canvas's
// pixels when they are read. Alpha is not written. Browser and Node.

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10]

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1
  return n
})

/** length, type, body, CRC-32 of type and body. @param {string} type @param {Uint8Array} body */
function chunk(type, body) {
  const out = new Uint8Array(12 + body.length)
  const view = new DataView(out.buffer)
  view.setUint32(0, body.length)
  out.set([...type].map((letter) => letter.charCodeAt(0)), 4)
  out.set(body, 8)
  let crc = 0xffffffff
  for (let i = 4; i < 8 + body.length; i++) crc = CRC[(crc ^ out[i]) & 255] ^ (crc >>> 8)
  view.setUint32(8 + body.length, ~crc)
  return out
}

/** @param {{ width: number, height: number, data: Uint8ClampedArray }} image RGBA @returns {Promise<Blob>} image/png */
export async function encodePng({ width, height, data }) {
  const stride = 1 + 3 * width
  const rows = new Uint8Array(stride * height)
  for (let y = 0; y < height; y++) {
    rows[y * stride] = 2
    for (let x = 0; x < width; x++) {
      const from = 4 * (y * width + x)
      for (let c = 0; c < 3; c++) {
        rows[y * stride + 1 + 3 * x + c] = data[from + c] - (y > 0 ? data[from - 4 * width + c] : 0)
      }
    }
  }
  const deflated = new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate'))
  const head = new Uint8Array(13)
  const view = new DataView(head.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  head.set([8, 2, 0, 0, 0], 8)
  const body = new Uint8Array(await new Response(deflated).arrayBuffer())
  const chunks = [chunk('IHDR', head), chunk('IDAT', body), chunk('IEND', new Uint8Array())]
  return new Blob([new Uint8Array(SIGNATURE), ...chunks], { type: 'image/png' })
}
