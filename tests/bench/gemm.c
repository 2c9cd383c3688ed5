/* SPDX-License-Identifier: MIT
 *
 * gemm [threads [seconds]]: the matrix products at the sizes of a transfer: GFLOPS of the fastest repetition within
 * `seconds` (default 1), and its share of the SIMD peak: the fastest repetition of a loop of multiply-adds without
 * memory on as many threads, run in turns with the product, because the clock of a shared machine wanders.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kernels/gemm.h"
#include "kernels/gemm_kernels.h"
#include "kernels/simd.h"

enum { PEAK_LOOPS = 1 << 17, PEAK_CHAINS = 8, MATRICES = 36, FLOATS = 36 * 512 * 512 };

typedef struct bench bench;

typedef struct product {
    const char *name;
    void (*run)(bench *bench);
    int M, N, K;
} product;

struct bench {
    threads *threads;
    float *A, *B, *C, *scratch;
    const product *product;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

/* The peak on one thread: eight chains of multiply-adds in registers. */
static void peak_task(void *context, int chunk, int worker)
{
    float *out = (float *)context + chunk * 4 * PEAK_CHAINS;
    f32x4 sum[PEAK_CHAINS], a = f32x4_load(out), b = f32x4_load(out + 4);
    for (int i = 0; i < PEAK_CHAINS; i++)
        sum[i] = f32x4_load(out + 4 * i);
    NOT_UNROLLED
    for (int loop = 0; loop < PEAK_LOOPS; loop++)
        for (int i = 0; i < PEAK_CHAINS; i++)
            sum[i] += a * b;
    for (int i = 0; i < PEAK_CHAINS; i++)
        f32x4_store(out + 4 * i, sum[i]);
    (void)worker;
}

static void run_nn(bench *b)
{
    const product *p = b->product;
    gemm_nn(b->threads, b->C, p->N, b->A, p->K, b->B, p->N, p->M, p->N, p->K, 0, b->scratch);
}

static void run_nt(bench *b)
{
    const product *p = b->product;
    gemm_nt(b->threads, b->C, p->N, b->A, p->K, b->B, p->K, p->M, p->N, p->K, 0, b->scratch);
}

static void run_tn(bench *b)
{
    const product *p = b->product;
    gemm_tn(b->threads, b->C, p->N, b->A, p->M, b->B, p->N, p->M, p->N, p->K, 0, b->scratch);
}

static void run_gram(bench *b)
{
    const product *p = b->product;
    gemm_gram(b->threads, b->C, p->N, b->A, p->K, p->M, p->K, 0, b->scratch);
}

static double peak_flops(bench *b, int count)
{
    float chains[64 * 4 * PEAK_CHAINS] = {0};
    double begin = now();
    threads_for(b->threads, count, peak_task, chains);
    return 8.0 * count * PEAK_CHAINS * PEAK_LOOPS / (now() - begin);
}

/* One of a batch of products with a packed matrix, as the convolutions do them. */
static void panels_task(void *context, int chunk, int worker)
{
    const bench *b = context;
    const product *p = b->product;
    const float *A = b->A + (size_t)chunk * p->M * p->K, *W = b->B + (size_t)chunk * p->N * p->K;
    float *C = b->C + (size_t)chunk * p->M * p->N;
    for (int n = 0; n < p->N; n += GEMM_PANEL)
        for (int k = 0; k < p->K; k += GEMM_DEPTH)
            gemm_panel(C + n, p->N, A + k, p->K, W + (size_t)n * p->K + k * GEMM_PANEL, p->M,
                       p->K - k < GEMM_DEPTH ? p->K - k : GEMM_DEPTH, k > 0);
    (void)worker;
}

static void run_panels(bench *b)
{
    threads_for(b->threads, MATRICES, panels_task, b);
}

static void transposed_task(void *context, int chunk, int worker)
{
    const bench *b = context;
    const product *p = b->product;
    gemm_panel_transposed(b->C + (size_t)chunk * p->M * p->N, p->N, b->A + (size_t)chunk * p->M * p->K, p->K,
                          b->B + (size_t)chunk * p->N * p->K, (size_t)p->N * GEMM_PANEL, p->M, p->N, p->K, 0);
    (void)worker;
}

static void run_transposed(bench *b)
{
    threads_for(b->threads, MATRICES, transposed_task, b);
}

static const product PRODUCTS[] = {
    {"transport dots nt", run_nt, 1024, 5000, 131}, {"transport dots nt", run_nt, 1024, 5000, 256},
    {"transport dots nt", run_nt, 1024, 4096, 768}, {"transport dots nt", run_nt, 1024, 1024, 1024},
    {"self-similarity gram", run_gram, 1024, 1024, 132}, {"self-similarity gram", run_gram, 1024, 1024, 768},
    {"self-similarity back nn", run_nn, 1024, 132, 1024}, {"self-similarity back nn", run_nn, 1024, 768, 1024},
    {"covariance tn", run_tn, 2180, 512, 1024}, {"covariance tn", run_tn, 512, 512, 1024},
    {"covariance back nn", run_nn, 1024, 512, 2180}, {"covariance back nn", run_nn, 1024, 2180, 512},
    {"odd sizes nn", run_nn, 131, 1023, 77},
    {"36 x filters", run_panels, 64, 64, 64}, {"36 x filters", run_panels, 64, 256, 256},
    {"36 x filters", run_panels, 64, 512, 512}, {"36 x filters", run_panels, 4, 512, 512},
    {"36 x filters back", run_transposed, 64, 64, 64}, {"36 x filters back", run_transposed, 64, 256, 256},
    {"36 x filters back", run_transposed, 64, 512, 512}, {"36 x filters back", run_transposed, 4, 512, 512},
};

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 1;
    double seconds = argc > 2 ? atof(argv[2]) : 1;
    bench b = {.threads = threads_create(count)};
    b.A = malloc(sizeof(float) * FLOATS);
    b.B = malloc(sizeof(float) * FLOATS);
    b.C = malloc(sizeof(float) * FLOATS);
    b.scratch = aligned_alloc(64, sizeof(float) * gemm_scratch_floats(2180, 5000, 2180, count));
    for (int i = 0; i < FLOATS; i++) {
        b.A[i] = (float)(i * 7 % 13 - 6);
        b.B[i] = (float)(i * 5 % 11 - 5);
    }
    double total = 0;
    printf("%-26s %5s %5s %5s  GFLOPS  of peak\n", "", "M", "N", "K");
    for (size_t i = 0; i < sizeof PRODUCTS / sizeof *PRODUCTS; i++) {
        const product *p = b.product = &PRODUCTS[i];
        int batch = p->run == run_panels || p->run == run_transposed ? MATRICES : 1;
        double flops = p->run == run_gram ? (double)p->M * (p->M + 1) * p->K : 2.0 * batch * p->M * p->N * p->K;
        double fastest = INFINITY, peak = 0, start = now();
        while (now() - start < seconds) {
            peak = fmax(peak, peak_flops(&b, count));
            double begin = now();
            p->run(&b);
            fastest = fmin(fastest, now() - begin);
        }
        total += fastest;
        printf("%-26s %5d %5d %5d  %6.1f  %5.1f %%\n", p->name, p->M, p->N, p->K, 1e-9 * flops / fastest,
               100 * flops / fastest / peak);
    }
    printf("all: %.2f ms on %d threads\n", 1e3 * total, threads_count(b.threads));
    threads_destroy(b.threads);
    return 0;
}
