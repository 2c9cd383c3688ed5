/* SPDX-License-Identifier: MIT
 *
 * Distances between one picture's own columns from their Gram matrix G = X X^T, and the way back to Q with dX = Q X:
 *
 *     cosine     D_ij = 1 - G_ij / (|i| |j|)
 *     centred    the same of X_i - mean X: G is centred first, by rows and by columns, and Q at last, likewise
 *     Euclidean  D_ij = sqrt(G_ii + G_jj - 2 G_ij)
 *
 * D_ii is 0. A zero column is at cosine distance 1 from all. What single precision cannot tell from nothing is nothing
 * and lets no gradient through: a column nearer to the mean, or to another column, than NOISE of its own length.
 */
#include "losses/similarity.h"

#include <math.h>

#include "kernels/simd.h"
#include "losses/gram.h"

enum { ROWS = 8, VECTORS = 16 /* summed in single precision before they join a double */ };
static const float NOISE = 1e-3f;

void similarity_layout(similarity *w, arena *arena, int n, strotss_similarity kind)
{
    *w = (similarity){.kind = kind, .n = n};
    w->square = arena_take(arena, (size_t)n, sizeof(float));
    w->inverse = arena_take(arena, (size_t)n, sizeof(float));
    w->mean = arena_take(arena, (size_t)n, sizeof(float));
}

/* Four lanes at a time and by blocks, so that a row's sum is as good as one in double. */
static double sum_of(const float *row, int n)
{
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

/* ---- centring: M less its row means and its column means, plus the mean of all; M symmetric ------------------- */

typedef struct centring { float *m, *mean; int n; float grand; } centring;

static void find_means(void *context, int first, int end, int worker)
{
    (void)worker;
    const centring *w = context;
    for (int i = first; i < end; i++)
        w->mean[i] = (float)(sum_of(w->m + (size_t)i * w->n, w->n) / w->n);
}

static void subtract_means(void *context, int first, int end, int worker)
{
    (void)worker;
    const centring *w = context;
    for (int i = first; i < end; i++) {
        float *row = w->m + (size_t)i * w->n;
        const float own = w->mean[i] - w->grand;
        for (int j = 0; j < w->n; j++)
            row[j] -= own + w->mean[j];
    }
}

static void centre(float *m, const similarity *w, threads *threads)
{
    centring c = {.m = m, .mean = w->mean, .n = w->n};
    threads_rows(threads, w->n, ROWS, find_means, &c);
    c.grand = (float)(sum_of(c.mean, c.n) / c.n);
    threads_rows(threads, w->n, ROWS, subtract_means, &c);
}

/* ---- the matrix as a whole, before its rows and after ------------------------------------------------------------ */

void similarity_begin(similarity *w, float *g, threads *threads)
{
    const size_t diagonal = (size_t)w->n + 1;
    for (int i = 0; i < w->n; i++)
        w->square[i] = g[i * diagonal];
    if (w->kind == STROTSS_CENTRED)
        centre(g, w, threads);
    gram_inverse_norms(w->inverse, g, w->n);
    for (int i = 0; w->kind == STROTSS_CENTRED && i < w->n; i++)
        if (g[i * diagonal] < NOISE * NOISE * w->square[i])
            w->inverse[i] = 0;
}

void similarity_end(const similarity *w, float *q, threads *threads)
{
    if (w->kind == STROTSS_CENTRED)
        centre(q, w, threads);
}

/* ---- row by row -------------------------------------------------------------------------------------------------- */

static void cosine_row(float *row, const similarity *w, int i)
{
    const float own = w->inverse[i];
    for (int j = 0; j < w->n; j++)
        row[j] = 1 - row[j] * own * w->inverse[j];
}

/* Q_ij = -dD_ij / (|i| |j|), and through the norms Q_ii = sum_j dD_ij (1 - D_ij) / |i|^2. */
static void cosine_row_backward(float *row, const float *dd, const similarity *w, int i)
{
    const float own = w->inverse[i];
    double norm = 0;
    row[i] = 1; /* out of the sum */
    int j = 0;
    while (j + 4 <= w->n) {
        f32x4 norms = f32x4_splat(0);
        for (int v = 0; v < VECTORS && j + 4 <= w->n; v++, j += 4) {
            const f32x4 both = f32x4_load(dd + j);
            norms += both * (1 - f32x4_load(row + j));
            f32x4_store(row + j, -both * own * f32x4_load(w->inverse + j));
        }
        norm += f32x4_sum(norms);
    }
    for (; j < w->n; j++) {
        norm += dd[j] * (1 - row[j]);
        row[j] = -dd[j] * own * w->inverse[j];
    }
    row[i] = (float)norm * own * own;
}

static void euclidean_row(float *row, const similarity *w, int i)
{
    const float own = w->square[i];
    for (int j = 0; j < w->n; j++) {
        const float both = own + w->square[j], square = both - 2 * row[j];
        row[j] = square > NOISE * NOISE * both ? sqrtf(square) : 0;
    }
}

/* Q_ij = -dD_ij / D_ij, Q_ii = sum_j dD_ij / D_ij. */
static void euclidean_row_backward(float *row, const float *dd, const similarity *w, int i)
{
    for (int j = 0; j < w->n; j++)
        row[j] = row[j] > 0 ? -dd[j] / row[j] : 0;
    row[i] = (float)-sum_of(row, w->n);
}

double similarity_row(float *row, const similarity *w, int i)
{
    (w->kind == STROTSS_EUCLIDEAN ? euclidean_row : cosine_row)(row, w, i);
    row[i] = 0;
    return sum_of(row, w->n);
}

void similarity_row_backward(float *row, const float *dd, const similarity *w, int i)
{
    (w->kind == STROTSS_EUCLIDEAN ? euclidean_row_backward : cosine_row_backward)(row, dd, w, i);
}
