/* SPDX-License-Identifier: MIT
 *
 * The definition of a correct matrix product: plain loops, sums in double. It is built into tests only.
 */
#include "kernels/gemm.h"

/* C[m][n] (+)= sum over k of A[m * am + k * ak] B[k * bk + n * bn]. */
static void reference(float *C, int ldc, const float *A, size_t am, size_t ak, const float *B, size_t bk, size_t bn,
                      int M, int N, int K, int accumulate)
{
    for (int m = 0; m < M; m++)
        for (int n = 0; n < N; n++) {
            double sum = accumulate ? C[(size_t)m * ldc + n] : 0;
            for (int k = 0; k < K; k++)
                sum += (double)A[m * am + k * ak] * B[k * bk + n * bn];
            C[(size_t)m * ldc + n] = (float)sum;
        }
}

void gemm_reference_nn(float *C, int ldc, const float *A, int lda, const float *B, int ldb, int M, int N, int K,
                       int accumulate)
{
    reference(C, ldc, A, lda, 1, B, ldb, 1, M, N, K, accumulate);
}

void gemm_reference_nt(float *C, int ldc, const float *A, int lda, const float *B, int ldb, int M, int N, int K,
                       int accumulate)
{
    reference(C, ldc, A, lda, 1, B, 1, ldb, M, N, K, accumulate);
}

void gemm_reference_tn(float *C, int ldc, const float *A, int lda, const float *B, int ldb, int M, int N, int K,
                       int accumulate)
{
    reference(C, ldc, A, 1, lda, B, ldb, 1, M, N, K, accumulate);
}
