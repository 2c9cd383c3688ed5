/* SPDX-License-Identifier: MIT
 *
 * Style term l_r: relaxed earth mover's distance on whole hypercolumns (the paper's Style Loss, eq. 5 to 8),
 * C_ij = 1 - <A_i, B_j> / (|A_i| |B_j|), dots as in dots.c. The gradient flows through the winning pairs of the larger
 * side: dA_i = sum over its pairs of weight (cos A_i / |A_i|^2 - B_j / (|A_i| |B_j|)); the first part goes to Q's
 * diagonal, the second is gathered level by level.
 */
#include "losses/loss_transport.h"

#include "losses/dots.h"
#include "losses/matches.h"

enum { WIDTH = 64 };

typedef struct remd {
    dots dots;
    matches matches;
    int32_t *ancestor[VGG16_LEVELS]; /* [pairs] of the winning style vectors */
    float *coefficient;              /* [pairs] of B_j in dA_i */
    float *const *dz;
    int level;                       /* which is being gathered */
} remd;

static void remd_layout(remd *w, arena *arena, const dots_sizes *sizes, int workers)
{
    const int n = sizes->n, distinct = sizes->distinct[0];
    dots_layout(&w->dots, arena, sizes, workers);
    matches_layout(&w->matches, arena, n, distinct);
    const size_t pairs = (size_t)(n > distinct ? n : distinct);
    for (int k = 0; k < VGG16_LEVELS; k++)
        w->ancestor[k] = arena_take(arena, pairs, sizeof(int32_t));
    w->coefficient = arena_take(arena, pairs, sizeof(float));
}

void remd_scratch(arena *plan, const loss_sizes *sizes)
{
    const dots_sizes dots = dots_sizes_at_most(sizes->n, sizes->draws);
    remd w;
    remd_layout(&w, plan, &dots, sizes->workers);
}

static void match_stripe(void *context, int first, int end, int worker)
{
    (void)worker;
    remd *w = context;
    for (int i = 0; i < w->dots.count; i++) {
        float cost[MATCH_STRIPE];
        dots_costs(cost, &w->dots, i, first, end - first);
        matches_row(&w->matches, w->dots.first + i, first / MATCH_STRIPE, cost);
    }
}

/* dA -= coefficient B for every pair, a stripe of one level's channels. */
static void backward_stripe(void *context, int first, int end, int worker)
{
    (void)worker;
    const remd *w = context;
    const matches *m = &w->matches;
    const int k = w->level, stride = level_stride[k], width = end - first;
    const column_level *l = &w->dots.x->level[k];
    for (int p = 0; p < m->pairs; p++) {
        const float *y = w->dots.s->y[k] + (size_t)w->ancestor[k][p] * stride + first;
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
    const int n = w->dots.x->n;
    for (int p = 0; p < m->pairs; p++) {
        const int i = m->row[p], j = m->column[p];
        const float own = w->dots.inverse_norm[i], weight = factor * m->weight[p];
        w->coefficient[p] = weight * own * w->dots.inverse_style[j];
        q[(size_t)i * n + i] += weight * (1 - m->cost[p]) * own * own;
        w->ancestor[0][p] = j;
        for (int k = 1; k < VGG16_LEVELS; k++)
            w->ancestor[k][p] = w->dots.s->parent[k - 1][w->ancestor[k - 1][p]];
    }
    for (int k = 0; k < VGG16_LEVELS; k++) {
        w->level = k;
        threads_rows(threads, level_stride[k], WIDTH, backward_stripe, w);
    }
}

void loss_remd(double *value, const loss_pass *pass, float factor)
{
    const columns *x = pass->x;
    const style *s = pass->style;
    threads *threads = pass->exec->threads;
    arena *scratch = pass->exec->scratch;
    const size_t mark = arena_mark(scratch);
    const dots_sizes sizes = dots_sizes_of(x, s);
    remd w = {.dz = pass->dz};
    remd_layout(&w, scratch, &sizes, threads_count(threads));
    dots_begin(&w.dots, x, pass->gram->inverse_norm, s, threads);
    for (int first = 0; first < x->n; first += DOTS_BLOCK) {
        dots_block(&w.dots, first, threads);
        threads_rows(threads, s->distinct[0], MATCH_STRIPE, match_stripe, &w);
    }
    matches_finish(&w.matches, s->count, s->draws);
    value[1] = w.matches.x_to_style;
    value[2] = w.matches.style_to_x;
    value[0] = value[1] > value[2] ? value[1] : value[2];
    if (pass->dz && factor != 0)
        remd_backward(&w, gram_gradient(pass->gram), factor, threads);
    arena_reset(scratch, mark);
}
