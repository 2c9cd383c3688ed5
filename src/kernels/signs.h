/* SPDX-License-Identifier: MIT
 *
 * Products with a matrix of signs, whose bits are known:
 *
 *     C[M][N] += scale * A[M][K] S[K][N],   S[k][n] = 1 where bit k % 4 of patterns[k / 4][n] is set, else -1
 *
 * Four columns of A have sixteen signed sums; each is formed once for a block of rows and then looked up by pattern,
 * so four multiply-adds become one addition. C and A are row-major with ldc and lda floats from row to row; patterns
 * [K / 4][N]; K is a multiple of 4, N of 2, any M from 1 up. The order of every sum depends on K alone, so the number
 * of threads never changes a bit. Scratch: sign_scratch_floats(N, K, workers) floats, 64-byte aligned.
 */
#ifndef SIGNS_H
#define SIGNS_H

#include <stddef.h>
#include <stdint.h>
#include "base/threads.h"

enum { SIGN_GROUP = 4 /* columns of A that share a pattern */ };

size_t sign_scratch_floats(int N, int K, int workers);

void sign_product(threads *threads, float *C, int ldc, const float *A, int lda, const uint8_t *patterns, int M, int N,
                  int K, float scale, float *scratch);

/* Plain loops, the definition of correct, for tests only. */
void sign_product_reference(float *C, int ldc, const float *A, int lda, const uint8_t *patterns, int M, int N, int K,
                            float scale);

#endif
