/* SPDX-License-Identifier: MIT
 *
 * PNG (W3C, third edition): signature, IHDR, one IDAT, IEND. Every row is filtered (none, left, up, mean, Paeth) by the
 * rule whose bytes, taken as signed, have the smallest sum of absolute values.
 */
#include "png.h"

#include <stdlib.h>
#include <string.h>

#include "deflate.h"

enum { FILTERS = 5 };

static uint32_t crc32(const uint8_t *bytes, size_t size)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = ~UINT32_C(0);
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

static uint8_t *put32(uint8_t *to, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *to++ = (uint8_t)(value >> shift);
    return to;
}

/* Frames `size` bytes of data that lie at to + 8 already; returns where the next chunk begins. */
static uint8_t *put_chunk(uint8_t *to, const char kind[4], size_t size)
{
    put32(to, (uint32_t)size);
    memcpy(to + 4, kind, 4);
    return put32(to + 8 + size, crc32(to + 4, size + 4));
}

static int paeth(int left, int up, int corner)
{
    int by_left = abs(up - corner), by_up = abs(left - corner), by_corner = abs(left + up - 2 * corner);
    return by_left <= by_up && by_left <= by_corner ? left : by_up <= by_corner ? up : corner;
}

/* row[bytes] and the row above it, both with `channels` zeros before them. Returns the sum of absolute values. */
static int64_t filter_row(uint8_t *out, const uint8_t *row, const uint8_t *above, int bytes, int channels, int filter)
{
    int64_t sum = 0;
    *out++ = (uint8_t)filter;
    for (int i = 0; i < bytes; i++) {
        int left = row[i - channels], up = above[i], corner = above[i - channels];
        int guess = filter == 0 ? 0 : filter == 1 ? left : filter == 2 ? up
                  : filter == 3 ? (left + up) / 2 : paeth(left, up, corner);
        out[i] = (uint8_t)(row[i] - guess);
        sum += abs((int8_t)out[i]);
    }
    return sum;
}

static void filter_image(uint8_t *out, const strotss_image *image, int channels, uint8_t *rows)
{
    int bytes = image->width * channels;
    size_t stride = (size_t)bytes + 4;
    uint8_t *row = rows + 4, *above = row + stride, *trial = above + stride;
    memset(rows, 0, 2 * stride);
    for (int y = 0; y < image->height; y++) {
        const uint8_t *from = image->rgba + 4 * (size_t)y * image->width;
        for (int x = 0; x < image->width; x++)
            memcpy(row + (size_t)x * channels, from + 4 * (size_t)x, (size_t)channels);
        int64_t least = INT64_MAX;
        for (int filter = 0; filter < FILTERS; filter++) {
            int64_t sum = filter_row(trial, row, above, bytes, channels, filter);
            if (sum < least) {
                least = sum;
                memcpy(out, trial, (size_t)bytes + 1);
            }
        }
        out += bytes + 1;
        uint8_t *swap = row;
        row = above;
        above = swap;
    }
}

int png_encode(uint8_t **bytes, size_t *size, const strotss_image *image)
{
    static const uint8_t signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    int channels = 3;
    for (size_t p = 0; p < (size_t)image->width * image->height && channels == 3; p++)
        channels = image->rgba[4 * p + 3] == 255 ? 3 : 4;
    size_t row = (size_t)image->width * channels, filtered_bytes = (row + 1) * image->height;
    deflate_work *work = malloc(deflate_work_bytes());
    uint8_t *filtered = malloc(filtered_bytes), *rows = malloc(3 * (row + 4) + 1);
    uint8_t *file = malloc(zlib_room(filtered_bytes) + 128);
    int done = work && filtered && rows && file;
    if (done) {
        filter_image(filtered, image, channels, rows);
        memcpy(file, signature, 8);
        uint8_t *at = put32(put32(file + 16, (uint32_t)image->width), (uint32_t)image->height);
        memcpy(at, (uint8_t[]){ 8, channels == 3 ? 2 : 6, 0, 0, 0 }, 5);
        at = put_chunk(file + 8, "IHDR", 13);
        at = put_chunk(at, "IDAT", zlib_compress(at + 8, filtered, filtered_bytes, work));
        at = put_chunk(at, "IEND", 0);
        *size = (size_t)(at - file);
        *bytes = realloc(file, *size);
        if (!*bytes)
            *bytes = file;
    } else {
        free(file);
    }
    free(work);
    free(filtered);
    free(rows);
    return done;
}
