/* SPDX-License-Identifier: MIT
 *
 * 2x2 maximum over maps [height][width][channels], an odd last row or column being left out, and its adjoint. What is
 * not a number is the maximum, so that it is not lost. A byte of argmax holds four channels' winners: bit c is set
 * where channel c's winner is in the right column, bit 4 + c where it is in the lower row.
 */
#include "kernels/conv.h"
#include "kernels/simd.h"

typedef struct job {
    float *out; /* backward: din */
    const float *in; /* backward: dout */
    uint8_t *argmax;
    const uint8_t *winners;
    int height, width, channels;
} job;

static f32x4 select(i32x4 mask, f32x4 where, f32x4 otherwise)
{
    return (f32x4)(((i32x4)where & mask) | ((i32x4)otherwise & ~mask));
}

/* b is the maximum of a and b. */
static i32x4 wins(f32x4 b, f32x4 a)
{
    return (b > a) | (b != b);
}

/* One row of the output. */
static void pool_row(void *context, int y, int worker)
{
    (void)worker;
    const job *j = context;
    const int channels = j->channels, half = j->width / 2;
    const size_t row = (size_t)j->width * channels;
    for (int x = 0; x < half; x++) {
        const float *in = j->in + (size_t)2 * y * row + (size_t)2 * x * channels;
        const size_t at = ((size_t)y * half + x) * channels;
        for (int c = 0; c < channels; c += 4) {
            const f32x4 left = f32x4_load(in + c), right = f32x4_load(in + channels + c);
            const f32x4 left_below = f32x4_load(in + row + c), right_below = f32x4_load(in + row + channels + c);
            const i32x4 is_right = wins(right, left), is_right_below = wins(right_below, left_below);
            const f32x4 above = select(is_right, right, left), below = select(is_right_below, right_below, left_below);
            const i32x4 is_below = wins(below, above);
            f32x4_store(j->out + at + c, select(is_below, below, above));
            if (j->argmax) {
                const i32x4 column = (is_right_below & is_below) | (is_right & ~is_below);
                j->argmax[(at + c) / 4] = (uint8_t)(i32x4_bits(column) | i32x4_bits(is_below) << 4);
            }
        }
    }
}

void maxpool_forward(threads *threads, float *out, uint8_t *argmax, const float *in,
                     int height, int width, int channels)
{
    job j = {.out = out, .in = in, .argmax = argmax, .height = height, .width = width, .channels = channels};
    threads_for(threads, height / 2, pool_row, &j);
}

/* Two rows of din, or the odd last one, which is zero. */
static void unpool_rows(void *context, int y, int worker)
{
    (void)worker;
    const job *j = context;
    const int channels = j->channels, half = j->width / 2;
    const size_t row = (size_t)j->width * channels;
    float *out = j->out + (size_t)2 * y * row;
    if (2 * y + 1 == j->height) {
        memset(out, 0, sizeof *out * row);
        return;
    }
    const i32x4 right = {1, 2, 4, 8}, lower = {16, 32, 64, 128};
    for (int x = 0; x < half; x++, out += 2 * channels) {
        const size_t at = ((size_t)y * half + x) * channels;
        for (int c = 0; c < channels; c += 4) {
            const int32_t code = j->winners[(at + c) / 4];
            const i32x4 codes = {code, code, code, code};
            const i32x4 is_right = (codes & right) == right, is_below = (codes & lower) == lower;
            const i32x4 value = (i32x4)f32x4_load(j->in + at + c);
            f32x4_store(out + c, (f32x4)(value & ~is_right & ~is_below));
            f32x4_store(out + channels + c, (f32x4)(value & is_right & ~is_below));
            f32x4_store(out + row + c, (f32x4)(value & ~is_right & is_below));
            f32x4_store(out + row + channels + c, (f32x4)(value & is_right & is_below));
        }
    }
    if (j->width % 2) {
        memset(out, 0, sizeof *out * (size_t)channels);
        memset(out + row, 0, sizeof *out * (size_t)channels);
    }
}

void maxpool_backward(threads *threads, float *din, const float *dout, const uint8_t *argmax,
                      int height, int width, int channels)
{
    job j = {.out = din, .in = dout, .winners = argmax, .height = height, .width = width, .channels = channels};
    threads_for(threads, (height + 1) / 2, unpool_rows, &j);
}
