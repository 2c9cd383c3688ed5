/* SPDX-License-Identifier: MIT
 *
 * Style term l_r by entropic optimal transport, in place of REMD: the same cost C_ij = 1 - <A_i, B_j> / (|A_i| |B_j|)
 * on whole hypercolumns (dots as in dots.c), the output's columns of equal weight, the style's distinct ones weighing
 * as often as they were drawn; l_r = W of sinkhorn.h. With its plan P
 *
 *     dA_i = sum_j P_ij (cos_ij A_i / |A_i|^2 - B_j / (|A_i| |B_j|))
 *
 * whose first part goes to Q's diagonal. The second is dense: dX_k = -V_k Y_k, V_0 = P / (|A| |B|), and V_{k+1} adds up
 * the columns of V_k that descend from one style vector.
 */
#include "losses/loss_transport.h"

#include <math.h>

#include "kernels/gemm.h"
#include "losses/dots.h"
#include "losses/transport/sinkhorn.h"

enum { ROWS = 4 };

typedef struct transport {
    dots dots;
    sinkhorn plan;
    float *gemm;
    float *q;             /* [n][n] */
    float factor;
    int level;            /* whose V is being added up */
} transport;

static void transport_layout(transport *w, arena *arena, const dots_sizes *sizes, int workers)
{
    size_t gemm = 0;
    for (int k = 0; k < VGG16_LEVELS; k++)
        gemm = arena_larger(gemm, gemm_scratch_floats(sizes->n, level_stride[k], sizes->distinct[k], workers));
    dots_layout(&w->dots, arena, sizes, workers);
    sinkhorn_layout(&w->plan, arena, sizes->n, sizes->distinct[0]);
    w->gemm = arena_take(arena, gemm, sizeof(float));
}

void sinkhorn_scratch(arena *plan, const loss_sizes *sizes)
{
    const dots_sizes dots = dots_sizes_at_most(sizes->n, sizes->draws);
    transport w;
    transport_layout(&w, plan, &dots, sizes->workers);
}

/* The block's dots to costs. */
static void cost_rows(void *context, int first, int end, int worker)
{
    (void)worker;
    const transport *w = context;
    const sinkhorn *plan = &w->plan;
    for (int i = first; i < end; i++) {
        float *cost = plan->cost + (size_t)(w->dots.first + i) * plan->stride;
        dots_costs(cost, &w->dots, i, 0, plan->m);
        for (int j = plan->m; j < plan->stride; j++)
            cost[j] = 0;
    }
}

/* Costs to -factor V_0, in place, and the gradient through |A_i|. */
static void backward_rows(void *context, int first, int end, int worker)
{
    (void)worker;
    transport *w = context;
    const sinkhorn *plan = &w->plan;
    const int n = plan->n;
    for (int i = first; i < end; i++) {
        const float own = w->dots.inverse_norm[i];
        float *row = plan->cost + (size_t)i * plan->stride;
        double cosine = 0;
        for (int j = 0; j < plan->m; j += 4) {
            const f32x4 p = sinkhorn_plan(plan, i, j);
            for (int l = 0; l < 4 && j + l < plan->m; l++) {
                cosine += p[l] * (1 - row[j + l]);
                row[j + l] = -w->factor * p[l] * own * w->dots.inverse_style[j + l];
            }
        }
        w->q[(size_t)i * n + i] += w->factor * (float)cosine * own * own;
    }
}

/* V_{level-1} to V_level, in place: what descends from one vector is one stretch, and no vector stands behind its
 * descendants. */
static void gather_rows(void *context, int first, int end, int worker)
{
    (void)worker;
    const transport *w = context;
    const int k = w->level;
    const int32_t *parent = w->dots.s->parent[k - 1];
    for (int i = first; i < end; i++) {
        float *row = w->plan.cost + (size_t)i * w->plan.stride;
        for (int j = 0; j < w->dots.s->distinct[k - 1]; j++) {
            const float share = row[j];
            row[parent[j]] = j > 0 && parent[j] == parent[j - 1] ? row[parent[j]] + share : share;
        }
    }
}

static void transport_backward(transport *w, float *const dz[VGG16_LEVELS], threads *threads)
{
    const columns *x = w->dots.x;
    const int n = x->n;
    threads_rows(threads, n, ROWS, backward_rows, w);
    for (int k = 0; k < VGG16_LEVELS; k++) {
        const column_level *l = &x->level[k];
        const int stride = level_stride[k], distinct = w->dots.s->distinct[k];
        float *v = w->plan.cost;
        int rows = n, ld = w->plan.stride;
        w->level = k;
        if (k > 0)
            threads_rows(threads, n, ROWS, gather_rows, w);
        if (l->tap) { /* B_k^T V_k, where the forward pass had Z_k Y_k^T */
            columns_contract(threads, w->dots.product[k], distinct, v, ld, x, k, distinct, 0);
            v = w->dots.product[k];
            rows = l->rows;
            ld = distinct;
        }
        gemm_nn(threads, dz[k], stride, v, ld, w->dots.s->y[k], stride, rows, stride, distinct, 1, w->gemm);
    }
}

void loss_sinkhorn(double *value, const loss_pass *pass, float factor)
{
    const columns *x = pass->x;
    const style *s = pass->style;
    threads *threads = pass->exec->threads;
    arena *scratch = pass->exec->scratch;
    const size_t mark = arena_mark(scratch);
    const dots_sizes sizes = dots_sizes_of(x, s);
    transport w = {.factor = factor};
    transport_layout(&w, scratch, &sizes, threads_count(threads));
    dots_begin(&w.dots, x, pass->gram->inverse_norm, s, threads);
    for (int first = 0; first < x->n; first += DOTS_BLOCK) {
        dots_block(&w.dots, first, threads);
        threads_rows(threads, w.dots.count, ROWS, cost_rows, &w);
    }
    for (int i = 0; i < x->n; i++)
        w.plan.log_a[i] = -logf((float)x->n);
    for (int j = 0; j < s->distinct[0]; j++)
        w.plan.log_b[j] = logf(s->count[j] / (float)s->draws);
    value[0] = value[1] = value[2] = sinkhorn_solve(&w.plan, threads);
    if (pass->dz && factor != 0) {
        w.q = gram_gradient(pass->gram);
        transport_backward(&w, pass->dz, threads);
    }
    arena_reset(scratch, mark);
}
