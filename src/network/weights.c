/* SPDX-License-Identifier: MIT
 *
 * The weights file, byte by byte (little-endian; weights/convert.py writes it):
 *
 *        0  "STROTSSW"          magic
 *        8  uint32              version, 1
 *       12  uint32              kind: 1 = int8 with a scale an output channel, 2 = float16
 *       16  thirteen layers, conv1_1 to conv5_3:
 *             uint32 cin, uint32 cout
 *             float32 bias[cout]
 *             float32 scale[cout]                      kind 1 only; a filter's value is q * scale[its output channel]
 *             int8 or float16 filters[cout][cin][3][3]
 *   size - 8  uint64              digest of all bytes before it (digest.h): finds damage, is no signature
 *
 * Every part is a multiple of four bytes long and the whole of eight. Nothing else is read: a file of any other size is
 * refused, and so is a number that is not finite.
 */
#include <assert.h>
#include <string.h>
#include "base/digest.h"
#include "network/weights.h"

enum { VERSION = 1, KIND_INT8 = 1, KIND_FLOAT16 = 2, HEADER = 16, DIGEST = 8 };

static const int channels[VGG16_LAYERS + 1] = { 3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512 };

static uint16_t read_u16(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint32_t read_u32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t read_u64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static size_t layer_values(int layer)
{
    return (size_t)channels[layer] * channels[layer + 1] * 9;
}

static size_t layer_size(int layer, uint32_t kind)
{
    const size_t bias = 4 * (size_t)channels[layer + 1];
    return 8 + (kind == KIND_INT8 ? 2 * bias + layer_values(layer) : bias + 2 * layer_values(layer));
}

/* Of bias, and scale or halves: no exponent is all ones. */
static int layer_finite(const uint8_t *at, int layer, uint32_t kind)
{
    const size_t cout = (size_t)channels[layer + 1], floats = kind == KIND_INT8 ? 2 * cout : cout;
    for (size_t i = 0; i < floats; i++)
        if ((read_u32(at + 4 * i) & 0x7f800000) == 0x7f800000)
            return 0;
    for (size_t i = 0; kind == KIND_FLOAT16 && i < layer_values(layer); i++)
        if ((read_u16(at + 4 * floats + 2 * i) & 0x7c00) == 0x7c00)
            return 0;
    return 1;
}

const char *weights_check(const void *file, size_t size)
{
    const uint8_t *bytes = file;
    if (size < HEADER || memcmp(bytes, "STROTSSW", 8) != 0)
        return "This is not a STROTSS weights file.";
    if (read_u32(bytes + 8) != VERSION)
        return "The weights file is of another version than this engine reads.";
    const uint32_t kind = read_u32(bytes + 12);
    if (kind != KIND_INT8 && kind != KIND_FLOAT16)
        return "The weights file stores its numbers in an unknown way.";

    size_t at = HEADER;
    for (int layer = 0; layer < VGG16_LAYERS; layer++) {
        if (size - at < layer_size(layer, kind))
            return "The weights file is cut short.";
        if (read_u32(bytes + at) != (uint32_t)channels[layer] ||
            read_u32(bytes + at + 4) != (uint32_t)channels[layer + 1])
            return "The weights file holds another network than VGG-16.";
        if (!layer_finite(bytes + at + 8, layer, kind))
            return "The weights file holds a number that is not finite.";
        at += layer_size(layer, kind);
    }
    if (size - at < DIGEST)
        return "The weights file is cut short.";
    if (size - at > DIGEST)
        return "The weights file is longer than it should be.";
    if (digest_add(DIGEST_START, bytes, at) != read_u64(bytes + at))
        return "The weights file is damaged: its checksum does not match.";
    return NULL;
}

static float half_to_float(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 1023;
    if (exponent == 0) { /* zero and subnormals: fraction * 2^-24 */
        const float value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    const uint32_t bits = sign | (exponent + 112) << 23 | fraction << 13;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void weights_layer(float *filters, float *bias, const void *file, int layer)
{
    assert(layer >= 0 && layer < VGG16_LAYERS);
    const uint8_t *at = (const uint8_t *)file + HEADER;
    const uint32_t kind = read_u32((const uint8_t *)file + 12);
    for (int i = 0; i < layer; i++) at += layer_size(i, kind);
    at += 8;

    const int cout = channels[layer + 1];
    const size_t taps = layer_values(layer) / (size_t)cout; /* of one output channel */
    memcpy(bias, at, (size_t)cout * sizeof *bias);
    at += (size_t)cout * sizeof *bias;
    if (kind == KIND_INT8) {
        const uint8_t *values = at + 4 * (size_t)cout;
        for (int c = 0; c < cout; c++, values += taps) {
            float scale;
            memcpy(&scale, at + 4 * (size_t)c, sizeof scale);
            for (size_t i = 0; i < taps; i++) *filters++ = (float)(int8_t)values[i] * scale;
        }
    } else {
        for (size_t i = 0; i < layer_values(layer); i++) *filters++ = half_to_float(read_u16(at + 2 * i));
    }
}

uint64_t weights_digest(const void *file, size_t size)
{
    assert(size >= DIGEST);
    return read_u64((const uint8_t *)file + size - DIGEST);
}
