/* SPDX-License-Identifier: MIT
 *
 * Matrix products on the panel kernel; contracts in gemm.h. C is cut into chunks, each for one thread, which walks
 * through K in steps of DEPTH: it packs its columns of B into panels (128 kB), then runs them over ROWS rows of A at a
 * time, so that panels and rows stay in the second-level cache. Rows of A are read where they lie, columns (tn) packed
 * into rows. An element is one chain of sums in the order of k, whatever the chunks.
 */
#include "kernels/gemm.h"

#include <string.h>

#include "base/sizes.h"
#include "kernels/gemm_kernels.h"
#include "kernels/simd.h"

/* A chunk has COLUMNS columns and MOST_ROWS rows, or half or less of them, down to LEAST_ROWS, where there would be
 * fewer than CHUNKS. */
enum { ROWS = 128, COLUMNS = 128, DEPTH = GEMM_DEPTH, MOST_ROWS = 512, LEAST_ROWS = 64, CHUNKS = 24 };

/* A worker's scratch. Packed rows are no power of two apart, or they would fall on one another in the cache. */
enum { ROW_STRIDE = DEPTH + 16, PANELS_FLOATS = DEPTH * COLUMNS, ROWS_FLOATS = ROWS * ROW_STRIDE,
       EDGE_FLOATS = ROWS * GEMM_PANEL, SCRATCH_FLOATS = PANELS_FLOATS + ROWS_FLOATS + EDGE_FLOATS };

typedef struct product {
    float *C;
    const float *A, *B;
    int ldc, lda, ldb, M, N, K, accumulate;
    int a_transposed, b_transposed; /* A[K][M], B[N][K] */
    int symmetric;                  /* only what lies above the diagonal is computed, then mirrored */
    float *scratch;
} product;

/* Rows k.. and columns n.. of B to panels [columns/16][depth][16]. A last panel of less than 16 columns keeps what was
 * in the others: nothing that is computed from them is stored. */
static void pack_panels(float *panels, const product *p, int k, int depth, int n, int columns)
{
    const int whole = columns / GEMM_PANEL * GEMM_PANEL, rest = columns - whole;
    if (p->b_transposed) {
        for (int j = 0; j < columns; j += GEMM_PANEL)
            gemm_transpose(panels + j * depth, GEMM_PANEL, p->B + (size_t)(n + j) * p->ldb + k, p->ldb,
                           at_most(GEMM_PANEL, columns - j), depth);
        return;
    }
    for (int i = 0; i < depth; i++) {
        const float *from = p->B + (size_t)(k + i) * p->ldb + n;
        float *to = panels + i * GEMM_PANEL;
        for (int j = 0; j < whole; j += GEMM_PANEL)
            for (int v = 0; v < GEMM_PANEL; v += 4)
                f32x4_store(to + j * depth + v, f32x4_load(from + j + v));
        memcpy(to + whole * depth, from + whole, sizeof(float) * rest);
    }
}

/* A panel of less than 16 columns goes through a buffer of full width. */
static void narrow_panel(float *C, int ldc, const float *A, int lda, const float *panel, int M, int columns, int K,
                         int accumulate, float *edge)
{
    for (int m = 0; m < M && accumulate; m++)
        memcpy(edge + m * GEMM_PANEL, C + (size_t)m * ldc, sizeof(float) * columns);
    gemm_panel(edge, GEMM_PANEL, A, lda, panel, M, K, accumulate);
    for (int m = 0; m < M; m++)
        memcpy(C + (size_t)m * ldc, edge + m * GEMM_PANEL, sizeof(float) * columns);
}

