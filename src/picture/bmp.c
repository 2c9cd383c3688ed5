/* SPDX-License-Identifier: MIT
 *
 * The file's header is 14 bytes, the picture's 12 (OS/2), 16 to 64 (OS/2 2.x and Windows) or 108 or 124; a number that
 * a short header lacks is 0. Behind it lie the masks, if they are not in it, and the colour table, blue first. A
 * channel of n bits is scaled to 0..255 and rounded; of more than 8 bits, the highest 8 count.
 *
 * Run-length encoding: pairs (count, value) repeat a value; (0, 0) ends a row, (0, 1) the picture, (0, 2) moves right
 * and up by the next two bytes, and (0, n) copies n values, padded to pairs. What lies right of a row is dropped.
 *
 * As in Chromium: pixels that are skipped, and colours that the table does not have, are black; a pixel's fourth byte
 * is alpha only where a mask says so. Refused: a file that ends before its pixels do, pixels inside the header, masks
 * with holes, JPEG and PNG inside a BMP.
 */
#include "picture/bmp.h"

#include <string.h>

static const char CUT[] = "the file is cut short";

enum { FILE_HEADER = 14, OS2 = 12, WINDOWS = 40, OS2_2 = 64 };
enum { PLAIN = 0, RLE8 = 1, RLE4 = 2, MASKS = 3, RLE24 = 4, ALPHA_MASKS = 6 };

