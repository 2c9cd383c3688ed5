/* SPDX-License-Identifier: MIT
 *
 * Content term l_C: self-similarity (method.md section 5). With D_ij = 1 - G_ij / (|i| |j|) and its row sums r,
 *
 *     l_C = 1/n sum_ij |D^X_ij / r^X_i - D^C_ij / r^C_i|
 *
 * (rows instead of columns: D is symmetric). D_ii is 0. A zero column is at distance 1 from all; a row whose distances
 * are all but 0, as in a flat area, is divided by SMALLEST n instead of by its noise.
 */
#include "loss_terms.h"

#include <math.h>

#include "../kernels/simd.h"

enum { ROWS = 8, VECTORS = 16 /* summed in single precision before they join a double */ };
static const double SMALLEST = 1e-5; /* mean distance */

typedef struct similarity {
    int n;
    float *x, *c;                       /* [n][n] G, then D; x becomes Q */
    const float *x_inverse, *c_inverse; /* [n] 1 / norm */
    float *x_scale, *c_scale;           /* [n] 1 / r */
    double *error;                      /* [n] sum_j |E_ij| */
    float *slope;                       /* [n] -dl/dr_i = sum_j sign(E_ij) D_ij / r_i^2, 0 where r is held */
    float factor;
} similarity;

static void similarity_layout(similarity *w, arena *arena, int n)
{
    const size_t rows = (size_t)n;
    w->n = n;
    w->c = arena_take(arena, sizeof(float) * rows * rows);
    w->c_inverse = arena_take(arena, sizeof(float) * rows);
    w->x_scale = arena_take(arena, sizeof(float) * rows);
    w->c_scale = arena_take(arena, sizeof(float) * rows);
    w->slope = arena_take(arena, sizeof(float) * rows);
    w->error = arena_take(arena, sizeof(double) * rows);
}

void content_scratch(arena *plan, int n, int workers)
{
    const size_t mark = arena_mark(plan);
    similarity w;
    similarity_layout(&w, plan, n);
    gram_scratch(plan, n, workers);
    arena_reset(plan, mark);
}

/* G to D in place; returns the row's sum. */
static double distances(float *row, const float *inverse, int i, int n)
{
    const float own = inverse[i];
    for (int j = 0; j < n; j++)
        row[j] = 1 - row[j] * own * inverse[j];
    row[i] = 0;
    double sum = 0;
    int j = 0;
    while (j + 4 <= n) {
        f32x4 part = f32x4_splat(0);
        for (int v = 0; v < VECTORS && j + 4 <= n; v++, j += 4)
            part += f32x4_load(row + j);
        sum += f32x4_sum(part);
    }
    for (; j < n; j++)
        sum += row[j];
    return sum;
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

static void compare_rows(void *context, int chunk, int worker)
{
    (void)worker;
    const similarity *w = context;
    const int n = w->n, end = (chunk + 1) * ROWS < n ? (chunk + 1) * ROWS : n;
    for (int i = chunk * ROWS; i < end; i++) {
        float *x = w->x + (size_t)i * n, *c = w->c + (size_t)i * n;
        const double sum_x = distances(x, w->x_inverse, i, n), sum_c = distances(c, w->c_inverse, i, n);
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

/* With P_ij = factor / n (sign(E_ij) / r_i - slope_i), the gradient towards D_ij: Q_ij = -(P_ij + P_ji) / (|i| |j|),
 * and through the norms Q_ii = sum_j (P_ij + P_ji) (1 - D_ij) / |i|^2. */
static void backward_rows(void *context, int chunk, int worker)
{
    (void)worker;
    const similarity *w = context;
    const int n = w->n, end = (chunk + 1) * ROWS < n ? (chunk + 1) * ROWS : n;
    const float share = w->factor / (float)n;
    for (int i = chunk * ROWS; i < end; i++) {
        float *x = w->x + (size_t)i * n;
        const float *c = w->c + (size_t)i * n;
        const float rx = w->x_scale[i], rc = w->c_scale[i], slope = w->slope[i], own = w->x_inverse[i];
        double norm = 0;
        x[i] = 1; /* out of the sum */
        int j = 0;
        while (j + 4 <= n) {
            f32x4 norms = f32x4_splat(0);
            for (int v = 0; v < VECTORS && j + 4 <= n; v++, j += 4) {
                const f32x4 d = f32x4_load(x + j), k = f32x4_load(c + j);
                const f32x4 rj = f32x4_load(w->x_scale + j);
                const f32x4 here = sign_of(d * rx - k * rc) * rx - slope;
                const f32x4 there = sign_of(d * rj - k * f32x4_load(w->c_scale + j)) * rj - f32x4_load(w->slope + j);
                const f32x4 both = share * (here + there);
                norms += both * (1 - d);
                f32x4_store(x + j, -both * own * f32x4_load(w->x_inverse + j));
            }
            norm += f32x4_sum(norms);
        }
        for (; j < n; j++) {
            const float d = x[j], rj = w->x_scale[j];
            const float here = sign(d * rx - c[j] * rc) * rx - slope;
            const float there = sign(d * rj - c[j] * w->c_scale[j]) * rj - w->slope[j];
            const float both = share * (here + there);
            norm += both * (1 - d);
            x[j] = -both * own * w->x_inverse[j];
        }
        x[i] = (float)norm * own * own;
    }
}

double loss_content(float *q, const float *inverse_norm, const columns *c, float factor, int backward, threads *threads,
                    arena *scratch)
{
    const size_t mark = arena_mark(scratch);
    const int n = c->n, chunks = (n + ROWS - 1) / ROWS;
    similarity w = {0};
    similarity_layout(&w, scratch, n);
    w.x = q;
    w.x_inverse = inverse_norm;
    w.factor = factor;
    gram_forward(w.c, c, threads, scratch);
    gram_inverse_norms((float *)w.c_inverse, w.c, n);
    threads_for(threads, chunks, compare_rows, &w);
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += w.error[i];
    if (backward)
        threads_for(threads, chunks, backward_rows, &w);
    arena_reset(scratch, mark);
    return sum / n;
}
