/* SPDX-License-Identifier: MIT
 *
 * Netpbm's pictures: bits (P1 plain, P4 packed), greys (P2, P5), colours (P3, P6), of any largest value to 65535.
 */
#ifndef PNM_H
#define PNM_H

#include <stddef.h>
#include <stdint.h>

typedef struct pnm {
    int kind;          /* 1 to 6 */
    int width, height; /* 0 or more, not checked against any limit */
    int largest;       /* value, 1 to 65535; 1 for bits */
    size_t at;         /* where the pixels begin */
} pnm;

int pnm_is(const uint8_t *bytes, size_t size);
/* NULL, or what is wrong. */
const char *pnm_header(pnm *p, const uint8_t *bytes, size_t size);
/* Whether the file is long enough for its pixels; before room for them is taken. */
int pnm_is_whole(const pnm *p, size_t size);
/* rgba[height][width][4], opaque. NULL, or what is wrong. */
const char *pnm_pixels(uint8_t *rgba, const pnm *p, const uint8_t *bytes, size_t size);

#endif
