/* SPDX-License-Identifier: MIT
 *
 * JPEG (ITU T.81 annex B): ff d8, then segments  ff.. kind  length:2 (itself counted)  data.
 * PNG: an eight-byte signature, then chunks  length:4  kind:4  data  crc:4 (not checked here).
 */
#include "picture/segments.h"

#include <string.h>

int jpeg_segment(segment *s, const uint8_t *bytes, size_t size)
{
    enum { START_OF_SCAN = 0xda, LONELY_FIRST = 0xd0, LONELY_LAST = 0xd9 };
    size_t at = s->next;
    if (at == 0) {
        if (size < 2 || bytes[0] != 0xff || bytes[1] != 0xd8)
            return 0;
        at = 2;
    }
    if (at >= size || bytes[at] != 0xff)
        return 0;
    while (at < size && bytes[at] == 0xff)
        at++;
    if (size - at < 3)
        return 0;
    s->kind = bytes[at];
    size_t length = (size_t)bytes[at + 1] << 8 | bytes[at + 2];
    if (s->kind == 0 || s->kind == START_OF_SCAN || (s->kind >= LONELY_FIRST && s->kind <= LONELY_LAST))
        return 0;
    if (length < 2 || length > size - at - 1)
        return 0;
    s->data = bytes + at + 3;
    s->size = length - 2;
    s->next = at + 1 + length;
    return 1;
}

static uint32_t big_endian(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

int png_segment(segment *s, const uint8_t *bytes, size_t size)
{
    static const uint8_t signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    static const size_t frame = 12; /* length, kind and crc */
    size_t at = s->next;
    if (at == 0) {
        if (size < sizeof signature || memcmp(bytes, signature, sizeof signature) != 0)
            return 0;
        at = sizeof signature;
    }
    if (size - at < frame)
        return 0;
    s->size = big_endian(bytes + at);
    s->kind = big_endian(bytes + at + 4);
    s->data = bytes + at + 8;
    if (s->size > size - at - frame)
        return 0;
    s->next = at + frame + s->size;
    return 1;
}
