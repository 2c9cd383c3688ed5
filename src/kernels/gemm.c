/* SPDX-License-Identifier: MIT
 *
 * Matrix products on the panel kernel; contracts in gemm.h. C is cut into blocks of ROWS x COLUMNS, each a chunk for one
 * thread. A block walks through K in steps of DEPTH: its part of A (ROWS x DEPTH, packed into rows where A comes transposed)
 * stays in the second-level cache while one panel of B after the other is packed, and used from the first-level cache.
 * An element is one chain of sums in the order of k.
 */
#include "gemm.h"

#include <string.h>

#include "gemm_kernels.h"
#include "simd.h"

/* ROW_STRIDE is no power of two: packed rows fall into different sets of a cache. */
enum { ROWS = 256, COLUMNS = 128, DEPTH = GEMM_DEPTH, ROW_STRIDE = DEPTH + 16 };

/* Floats of a worker's scratch. */
enum { PANEL_FLOATS = DEPTH * GEMM_PANEL, EDGE_FLOATS = ROWS * GEMM_PANEL, ROWS_FLOATS = ROWS * ROW_STRIDE,
       SCRATCH_FLOATS = PANEL_FLOATS + EDGE_FLOATS + ROWS_FLOATS };

typedef struct product {
    float *C;
    const float *A, *B;
    int ldc, lda, ldb, M, N, K, accumulate;
    int a_transposed, b_transposed; /* A[K][M], B[N][K] */
    int symmetric;                  /* only what lies above the diagonal is computed, then mirrored */
    float *scratch;
} product;

static int min(int a, int b)
{
    return a < b ? a : b;
}

static int blocks(int size, int block)
{
    return (size + block - 1) / block;
}

/* to[j][i] = from[i][j]: `rows` and `columns` are of `from`. */
static void transpose(float *to, int ldto, const float *from, int ldfrom, int rows, int columns)
{
    int i = 0;
    for (; i + 4 <= rows; i += 4, from += 4 * (size_t)ldfrom, to += 4) {
        int j = 0;
        for (; j + 4 <= columns; j += 4) {
            f32x4 r[4];
            for (int v = 0; v < 4; v++)
                r[v] = f32x4_load(from + v * (size_t)ldfrom + j);
            f32x4_transpose(&r[0], &r[1], &r[2], &r[3]);
            for (int v = 0; v < 4; v++)
                f32x4_store(to + (j + v) * (size_t)ldto, r[v]);
        }
        for (; j < columns; j++)
            for (int v = 0; v < 4; v++)
                to[j * (size_t)ldto + v] = from[v * (size_t)ldfrom + j];
    }
    for (; i < rows; i++, from += ldfrom, to++)
        for (int j = 0; j < columns; j++)
            to[j * (size_t)ldto] = from[j];
}

/* One panel of B: rows k of columns n, fewer than 16 columns filled up with zeros. */
static void pack_panel(float *panel, const product *p, int n, int columns, int k, int depth)
{
    if (columns < GEMM_PANEL)
        memset(panel, 0, sizeof(float) * GEMM_PANEL * depth);
    if (p->b_transposed) {
        transpose(panel, GEMM_PANEL, p->B + (size_t)n * p->ldb + k, p->ldb, columns, depth);
        return;
    }
    const float *from = p->B + (size_t)k * p->ldb + n;
    for (int i = 0; i < depth; i++, from += p->ldb, panel += GEMM_PANEL)
        if (columns == GEMM_PANEL)
            for (int v = 0; v < GEMM_PANEL; v += 4)
                f32x4_store(panel + v, f32x4_load(from + v));
        else
            memcpy(panel, from, sizeof(float) * columns);
}

/* A panel narrower than 16 columns goes through a buffer of full width. */
static void narrow_panel(float *C, int ldc, const float *A, int lda, const float *panel, int M, int columns, int K,
                         int accumulate, float *edge)
{
    for (int m = 0; m < M && accumulate; m++)
        memcpy(edge + m * GEMM_PANEL, C + (size_t)m * ldc, sizeof(float) * columns);
    gemm_panel(edge, GEMM_PANEL, A, lda, panel, M, K, accumulate);
    for (int m = 0; m < M; m++)
        memcpy(C + (size_t)m * ldc, edge + m * GEMM_PANEL, sizeof(float) * columns);
}

