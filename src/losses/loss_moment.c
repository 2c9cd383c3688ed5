/* SPDX-License-Identifier: MIT
 *
 * Moment term l_m = |mu_A - mu_B|_1 / d + |Sigma_A - Sigma_B|_1 / d^2, d = 2179, Sigma divided by n (the paper's
 * Style Loss). With Xc the centred columns, panel by panel of Sigma's upper triangle (style.h), of level l:
 *
 *     Sigma[0..end][panel] = T^T Zc / n,   T = B_l^T Xc[0..end], Zc the level's centred basis (inner length: its rows)
 *     S = sign(Sigma - Sigma_B) 2 / (n d^2)
 *     dZ_l[panel] += T S,   dX[0..first] += B_l (Zc S^T)
 *
 * S being signs times a number, both products are looked up (signs.h). An element that equals the style's to the
 * last bit counts as below it: any slope between is a subgradient, and a channel dead in both has no way back.
 *
 * Bilinear weights sum to 1, so centring Z_k by mu_k centres X_k. Xc being centred, no gradient flows through mu here.
 */
#include "losses/terms.h"

#include <math.h>
#include <string.h>

#include "kernels/gemm.h"
#include "kernels/signs.h"
#include "kernels/simd.h"

enum { WIDTH = 64, ROWS = 16, WIDEST = 768, ALL = HYPERCOLUMN_STRIDE };
static const double DIMENSIONS = STROTSS_HYPERCOLUMN;

typedef struct moment {
    int n;
    float *x, *dx;        /* [n][ALL] all levels side by side, centred */
    float *t;             /* [rows][end of level] of a small map */
    float *back;          /* [rows][end of level] sum over its panels of Zc S^T */
    float *z;             /* [rows][stride] its centred basis */
    float *s;             /* [ALL][MOMENT_PANEL_WIDTH] Sigma n of a panel */
    uint8_t *down;        /* [ALL / 4][MOMENT_PANEL_WIDTH] signs of S, by fours of its rows */
    uint8_t *along;       /* [MOMENT_PANEL_WIDTH / 4][ALL] of S^T, by fours of its columns */
    float *mean;          /* [ALL] */
    double *error;        /* [ALL] sum over a row of the panel of |Sigma - Sigma_B| */
    float *gemm, *sign;
    const float *style_mean;
    float mean_slope, slope;  /* of an element of mu - mu_B and of Sigma - Sigma_B */
    const float *style_panel; /* Sigma_B's panel at work, and its place */
    int first, end, width;
} moment;

static void moment_layout(moment *w, arena *arena, int n, int workers)
{
    const size_t all = (size_t)n * ALL;
    w->n = n;
    w->x = arena_take(arena, all, sizeof(float));
    w->dx = arena_take(arena, all, sizeof(float));
    w->t = arena_take(arena, all, sizeof(float));
    w->back = arena_take(arena, all, sizeof(float));
    w->z = arena_take(arena, (size_t)n, WIDEST * sizeof(float));
    w->s = arena_take(arena, ALL * MOMENT_PANEL_WIDTH, sizeof(float));
    w->mean = arena_take(arena, ALL, sizeof(float));
    w->error = arena_take(arena, ALL, sizeof(double));
    w->down = arena_take(arena, (size_t)ALL / SIGN_GROUP * MOMENT_PANEL_WIDTH, 1);
    w->along = arena_take(arena, (size_t)ALL / SIGN_GROUP * MOMENT_PANEL_WIDTH, 1);
    w->gemm = arena_take(arena, gemm_scratch_floats(ALL, MOMENT_PANEL_WIDTH, n, workers), sizeof(float));
    w->sign = arena_take(arena, sign_scratch_floats(MOMENT_PANEL_WIDTH, ALL, workers), sizeof(float));
}

static void plan_moment(arena *plan, const loss_sizes *sizes)
{
    moment w;
    moment_layout(&w, plan, sizes->n, sizes->workers);
}

/* The mean of a stripe of columns, which is then taken off them; its gradient is where dX begins. */
static void centre_stripe(void *context, int first, int end, int worker)
{
    (void)worker;
    const moment *w = context;
    const int width = end - first;
    double sum[WIDTH] = {0};
    for (int row = 0; row < w->n; row += ROWS) {
        float part[WIDTH] = {0};
        for (int i = row; i < row + ROWS && i < w->n; i++)
            for (int c = 0; c < width; c++)
                part[c] += w->x[(size_t)i * ALL + first + c];
        for (int c = 0; c < width; c++)
            sum[c] += part[c];
    }
    float *mean = w->mean + first, dmean[WIDTH];
    for (int c = 0; c < width; c++) {
        mean[c] = (float)(sum[c] / w->n);
        const float e = mean[c] - w->style_mean[first + c];
        dmean[c] = w->mean_slope * (float)((e > 0) - (e < 0));
    }
    for (int i = 0; i < w->n; i++) {
        float *x = w->x + (size_t)i * ALL + first;
        for (int c = 0; c < width; c++)
            x[c] -= mean[c];
        memcpy(w->dx + (size_t)i * ALL + first, dmean, sizeof(float) * (size_t)width);
    }
}

