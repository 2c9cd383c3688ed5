/* SPDX-License-Identifier: MIT
 *
 * See emd.h. Shortest augmenting paths (Jonker and Volgenant 1987), O(n^3): each row in turn takes the free column that
 * is cheapest to reach when rows on the way may be moved to other columns. Costs are reduced by the columns' prices,
 * under which every placed row has one of its cheapest columns, so that a move costs 0 or more and the paths can be
 * found as Dijkstra finds them; the prices are then set so that this holds for the new row too.
 */
#include "losses/transport/emd.h"

#include <math.h>
#include <string.h>

void emd_layout(emd *w, arena *arena, int n)
{
    *w = (emd){.n = n};
    w->price = arena_take(arena, (size_t)n, sizeof(double));
    w->distance = arena_take(arena, (size_t)n, sizeof(double));
    w->owner = arena_take(arena, (size_t)n, sizeof(int32_t));
    w->from = arena_take(arena, (size_t)n, sizeof(int32_t));
    w->column = arena_take(arena, (size_t)n, sizeof(int32_t));
    w->reached = arena_take(arena, (size_t)n, 1);
}

/* Shortens distances over `row`, itself reached at `distance` through the column it has,
 * whose reduced cost is `own`. */
static void relax_columns(emd *w, const float *cost, int row, double distance, double own)
{
    for (int j = 0; j < w->n; j++) {
        const double through = distance + (cost[j] - w->price[j]) - own;
        if (!w->reached[j] && through < w->distance[j]) {
            w->distance[j] = through;
            w->from[j] = row;
        }
    }
}

static int nearest_column(const emd *w)
{
    int nearest = -1;
    for (int j = 0; j < w->n; j++)
        if (!w->reached[j] && (nearest < 0 || w->distance[j] < w->distance[nearest]))
            nearest = j;
    return nearest;
}

static void place_row(emd *w, const float *cost, int stride, int row)
{
    for (int j = 0; j < w->n; j++) {
        w->distance[j] = INFINITY;
        w->from[j] = row;
    }
    memset(w->reached, 0, (size_t)w->n);
    relax_columns(w, cost + (size_t)row * stride, row, 0, 0);
    int last = nearest_column(w);
    while (w->owner[last] >= 0) {
        const int owner = w->owner[last];
        const float *costs = cost + (size_t)owner * stride;
        w->reached[last] = 1;
        relax_columns(w, costs, owner, w->distance[last], costs[last] - w->price[last]);
        last = nearest_column(w);
    }
    for (int j = 0; j < w->n; j++)
        if (w->reached[j])
            w->price[j] += w->distance[j] - w->distance[last];
    for (int i = -1, j = last; i != row;) { /* back along the path, each row moves on by one */
        i = w->from[j];
        w->owner[j] = i;
        const int32_t given_up = w->column[i];
        w->column[i] = j;
        j = given_up;
    }
}

double emd_solve(emd *w, const float *cost, int stride)
{
    double sum = 0;
    for (int j = 0; j < w->n; j++) {
        w->price[j] = 0;
        w->owner[j] = w->column[j] = -1;
    }
    for (int row = 0; row < w->n; row++)
        place_row(w, cost, stride, row);
    for (int row = 0; row < w->n; row++)
        sum += cost[(size_t)row * stride + w->column[row]];
    return sum / w->n;
}
