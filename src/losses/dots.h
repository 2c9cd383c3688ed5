/* SPDX-License-Identifier: MIT
 *
 * Dot products of output columns i with the style's distinct ones u, by blocks of rows, and the cosine distances that
 * transport takes for its costs.
 */
#ifndef DOTS_H
#define DOTS_H

#include "features/style.h"

enum { DOTS_BLOCK = 256 };

/* n: output columns; rows[k]: of the small maps' bases, 0 for the others; distinct[k]: style vectors. */
typedef struct dots_sizes { int n, rows[VGG16_LEVELS], distinct[VGG16_LEVELS]; } dots_sizes;

typedef struct dots {
    const columns *x;
    const style *s;
    float *product[VGG16_LEVELS]; /* [rows][U_k] Z_k Y_k^T of a small map */
    float *rows;                  /* [DOTS_BLOCK][U_0] the block's dots */
    float *coarse;                /* [DOTS_BLOCK][U_k] at the level above */
    int level, first, count;      /* which dots are being worked on: output rows first to first + count - 1 */
    const float *inverse_norm;    /* [n] 1 / |A_i|, 0 for a zero column */
    float *inverse_style;         /* [U_0] 1 / |B_u|, likewise */
    float *gemm;
} dots;

/* For up to n columns and `draws` style draws; of what is at hand. */
dots_sizes dots_sizes_at_most(int n, int draws);
dots_sizes dots_sizes_of(const columns *x, const style *s);
void dots_layout(dots *dots, arena *arena, const dots_sizes *sizes, int workers);
void dots_begin(dots *dots, const columns *x, const float *inverse_norm, const style *s, threads *threads);
/* Fills `rows` with the dots of output columns `first` and following. */
void dots_block(dots *dots, int first, threads *threads);
/* cost[count] = 1 - cos of the block's row i and of style vectors `first` and following. */
void dots_costs(float *cost, const dots *dots, int i, int first, int count);

#endif
