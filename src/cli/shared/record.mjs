// SPDX-License-Identifier: MIT
//
// How a picture was made, kept in its file, so that a batch knows its own results: JSON between "strotss", a zero byte
// and a line's end, in a tEXt chunk behind a PNG's header or in a COM segment behind a JPEG's. ASCII, less than 64 kB.

const BEGIN = 'strotss\0'
const END = '\n'
const PNG_HEADER = 33 /* the signature, and the chunk IHDR */

/** Of PNG, bit by bit: records are short. @param {Uint8Array} bytes */
export function crc32(bytes) {
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 && 0xedb88320)
  }
  return ~crc >>> 0
}

/** @param {Buffer} text @param {boolean} jpeg */
function wrapped(text, jpeg) {
  const [head, tail] = [Buffer.alloc(4), Buffer.alloc(4)]
  if (jpeg) {
    head.writeUInt16BE(0xfffe)
    head.writeUInt16BE(text.length + 2, 2)
    return Buffer.concat([head, text])
  }
  const chunk = Buffer.concat([Buffer.from('tEXt'), text])
  head.writeUInt32BE(text.length)
  tail.writeUInt32BE(crc32(chunk))
  return Buffer.concat([head, chunk, tail])
}

/** @param {Uint8Array} picture a file as the engine encodes it @param {object} record @returns {Uint8Array} */
export function withRecord(picture, record) {
  const bytes = Buffer.from(picture.buffer, picture.byteOffset, picture.length)
  const jpeg = bytes[0] === 0xff
  const at = jpeg ? 4 + bytes.readUInt16BE(4) : PNG_HEADER // behind JFIF's segment, which comes first
  const text = Buffer.from(`${BEGIN}${JSON.stringify(record)}${END}`, 'latin1')
  return Buffer.concat([bytes.subarray(0, at), wrapped(text, jpeg), bytes.subarray(at)])
}

/** @param {Uint8Array} picture @returns {Record<string, any>|null} null where none is kept */
export function readRecord(picture) {
  const bytes = Buffer.from(picture.buffer, picture.byteOffset, picture.length)
  const at = bytes.indexOf(`${BEGIN}{`, 0, 'latin1')
  const end = at < 0 ? -1 : bytes.indexOf(END, at, 'latin1')
  if (end < 0) return null
  try {
    return JSON.parse(bytes.toString('latin1', at + BEGIN.length, end))
  } catch {
    return null
  }
}
