/* SPDX-License-Identifier: MIT
 *
 * Relaxed transport's two sides (the paper's Style Loss): every row's lowest cost and every column's, from costs that
 * arrive in stripes of columns and are never stored. Stripes write apart from each other, so any number of threads
 * gives the same winners; a stripe's partial winners of a row are merged in the order of the stripes.
 */
#include "losses/matches.h"

#include <math.h>
#include <string.h>

#include "base/sizes.h"
#include "kernels/simd.h"

void matches_layout(matches *w, arena *arena, int n, int m)
{
    *w = (matches){.n = n, .m = m, .stripes = pieces(m, MATCH_STRIPE)};
    const size_t rows = (size_t)n * (size_t)w->stripes, columns = (size_t)w->stripes * MATCH_STRIPE;
    const size_t pairs = (size_t)(n > m ? n : m);
    w->row_cost = arena_take(arena, rows, sizeof(float));
    w->row_winner = arena_take(arena, rows, sizeof(int32_t));
    w->column_cost = arena_take(arena, columns, sizeof(float));
    w->column_winner = arena_take(arena, columns, sizeof(int32_t));
    w->row = arena_take(arena, pairs, sizeof(int32_t));
    w->column = arena_take(arena, pairs, sizeof(int32_t));
    w->weight = arena_take(arena, pairs, sizeof(float));
    w->cost = arena_take(arena, pairs, sizeof(float));
}

static i32x4 choose(i32x4 mask, i32x4 a, i32x4 b)
{
    return (a & mask) | (b & ~mask);
}

void matches_row(matches *w, int i, int stripe, float *cost)
{
    const int first = stripe * MATCH_STRIPE;
    float *column_cost = w->column_cost + first;
    int32_t *column_winner = w->column_winner + first;
    for (int j = w->m - first; j < MATCH_STRIPE; j++)
        cost[j] = INFINITY;
    if (i == 0)
        for (int j = 0; j < MATCH_STRIPE; j++)
            column_cost[j] = INFINITY, column_winner[j] = 0;

    f32x4 best = f32x4_splat(INFINITY);
    i32x4 winner = {first, first, first, first}, here = {first, first + 1, first + 2, first + 3};
    const i32x4 row = {i, i, i, i};
    for (int j = 0; j < MATCH_STRIPE; j += 4) {
        const f32x4 c = f32x4_load(cost + j), column = f32x4_load(column_cost + j);
        const i32x4 better = c < best, better_column = c < column;
        i32x4 old;
        best = (f32x4)choose(better, (i32x4)c, (i32x4)best);
        winner = choose(better, here, winner);
        here += 4;
        memcpy(&old, column_winner + j, sizeof old);
        old = choose(better_column, row, old);
        memcpy(column_winner + j, &old, sizeof old);
        f32x4_store(column_cost + j, (f32x4)choose(better_column, (i32x4)c, (i32x4)column));
    }
    int lane = 0;
    for (int k = 1; k < 4; k++)
        if (best[k] < best[lane] || (best[k] == best[lane] && winner[k] < winner[lane]))
            lane = k;
    w->row_cost[(size_t)stripe * w->n + i] = best[lane];
    w->row_winner[(size_t)stripe * w->n + i] = winner[lane];
}

void matches_finish(matches *w, const float *weight, double total)
{
    double rows = 0, columns = 0;
    for (int i = 0; i < w->n; i++) {
        for (int s = 1; s < w->stripes; s++)
            if (w->row_cost[(size_t)s * w->n + i] < w->row_cost[i]) {
                w->row_cost[i] = w->row_cost[(size_t)s * w->n + i];
                w->row_winner[i] = w->row_winner[(size_t)s * w->n + i];
            }
        rows += w->row_cost[i];
    }
    for (int j = 0; j < w->m; j++)
        columns += (double)weight[j] * w->column_cost[j];
    w->x_to_style = rows / w->n;
    w->style_to_x = columns / total;

    const int rows_win = w->x_to_style >= w->style_to_x;
    w->pairs = rows_win ? w->n : w->m;
    for (int p = 0; p < w->pairs; p++) {
        w->row[p] = rows_win ? p : w->column_winner[p];
        w->column[p] = rows_win ? w->row_winner[p] : p;
        w->weight[p] = rows_win ? 1 / (float)w->n : weight[p] / (float)total;
        w->cost[p] = rows_win ? w->row_cost[p] : w->column_cost[p];
    }
}
