/* SPDX-License-Identifier: MIT
 *
 * FNV-1a over 8-byte little-endian words with a rotation (a word at a time because pictures are large), the tail padded
 * with zeros, then the length.
 */
#include "base/digest.h"

static uint64_t mix(uint64_t digest, uint64_t word)
{
    digest = (digest ^ word) * UINT64_C(0x100000001b3);
    return digest ^ digest >> 29;
}

static uint64_t word_at(const unsigned char *bytes, size_t count)
{
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

uint64_t digest_add(uint64_t digest, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i + 8 <= size; i += 8)
        digest = mix(digest, word_at(bytes + i, 8));
    if (size % 8)
        digest = mix(digest, word_at(bytes + size - size % 8, size % 8));
    return mix(digest, size);
}
