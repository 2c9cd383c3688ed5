/* SPDX-License-Identifier: MIT
 *
 * Style term l_r: relaxed earth mover's distance on whole hypercolumns (method.md section 2), C_ij = 1 - <A_i, B_j> /
 * (|A_i| |B_j|). The dots are gathered from coarse to fine, a style vector taking over its parent's:
 *
 *     dots_k[i][u] = (B_k Z_k Y_k^T)[i][u] + dots_{k+1}[i][parent_k[u]],   dots_0 the whole dot product
 *
 * Small maps' products Z_k Y_k^T are formed whole; all else in blocks of output rows. The gradient flows through the
 * winning pairs of the larger side: dA_i = sum over its pairs of weight (cos A_i / |A_i|^2 - B_j / (|A_i| |B_j|)); the
 * first part goes to Q's diagonal, the second is gathered level by level.
 */
#include "loss_terms.h"

#include <string.h>

#include "../kernels/gemm.h"

enum { BLOCK = 256 /* output rows at a time */, ROWS = 4, WIDTH = 64 };

typedef struct remd {
    const columns *x;
    const style *s;
    const float *inverse_norm;
    float *inverse_style;           /* [U_0] */
    float *product[VGG16_LEVELS];   /* [rows][U_k] Z_k Y_k^T of a small map */
    float *dots, *coarse;           /* [BLOCK][U_k] at this level and at the one above */
    int level, first, count;        /* which dots are being worked on: rows first to first + count - 1 */
    matches matches;
    int32_t *ancestor[VGG16_LEVELS]; /* [pairs] of the winning style vectors */
    float *coefficient;             /* [pairs] of B_j in dA_i */
    float *const *dz;
    float *gemm;
} remd;

static int at_most(int value, int limit)
{
    return value < limit ? value : limit;
}

/* rows[k]: of the small maps' bases, 0 for the others; distinct[k]: style vectors. */
static void remd_layout(remd *w, arena *arena, int n, const int rows[VGG16_LEVELS], const int distinct[VGG16_LEVELS],
                        int workers)
{
    int most = 0;
    size_t gemm = 0;
    for (int k = 0; k < VGG16_LEVELS; k++) {
        most = distinct[k] > most ? distinct[k] : most;
        const size_t floats = gemm_scratch_floats(n, distinct[k], level_stride[k], workers);
        gemm = floats > gemm ? floats : gemm;
        w->product[k] = arena_take(arena, sizeof(float) * (size_t)rows[k] * (size_t)distinct[k]);
    }
    const size_t block = (size_t)at_most(n, BLOCK) * (size_t)most;
    matches_layout(&w->matches, arena, n, distinct[0]);
    w->inverse_style = arena_take(arena, sizeof(float) * (size_t)distinct[0]);
    w->dots = arena_take(arena, sizeof(float) * block);
    w->coarse = arena_take(arena, sizeof(float) * block);
    const size_t pairs = (size_t)(n > distinct[0] ? n : distinct[0]);
    for (int k = 0; k < VGG16_LEVELS; k++)
        w->ancestor[k] = arena_take(arena, sizeof(int32_t) * pairs);
    w->coefficient = arena_take(arena, sizeof(float) * pairs);
    w->gemm = arena_take(arena, sizeof(float) * gemm);
}

void remd_scratch(arena *plan, int n, int draws, int workers)
{
    const size_t mark = arena_mark(plan);
    remd w;
    int rows[VGG16_LEVELS], distinct[VGG16_LEVELS];
    for (int k = 0; k < VGG16_LEVELS; k++) {
        rows[k] = n >> 2 * k ? n >> 2 * k : 1; /* each map is at most a quarter of the one before */
        distinct[k] = draws;
    }
    remd_layout(&w, plan, n, rows, distinct, workers);
    arena_reset(plan, mark);
}

/* The block's dots before an identity level's own product is added. */
static void inherit_rows(void *context, int chunk, int worker)
{
    (void)worker;
    const remd *w = context;
    const int k = w->level, distinct = w->s->distinct[k], top = k + 1 == VGG16_LEVELS;
    const column_level *l = &w->x->level[k];
    const int end = at_most((chunk + 1) * ROWS, w->count);
    for (int i = chunk * ROWS; i < end; i++) {
        float *dots = w->dots + (size_t)i * distinct;
        if (top) {
            memset(dots, 0, sizeof(float) * (size_t)distinct);
        } else {
            const float *coarse = w->coarse + (size_t)i * w->s->distinct[k + 1];
            for (int u = 0; u < distinct; u++)
                dots[u] = coarse[w->s->parent[k][u]];
        }
        for (int t = 0; l->tap && t < 4; t++) {
            const float weight = l->weight[w->first + i][t];
            const float *product = w->product[k] + (size_t)l->tap[w->first + i][t] * distinct;
            for (int u = 0; weight != 0 && u < distinct; u++)
                dots[u] += weight * product[u];
        }
    }
}