/* A chunk: rows m.. and columns n.. of C. A symmetric product leaves out what lies below the diagonal. */
static void product_block(const product *p, int m, int rows, int n, int columns, float *scratch)
{
    float *panel = scratch, *edge = panel + PANEL_FLOATS, *packed = edge + EDGE_FLOATS;
    for (int k = 0; k < p->K; k += DEPTH) {
        int depth = min(DEPTH, p->K - k), accumulate = p->accumulate || k > 0, lda = p->lda;
        const float *A = p->A + (size_t)m * p->lda + k;
        if (p->a_transposed) {
            transpose(packed, ROW_STRIDE, p->A + (size_t)k * p->lda + m, p->lda, depth, rows);
            A = packed;
            lda = ROW_STRIDE;
        }
        for (int j = 0; j < columns; j += GEMM_PANEL) {
            int width = min(GEMM_PANEL, columns - j), height = p->symmetric ? min(rows, n + j + width - m) : rows;
            float *C = p->C + (size_t)m * p->ldc + n + j;
            if (height <= 0)
                continue;
            pack_panel(panel, p, n + j, width, k, depth);
            if (width == GEMM_PANEL)
                gemm_panel(C, p->ldc, A, lda, panel, height, depth, accumulate);
            else
                narrow_panel(C, p->ldc, A, lda, panel, height, width, depth, accumulate, edge);
        }
    }
}

/* Copies what the block computed above the diagonal's own 16 x 16 blocks to below it. */
static void mirror_block(const product *p, int m, int rows, int n, int columns)
{
    for (int j = n; j < n + columns; j += GEMM_PANEL) {
        int width = min(GEMM_PANEL, n + columns - j), height = min(rows, j - m);
        if (height > 0)
            transpose(p->C + (size_t)j * p->ldc + m, p->ldc, p->C + (size_t)m * p->ldc + j, p->ldc, height, width);
    }
}

static void product_chunk(void *context, int chunk, int worker)
{
    const product *p = context;
    int across = blocks(p->N, COLUMNS);
    int m = chunk / across * ROWS, n = chunk % across * COLUMNS;
    int rows = min(ROWS, p->M - m), columns = min(COLUMNS, p->N - n);
    if (p->symmetric && m >= n + columns)
        return;
    product_block(p, m, rows, n, columns, p->scratch + (size_t)worker * SCRATCH_FLOATS);
    if (p->symmetric)
        mirror_block(p, m, rows, n, columns);
}

static void product_run(threads *threads, const product *p)
{
    threads_for(threads, blocks(p->M, ROWS) * blocks(p->N, COLUMNS), product_chunk, (void *)p);
}

size_t gemm_scratch_floats(int M, int N, int K, int workers)
{
    (void)M, (void)N, (void)K; /* the blocks are the same for all sizes */
    return (size_t)workers * SCRATCH_FLOATS;
}

void gemm_nn(threads *threads, float *C, int ldc, const float *A, int lda, const float *B, int ldb,
             int M, int N, int K, int accumulate, float *scratch)
{
    product p = {C, A, B, ldc, lda, ldb, M, N, K, accumulate, .scratch = scratch};
    product_run(threads, &p);
}

void gemm_nt(threads *threads, float *C, int ldc, const float *A, int lda, const float *B, int ldb,
             int M, int N, int K, int accumulate, float *scratch)
{
    product p = {C, A, B, ldc, lda, ldb, M, N, K, accumulate, .b_transposed = 1, .scratch = scratch};
    product_run(threads, &p);
}

void gemm_tn(threads *threads, float *C, int ldc, const float *A, int lda, const float *B, int ldb,
             int M, int N, int K, int accumulate, float *scratch)
{
    product p = {C, A, B, ldc, lda, ldb, M, N, K, accumulate, .a_transposed = 1, .scratch = scratch};
    product_run(threads, &p);
}

void gemm_gram(threads *threads, float *C, int ldc, const float *A, int lda, int M, int K, int accumulate, float *scratch)
{
    product p = {C, A, A, ldc, lda, lda, M, M, K, accumulate, .b_transposed = 1, .symmetric = 1, .scratch = scratch};
    product_run(threads, &p);
}
