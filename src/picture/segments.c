/* SPDX-License-Identifier: MIT
 *
 * JPEG (ITU T.81 annex B): ff d8, then segments  ff.. kind  length:2 (itself counted)  data. Bytes that belong to no
 * segment are passed over, as every decoder does.
 * PNG: an eight-byte signature, then chunks  length:4  kind:4  data  crc:4 (not checked here).
 */
#include "picture/segments.h"

#include <string.h>

int jpeg_segment(segment *s, const uint8_t *bytes, size_t size)
{
    enum { TEMPORARY = 0x01, RESTART_0 = 0xd0, RESTART_7 = 0xd7, START = 0xd8, END = 0xd9, START_OF_SCAN = 0xda };
    size_t at = s->next;
    if (at == 0) {
        if (size < 2 || bytes[0] != 0xff || bytes[1] != START)
            return 0;
        at = 2;
    }
    do {
        while (at < size && bytes[at] != 0xff)
            at++;
        while (at < size && bytes[at] == 0xff)
            at++;
        if (size - at < 3)
            return 0;
        s->kind = bytes[at++];
    } while (s->kind <= TEMPORARY || (s->kind >= RESTART_0 && s->kind <= RESTART_7));
    const size_t length = (size_t)bytes[at] << 8 | bytes[at + 1];
    if (s->kind == START || s->kind == END || s->kind == START_OF_SCAN || length < 2 || length > size - at)
        return 0;
    s->data = bytes + at + 2;
    s->size = length - 2;
    s->next = at + length;
    return 1;
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
