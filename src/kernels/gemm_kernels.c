/* SPDX-License-Identifier: MIT
 *
 * The inner loops of the matrix products; contracts in gemm_kernels.h. Both keep a tile of C in eight vectors, which with two
 * splats and a row of B is what the sixteen registers of SSE hold under V8: a larger tile or an unrolled loop spills.
 */
#include "gemm_kernels.h"

#include "simd.h"

enum { VECTORS = GEMM_PANEL / 4 };

/* One or two rows of C: an outer product for each k. */
static inline __attribute__((always_inline)) void panel_tile(float *C, int ldc, const float *A, int lda, const float *panel,
                                                             int K, int accumulate, int rows)
{
    f32x4 c[2][VECTORS];
    for (int m = 0; m < rows; m++)
        for (int v = 0; v < VECTORS; v++)
            c[m][v] = accumulate ? f32x4_load(C + m * ldc + 4 * v) : f32x4_splat(0);
    NOT_UNROLLED
    for (int k = 0; k < K; k++)
        for (int m = 0; m < rows; m++) {
            f32x4 a = f32x4_splat(A[m * lda + k]);
            for (int v = 0; v < VECTORS; v++)
                c[m][v] += a * f32x4_load(panel + k * GEMM_PANEL + 4 * v);
        }
    for (int m = 0; m < rows; m++)
        for (int v = 0; v < VECTORS; v++)
            f32x4_store(C + m * ldc + 4 * v, c[m][v]);
}

void gemm_panel(float *C, int ldc, const float *A, int lda, const float *panel, int M, int K, int accumulate)
{
    int m = 0;
    for (; m + 2 <= M; m += 2)
        panel_tile(C + (size_t)m * ldc, ldc, A + (size_t)m * lda, lda, panel, K, accumulate, 2);
    if (m < M)
        panel_tile(C + (size_t)m * ldc, ldc, A + (size_t)m * lda, lda, panel, K, accumulate, 1);
}

/* One or two rows and four columns of C: dot products, four partial sums for each, added up at the end. */
static inline __attribute__((always_inline)) void dot_tile(float *C, int ldc, const float *A, int lda, const float *W,
                                                           size_t stride, int K, int accumulate, int rows)
{
    f32x4 c[2][4];
    for (int m = 0; m < rows; m++)
        for (int n = 0; n < 4; n++)
            c[m][n] = f32x4_splat(0);
    for (int first = 0; first < K; first += GEMM_PANEL, W += stride) {
        NOT_UNROLLED
        for (int k = 0; k < GEMM_PANEL; k += 4)
            for (int n = 0; n < 4; n++) {
                f32x4 w = f32x4_load(W + n * GEMM_PANEL + k);
                for (int m = 0; m < rows; m++)
                    c[m][n] += f32x4_load(A + m * lda + first + k) * w;
            }
    }
    for (int m = 0; m < rows; m++) {
        f32x4_transpose(&c[m][0], &c[m][1], &c[m][2], &c[m][3]);
        f32x4 sum = (c[m][0] + c[m][1]) + (c[m][2] + c[m][3]);
        f32x4_store(C + m * ldc, accumulate ? f32x4_load(C + m * ldc) + sum : sum);
    }
}

void gemm_panel_transposed(float *C, int ldc, const float *A, int lda, const float *W, size_t stride, int M, int N, int K,
                           int accumulate)
{
    for (int n = 0; n < N; n += 4, W += 4 * GEMM_PANEL, C += 4) {
        int m = 0;
        for (; m + 2 <= M; m += 2)
            dot_tile(C + (size_t)m * ldc, ldc, A + (size_t)m * lda, lda, W, stride, K, accumulate, 2);
        if (m < M)
            dot_tile(C + (size_t)m * ldc, ldc, A + (size_t)m * lda, lda, W, stride, K, accumulate, 1);
    }
}
