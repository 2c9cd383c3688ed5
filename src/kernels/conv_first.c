/* SPDX-License-Identifier: MIT
 *
 * The first convolution, three channels to 64, and its adjoint. Too thin for Winograd: each pixel's 3x3 neighbourhood
 * is written out as a row of 27 numbers and multiplied by the filters as a matrix of 27 x 64; backward the transpose
 * gives 27 numbers per pixel, which the pixels around it gather. A task is a row; columns go by SPAN so that all stays
 * in the first-level cache.
 *
 *   forward   out[y][x] = relu(bias + patch(y, x) W)                 W [27][64], row 9 ky + 3 kx + i
 *   backward  P[y][x] = (dout[y][x] where sign) W^T                  [27], and for each ky, kx
 *             din[y][x] += P[y - ky + 1][x - kx + 1][9 ky + 3 kx ..]
 */
#include <string.h>

#include "base/sizes.h"
#include "kernels/conv.h"
#include "kernels/gemm_kernels.h"
#include "kernels/simd.h"

enum { CIN = 3, COUT = 64, TAPS = 27, TAPS_WIDE = 32, SPAN = 62, ROWS = 16 };

typedef struct job {
    float *out; /* backward: din */
    const float *in; /* backward: dout */
    const float *bias;
    uint8_t *sign;
    const uint8_t *signs;
    int height, width;
    float W[COUT / GEMM_PANEL][TAPS][GEMM_PANEL];      /* forward */
    float WT[TAPS_WIDE / GEMM_PANEL][COUT][GEMM_PANEL]; /* backward, the columns beyond 27 zero */
} job;

static float filter_tap(const float *filters, int o, int tap)
{
    return filters[(o * CIN + tap % CIN) * 9 + tap / CIN];
}

static void forward_row(void *context, int y, int worker)
{
    (void)worker;
    const job *j = context;
    for (int first = 0; first < j->width; first += SPAN) {
        const int count = at_most(j->width - first, SPAN);
        float patch[SPAN][TAPS];
        for (int ky = 0; ky < 3; ky++) {
            const int row = y + ky - 1;
            for (int p = 0; p < count; p++)
                for (int kx = 0; kx < 3; kx++) {
                    const int column = first + p + kx - 1;
                    const int inside = row >= 0 && row < j->height && column >= 0 && column < j->width;
                    float *to = &patch[p][9 * ky + 3 * kx];
                    if (inside)
                        memcpy(to, j->in + ((size_t)row * j->width + column) * CIN, sizeof(float[CIN]));
                    else
                        memset(to, 0, sizeof(float[CIN]));
                }
        }
        const size_t at = ((size_t)y * j->width + first) * COUT;
        for (int panel = 0; panel < COUT / GEMM_PANEL; panel++)
            gemm_panel(j->out + at + panel * GEMM_PANEL, COUT, patch[0], TAPS, j->W[panel][0], count, TAPS, 0);
        for (int i = 0; i < count * COUT; i += 4) {
            const f32x4 sum = f32x4_load(j->out + at + i) + f32x4_load(j->bias + i % COUT);
            const f32x4 value = f32x4_max(f32x4_splat(0), sum);
            f32x4_store(j->out + at + i, value);
            if (j->sign)
                j->sign[(at + i) / 4] = (uint8_t)i32x4_bits(value > f32x4_splat(0));
        }
    }
}

void conv_first_forward(threads *threads, float *out, uint8_t *sign, const float *in, const float *filters,
                        const float *bias, int height, int width)
{
    job j = {.out = out, .in = in, .bias = bias, .sign = sign, .height = height, .width = width};
    for (int o = 0; o < COUT; o++)
        for (int tap = 0; tap < TAPS; tap++)
            j.W[o / GEMM_PANEL][tap][o % GEMM_PANEL] = filter_tap(filters, o, tap);
    threads_for(threads, height, forward_row, &j);
}

/* P of pixels first - 1 to first + count of a row; zero outside the map. */
static void transposed_row(float P[SPAN + 2][TAPS_WIDE], const job *j, int y, int first, int count)
{
    memset(P, 0, sizeof(float[SPAN + 2][TAPS_WIDE]));
    if (y < 0 || y >= j->height)
        return;
    const int from = first > 0 ? first - 1 : 0, to = at_most(first + count + 1, j->width);
    const i32x4 bit = {1, 2, 4, 8};
    float masked[(SPAN + 2) * COUT];
    const size_t at = ((size_t)y * j->width + from) * COUT;
    for (int i = 0; i < (to - from) * COUT; i += 4) {
        const int32_t bits = j->signs ? j->signs[(at + i) / 4] : 15;
        const i32x4 mask = ((i32x4){bits, bits, bits, bits} & bit) == bit;
        f32x4_store(masked + i, (f32x4)((i32x4)f32x4_load(j->in + at + i) & mask));
    }
    float *out = P[from - (first - 1)];
    for (int panel = 0; panel < TAPS_WIDE / GEMM_PANEL; panel++)
        gemm_panel(out + panel * GEMM_PANEL, TAPS_WIDE, masked, COUT, j->WT[panel][0], to - from, COUT, 0);
}

static void backward_rows(void *context, int start, int end, int worker)
{
    (void)worker;
    const job *j = context;
    for (int first = 0; first < j->width; first += SPAN) {
        const int count = at_most(j->width - first, SPAN);
        float P[3][SPAN + 2][TAPS_WIDE]; /* row y in P[y % 3], y from -1 kept as y + 3 */
        transposed_row(P[(start + 2) % 3], j, start - 1, first, count);
        transposed_row(P[start % 3], j, start, first, count);
        for (int y = start; y < end; y++) {
            transposed_row(P[(y + 1) % 3], j, y + 1, first, count);
            for (int p = 0; p < count; p++) {
                f32x4 sum = f32x4_splat(0);
                for (int ky = 0; ky < 3; ky++)
                    for (int kx = 0; kx < 3; kx++)
                        sum += f32x4_load(&P[(y + 4 - ky) % 3][p + 2 - kx][9 * ky + 3 * kx]);
                memcpy(j->out + ((size_t)y * j->width + first + p) * CIN, &sum, sizeof(float[CIN]));
            }
        }
    }
}

void conv_first_backward(threads *threads, float *din, const float *dout, const uint8_t *sign, const float *filters,
                         int height, int width)
{
    job j = {.out = din, .in = dout, .signs = sign, .height = height, .width = width};
    for (int o = 0; o < COUT; o++)
        for (int tap = 0; tap < TAPS; tap++)
            j.WT[tap / GEMM_PANEL][o][tap % GEMM_PANEL] = filter_tap(filters, o, tap);
    threads_rows(threads, height, ROWS, backward_rows, &j);
}
