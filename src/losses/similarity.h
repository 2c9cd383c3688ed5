/* SPDX-License-Identifier: MIT
 *
 * Distances D between one picture's own columns, which the content term compares, and the way back.
 */
#ifndef SIMILARITY_H
#define SIMILARITY_H

#include "strotss.h"
#include "base/arena.h"
#include "base/threads.h"

typedef struct similarity {
    strotss_similarity kind;
    int n;
    float *square, *inverse; /* [n] |X_i|^2 and 1 / its root, 0 for a zero column */
    float *mean;             /* [n] of rows, for centring */
} similarity;

void similarity_layout(similarity *similarity, arena *arena, int n, strotss_similarity kind);
/* Prepares g [n][n] so that its rows can be turned to distances, in any order and side by side: similarity_row turns
 * row i from G to D and returns its sum. dd[n] = dl/dD_ij + dl/dD_ji turns it from D to Q, which similarity_end
 * completes once all rows are turned. */
void similarity_begin(similarity *similarity, float *g, threads *threads);
double similarity_row(float *row, const similarity *similarity, int i);
void similarity_row_backward(float *row, const float *dd, const similarity *similarity, int i);
void similarity_end(const similarity *similarity, float *q, threads *threads);

#endif