/* Sigma - Sigma_B along rows of a panel, four at a time, and its signs both ways. */
static void compare_rows(void *context, int first, int end, int worker)
{
    (void)worker;
    const moment *w = context;
    const float share = 1 / (float)w->n;
    for (int i = first; i < end; i += SIGN_GROUP) {
        uint8_t *down = w->down + (size_t)(i / SIGN_GROUP) * w->width;
        double error[SIGN_GROUP] = {0};
        for (int part = 0; part < w->width; part += WIDTH) {
            f32x4 errors[SIGN_GROUP] = {0};
            for (int j = part; j < part + WIDTH && j < w->width; j += 4) {
                uint8_t *along = w->along + (size_t)(j / SIGN_GROUP) * w->first + i;
                i32x4 pattern = {0};
                for (int r = 0; r < SIGN_GROUP; r++) {
                    const size_t at = (size_t)(i + r) * w->width + j;
                    const f32x4 e = f32x4_load(w->s + at) * share - f32x4_load(w->style_panel + at);
                    errors[r] += f32x4_max(e, -e);
                    pattern |= (e > 0) & (1 << r);
                    if (i < w->first)
                        along[r] = (uint8_t)i32x4_bits(e > 0);
                }
                i32x4_store_bytes(down + j, pattern);
            }
            for (int r = 0; r < SIGN_GROUP; r++)
                error[r] += f32x4_sum(errors[r]);
        }
        memcpy(w->error + i, error, sizeof error);
    }
}

static double covariance_panel(moment *w, const moment_panel *p, float *dz, const columns *x, threads *threads)
{
    const column_level *l = &x->level[p->level];
    const int offset = level_offset[p->level], stride = level_stride[p->level], level_end = offset + stride;
    const int first = p->first, end = p->end, width = end - first, rows = l->rows;
    const float *t = l->tap ? w->t : w->x, *z = l->tap ? w->z + (first - offset) : w->x + first;
    const int ldt = l->tap ? level_end : ALL, ldz = l->tap ? stride : ALL;

    gemm_tn(threads, w->s, width, t, ldt, z, ldz, end, width, rows, 0, w->gemm);
    w->first = first;
    w->end = end;
    w->width = width;
    threads_rows(threads, end, ROWS, compare_rows, w);
    double error = 0;
    for (int i = 0; i < end; i++)
        error += (i < first ? 2 : 1) * w->error[i]; /* the mirrored block */
    if (dz) {
        float *dx = l->tap ? w->back : w->dx;
        sign_product(threads, dz + (first - offset), stride, t, ldt, w->down, rows, width, end, w->slope, w->sign);
        if (first > 0)
            sign_product(threads, dx, ldt, z, ldz, w->along, rows, first, width, w->slope, w->sign);
    }
    return error;
}

/* T and Zc of a small map. */
static void prepare_basis(moment *w, const columns *x, int k, threads *threads)
{
    const column_level *l = &x->level[k];
    const int stride = level_stride[k], end = level_offset[k] + stride;
    const size_t floats = (size_t)l->rows * (size_t)end;
    memset(w->back, 0, sizeof(float) * floats);
    columns_contract(threads, w->t, end, w->x, ALL, x, k, end, 0);
    for (int r = 0; r < l->rows; r++)
        for (int c = 0; c < stride; c++)
            w->z[r * stride + c] = l->z[r * stride + c] - w->mean[level_offset[k] + c];
}

static void take_moment(double *value, const loss_pass *pass, float factor)
{
    const columns *x = pass->x;
    const style *s = pass->style;
    float *const *dz = pass->dz;
    threads *threads = pass->exec->threads;
    arena *scratch = pass->exec->scratch;
    const size_t mark = arena_mark(scratch);
    const int n = x->n, backward = dz && factor != 0;
    moment w;
    moment_layout(&w, scratch, n, threads_count(threads));
    w.style_mean = s->mean;
    w.style_panel = s->covariance;
    w.mean_slope = (float)(factor / (n * DIMENSIONS));
    w.slope = (float)(2 * factor / (n * DIMENSIONS * DIMENSIONS));
    for (int k = 0; k < VGG16_LEVELS; k++) {
        const int stride = level_stride[k];
        columns_expand(threads, w.x + level_offset[k], ALL, x->level[k].z, stride, x, k, stride, 0);
    }
    threads_rows(threads, ALL, WIDTH, centre_stripe, &w);

    double mean = 0, covariance = 0;
    for (int c = 0; c < ALL; c++)
        mean += fabsf(w.mean[c] - s->mean[c]);
    for (int p = 0; p < MOMENT_PANELS; p++) {
        const moment_panel *panel = &moment_panels[p];
        const int k = panel->level, small = x->level[k].tap != NULL, level_end = level_offset[k] + level_stride[k];
        if (small && panel->first == level_offset[k])
            prepare_basis(&w, x, k, threads);
        covariance += covariance_panel(&w, panel, backward ? dz[k] : NULL, x, threads);
        if (small && backward && panel->end == level_end)
            columns_expand(threads, w.dx, ALL, w.back, level_end, x, k, level_end, 1);
        w.style_panel += (size_t)panel->end * (size_t)(panel->end - panel->first);
    }
    for (int k = 0; backward && k < VGG16_LEVELS; k++)
        columns_contract(threads, dz[k], level_stride[k], w.dx + level_offset[k], ALL, x, k, level_stride[k], 1);

    value[1] = mean / DIMENSIONS;
    value[2] = covariance / (DIMENSIONS * DIMENSIONS);
    value[0] = value[1] + value[2];
    arena_reset(scratch, mark);
}

const loss_term term_moment = {
    .name = "moment", .parts = {"moment_mean", "moment_cov"}, .factor = 1,
    .needs = LOSS_STYLE, .plan = plan_moment, .take = take_moment,
};
