/* SPDX-License-Identifier: MIT
 *
 * The Gram matrix of output columns, level by level: G = sum over k of B_k (Z_k Z_k^T) B_k^T, and the way back, dZ_k
 * += (B_k^T Q B_k) Z_k for a symmetric Q. The small product S = Z Z^T [rows][rows] is mixed on one side, turned, and
 * mixed on the other, so that both mixings run along rows; S and Q being symmetric, nothing is lost by the turn.
 */
#include "losses/gram.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "kernels/gemm.h"
#include "kernels/gemm_kernels.h"

enum { TILE = 16 };

typedef struct gram_room {
    float *small;  /* [n][n] at most: S */
    float *mixed;  /* [n][rows] B S */
    float *turned; /* [rows][n] */
    float *gemm;
} gram_room;

void gram_layout(gram *gram, arena *arena, int n)
{
    gram->n = n;
    gram->matrix = arena_take(arena, (size_t)n * (size_t)n, sizeof(float));
    gram->inverse_norm = arena_take(arena, (size_t)n, sizeof(float));
}

static void room_layout(gram_room *w, arena *arena, int n, int workers)
{
    const size_t floats = (size_t)n * (size_t)n;
    w->small = arena_take(arena, floats, sizeof(float));
    w->mixed = arena_take(arena, floats, sizeof(float));
    w->turned = arena_take(arena, floats, sizeof(float));
    const size_t forward = gemm_scratch_floats(n, n, 768, workers), backward = gemm_scratch_floats(n, 768, n, workers);
    w->gemm = arena_take(arena, forward > backward ? forward : backward, sizeof(float));
}

void gram_scratch(arena *plan, int n, int workers)
{
    const size_t mark = arena_mark(plan);
    gram_room w;
    room_layout(&w, plan, n, workers);
    arena_reset(plan, mark);
}

typedef struct turning { float *out; const float *in; int rows, width; } turning;

static void turn_rows(void *context, int first, int end, int worker)
{
    (void)worker;
    const turning *t = context;
    gemm_transpose(t->out + first, t->rows, t->in + (size_t)first * t->width, t->width, end - first, t->width);
}

/* out[width][rows] = in[rows][width]^T */
static void turn(threads *threads, float *out, const float *in, int rows, int width)
{
    turning t = {out, in, rows, width};
    threads_rows(threads, rows, TILE, turn_rows, &t);
}

void gram_product(float *g, const columns *x, const exec *exec)
{
    threads *threads = exec->threads;
    const size_t mark = arena_mark(exec->scratch);
    const int n = x->n;
    gram_room w;
    room_layout(&w, exec->scratch, n, threads_count(threads));
    int begun = 0;
    for (int k = 0; k < VGG16_LEVELS; k++) {
        const column_level *l = &x->level[k];
        const int stride = level_stride[k], rows = l->rows;
        if (!l->tap) {
            gemm_gram(threads, g, n, l->z, stride, n, stride, begun, w.gemm);
        } else {
            gemm_gram(threads, w.small, rows, l->z, stride, rows, stride, 0, w.gemm);
            columns_expand(threads, w.mixed, rows, w.small, rows, x, k, rows, 0);
            turn(threads, w.turned, w.mixed, n, rows);
            columns_expand(threads, g, n, w.turned, n, x, k, n, begun);
        }
        begun = 1;
    }
    arena_reset(exec->scratch, mark);
}

void gram_inverse_norms(float *inverse, const float *g, int n)
{
    for (int i = 0; i < n; i++) {
        const float square = g[(size_t)i * n + i];
        inverse[i] = square > 0 ? 1 / sqrtf(square) : 0;
    }
}

void gram_forward(gram *gram, const columns *x, const exec *exec)
{
    gram_product(gram->matrix, x, exec);
    gram_inverse_norms(gram->inverse_norm, gram->matrix, gram->n);
    gram->is_gradient = 0;
}

float *gram_whole(gram *gram)
{
    assert(!gram->is_gradient);
    gram->is_gradient = 1;
    return gram->matrix;
}

float *gram_gradient(gram *gram)
{
    if (!gram->is_gradient)
        memset(gram->matrix, 0, sizeof(float) * (size_t)gram->n * (size_t)gram->n);
    gram->is_gradient = 1;
    return gram->matrix;
}

void gram_backward(float *const dz[VGG16_LEVELS], gram *gram, const columns *x, const exec *exec)
{
    threads *threads = exec->threads;
    const size_t mark = arena_mark(exec->scratch);
    const int n = x->n;
    const float *q = gram_gradient(gram);
    gram_room w;
    room_layout(&w, exec->scratch, n, threads_count(threads));
    for (int k = 0; k < VGG16_LEVELS; k++) {
        const column_level *l = &x->level[k];
        const int stride = level_stride[k], rows = l->rows;
        if (!l->tap) {
            gemm_nn(threads, dz[k], stride, q, n, l->z, stride, n, stride, n, 1, w.gemm);
            continue;
        }
        columns_contract(threads, w.turned, n, q, n, x, k, n, 0);
        turn(threads, w.mixed, w.turned, rows, n);
        columns_contract(threads, w.small, rows, w.mixed, rows, x, k, rows, 0);
        gemm_nn(threads, dz[k], stride, w.small, rows, l->z, stride, rows, stride, rows, 1, w.gemm);
    }
    arena_reset(exec->scratch, mark);
}
