/* SPDX-License-Identifier: MIT
 *
 * Exact earth mover's distance between n rows and n columns of equal weights, where it is an assignment:
 *
 *     min over permutations p of 1/n sum_i C[i][p(i)]
 */
#ifndef EMD_H
#define EMD_H

#include <stdint.h>
#include "base/arena.h"

typedef struct emd {
    int n;
    double *price, *distance; /* [n] of columns */
    int32_t *owner, *from;    /* [n] the row that has a column, -1 for none; the row a column was reached from */
    int32_t *column;          /* [n] that a row has */
    uint8_t *reached;         /* [n] columns whose distance is final */
} emd;

void emd_layout(emd *w, arena *arena, int n);
/* cost[n][stride], finite; others give a number without meaning. */
double emd_solve(emd *w, const float *cost, int stride);

#endif
