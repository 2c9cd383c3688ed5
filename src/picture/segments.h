/* SPDX-License-Identifier: MIT
 *
 * The parts of a JPEG or PNG file one after another, without decoding them:
 *
 *     for (segment s = { 0 }; jpeg_segment(&s, bytes, size);)     s.kind, s.data[0 .. s.size - 1]
 *
 * A walk ends (0) at the first scan, at the file's end mark, and at the first part that does not lie wholly inside the
 * file or, in a PNG, does not look like one.
 */
#ifndef SEGMENTS_H
#define SEGMENTS_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t big_endian(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

typedef struct segment {
    uint32_t kind; /* JPEG: the marker's second byte, 0xe1 for APP1; PNG: four letters, big end first */
    const uint8_t *data;
    size_t size;
    size_t next; /* where the walk goes on; 0 at its start */
} segment;

int jpeg_segment(segment *s, const uint8_t *bytes, size_t size);
int png_segment(segment *s, const uint8_t *bytes, size_t size);

#endif
