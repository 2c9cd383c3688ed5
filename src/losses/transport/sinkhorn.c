/* SPDX-License-Identifier: MIT
 *
 * See sinkhorn.h. Sinkhorn's iteration in the log domain, with P_ij = exp(u_i + v_j - C_ij / EPSILON):
 *
 *     u_i = log a_i - log sum_j exp(v_j - C_ij / EPSILON),   v_j = log b_j - log sum_i exp(u_i - C_ij / EPSILON)
 *
 * each sum with its greatest term taken out. It ends where P's row sums miss a by less than TOLERANCE in all, or after
 * MOST rounds; the rows come last, so that P adds up to 1 and W = EPSILON (<a, u - log a> + <b, v - log b>) is the
 * dual's value, whose gradient towards C is P. Rows and stripes of columns are summed in an order of their own.
 */
#include "losses/transport/sinkhorn.h"

#include <math.h>

enum { ROWS = 4, STRIPE = 32 /* columns at a time */, VECTORS = 16 /* summed in single before they join a double */ };
enum { MOST = 500 };
static const double TOLERANCE = 3e-3; /* the gradient is then within some 0.1 % of the end's */
static const float NOTHING = -1e30f;

void sinkhorn_layout(sinkhorn *w, arena *arena, int n, int m)
{
    *w = (sinkhorn){.n = n, .m = m, .stride = (m + 3) / 4 * 4};
    const size_t rows = (size_t)n, columns = (size_t)w->stride;
    w->cost = arena_take(arena, rows * columns, sizeof(float));
    w->log_a = arena_take(arena, rows, sizeof(float));
    w->log_b = arena_take(arena, columns, sizeof(float));
    w->u = arena_take(arena, rows, sizeof(float));
    w->v = arena_take(arena, columns, sizeof(float));
    w->part = arena_take(arena, rows, sizeof(double));
}

static float largest(f32x4 v)
{
    return fmaxf(fmaxf(v[0], v[1]), fmaxf(v[2], v[3]));
}

/* The exponent of P_ij without u_i, for four columns. */
static f32x4 exponent(const sinkhorn *w, const float *cost, int j)
{
    return f32x4_load(w->v + j) - f32x4_load(cost + j) * (1 / SINKHORN_EPSILON);
}

static void update_rows(void *context, int first, int end, int worker)
{
    (void)worker;
    const sinkhorn *w = context;
    for (int i = first; i < end; i++) {
        const float *cost = w->cost + (size_t)i * w->stride;
        f32x4 most = f32x4_splat(NOTHING);
        for (int j = 0; j < w->stride; j += 4)
            most = f32x4_max(exponent(w, cost, j), most);
        const float top = largest(most);
        double sum = 0;
        for (int j = 0; j < w->stride;) {
            f32x4 part = f32x4_splat(0);
            for (int v = 0; v < VECTORS && j < w->stride; v++, j += 4)
                part += f32x4_exp(exponent(w, cost, j) - top);
            sum += f32x4_sum(part);
        }
        const float u = w->log_a[i] - top - (float)log(sum);
        w->part[i] = exp(w->log_a[i]) * fabs(exp((double)w->u[i] - u) - 1); /* P's row sum was exp(old u - u) a_i */
        w->u[i] = u;
    }
}

static void update_columns(void *context, int first, int end, int worker)
{
    (void)worker;
    const sinkhorn *w = context;
    const int vectors = (end - first) / 4;
    f32x4 most[STRIPE / 4], sum[STRIPE / 4];
    for (int v = 0; v < vectors; v++) {
        most[v] = f32x4_splat(NOTHING);
        sum[v] = f32x4_splat(0);
    }
    for (int i = 0; i < w->n; i++) {
        const float *cost = w->cost + (size_t)i * w->stride + first;
        for (int v = 0; v < vectors; v++)
            most[v] = f32x4_max(w->u[i] - f32x4_load(cost + 4 * v) * (1 / SINKHORN_EPSILON), most[v]);
    }
    for (int i = 0; i < w->n; i++) {
        const float *cost = w->cost + (size_t)i * w->stride + first;
        for (int v = 0; v < vectors; v++)
            sum[v] += f32x4_exp(w->u[i] - f32x4_load(cost + 4 * v) * (1 / SINKHORN_EPSILON) - most[v]);
    }
    for (int j = first; j < end; j++)
        w->v[j] = w->log_b[j] - most[(j - first) / 4][j % 4] - logf(sum[(j - first) / 4][j % 4]);
}

static double sum_parts(const sinkhorn *w)
{
    double sum = 0;
    for (int i = 0; i < w->n; i++)
        sum += w->part[i];
    return sum;
}

double sinkhorn_solve(sinkhorn *w, threads *threads)
{
    for (int i = 0; i < w->n; i++)
        w->u[i] = 0;
    for (int j = 0; j < w->stride; j++)
        w->v[j] = w->log_b[j] = j < w->m ? w->log_b[j] : NOTHING;
    threads_rows(threads, w->n, ROWS, update_rows, w);
    for (int round = 0; round < MOST; round++) {
        threads_rows(threads, w->stride, STRIPE, update_columns, w);
        threads_rows(threads, w->n, ROWS, update_rows, w);
        if (sum_parts(w) < TOLERANCE)
            break;
    }
    double value = 0;
    for (int i = 0; i < w->n; i++)
        value += exp(w->log_a[i]) * ((double)w->u[i] - w->log_a[i]);
    for (int j = 0; j < w->m; j++)
        value += exp(w->log_b[j]) * ((double)w->v[j] - w->log_b[j]);
    return SINKHORN_EPSILON * value;
}

static void sum_rows(void *context, int first, int end, int worker)
{
    (void)worker;
    const sinkhorn *w = context;
    for (int i = first; i < end; i++) {
        w->part[i] = 0;
        for (int j = 0; j < w->m; j += 4)
            w->part[i] += f32x4_sum(sinkhorn_plan(w, i, j) * f32x4_load(w->cost + (size_t)i * w->stride + j));
    }
}

double sinkhorn_cost(sinkhorn *w, threads *threads)
{
    threads_rows(threads, w->n, ROWS, sum_rows, w);
    return sum_parts(w);
}