static uint32_t number(const uint8_t *bytes, int count)
{
    uint32_t value = 0;
    for (int i = count - 1; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

int bmp_is(const uint8_t *bytes, size_t size)
{
    return size >= 2 && bytes[0] == 'B' && bytes[1] == 'M';
}

static int is_known_header(uint32_t size)
{
    return size == OS2 || (size >= 16 && size <= OS2_2 && (size % 4 == 0 || size == 42 || size == 46)) || size == 108 ||
           size == 124;
}

static int is_known_sort(const bmp *b, uint32_t compression, uint32_t header)
{
    const int indexed = b->bits == 1 || b->bits == 2 || b->bits == 4 || b->bits == 8;
    const int masked = b->bits == 16 || b->bits == 32;
    switch (compression) {
    case PLAIN: return indexed || masked || b->bits == 24;
    case RLE8: return b->bits == 8;
    case RLE4: return b->bits == 4;
    case MASKS: return masked;
    case RLE24: return b->bits == 24 && header == OS2_2;
    case ALPHA_MASKS: return masked && header == WINDOWS;
    default: return 0;
    }
}

/* The bits of a mask lie side by side. */
static int is_whole_mask(uint32_t mask)
{
    const uint32_t lowest = mask & (~mask + 1);
    return ((mask + lowest) & mask) == 0;
}

/* Moves *at, where the header ends, past masks behind it. */
static const char *read_masks(bmp *b, size_t *at, const uint8_t *bytes, size_t size, uint32_t compression,
                              uint32_t header)
{
    static const uint32_t standard[2][3] = { { 0x7c00, 0x3e0, 0x1f }, { 0xff0000, 0xff00, 0xff } };
    const int inside = header == 52 ? 3 : header == 56 || header > OS2_2 ? 4 : 0;
    const int behind = compression == ALPHA_MASKS ? 4 : compression == MASKS && header == WINDOWS ? 3 : 0;
    const int told = inside + behind;
    if (size < *at + 4 * (size_t)behind)
        return CUT;
    memcpy(b->mask, standard[b->bits == 32], sizeof standard[0]);
    for (int c = compression == PLAIN ? 3 : 0; c < told; c++) {
        b->mask[c] = number(bytes + FILE_HEADER + WINDOWS + 4 * c, 4);
        if (!is_whole_mask(b->mask[c]))
            return "a BMP with a mask of scattered bits";
    }
    *at += 4 * (size_t)behind;
    return NULL;
}

/* Between the header and the pixels; returns how many. */
static size_t read_colors(bmp *b, const uint8_t *bytes, size_t at, uint32_t used, int entry)
{
    const size_t room = (b->at - at) / (size_t)entry, most = (size_t)1 << b->bits;
    const size_t told = used && used < most ? used : most, count = told < room ? told : room;
    for (size_t i = 0; i < count; i++)
        for (int c = 0; c < 3; c++)
            b->color[i][c] = bytes[at + i * (size_t)entry + 2 - (size_t)c];
    return count;
}

const char *bmp_header(bmp *b, const uint8_t *bytes, size_t size)
{
    *b = (bmp){ 0 };
    if (size < FILE_HEADER + 4)
        return CUT;
    const uint32_t header = number(bytes + FILE_HEADER, 4);
    if (!is_known_header(header))
        return "a BMP whose header is of an unknown kind";
    size_t at = FILE_HEADER + header;
    if (size < at)
        return CUT;
    uint8_t picture[WINDOWS] = { 0 }; /* as Windows has it */
    if (header == OS2) {
        memcpy(picture + 4, bytes + FILE_HEADER + 4, 2);
        memcpy(picture + 8, bytes + FILE_HEADER + 6, 2);
        memcpy(picture + 12, bytes + FILE_HEADER + 8, 4);
    } else {
        memcpy(picture, bytes + FILE_HEADER, header < WINDOWS ? header : WINDOWS);
    }
    b->width = (int32_t)number(picture + 4, 4);
    b->height = (int32_t)number(picture + 8, 4);
    b->top_down = b->height < 0;
    if (b->top_down)
        b->height = b->height == INT32_MIN ? INT32_MAX : -b->height;
    b->bits = (int)number(picture + 14, 2);
    const uint32_t compression = number(picture + 16, 4), used = number(picture + 32, 4);
    b->run_length = compression == RLE8 || compression == RLE4 || compression == RLE24;
    b->at = number(bytes + 10, 4);

    if (b->width < 0)
        return "a BMP whose width is negative";
    if (!is_known_sort(b, compression, header))
        return "a BMP of a sort that this decoder does not read; save it again as PNG";
    if (b->bits == 16 || b->bits == 32) {
        const char *why = read_masks(b, &at, bytes, size, compression, header);
        if (why)
            return why;
    }
    if (b->at < at)
        return "the file is damaged (its pixels begin inside its header)";
    if (size < b->at)
        return CUT;
    if (b->bits <= 8 && read_colors(b, bytes, at, used, header == OS2 ? 3 : 4) == 0)
        return "the file is damaged (its table of colours is missing)";
    return NULL;
}

static uint64_t row_bytes(const bmp *b)
{
    return ((uint64_t)b->width * (uint64_t)b->bits + 31) / 32 * 4;
}

int bmp_is_whole(const bmp *b, size_t size)
{
    return b->run_length || size - b->at >= row_bytes(b) * (uint64_t)b->height;
}

static uint8_t *pixel(uint8_t *rgba, const bmp *b, int x, int y)
{
    return rgba + 4 * ((size_t)(b->top_down ? y : b->height - 1 - y) * (size_t)b->width + (size_t)x);
}

/* ---- plain ---------------------------------------------------------------------------------------- */

static uint8_t channel(uint32_t value, uint32_t mask)
{
    if (mask == 0)
        return 0;
    value &= mask;
    for (; !(mask & 1); mask >>= 1)
        value >>= 1;
    for (; mask > 255; mask >>= 1)
        value >>= 1;
    return (uint8_t)((value * 255 + mask / 2) / mask);
}

static void plain_row(uint8_t *rgba, const bmp *b, const uint8_t *row)
{
    for (int x = 0; x < b->width; x++, rgba += 4) {
        rgba[3] = 255;
        if (b->bits <= 8) {
            const int bit = x * b->bits, index = row[bit / 8] >> (8 - b->bits - bit % 8) & ((1 << b->bits) - 1);
            memcpy(rgba, b->color[index], 3);
        } else if (b->bits == 24) {
            for (int c = 0; c < 3; c++)
                rgba[c] = row[3 * x + 2 - c];
        } else {
            const uint32_t value = number(row + b->bits / 8 * x, b->bits / 8);
            for (int c = 0; c < 4; c++)
                if (c < 3 || b->mask[c])
                    rgba[c] = channel(value, b->mask[c]);
        }
    }
}

/* ---- run-length encoded --------------------------------------------------------------------------- */

/* The colour of the i-th value, of 4, 8 or 24 bits, that begin at `values`. */
static void value_color(uint8_t rgb[3], const bmp *b, const uint8_t *values, int i)
{
    if (b->bits == 24)
        for (int c = 0; c < 3; c++)
            rgb[c] = values[3 * i + 2 - c];
    else
        memcpy(rgb, b->color[b->bits == 8 ? values[i] : values[i / 2] >> (i % 2 ? 0 : 4) & 15], 3);
}

static const char *run_length_pixels(uint8_t *rgba, const bmp *b, const uint8_t *bytes, size_t size)
{
    enum { ROW_ENDS, PICTURE_ENDS, MOVE };
    const size_t single = b->bits == 24 ? 3 : 1;
    for (size_t i = 0; i < (size_t)b->width * (size_t)b->height; i++)
        memcpy(rgba + 4 * i, (uint8_t[]){ 0, 0, 0, 255 }, 4);
    size_t at = b->at;
    for (int x = 0, y = 0; y < b->height;) {
        if (size - at < 2)
            return CUT;
        const int repeated = bytes[at++], told = bytes[at];
        if (!repeated && told <= MOVE) {
            at++;
            if (told == PICTURE_ENDS)
                return NULL;
            if (told == MOVE && size - at < 2)
                return CUT;
            x = told == MOVE ? x + bytes[at] : 0;
            y += told == MOVE ? bytes[at + 1] : 1;
            at += told == MOVE ? 2 : 0;
        } else {
            at += !repeated;
            const int count = repeated ? repeated : told;
            const size_t copied = ((size_t)count * (size_t)b->bits + 7) / 8;
            const size_t length = repeated ? single : copied + copied % 2;
            if (size - at < length)
                return CUT;
            for (int i = 0; i < count && x < b->width; i++, x++) {
                const int value = !repeated ? i : b->bits == 4 ? i % 2 : 0;
                value_color(pixel(rgba, b, x, y), b, bytes + at, value);
            }
            at += length;
        }
        x = x < b->width ? x : b->width;
    }
    return NULL;
}

const char *bmp_pixels(uint8_t *rgba, const bmp *b, const uint8_t *bytes, size_t size)
{
    if (b->run_length)
        return run_length_pixels(rgba, b, bytes, size);
    for (int y = 0; y < b->height; y++)
        plain_row(pixel(rgba, b, 0, y), b, bytes + b->at + (size_t)y * row_bytes(b));
    return NULL;
}
