/* SPDX-License-Identifier: MIT
 *
 * Points term l_g (the paper's User Control): output columns A_i at the content's points are to look like the style's
 * columns B_i at theirs, l_g = sum_i w_i (1 - <A_i, B_i> / (|A_i| |B_i|)), w adding up to 1. Both sides are bilinear
 * samples. dA_i = w_i (cos A_i / |A_i|^2 - B_i / (|A_i| |B_i|)); a column of zeros is at distance 1 and has none.
 */
#include "losses/terms.h"

#include <math.h>

typedef struct sides {
    float *a, *b; /* [n][HYPERCOLUMN_STRIDE]; a is then its own gradient */
} sides;

static void sides_layout(sides *w, arena *arena, int n)
{
    w->a = arena_take(arena, (size_t)n, HYPERCOLUMN_STRIDE * sizeof(float));
    w->b = arena_take(arena, (size_t)n, HYPERCOLUMN_STRIDE * sizeof(float));
}

static void plan_points(arena *plan, const loss_sizes *sizes)
{
    sides w;
    sides_layout(&w, plan, sizes->points);
}

static void expand(float *out, const columns *c, threads *threads)
{
    for (int k = 0; k < VGG16_LEVELS; k++)
        columns_expand(threads, out + level_offset[k], HYPERCOLUMN_STRIDE, c->level[k].z, level_stride[k], c, k,
                       level_stride[k], 0);
}

static double dot(const float *a, const float *b)
{
    double sum = 0;
    for (int c = 0; c < HYPERCOLUMN_STRIDE; c++)
        sum += (double)a[c] * b[c];
    return sum;
}

static void take_points(double *value, const loss_pass *pass, float factor)
{
    const columns *x = pass->x;
    const size_t mark = arena_mark(pass->exec->scratch);
    sides w;
    sides_layout(&w, pass->exec->scratch, x->n);
    expand(w.a, x, pass->exec->threads);
    expand(w.b, pass->points->style, pass->exec->threads);
    value[0] = 0;
    for (int i = 0; i < x->n; i++) {
        float *a = w.a + (size_t)i * HYPERCOLUMN_STRIDE;
        const float *b = w.b + (size_t)i * HYPERCOLUMN_STRIDE;
        const double square = dot(a, a), lengths = sqrt(square) * sqrt(dot(b, b)), weight = pass->points->weight[i];
        const double cosine = lengths > 0 ? dot(a, b) / lengths : 0;
        const float own = lengths > 0 ? (float)(factor * weight * cosine / square) : 0;
        const float other = lengths > 0 ? (float)(factor * weight / lengths) : 0;
        value[0] += weight * (1 - cosine);
        for (int c = 0; c < HYPERCOLUMN_STRIDE; c++)
            a[c] = own * a[c] - other * b[c];
    }
    for (int k = 0; pass->dz && factor != 0 && k < VGG16_LEVELS; k++)
        columns_contract(pass->exec->threads, pass->dz[k], level_stride[k], w.a + level_offset[k], HYPERCOLUMN_STRIDE,
                         x, k, level_stride[k], 1);
    arena_reset(pass->exec->scratch, mark);
}

const loss_term term_points = {
    .name = "points", .factor = 1, .needs = LOSS_POINTS, .plan = plan_points, .take = take_points,
};
