/* SPDX-License-Identifier: MIT
 *
 * The style's hypercolumns for one scale and everything about them that stays constant: distinct vectors a level (style positions are taken by
 * nearest index, so pixels share their deep vectors), multiplicities of repeated draws, norms, mean and covariance.
 * Level k's distinct vector u belongs to parent[k][u] of level k + 1 (halving nests).
 */
#ifndef STYLE_H
#define STYLE_H

#include "hypercolumn.h"

typedef struct style {
    int draws;                        /* m: all draws, repeats counted */
    int distinct[VGG16_LEVELS];       /* U_k */
    float *y[VGG16_LEVELS];           /* [U_k][level_stride] */
    int32_t *where[VGG16_LEVELS];     /* [U_k] index y * width + x in level k's map */
    int32_t *parent[VGG16_LEVELS];    /* [U_k], none at the last level */
    float *count;                     /* [U_0] how often each distinct pixel was drawn */
    float *norm;                      /* [U_0] |B_j| over all 2179 */
    float *mean;                      /* [HYPERCOLUMN_STRIDE] */
    float *covariance;                /* lower blocks, see loss_moment.c: moment_block_floats() */
    float *palette;                   /* [U_0][3] rotated rgb */
} style;

enum { STYLE_DRAWS = 5, STYLE_DRAW_SIZE = 1000 };

void style_layout(style *s, arena *arena, int height, int width, int draws);
/* Finds the distinct vectors of `draws` positions. */
void style_place(style *s, const position *at, int draws, int height, int width);
/* From within a vgg16_tap callback. */
void style_gather(style *s, int tap, const float *map);
/* Norms, mean, covariance, palette, once all taps are gathered. */
void style_finish(style *s, threads *threads, arena *scratch);

#endif
