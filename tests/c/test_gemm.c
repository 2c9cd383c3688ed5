/* SPDX-License-Identifier: MIT
 *
 * Matrix products against plain loops: every function at the remainders of its tiles and across the borders of its
 * blocks, rows longer than the width, both ways of accumulating, guards around C, one to three threads with equal
 * bytes. The error allowed is what any order of summing may give: (K + 2) eps times the product of the absolute
 * values. Inputs end where their last row ends, so that the address sanitizer sees every read past them; the gaps
 * between their rows are NaN, so that results would show one.
 */
#include "check.h"

#include <float.h>
#include <stdint.h>
#include <stdlib.h>

#include "kernels/gemm.h"
#include "kernels/gemm_kernels.h"

enum { NN, NT, TN, GRAM, FORMS, POOLS = 3, PAD = 3 };

static const float GUARD = -12345.0f;

static float random_float(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) / (1 << 23) - 1;
}

/* rows x width values of [-1, 1) in rows of width + PAD; absolute: their sizes. */
static float *matrix(int rows, int width, uint32_t seed, int absolute)
{
    int ld = width + PAD;
    float *values = malloc(sizeof(float) * ((size_t)(rows - 1) * ld + width));
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < (i + 1 < rows ? ld : width); j++) {
            float value = random_float(&seed);
            values[i * ld + j] = j >= width ? NAN : absolute ? fabsf(value) : value;
        }
    return values;
}

/* M x N values of [-1, 1) between guards: a row before, PAD floats after each row, a row after. */
static float *guarded(int M, int N, int symmetric, uint32_t seed, int absolute)
{
    int ld = N + PAD;
    float *C = malloc(sizeof(float) * (M + 2) * ld);
    for (int i = 0; i < (M + 2) * ld; i++)
        C[i] = GUARD;
    for (int m = 0; m < M; m++)
        for (int n = 0; n < N; n++) {
            float value = random_float(&seed);
            C[(m + 1) * ld + n] = symmetric && n < m ? C[(n + 1) * ld + m] : absolute ? fabsf(value) : value;
        }
    return C;
}

static int guards_hold(const float *C, int M, int N)
{
    int ld = N + PAD, hold = 1;
    for (int m = -1; m <= M; m++)
        for (int n = 0; n < ld; n++)
            if (m < 0 || m >= M || n >= N)
                hold &= C[(m + 1) * ld + n] == GUARD;
    return hold;
}

/* The largest |C - expected| in units of what is allowed; C and the others in rows of N + PAD after one guard row. */
static double worst(const float *C, const float *expected, const float *magnitude, int M, int N, int K)
{
    double largest = 0;
    for (int m = 1; m <= M; m++)
        for (int n = 0; n < N; n++) {
            int i = m * (N + PAD) + n;
            double allowed = (K + 2) * (double)FLT_EPSILON * (magnitude[i] + FLT_MIN);
            double ratio = fabs((double)C[i] - expected[i]) / allowed;
            if (!(ratio <= largest))
                largest = ratio;
        }
    return largest;
}

static void reference(int form, float *C, int ldc, const float *A, int lda, const float *B, int ldb, int M,
                      int N, int K, int accumulate)
{
    if (form == NN)
        gemm_reference_nn(C, ldc, A, lda, B, ldb, M, N, K, accumulate);
    else if (form == TN)
        gemm_reference_tn(C, ldc, A, lda, B, ldb, M, N, K, accumulate);
    else
        gemm_reference_nt(C, ldc, A, lda, B, ldb, M, N, K, accumulate);
}

static void product(int form, threads *pool, float *C, int ldc, const float *A, int lda, const float *B, int ldb,
                    int M, int N, int K, int accumulate, float *scratch)
{
    if (form == NN)
        gemm_nn(pool, C, ldc, A, lda, B, ldb, M, N, K, accumulate, scratch);
    else if (form == NT)
        gemm_nt(pool, C, ldc, A, lda, B, ldb, M, N, K, accumulate, scratch);
    else if (form == TN)
        gemm_tn(pool, C, ldc, A, lda, B, ldb, M, N, K, accumulate, scratch);
    else
        gemm_gram(pool, C, ldc, A, lda, M, K, accumulate, scratch);
}

