/* SPDX-License-Identifier: MIT
 *
 * libFuzzer on EXIF: whatever the bytes, a picture's orientation is 1 to 8, and the same TIFF says the same inside a
 * JPEG (APP1) and inside a PNG (eXIf). The input is the TIFF, and also offered as a picture file of its own.
 */
#include "picture/exif.h"
#include "fuzz.h"

enum { JPEG_MOST = 65535 - 2 - 6 }; /* a segment's length counts itself, and "Exif" stands before the TIFF */

static int in_jpeg(const uint8_t *tiff, size_t size)
{
    const size_t length = size + 8, whole = length + 4;
    const uint8_t head[12] = { 0xff, 0xd8, 0xff, 0xe1, (uint8_t)(length >> 8), (uint8_t)length,
                               'E', 'x', 'i', 'f', 0, 0 };
    uint8_t *file = malloc(whole);
    memcpy(file, head, sizeof head);
    memcpy(file + sizeof head, tiff, size);
    const int orientation = exif_orientation(file, whole);
    free(file);
    return orientation;
}

static int in_png(const uint8_t *tiff, size_t size)
{
    const uint8_t head[16] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
                               (uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size,
                               'e', 'X', 'I', 'f' };
    const size_t whole = sizeof head + size + 4;
    uint8_t *file = calloc(1, whole);
    memcpy(file, head, sizeof head);
    memcpy(file + sizeof head, tiff, size);
    const int orientation = exif_orientation(file, whole);
    free(file);
    return orientation;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const int alone = exif_orientation(data, size);
    DEMAND(alone >= 1 && alone <= 8);
    if (size > 0 && size <= JPEG_MOST) {
        const int orientation = in_png(data, size);
        DEMAND(orientation >= 1 && orientation <= 8);
        DEMAND(in_jpeg(data, size) == orientation);
    }
    return 0;
}
