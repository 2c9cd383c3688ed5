/* SPDX-License-Identifier: MIT
 *
 * Content term l_C: self-similarity (the paper's Content Loss). With the distances D of similarity.c and their row
 * sums r,
 *
 *     l_C = 1/n sum_ij |D^X_ij / r^X_i - D^C_ij / r^C_i|
 *
 * (rows instead of columns: D is symmetric). A row whose distances are all but 0, as in a flat area, is divided by
 * SMALLEST n instead of by its noise.
 */
#include "losses/terms.h"

#include <math.h>

#include "kernels/simd.h"
#include "losses/similarity.h"

enum { ROWS = 8, VECTORS = 16 /* summed in single precision before they join a double */ };
static const double SMALLEST = 1e-5; /* mean distance */

typedef struct comparison {
    int n;
    float *x, *c;               /* [n][n] G, then D; on the way back x becomes Q and c the gradient towards D */
    similarity of_x, of_c;
    float *x_scale, *c_scale;   /* [n] 1 / r */
    double *error;              /* [n] sum_j |E_ij| */
    float *slope;               /* [n] -dl/dr_i = sum_j sign(E_ij) D_ij / r_i^2, 0 where r is held */
    float factor;
} comparison;

static void comparison_layout(comparison *w, arena *arena, int n, strotss_similarity kind)
{
    const size_t rows = (size_t)n;
    w->n = n;
    w->c = arena_take(arena, rows * rows, sizeof(float));
    similarity_layout(&w->of_x, arena, n, kind);
    similarity_layout(&w->of_c, arena, n, kind);
    w->x_scale = arena_take(arena, rows, sizeof(float));
    w->c_scale = arena_take(arena, rows, sizeof(float));
    w->slope = arena_take(arena, rows, sizeof(float));
    w->error = arena_take(arena, rows, sizeof(double));
}

static void plan_content(arena *plan, const loss_sizes *sizes)
{
    comparison w;
    comparison_layout(&w, plan, sizes->n, STROTSS_COSINE);
    gram_scratch(plan, sizes->n, sizes->workers);
}

static f32x4 sign_of(f32x4 e)
{
    const i32x4 one = (i32x4)f32x4_splat(1), minus = (i32x4)f32x4_splat(-1);
    return (f32x4)(((e > 0) & one) | ((e < 0) & minus));
}

static float sign(float e)
{
    return (float)((e > 0) - (e < 0));
}

static void compare_rows(void *context, int first, int end, int worker)
{
    (void)worker;
    const comparison *w = context;
    const int n = w->n;
    for (int i = first; i < end; i++) {
        float *x = w->x + (size_t)i * n, *c = w->c + (size_t)i * n;
        const double sum_x = similarity_row(x, &w->of_x, i), sum_c = similarity_row(c, &w->of_c, i);
        const int held = !(sum_x > SMALLEST * n);
        const float rx = (float)(1 / (held ? SMALLEST * n : sum_x));
        const float rc = (float)(1 / (sum_c > SMALLEST * n ? sum_c : SMALLEST * n));
        double error = 0, slope = 0;
        int j = 0;
        while (j + 4 <= n) {
            f32x4 errors = f32x4_splat(0), slopes = f32x4_splat(0);
            for (int v = 0; v < VECTORS && j + 4 <= n; v++, j += 4) {
                const f32x4 d = f32x4_load(x + j), e = d * rx - f32x4_load(c + j) * rc, s = sign_of(e);
                errors += s * e;
                slopes += s * d;
            }
            error += f32x4_sum(errors);
            slope += f32x4_sum(slopes);
        }
        for (; j < n; j++) {
            const float e = x[j] * rx - c[j] * rc;
            error += fabsf(e);
            slope += sign(e) * x[j];
        }
        w->x_scale[i] = rx;
        w->c_scale[i] = rc;
        w->error[i] = error;
        w->slope[i] = held ? 0 : (float)(slope * rx * rx);
    }
}

/* With P_ij = factor / n (sign(E_ij) / r_i - slope_i), dl/dD_ij + dl/dD_ji = P_ij + P_ji. */
static void backward_rows(void *context, int first, int end, int worker)
{
    (void)worker;
    const comparison *w = context;
    const int n = w->n;
    const float share = w->factor / (float)n;
    for (int i = first; i < end; i++) {
        float *x = w->x + (size_t)i * n, *c = w->c + (size_t)i * n;
        const float rx = w->x_scale[i], rc = w->c_scale[i], slope = w->slope[i];
        int j = 0;
        for (; j + 4 <= n; j += 4) {
            const f32x4 d = f32x4_load(x + j), k = f32x4_load(c + j), rj = f32x4_load(w->x_scale + j);
            const f32x4 here = sign_of(d * rx - k * rc) * rx - slope;
            const f32x4 there = sign_of(d * rj - k * f32x4_load(w->c_scale + j)) * rj - f32x4_load(w->slope + j);
            f32x4_store(c + j, share * (here + there));
        }
        for (; j < n; j++) {
            const float d = x[j], rj = w->x_scale[j];
            const float here = sign(d * rx - c[j] * rc) * rx - slope;
            const float there = sign(d * rj - c[j] * w->c_scale[j]) * rj - w->slope[j];
            c[j] = share * (here + there);
        }
        similarity_row_backward(x, c, &w->of_x, i);
    }
}

static void take_content(double *value, const loss_pass *pass, float factor)
{
    arena *scratch = pass->exec->scratch;
    threads *threads = pass->exec->threads;
    const size_t mark = arena_mark(scratch);
    const int n = pass->content->n;
    comparison w = {.x = gram_whole(pass->gram), .factor = factor};
    comparison_layout(&w, scratch, n, pass->options->similarity);
    gram_product(w.c, pass->content, pass->exec);
    similarity_begin(&w.of_x, w.x, threads);
    similarity_begin(&w.of_c, w.c, threads);
    threads_rows(threads, n, ROWS, compare_rows, &w);
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += w.error[i];
    value[0] = sum / n;
    if (pass->dz) {
        threads_rows(threads, n, ROWS, backward_rows, &w);
        similarity_end(&w.of_x, w.x, threads);
    }
    arena_reset(scratch, mark);
}

static loss_weight alpha_itself(float alpha)
{
    return (loss_weight){alpha, 1};
}

const loss_term term_content = {
    .name = "content", .factor = 1, .weight = alpha_itself,
    .needs = LOSS_CONTENT | LOSS_GRAM, .plan = plan_content, .take = take_content,
};
