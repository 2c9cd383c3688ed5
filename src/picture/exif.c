/* SPDX-License-Identifier: MIT
 *
 * EXIF is a small TIFF file:
 *
 *     "II" or "MM" (byte order)  42:2  offset of the first directory:4
 *     directory:  entries:2, then each  tag:2 type:2 count:4 value:4
 *
 * The orientation is tag 0x0112, one SHORT, of the first directory. All offsets are untrusted.
 */
#include "picture/exif.h"

#include <string.h>

#include "picture/segments.h"

static uint32_t number(const uint8_t *b, int bytes, int little)
{
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | b[little ? bytes - 1 - i : i];
    return value;
}

static int tiff_orientation(const uint8_t *tiff, size_t size)
{
    enum { ORIENTATION = 0x0112, SHORT = 3, HEADER = 8, ENTRY = 12 };
    if (size < HEADER || (memcmp(tiff, "II*\0", 4) != 0 && memcmp(tiff, "MM\0*", 4) != 0))
        return 1;
    int little = tiff[0] == 'I';
    size_t at = number(tiff + 4, 4, little);
    if (at > size - 2)
        return 1;
    uint32_t entries = number(tiff + at, 2, little);
    for (at += 2; entries > 0 && size - at >= ENTRY; entries--, at += ENTRY) {
        if (number(tiff + at, 2, little) != ORIENTATION)
            continue;
        uint32_t type = number(tiff + at + 2, 2, little), value = number(tiff + at + 8, 2, little);
        return type == SHORT && value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

int exif_orientation(const uint8_t *bytes, size_t size)
{
    static const char mark[6] = "Exif\0"; /* and another zero */
    for (segment s = { 0 }; jpeg_segment(&s, bytes, size);)
        if (s.kind == 0xe1 && s.size > sizeof mark && memcmp(s.data, mark, sizeof mark) == 0)
            return tiff_orientation(s.data + sizeof mark, s.size - sizeof mark);
    for (segment s = { 0 }; png_segment(&s, bytes, size);)
        if (s.kind == 0x65584966) /* eXIf */
            return tiff_orientation(s.data, s.size);
    return 1;
}
