// SPDX-License-Identifier: MIT
//
// The engine's weights for others to run: parsed from weights/vgg16.q8.bin (format: src/network/weights.c) into plain
// floats on the engine's convention (RGB, biases divided by 57.63), and written as an ONNX model. Node and browsers.

export const CHANNELS = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
/** Layers that a 2x2 maximum comes before. */
export const POOLED = new Set([2, 4, 7, 10])
const MEAN = [123.68 / 255, 116.779 / 255, 103.939 / 255]
const DEVIATION = 0.226

/** Multiply-adds of a forward pass to relu5_3, counted as direct convolutions. @param {number} size */
export function forwardMacs(size) {
  let macs = 0
  for (let i = 0, side = size; i < 13; i++) {
    if (POOLED.has(i)) side >>= 1
    macs += side * side * 9 * CHANNELS[i] * CHANNELS[i + 1]
  }
  return macs
}

/** @typedef {{ cin: number, cout: number, filters: Float32Array, bias: Float32Array }} Layer filters OIHW */

/** @param {Uint8Array} file int8 @returns {Layer[]} */
export function readLayers(file) {
  const bytes = file.slice()
  let at = 16
  return CHANNELS.slice(1).map((cout, i) => {
    const cin = CHANNELS[i]
    at += 8
    const bias = new Float32Array(bytes.buffer, at, cout).map((b) => b / (255 * DEVIATION))
    const scale = new Float32Array(bytes.buffer, at + 4 * cout, cout)
    const stored = new Int8Array(bytes.buffer, at + 8 * cout, cout * cin * 9)
    at += 8 * cout + stored.length
    const filters = new Float32Array(stored.length)
    for (let o = 0; o < cout; o++)
      for (let c = 0; c < cin; c++)
        for (let t = 0; t < 9; t++)
          filters[(o * cin + c) * 9 + t] = stored[(o * cin + (i === 0 ? 2 - c : c)) * 9 + t] * scale[o]
    return { cin, cout, filters, bias }
  })
}

/**
 * The picture of tests/bench/engine.c `forward`, normalised, [3][size][size] or [size][size][3].
 * @param {number} size @param {boolean} planar
 */
export function testPicture(size, planar) {
  const z = new Float32Array(3 * size * size)
  for (let i = 0; i < z.length; i++) {
    const channel = i % 3, value = Math.fround((i * 7919) % 1009) / 1008
    z[planar ? channel * size * size + (i - channel) / 3 : i] = (value - MEAN[channel]) / DEVIATION
  }
  return z
}

// ---- ONNX: protocol buffers written by hand -----------------------------------------------------------------------

/** @param {number} value @returns {number[]} */
function varint(value) {
  const bytes = []
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128)
  return [...bytes, value]
}

/**
 * A field: a number, text, bytes, or a list of parts (a message).
 * @param {number} number @param {any} value @returns {Uint8Array[]}
 */
function field(number, value) {
  if (typeof value === 'number') return [Uint8Array.from([...varint(number * 8), ...varint(value)])]
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
  const parts = bytes instanceof Uint8Array ? [bytes] : bytes
  const length = parts.reduce((/** @type {number} */ sum, /** @type {Uint8Array} */ part) => sum + part.length, 0)
  return [Uint8Array.from([...varint(number * 8 + 2), ...varint(length)]), ...parts]
}

/** @param {string} name @param {number[]} shape @param {Float32Array} data */
const tensor = (name, shape, data) => [...shape.flatMap((n) => field(1, n)), ...field(2, 1), ...field(8, name),
  ...field(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))]

/** @param {string} name @param {number[]} values */
const integers = (name, values) => field(5, [...field(1, name), ...values.flatMap((n) => field(8, n)), ...field(20, 7)])

/** @param {string} kind @param {string[]} inputs @param {string} output @param {Uint8Array[]} attributes */
const node = (kind, inputs, output, attributes = []) =>
  field(1, [...inputs.flatMap((name) => field(1, name)), ...field(2, output), ...field(4, kind), ...attributes])

/** @param {string} name @param {number[]} shape */
const value = (name, shape) => [...field(1, name), ...field(2, field(1, [...field(1, 1),
  ...field(2, shape.flatMap((n) => field(1, field(1, n))))]))]

/** The model from z [1,3,size,size] to relu5_3. @param {Layer[]} layers @param {number} size */
export function onnxModel(layers, size) {
  const graph = []
  const initializers = []
  let name = 'z', side = size
  layers.forEach(({ cin, cout, filters, bias }, i) => {
    if (POOLED.has(i)) {
      graph.push(...node('MaxPool', [name], `pool${i}`,
        [...integers('kernel_shape', [2, 2]), ...integers('strides', [2, 2])]))
      name = `pool${i}`
      side >>= 1
    }
    graph.push(...node('Conv', [name, `w${i}`, `b${i}`], `conv${i}`,
      [...integers('kernel_shape', [3, 3]), ...integers('pads', [1, 1, 1, 1])]))
    graph.push(...node('Relu', [`conv${i}`], `relu${i}`))
    initializers.push(...field(5, tensor(`w${i}`, [cout, cin, 3, 3], filters)),
      ...field(5, tensor(`b${i}`, [cout], bias)))
    name = `relu${i}`
  })
  const parts = [...field(1, 8), ...field(7, [...graph, ...field(2, 'vgg16'), ...initializers,
    ...field(11, value('z', [1, 3, size, size])), ...field(12, value(name, [1, 512, side, side]))]),
  ...field(8, field(2, 13))]
  const model = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    model.set(part, at)
    at += part.length
  }
  return model
}