static void check_product(int form, int M, int N, int K, int accumulate, threads *pools[POOLS])
{
    int symmetric = form == GRAM, a_rows = form == TN ? K : M, a_width = form == TN ? M : K;
    int b_rows = form == NN || form == TN ? K : N, b_width = form == NN || form == TN ? N : K;
    int lda = a_width + PAD, ldb = b_width + PAD, ldc = N + PAD;
    float *A[2], *B[2];
    for (int absolute = 0; absolute < 2; absolute++) {
        A[absolute] = matrix(a_rows, a_width, 1, absolute);
        B[absolute] = matrix(b_rows, b_width, symmetric ? 1 : 2, absolute);
    }
    float *expected = guarded(M, N, symmetric, 3, 0), *magnitude = guarded(M, N, symmetric, 3, 1), *first = NULL;
    reference(form, expected + ldc, ldc, A[0], lda, B[0], ldb, M, N, K, accumulate);
    reference(form, magnitude + ldc, ldc, A[1], lda, B[1], ldb, M, N, K, accumulate);

    for (int i = 0; i < POOLS; i++) {
        float *C = guarded(M, N, symmetric, 3, 0);
        float *scratch = malloc(sizeof(float) * gemm_scratch_floats(M, N, K, threads_count(pools[i])));
        product(form, pools[i], C + ldc, ldc, A[0], lda, B[0], ldb, M, N, K, accumulate, scratch);
        CHECK_CLOSE(worst(C, expected, magnitude, M, N, K), 0, 1);
        CHECK(guards_hold(C, M, N));
        CHECK(!first || memcmp(C, first, sizeof(float) * (M + 2) * ldc) == 0);
        free(scratch);
        if (first)
            free(C);
        else
            first = C;
    }
    for (int i = 0; i < 2; i++) {
        free(A[i]);
        free(B[i]);
    }
    free(expected);
    free(magnitude);
    free(first);
}

/* W[K][N] in panels. */
static float *panels_of(const float *W, int N, int K)
{
    float *panels = malloc(sizeof(float) * N * K);
    for (int k = 0; k < K; k++)
        for (int n = 0; n < N; n++)
            panels[n / GEMM_PANEL * K * GEMM_PANEL + k * GEMM_PANEL + n % GEMM_PANEL] = W[k * (N + PAD) + n];
    return panels;
}

/* gemm_panel on one panel of K rows. */
static void check_panel(int M, int K, int accumulate)
{
    enum { N = GEMM_PANEL, LD = N + PAD };
    float *A[2], *W[2], *results[3];
    for (int i = 0; i < 2; i++) {
        A[i] = matrix(M, K, 1, i);
        W[i] = matrix(K, N, 2, i);
    }
    for (int i = 0; i < 3; i++)
        results[i] = guarded(M, N, 0, 3, i == 2);
    float *panel = panels_of(W[0], N, K);
    gemm_panel(results[0] + LD, LD, A[0], K + PAD, panel, M, K, accumulate);
    gemm_reference_nn(results[1] + LD, LD, A[0], K + PAD, W[0], LD, M, N, K, accumulate);
    gemm_reference_nn(results[2] + LD, LD, A[1], K + PAD, W[1], LD, M, N, K, accumulate);
    CHECK_CLOSE(worst(results[0], results[1], results[2], M, N, K), 0, 1);
    CHECK(guards_hold(results[0], M, N));
    free(panel);
    for (int i = 0; i < 2; i++)
        free(A[i]), free(W[i]);
    for (int i = 0; i < 3; i++)
        free(results[i]);
}