/* Rows m.. and columns n.. of C from steps k.. of K. */
static void multiply(const product *p, int m, int rows, int n, int columns, int k, int depth, const float *panels,
                     float *packed, float *edge)
{
    const int lda = p->a_transposed ? ROW_STRIDE : p->lda, accumulate = p->accumulate || k > 0;
    const float *A = p->a_transposed ? packed : p->A + (size_t)m * lda + k;
    if (p->a_transposed)
        gemm_transpose(packed, ROW_STRIDE, p->A + (size_t)k * p->lda + m, p->lda, depth, rows);
    for (int j = 0; j < columns; j += GEMM_PANEL) {
        const int width = at_most(GEMM_PANEL, columns - j);
        const int height = p->symmetric ? at_most(rows, n + j + width - m) : rows;
        float *C = p->C + (size_t)m * p->ldc + n + j;
        if (height <= 0)
            continue;
        if (width == GEMM_PANEL)
            gemm_panel(C, p->ldc, A, lda, panels + j * depth, height, depth, accumulate);
        else
            narrow_panel(C, p->ldc, A, lda, panels + j * depth, height, width, depth, accumulate, edge);
    }
}

/* Copies what was computed above the diagonal's own 16 x 16 blocks to below it. */
static void mirror(const product *p, int m, int rows, int n, int columns)
{
    for (int j = n; j < n + columns; j += GEMM_PANEL) {
        const int height = at_most(rows, j - m);
        if (height > 0)
            gemm_transpose(p->C + (size_t)j * p->ldc + m, p->ldc, p->C + (size_t)m * p->ldc + j, p->ldc, height,
                           at_most(GEMM_PANEL, n + columns - j));
    }
}

static void product_chunk(void *context, int m, int m_end, int n, int n_end, int worker)
{
    const product *p = context;
    const int rows = (p->symmetric ? at_most(m_end, n_end) : m_end) - m, columns = n_end - n;
    if (rows <= 0)
        return;
    float *panels = p->scratch + (size_t)worker * SCRATCH_FLOATS;
    float *packed = panels + PANELS_FLOATS, *edge = packed + ROWS_FLOATS;
    for (int k = 0; k < p->K; k += DEPTH) {
        const int depth = at_most(DEPTH, p->K - k);
        pack_panels(panels, p, k, depth, n, columns);
        for (int i = 0; i < rows; i += ROWS)
            multiply(p, m + i, at_most(ROWS, rows - i), n, columns, k, depth, panels, packed, edge);
    }
    if (p->symmetric)
        mirror(p, m, rows, n, columns);
}

static void product_run(threads *threads, product p)
{
    int chunk_rows = MOST_ROWS;
    while (chunk_rows > LEAST_ROWS && pieces(p.M, chunk_rows) * pieces(p.N, COLUMNS) < CHUNKS)
        chunk_rows /= 2;
    threads_tiles(threads, p.M, chunk_rows, p.N, COLUMNS, product_chunk, &p);
}

size_t gemm_scratch_floats(int M, int N, int K, int workers)
{
    (void)M, (void)N, (void)K; /* the blocks are the same for all sizes */
    return (size_t)workers * SCRATCH_FLOATS;
}

void gemm_nn(threads *threads, float *C, int ldc, const float *A, int lda, const float *B, int ldb,
             int M, int N, int K, int accumulate, float *scratch)
{
    product_run(threads, (product){C, A, B, ldc, lda, ldb, M, N, K, accumulate, .scratch = scratch});
}

void gemm_nt(threads *threads, float *C, int ldc, const float *A, int lda, const float *B, int ldb,
             int M, int N, int K, int accumulate, float *scratch)
{
    product_run(threads, (product){C, A, B, ldc, lda, ldb, M, N, K, accumulate, .b_transposed = 1, .scratch = scratch});
}

void gemm_tn(threads *threads, float *C, int ldc, const float *A, int lda, const float *B, int ldb,
             int M, int N, int K, int accumulate, float *scratch)
{
    product_run(threads, (product){C, A, B, ldc, lda, ldb, M, N, K, accumulate, .a_transposed = 1, .scratch = scratch});
}

void gemm_gram(threads *threads, float *C, int ldc, const float *A, int lda, int M, int K, int accumulate,
               float *scratch)
{
    product_run(threads, (product){C, A, A, ldc, lda, lda, M, M, K, accumulate, .b_transposed = 1, .symmetric = 1,
                                   .scratch = scratch});
}
