/* SPDX-License-Identifier: MIT
 *
 * The inner loops of the matrix products; contracts in gemm_kernels.h.
 */
#include "gemm_kernels.h"

void gemm_panel(float *C, int ldc, const float *A, int lda, const float *panel, int M, int K, int accumulate)
{
    for (int m = 0; m < M; m++)
        for (int n = 0; n < GEMM_PANEL; n++) {
            float sum = accumulate ? C[(size_t)m * ldc + n] : 0;
            for (int k = 0; k < K; k++)
                sum += A[(size_t)m * lda + k] * panel[(size_t)k * GEMM_PANEL + n];
            C[(size_t)m * ldc + n] = sum;
        }
}

void gemm_panel_transposed(float *C, int ldc, const float *A, int lda, const float *W, size_t stride, int M, int N, int K,
                           int accumulate)
{
    for (int m = 0; m < M; m++)
        for (int n = 0; n < N; n++) {
            float sum = accumulate ? C[(size_t)m * ldc + n] : 0;
            for (int k = 0; k < K; k++)
                sum += A[(size_t)m * lda + k] * W[(size_t)(k / GEMM_PANEL) * stride + n * GEMM_PANEL + k % GEMM_PANEL];
            C[(size_t)m * ldc + n] = sum;
        }
}
