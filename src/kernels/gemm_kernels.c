/* SPDX-License-Identifier: MIT
 *
 * The inner loop of all matrix products; contracts in gemm_kernels.h. A tile of C, 2 x 16, is eight vectors, which with
 * two splats and a row of the panel is what the sixteen registers of SSE hold under V8: larger tiles and unrolled loops
 * spill. GFLOPS in Node 26 on one core of an EPYC (peak 51.7), relaxed and unfused: 2x16 49.7 and 40.8, 3x12 49.4 and
 * 38.7, 4x8 49.6 and 38.3, 6x8 50.2 and 25.3, 4x12 23.7 and 25.3. Dot products over both operands' rows (2x4 tiles)
 * gave 40 where a panel transposed on the way gives 47 (36 products of 64 x 64 x 64).
 */
#include "kernels/gemm_kernels.h"

#include "kernels/simd.h"

enum { VECTORS = GEMM_PANEL / 4 };

/* One or two rows of C. What C held is added last: waiting for it would hold up the loop. Reading its lines before the
 * loop, with nothing waiting for them, is the prefetch that WebAssembly does not have (3 % on an EPYC). */
static inline __attribute__((always_inline)) void panel_tile(float *C, int ldc, const float *A, int lda,
                                                             const float *panel, int K, int accumulate, int rows)
{
    f32x4 c[2][VECTORS];
    for (int m = 0; m < rows; m++)
        for (int v = 0; v < VECTORS; v++)
            c[m][v] = f32x4_splat(0);
    for (int m = 0; m < rows; m++)
        (void)*(const volatile float *)(C + m * ldc);
    NOT_UNROLLED
    for (int k = 0; k < K; k++)
        for (int m = 0; m < rows; m++) {
            f32x4 a = f32x4_splat(A[m * lda + k]);
            for (int v = 0; v < VECTORS; v++)
                c[m][v] += a * f32x4_load(panel + k * GEMM_PANEL + 4 * v);
        }
    for (int m = 0; m < rows; m++)
        for (int v = 0; v < VECTORS; v++) {
            float *to = C + m * ldc + 4 * v;
            f32x4_store(to, accumulate ? f32x4_load(to) + c[m][v] : c[m][v]);
        }
}

void gemm_panel(float *C, int ldc, const float *A, int lda, const float *panel, int M, int K, int accumulate)
{
    int m = 0;
    for (; m + 2 <= M; m += 2)
        panel_tile(C + (size_t)m * ldc, ldc, A + (size_t)m * lda, lda, panel, K, accumulate, 2);
    if (m < M)
        panel_tile(C + (size_t)m * ldc, ldc, A + (size_t)m * lda, lda, panel, K, accumulate, 1);
}

void gemm_transpose(float *to, int ldto, const float *from, int ldfrom, int rows, int columns)
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
                f32x4_store(to + (size_t)(j + v) * ldto, r[v]);
        }
        for (; j < columns; j++)
            for (int v = 0; v < 4; v++)
                to[(size_t)j * ldto + v] = from[v * (size_t)ldfrom + j];
    }
    for (; i < rows; i++, from += ldfrom, to++)
        for (int j = 0; j < columns; j++)
            to[(size_t)j * ldto] = from[j];
}

void gemm_panel_transposed(float *C, int ldc, const float *A, int lda, const float *W, size_t stride,
                           int M, int N, int K, int accumulate)
{
    float panel[GEMM_DEPTH * GEMM_PANEL];
    for (int n = 0; n < N; n += GEMM_PANEL)
        for (int first = 0; first < K; first += GEMM_DEPTH) {
            int depth = K - first < GEMM_DEPTH ? K - first : GEMM_DEPTH;
            for (int k = 0; k < depth; k += GEMM_PANEL)
                gemm_transpose(panel + k * GEMM_PANEL, GEMM_PANEL,
                               W + (first + k) / GEMM_PANEL * stride + n * GEMM_PANEL, GEMM_PANEL, GEMM_PANEL,
                               GEMM_PANEL);
            gemm_panel(C + n, ldc, A + first, lda, panel, M, depth, accumulate || first > 0);
        }
}
