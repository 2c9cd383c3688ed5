/* SPDX-License-Identifier: MIT
 *
 * Dot products <A_i, B_u> of output columns with the style's distinct ones, gathered from coarse to fine, a style
 * vector taking over its parent's:
 *
 *     dots_k[i][u] = (B_k Z_k Y_k^T)[i][u] + dots_{k+1}[i][parent_k[u]],   dots_0 the whole dot product
 *
 * Small maps' products Z_k Y_k^T are formed whole; all else in blocks of output rows. Of the dots, the cosine distances
 * that transport takes for its costs.
 */
#include "losses/dots.h"

#include <string.h>

#include "base/sizes.h"
#include "kernels/gemm.h"

enum { ROWS = 4 };

dots_sizes dots_sizes_at_most(int n, int draws)
{
    dots_sizes sizes = {.n = n};
    for (int k = 0; k < VGG16_LEVELS; k++) {
        sizes.rows[k] = n >> 2 * k ? n >> 2 * k : 1; /* each map is at most a quarter of the one before */
        sizes.distinct[k] = draws;
    }
    return sizes;
}

dots_sizes dots_sizes_of(const columns *x, const style *s)
{
    dots_sizes sizes = {.n = x->n};
    for (int k = 0; k < VGG16_LEVELS; k++) {
        sizes.rows[k] = x->level[k].tap ? x->level[k].rows : 0;
        sizes.distinct[k] = s->distinct[k];
    }
    return sizes;
}

void dots_layout(dots *w, arena *arena, const dots_sizes *sizes, int workers)
{
    int most = 0;
    size_t gemm = 0;
    for (int k = 0; k < VGG16_LEVELS; k++) {
        const int distinct = sizes->distinct[k];
        most = distinct > most ? distinct : most;
        gemm = arena_larger(gemm, gemm_scratch_floats(sizes->n, distinct, level_stride[k], workers));
        w->product[k] = arena_take(arena, (size_t)sizes->rows[k] * (size_t)distinct, sizeof(float));
    }
    const size_t block = (size_t)at_most(sizes->n, DOTS_BLOCK) * (size_t)most;
    w->rows = arena_take(arena, block, sizeof(float));
    w->coarse = arena_take(arena, block, sizeof(float));
    w->inverse_style = arena_take(arena, (size_t)sizes->distinct[0], sizeof(float));
    w->gemm = arena_take(arena, gemm, sizeof(float));
}

void dots_begin(dots *w, const columns *x, const float *inverse_norm, const style *s, threads *threads)
{
    w->x = x;
    w->s = s;
    w->inverse_norm = inverse_norm;
    for (int u = 0; u < s->distinct[0]; u++)
        w->inverse_style[u] = s->norm[u] > 0 ? 1 / s->norm[u] : 0;
    for (int k = 0; k < VGG16_LEVELS; k++) {
        const column_level *l = &x->level[k];
        const int stride = level_stride[k], distinct = s->distinct[k];
        if (l->tap)
            gemm_nt(threads, w->product[k], distinct, l->z, stride, s->y[k], stride, l->rows, distinct, stride, 0,
                    w->gemm);
    }
}

/* The block's dots before an identity level's own product is added. */
static void inherit_rows(void *context, int first, int end, int worker)
{
    (void)worker;
    const dots *w = context;
    const int k = w->level, distinct = w->s->distinct[k], top = k + 1 == VGG16_LEVELS;
    const column_level *l = &w->x->level[k];
    for (int i = first; i < end; i++) {
        float *row = w->rows + (size_t)i * distinct;
        if (top) {
            memset(row, 0, sizeof(float) * (size_t)distinct);
        } else {
            const float *coarse = w->coarse + (size_t)i * w->s->distinct[k + 1];
            for (int u = 0; u < distinct; u++)
                row[u] = coarse[w->s->parent[k][u]];
        }
        for (int t = 0; l->tap && t < 4; t++) {
            const float weight = l->weight[w->first + i][t];
            const float *product = w->product[k] + (size_t)l->tap[w->first + i][t] * distinct;
            for (int u = 0; weight != 0 && u < distinct; u++)
                row[u] += weight * product[u];
        }
    }
}

void dots_block(dots *w, int first, threads *threads)
{
    w->first = first;
    w->count = at_most(DOTS_BLOCK, w->x->n - first);
    for (int k = VGG16_LEVELS - 1; k >= 0; k--) {
        const int stride = level_stride[k], distinct = w->s->distinct[k], top = k + 1 == VGG16_LEVELS;
        const column_level *l = &w->x->level[k];
        float *swap = w->rows;
        w->rows = w->coarse;
        w->coarse = swap;
        w->level = k;
        if (l->tap || !top)
            threads_rows(threads, w->count, ROWS, inherit_rows, w);
        if (!l->tap)
            gemm_nt(threads, w->rows, distinct, l->z + (size_t)first * stride, stride, w->s->y[k], stride, w->count,
                    distinct, stride, !top, w->gemm);
    }
}

void dots_costs(float *cost, const dots *w, int i, int first, int count)
{
    const float own = w->inverse_norm[w->first + i], *inverse_style = w->inverse_style + first;
    const float *row = w->rows + (size_t)i * w->s->distinct[0] + first;
    for (int u = 0; u < count; u++)
        cost[u] = 1 - row[u] * own * inverse_style[u];
}
