/* SPDX-License-Identifier: MIT
 *
 * Matrix products, split over the rows of C; contracts in gemm.h.
 */
#include "gemm.h"

typedef struct product {
    float *C;
    const float *A, *B;
    size_t ldc, am, ak, bk, bn; /* strides */
    int M, N, K, accumulate;
} product;

enum { ROWS = 16 };

static void product_rows(void *context, int chunk, int worker)
{
    const product *p = context;
    int end = (chunk + 1) * ROWS < p->M ? (chunk + 1) * ROWS : p->M;
    (void)worker;
    for (int m = chunk * ROWS; m < end; m++) {
        float *c = p->C + m * p->ldc;
        for (int n = 0; n < p->N && !p->accumulate; n++)
            c[n] = 0;
        for (int k = 0; k < p->K; k++)
            for (int n = 0; n < p->N; n++)
                c[n] += p->A[m * p->am + k * p->ak] * p->B[k * p->bk + n * p->bn];
    }
}

static void product_run(threads *threads, product p)
{
    threads_for(threads, (p.M + ROWS - 1) / ROWS, product_rows, &p);
}

size_t gemm_scratch_floats(int M, int N, int K, int workers)
{
    (void)M, (void)N, (void)K;
    return (size_t)workers * 16;
}

void gemm_nn(threads *threads, float *C, int ldc, const float *A, int lda, const float *B, int ldb,
             int M, int N, int K, int accumulate, float *scratch)
{
    (void)scratch;
    product_run(threads, (product){C, A, B, ldc, lda, 1, ldb, 1, M, N, K, accumulate});
}

void gemm_nt(threads *threads, float *C, int ldc, const float *A, int lda, const float *B, int ldb,
             int M, int N, int K, int accumulate, float *scratch)
{
    (void)scratch;
    product_run(threads, (product){C, A, B, ldc, lda, 1, 1, ldb, M, N, K, accumulate});
}

void gemm_tn(threads *threads, float *C, int ldc, const float *A, int lda, const float *B, int ldb,
             int M, int N, int K, int accumulate, float *scratch)
{
    (void)scratch;
    product_run(threads, (product){C, A, B, ldc, 1, lda, ldb, 1, M, N, K, accumulate});
}

void gemm_gram(threads *threads, float *C, int ldc, const float *A, int lda, int M, int K, int accumulate, float *scratch)
{
    (void)scratch;
    product_run(threads, (product){C, A, A, ldc, lda, 1, 1, lda, M, M, K, accumulate});
}