static void match_stripe(void *context, int stripe, int worker)
{
    (void)worker;
    remd *w = context;
    const int first = stripe * MATCH_STRIPE, distinct = w->s->distinct[0];
    const int count = at_most(MATCH_STRIPE, distinct - first);
    const float *inverse_style = w->inverse_style + first;
    for (int i = 0; i < w->count; i++) {
        float cost[MATCH_STRIPE];
        const float own = w->inverse_norm[w->first + i];
        const float *dots = w->dots + (size_t)i * distinct + first;
        for (int j = 0; j < count; j++)
            cost[j] = 1 - dots[j] * own * inverse_style[j];
        matches_row(&w->matches, w->first + i, stripe, cost);
    }
}

static void match_block(remd *w, threads *threads)
{
    for (int k = VGG16_LEVELS - 1; k >= 0; k--) {
        const int stride = level_stride[k], distinct = w->s->distinct[k], top = k + 1 == VGG16_LEVELS;
        const column_level *l = &w->x->level[k];
        float *swap = w->dots;
        w->dots = w->coarse;
        w->coarse = swap;
        w->level = k;
        if (l->tap || !top)
            threads_for(threads, (w->count + ROWS - 1) / ROWS, inherit_rows, w);
        if (!l->tap)
            gemm_nt(threads, w->dots, distinct, l->z + (size_t)w->first * stride, stride, w->s->y[k], stride, w->count,
                    distinct, stride, !top, w->gemm);
    }
    threads_for(threads, w->matches.stripes, match_stripe, w);
}

/* dA -= coefficient B for every pair, a stripe of one level's channels. */
static void backward_stripe(void *context, int chunk, int worker)
{
    (void)worker;
    const remd *w = context;
    const matches *m = &w->matches;
    const int k = w->level, stride = level_stride[k], first = chunk * WIDTH, width = at_most(WIDTH, stride - first);
    const column_level *l = &w->x->level[k];
    for (int p = 0; p < m->pairs; p++) {
        const float *y = w->s->y[k] + (size_t)w->ancestor[k][p] * stride + first;
        const int i = m->row[p];
        for (int t = 0; t < (l->tap ? 4 : 1); t++) {
            const float scale = w->coefficient[p] * (l->tap ? l->weight[i][t] : 1);
            float *dz = w->dz[k] + (size_t)(l->tap ? l->tap[i][t] : i) * stride + first;
            for (int c = 0; scale != 0 && c < width; c++)
                dz[c] -= scale * y[c];
        }
    }
}

static void remd_backward(remd *w, float *q, float factor, threads *threads)
{
    const matches *m = &w->matches;
    const int n = w->x->n;
    for (int p = 0; p < m->pairs; p++) {
        const int i = m->row[p], j = m->column[p];
        const float own = w->inverse_norm[i], weight = factor * m->weight[p];
        w->coefficient[p] = weight * own * w->inverse_style[j];
        q[(size_t)i * n + i] += weight * (1 - m->cost[p]) * own * own;
        w->ancestor[0][p] = j;
        for (int k = 1; k < VGG16_LEVELS; k++)
            w->ancestor[k][p] = w->s->parent[k - 1][w->ancestor[k - 1][p]];
    }
    for (int k = 0; k < VGG16_LEVELS; k++) {
        w->level = k;
        threads_for(threads, (level_stride[k] + WIDTH - 1) / WIDTH, backward_stripe, w);
    }
}

void loss_remd(strotss_terms *terms, float *const dz[VGG16_LEVELS], float *q, const float *inverse_norm,
               const columns *x, const style *s, float factor, threads *threads, arena *scratch)
{
    const size_t mark = arena_mark(scratch);
    const int n = x->n;
    remd w = {.x = x, .s = s, .inverse_norm = inverse_norm, .dz = dz};
    int rows[VGG16_LEVELS];
    for (int k = 0; k < VGG16_LEVELS; k++)
        rows[k] = x->level[k].tap ? x->level[k].rows : 0;
    remd_layout(&w, scratch, n, rows, s->distinct, threads_count(threads));
    for (int j = 0; j < s->distinct[0]; j++)
        w.inverse_style[j] = s->norm[j] > 0 ? 1 / s->norm[j] : 0;
    for (int k = 0; k < VGG16_LEVELS; k++) {
        const int stride = level_stride[k], distinct = s->distinct[k];
        if (rows[k])
            gemm_nt(threads, w.product[k], distinct, x->level[k].z, stride, s->y[k], stride, rows[k], distinct, stride,
                    0, w.gemm);
    }
    for (w.first = 0; w.first < n; w.first += BLOCK) {
        w.count = at_most(BLOCK, n - w.first);
        match_block(&w, threads);
    }
    matches_finish(&w.matches, s->count, s->draws);
    terms->remd_x_to_style = w.matches.x_to_style;
    terms->remd_style_to_x = w.matches.style_to_x;
    terms->remd = w.matches.x_to_style > w.matches.style_to_x ? w.matches.x_to_style : w.matches.style_to_x;
    if (dz && factor != 0)
        remd_backward(&w, q, factor, threads);
    arena_reset(scratch, mark);
}