/* gemm_panel_transposed on rows `from` to from + N of a matrix of ROWS rows. */
static void check_panel_transposed(int M, int N, int K, int from, int accumulate)
{
    enum { ROWS = 3 * GEMM_PANEL };
    const int ldc = N + PAD, ld = K + PAD;
    float *A[2], *W[2], *results[3];
    for (int i = 0; i < 2; i++) {
        A[i] = matrix(M, K, 1, i);
        W[i] = matrix(ROWS, K, 2, i);
    }
    for (int i = 0; i < 3; i++)
        results[i] = guarded(M, N, 0, 3, i == 2);
    float *panels = panels_of(W[0], K, ROWS); /* its columns are what is summed over */
    gemm_panel_transposed(results[0] + ldc, ldc, A[0], ld, panels + from * GEMM_PANEL, ROWS * GEMM_PANEL, M, N,
                          K, accumulate);
    gemm_reference_nt(results[1] + ldc, ldc, A[0], ld, W[0] + from * ld, ld, M, N, K, accumulate);
    gemm_reference_nt(results[2] + ldc, ldc, A[1], ld, W[1] + from * ld, ld, M, N, K, accumulate);
    CHECK_CLOSE(worst(results[0], results[1], results[2], M, N, K), 0, 1);
    CHECK(guards_hold(results[0], M, N));
    free(panels);
    for (int i = 0; i < 2; i++)
        free(A[i]), free(W[i]);
    for (int i = 0; i < 3; i++)
        free(results[i]);
}

/* The transpose alone, at the remainders of its 4 x 4 blocks. */
static void check_transpose(int rows, int columns)
{
    float *from = matrix(rows, columns, 1, 0), *to = guarded(columns, rows, 0, 2, 0);
    int ldto = rows + PAD, equal = 1;
    gemm_transpose(to + ldto, ldto, from, columns + PAD, rows, columns);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            equal &= to[(j + 1) * ldto + i] == from[i * (columns + PAD) + j];
    CHECK(equal);
    CHECK(guards_hold(to, columns, rows));
    free(from);
    free(to);
}

int main(void)
{
    threads *pools[POOLS];
    for (int i = 0; i < POOLS; i++)
        pools[i] = threads_create(i + 1);

    static const int m[] = {1, 2, 3, 4, 5}, n[] = {1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33};
    static const int k[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const int large[][3] = {
        {127, 127, 255}, {128, 128, 256}, {129, 129, 257}, {300, 131, 515}, {1, 300, 513}, {530, 1, 300}};
    for (int accumulate = 0; accumulate < 2; accumulate++) {
        for (size_t i = 0; i < sizeof m / sizeof *m; i++)
            for (size_t l = 0; l < sizeof k / sizeof *k; l++) {
                for (size_t j = 0; j < sizeof n / sizeof *n; j++)
                    for (int form = 0; form < GRAM; form++)
                        check_product(form, m[i], n[j], k[l], accumulate, pools);
                check_panel(m[i], k[l], accumulate);
            }
        for (int M = 1; M <= 5; M++)
            for (int N = 16; N <= 48; N += 16)
                for (int from = 0; from + N <= 48; from += 8)
                    for (int K = 16; K <= 272; K += 64)
                        check_panel_transposed(M, N, K, from, accumulate);
        for (size_t j = 0; j < sizeof n / sizeof *n; j++)
            for (size_t l = 0; l < sizeof k / sizeof *k; l++)
                check_product(GRAM, n[j], n[j], k[l], accumulate, pools);
        for (size_t i = 0; i < sizeof large / sizeof *large; i++)
            for (int form = 0; form < FORMS; form++)
                check_product(form, large[i][0], large[i][form == GRAM ? 0 : 1], large[i][2], accumulate, pools);
    }
    for (int rows = 1; rows <= 9; rows++)
        for (int columns = 1; columns <= 9; columns++)
            check_transpose(rows, columns);
    for (int i = 0; i < POOLS; i++)
        threads_destroy(pools[i]);
    return check_report();
}
