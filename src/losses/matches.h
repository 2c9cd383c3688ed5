/* SPDX-License-Identifier: MIT
 *
 * Both sides' nearest neighbours, from costs that arrive in stripes of columns and are never stored: relaxed transport,
 * as REMD and the palette have it.
 */
#ifndef MATCHES_H
#define MATCHES_H

#include <stdint.h>
#include "base/arena.h"

enum { MATCH_STRIPE = 256 }; /* style columns a chunk looks at */

/* Costs C_ij of n output columns and m style columns arrive by stripes of MATCH_STRIPE columns, row after row. */
typedef struct matches {
    int n, m, stripes;
    float *row_cost;         /* [stripes][n] lowest so far */
    int32_t *row_winner;     /* [stripes][n] its column */
    float *column_cost;      /* [stripes * MATCH_STRIPE] */
    int32_t *column_winner;
    /* matches_finish: */
    double x_to_style, style_to_x; /* mean over rows, weighted mean over columns */
    int pairs;                     /* winning pairs of the larger side: n or m */
    int32_t *row, *column;         /* [pairs] */
    float *weight, *cost;          /* [pairs] share of the mean, C_ij */
} matches;

void matches_layout(matches *matches, arena *arena, int n, int m);
/* cost[MATCH_STRIPE]: row i's costs in a stripe; entries past m are ignored. Rows of a stripe come in order; stripes
 * may run in parallel. The lowest index wins a tie. */
void matches_row(matches *matches, int i, int stripe, float *cost);
/* weight[m] of the columns, adding up to total. */
void matches_finish(matches *matches, const float *weight, double total);

#endif
