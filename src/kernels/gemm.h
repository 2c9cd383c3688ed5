/* SPDX-License-Identifier: MIT
 *
 * Single-precision matrix products on packed tiles. Row-major; ld = floats from row to row. Names as in BLAS:
 *
 *     nn  C[M][N] = A[M][K]  B[K][N]
 *     nt  C[M][N] = A[M][K]  B[N][K]^T
 *     tn  C[M][N] = A[K][M]^T B[K][N]
 *
 * accumulate: 1 adds to C, 0 overwrites it. Every size from 1 up is allowed; no alignment is needed, and nothing is
 * read or written past the ends. The order of every sum depends on sizes alone, so the number of threads never changes
 * a bit. Scratch comes from the caller: gemm_scratch_floats(M, N, K, workers) floats, 64-byte aligned.
 * gemm_reference.c has the plain loops that define what is correct.
 */
#ifndef GEMM_H
#define GEMM_H

#include <stddef.h>
#include "base/threads.h"

size_t gemm_scratch_floats(int M, int N, int K, int workers);

void gemm_nn(threads *threads, float *C, int ldc, const float *A, int lda, const float *B, int ldb,
             int M, int N, int K, int accumulate, float *scratch);
void gemm_nt(threads *threads, float *C, int ldc, const float *A, int lda, const float *B, int ldb,
             int M, int N, int K, int accumulate, float *scratch);
void gemm_tn(threads *threads, float *C, int ldc, const float *A, int lda, const float *B, int ldb,
             int M, int N, int K, int accumulate, float *scratch);

/* Gram matrix C[M][M] (+)= A[M][K] A^T: computes one triangle of tiles and mirrors it. accumulate wants C symmetric. */
void gemm_gram(threads *threads, float *C, int ldc, const float *A, int lda, int M, int K, int accumulate,
               float *scratch);

/* The definition of correct, for tests only. */
void gemm_reference_nn(float *C, int ldc, const float *A, int lda, const float *B, int ldb, int M, int N, int K,
                       int accumulate);
void gemm_reference_nt(float *C, int ldc, const float *A, int lda, const float *B, int ldb, int M, int N, int K,
                       int accumulate);
void gemm_reference_tn(float *C, int ldc, const float *A, int lda, const float *B, int ldb, int M, int N, int K,
                       int accumulate);

#endif
