/* SPDX-License-Identifier: MIT
 *
 * Products with signs against plain loops: at the remainders of a task's rows and of its groups of columns, where C's
 * columns are split among tasks, guards around C, one to three threads with equal bytes. The error allowed is what any
 * order of summing may give: (K + 2) eps times the sum of the absolute values.
 */
#include "check.h"

#include <float.h>
#include <stdlib.h>

#include "kernels/signs.h"

enum { POOLS = 3, PAD = 3 };

static const float GUARD = -12345.0f, SCALE = 0.5f;

static uint32_t next(uint32_t *state)
{
    return *state = *state * 1664525u + 1013904223u;
}

static float *matrix(int rows, int width, int ld, uint32_t seed, float outside)
{
    float *values = malloc(sizeof(float) * (size_t)rows * ld);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < ld; j++)
            values[i * ld + j] = j < width ? (float)(next(&seed) >> 8) / (1 << 23) - 1 : outside;
    return values;
}

static void check_product(int M, int N, int K, threads *pools[POOLS])
{
    const int lda = K + PAD, ldc = N + PAD;
    const size_t floats = (size_t)M * ldc;
    float *A = matrix(M, K, lda, 1, NAN), *expected = matrix(M, N, ldc, 2, GUARD), *first = NULL;
    uint8_t *patterns = malloc((size_t)K / SIGN_GROUP * N);
    uint32_t seed = 3;
    for (int i = 0; i < K / SIGN_GROUP * N; i++)
        patterns[i] = (uint8_t)(next(&seed) >> 28);
    sign_product_reference(expected, ldc, A, lda, patterns, M, N, K, SCALE);
    for (int i = 0; i < POOLS; i++) {
        float *C = matrix(M, N, ldc, 2, GUARD);
        float *scratch = malloc(sizeof(float) * sign_scratch_floats(N, K, threads_count(pools[i])));
        sign_product(pools[i], C, ldc, A, lda, patterns, M, N, K, SCALE, scratch);
        double worst = 0;
        for (int m = 0; m < M; m++) {
            double magnitude = 1;
            for (int k = 0; k < K; k++)
                magnitude += SCALE * fabs(A[m * lda + k]);
            for (int n = 0; n < ldc; n++)
                worst = fmax(worst, fabs(C[m * ldc + n] - expected[m * ldc + n]) / magnitude);
        }
        CHECK_CLOSE(worst, 0, (K + 2) * (double)FLT_EPSILON);
        CHECK(!first || memcmp(C, first, sizeof(float) * floats) == 0);
        free(scratch);
        if (first)
            free(C);
        else
            first = C;
    }
    free(A);
    free(expected);
    free(first);
    free(patterns);
}

int main(void)
{
    threads *pools[POOLS];
    for (int i = 0; i < POOLS; i++)
        pools[i] = threads_create(i + 1);
    static const int m[] = {1, 2, 15, 16, 17, 33}, n[] = {2, 4, 62, 126, 128, 130, 258}, k[] = {4, 8, 60, 64, 68, 132};
    for (size_t i = 0; i < sizeof m / sizeof *m; i++)
        for (size_t j = 0; j < sizeof n / sizeof *n; j++)
            for (size_t l = 0; l < sizeof k / sizeof *k; l++)
                check_product(m[i], n[j], k[l], pools);
    check_product(400, 388, 256, pools);
    for (int i = 0; i < POOLS; i++)
        threads_destroy(pools[i]);
    return check_report();
}
