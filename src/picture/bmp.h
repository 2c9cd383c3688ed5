/* SPDX-License-Identifier: MIT
 *
 * Windows' and OS/2's bitmaps: 1, 2, 4 or 8 bits per pixel with a colour table, plain or run-length encoded; 16, 24 or
 * 32 bits with or without masks; OS/2's run-length encoded 24 bits.
 */
#ifndef BMP_H
#define BMP_H

#include <stddef.h>
#include <stdint.h>

typedef struct bmp {
    int width, height; /* 0 or more, not checked against any limit */
    int top_down;      /* the first row is the top one */
    int bits;          /* per pixel */
    int run_length;    /* encoded */
    uint32_t mask[4];  /* red, green, blue, alpha, of 16 and 32 bits; no alpha: 0 */
    uint8_t color[256][3];
    size_t at; /* where the pixels begin */
} bmp;

int bmp_is(const uint8_t *bytes, size_t size);
/* NULL, or what is wrong. */
const char *bmp_header(bmp *b, const uint8_t *bytes, size_t size);
/* Whether the file may be long enough for its pixels; before room for them is taken. */
int bmp_is_whole(const bmp *b, size_t size);
/* rgba[height][width][4]. NULL, or what is wrong. */
const char *bmp_pixels(uint8_t *rgba, const bmp *b, const uint8_t *bytes, size_t size);

#endif
