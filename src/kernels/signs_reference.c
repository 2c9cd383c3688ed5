/* SPDX-License-Identifier: MIT
 *
 * The definition of a correct product with signs: plain loops, sums in double. It is built into tests only.
 */
#include "kernels/signs.h"

void sign_product_reference(float *C, int ldc, const float *A, int lda, const uint8_t *patterns, int M, int N, int K,
                            float scale)
{
    for (int m = 0; m < M; m++)
        for (int n = 0; n < N; n++) {
            double sum = 0;
            for (int k = 0; k < K; k++) {
                const int positive = patterns[(size_t)(k / SIGN_GROUP) * N + n] >> k % SIGN_GROUP & 1;
                sum += positive ? A[(size_t)m * lda + k] : -A[(size_t)m * lda + k];
            }
            C[(size_t)m * ldc + n] += (float)(scale * sum);
        }
}
