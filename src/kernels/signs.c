/* SPDX-License-Identifier: MIT
 *
 * See signs.h. A task takes ROWS rows of A, turned so that a column's are four vectors, and a stretch of C's columns.
 * The signed sums of GROUPS groups of columns (16 kB) stay in the first-level cache while all of C's columns pass by;
 * their sums stay in the task's scratch until the last group, and are then turned back and added to C.
 */
#include "kernels/signs.h"

#include <assert.h>
#include <string.h>

#include "base/sizes.h"
#include "kernels/gemm_kernels.h"
#include "kernels/simd.h"

enum { ROWS = 16, VECTORS = ROWS / 4, PATTERNS = 1 << SIGN_GROUP, GROUPS = 16, TASKS = 24, LEAST_COLUMNS = 64 };

typedef struct product {
    float *C;
    const float *A;
    const uint8_t *patterns;
    int ldc, lda, M, N, K;
    float scale;
    float *scratch;
} product;

/* A task's memory: A's rows turned [K][ROWS], the sums [N][ROWS], the signed sums [GROUPS][PATTERNS][ROWS]. */
size_t sign_scratch_floats(int N, int K, int workers)
{
    return (size_t)workers * ROWS * ((size_t)K + (size_t)N + GROUPS * PATTERNS);
}

/* a[SIGN_GROUP][ROWS] to their sums by pattern. */
static void signed_sums(float *table, const float *a)
{
    for (int v = 0; v < ROWS; v += 4) {
        const f32x4 a0 = f32x4_load(a + v), a1 = f32x4_load(a + ROWS + v);
        const f32x4 a2 = f32x4_load(a + 2 * ROWS + v), a3 = f32x4_load(a + 3 * ROWS + v);
        const f32x4 low[4] = {-a0 - a1, a0 - a1, a1 - a0, a0 + a1}, high[4] = {-a2 - a3, a2 - a3, a3 - a2, a2 + a3};
        for (int pattern = 0; pattern < PATTERNS; pattern++)
            f32x4_store(table + pattern * ROWS + v, low[pattern & 3] + high[pattern >> 2]);
    }
}

/* Two columns' sums go on by `groups` groups. */
static void add_groups(float *sums, const float *table, const uint8_t *patterns, int stride, int groups)
{
    f32x4 a[VECTORS], b[VECTORS];
    for (int v = 0; v < VECTORS; v++) {
        a[v] = f32x4_load(sums + 4 * v);
        b[v] = f32x4_load(sums + ROWS + 4 * v);
    }
    NOT_UNROLLED
    for (int g = 0; g < groups; g++, table += PATTERNS * ROWS, patterns += stride) {
        const float *first = table + patterns[0] * ROWS, *second = table + patterns[1] * ROWS;
        for (int v = 0; v < VECTORS; v++) {
            a[v] += f32x4_load(first + 4 * v);
            b[v] += f32x4_load(second + 4 * v);
        }
    }
    for (int v = 0; v < VECTORS; v++) {
        f32x4_store(sums + 4 * v, a[v]);
        f32x4_store(sums + ROWS + 4 * v, b[v]);
    }
}

static void product_task(void *context, int m, int m_end, int n, int n_end, int worker)
{
    const product *p = context;
    const int rows = m_end - m, columns = n_end - n;
    float *turned = p->scratch + sign_scratch_floats(p->N, p->K, worker);
    float *sums = turned + (size_t)p->K * ROWS, *table = sums + (size_t)p->N * ROWS;
    if (rows < ROWS)
        memset(turned, 0, sizeof(float) * (size_t)p->K * ROWS);
    gemm_transpose(turned, ROWS, p->A + (size_t)m * p->lda, p->lda, rows, p->K);
    memset(sums, 0, sizeof(float) * (size_t)columns * ROWS);
    for (int k = 0; k < p->K; k += GROUPS * SIGN_GROUP) {
        const int groups = at_most(GROUPS, (p->K - k) / SIGN_GROUP);
        for (int g = 0; g < groups; g++)
            signed_sums(table + g * PATTERNS * ROWS, turned + (size_t)(k + g * SIGN_GROUP) * ROWS);
        const uint8_t *patterns = p->patterns + (size_t)(k / SIGN_GROUP) * p->N + n;
        for (int j = 0; j < columns; j += 2)
            add_groups(sums + j * ROWS, table, patterns + j, p->N, groups);
    }
    for (int i = 0; i < rows; i++) {
        float *C = p->C + (size_t)(m + i) * p->ldc + n;
        for (int j = 0; j < columns; j++)
            C[j] += p->scale * sums[j * ROWS + i];
    }
}

void sign_product(threads *threads, float *C, int ldc, const float *A, int lda, const uint8_t *patterns, int M, int N,
                  int K, float scale, float *scratch)
{
    assert(K % SIGN_GROUP == 0 && N % 2 == 0);
    product p = {C, A, patterns, ldc, lda, M, N, K, scale, scratch};
    int columns = N; /* of a task */
    while (columns >= 2 * LEAST_COLUMNS && pieces(M, ROWS) * pieces(N, columns) < TASKS)
        columns = (columns / 2 + 1) & ~1;
    threads_tiles(threads, M, ROWS, N, columns, product_task, &p);
}
