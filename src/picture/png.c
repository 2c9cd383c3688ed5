/* SPDX-License-Identifier: MIT
 *
 * PNG (RFC 2083): a signature of 8 bytes, then chunks of
 *
 *     length, big-endian (4)   name (4)   data (length)   CRC-32 of name and data (4)
 *
 * A chunk that the file's end cuts is left to the decoder, which says so.
 */
#include "picture/png.h"

#include <string.h>

#include "picture/segments.h"

enum { SIGNATURE = 8, FRAME = 12 /* length, name and CRC */ };

static void crc_table(uint32_t table[256])
{
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
    }
}

static uint32_t crc(const uint32_t table[256], const uint8_t *bytes, size_t size)
{
    uint32_t sum = ~(uint32_t)0;
    for (size_t i = 0; i < size; i++)
        sum = sum >> 8 ^ table[(sum ^ bytes[i]) & 255];
    return ~sum;
}

int png_checksums_hold(const uint8_t *bytes, size_t size)
{
    if (size < SIGNATURE || memcmp(bytes, "\x89PNG\r\n\x1a\n", SIGNATURE))
        return 1;
    uint32_t table[256];
    crc_table(table);
    for (size_t at = SIGNATURE; size - at >= FRAME;) {
        const size_t length = big_endian(bytes + at);
        const uint8_t *name = bytes + at + 4;
        if (length > size - at - FRAME)
            return 1;
        const int critical = name[0] >= 'A' && name[0] <= 'Z';
        if (critical && crc(table, name, 4 + length) != big_endian(name + 4 + length))
            return 0;
        if (!memcmp(name, "IEND", 4))
            return 1;
        at += FRAME + length;
    }
    return 1;
}
