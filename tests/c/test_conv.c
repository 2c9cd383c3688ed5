/* SPDX-License-Identifier: MIT
 *
 * Convolution and pooling against plain loops (conv_reference.c) at sizes around the tiles, the blocks and the strips;
 * each adjoint also by <conv x, y> = <x, conv^T y>; one to three threads with equal bytes; with and without signs.
 * Values are in [-1, 1), so a sum of n products is of order sqrt(n); Winograd's transforms and any order of summing
 * stay within 64 eps sqrt(n). Every array ends where it should, for the address sanitizer.
 */
#include "check.h"

#include <float.h>
#include <stdint.h>
#include <stdlib.h>

#include "kernels/conv.h"

enum { POOLS = 3 };

static threads *pools[POOLS];

static float *random_floats(size_t count, uint32_t seed)
{
    float *values = malloc(sizeof(float) * (count ? count : 1));
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        values[i] = (float)(seed >> 8) / (1 << 23) - 1;
    }
    return values;
}

static double dot(const float *a, const float *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

static double largest_difference(const float *a, const float *b, size_t count)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)a[i] - b[i]) <= largest))
            largest = fabs((double)a[i] - b[i]);
    return largest;
}

/* A byte a channel to a bit a channel, and how many differ where the value is not within tolerance of zero. */
static uint8_t *packed(const uint8_t *positive, size_t count)
{
    uint8_t *sign = calloc(count / 4 + 1, 1);
    for (size_t i = 0; i < count; i++)
        sign[i / 4] |= (uint8_t)(positive[i] << i % 4);
    return sign;
}

static long wrong_signs(const uint8_t *sign, const float *out, size_t count)
{
    long wrong = 0;
    for (size_t i = 0; i < count; i++)
        wrong += (sign[i / 4] >> i % 4 & 1) != (out[i] > 0);
    return wrong;
}

/* cin 3: the first layer. */
static void forward(threads *pool, float *out, uint8_t *sign, const float *in, const float *filters, const float *U,
                    const float *bias, int height, int width, int cin, int cout)
{
    if (cin == 3) {
        conv_first_forward(pool, out, sign, in, filters, bias, height, width);
        return;
    }
    float *scratch = malloc(sizeof(float) * conv_scratch_floats(height, width, cin, cout, threads_count(pool)));
    conv_forward(pool, out, sign, in, U, bias, height, width, cin, cout, scratch);
    free(scratch);
}

static void backward(threads *pool, float *din, const float *dout, const uint8_t *sign, const float *filters,
                     const float *U, int height, int width, int cin, int cout)
{
    if (cin == 3) {
        conv_first_backward(pool, din, dout, sign, filters, height, width);
        return;
    }
    float *scratch = malloc(sizeof(float) * conv_scratch_floats(height, width, cin, cout, threads_count(pool)));
    conv_backward(pool, din, dout, sign, U, height, width, cin, cout, scratch);
    free(scratch);
}

/* relu(NaN) is NaN: a number that overflowed is seen at the end, not painted over. */
static void check_not_a_number(int cin)
{
    enum { SIDE = 9, COUT = 64, AT = 40 };
    const size_t ins = (size_t)SIDE * SIDE * cin, outs = SIDE * SIDE * COUT;
    float *in = random_floats(ins, 5), *filters = random_floats((size_t)9 * cin * COUT, 6),
          *bias = random_floats(COUT, 7);
    float *out = malloc(sizeof(float) * outs), *expected = malloc(sizeof(float) * outs);
    uint8_t *sign = malloc(outs / 4), *positive = malloc(outs);
    float *U = malloc(sizeof(float) * (cin == 3 ? 1 : conv_filter_floats(cin, COUT)));
    if (cin != 3)
        conv_filter_transform(pools[1], U, filters, cin, COUT);
    in[(size_t)AT * cin] = NAN;
    conv_reference_forward(expected, positive, in, filters, bias, SIDE, SIDE, cin, COUT);
    forward(pools[1], out, sign, in, filters, U, bias, SIDE, SIDE, cin, COUT);
    for (int o = AT * COUT; o < (AT + 1) * COUT; o++) {
        CHECK(isnan(expected[o]) && !positive[o]);
        CHECK(isnan(out[o]) && !(sign[o / 4] >> o % 4 & 1));
    }
    free(in), free(filters), free(bias), free(out), free(expected), free(sign), free(positive), free(U);
}

static void check_conv(int height, int width, int cin, int cout)
{
    const size_t ins = (size_t)height * width * cin, outs = (size_t)height * width * cout;
    const double tolerance = 64 * FLT_EPSILON * sqrt(9.0 * cin), tolerance_back = 64 * FLT_EPSILON * sqrt(9.0 * cout);
    float *in = random_floats(ins, 1), *dout = random_floats(outs, 2);
    float *filters = random_floats((size_t)cin * cout * 9, 3), *bias = random_floats((size_t)cout, 4);
    float *out = malloc(sizeof(float) * outs), *expected = malloc(sizeof(float) * outs);
    float *din = malloc(sizeof(float) * ins), *dexpected = malloc(sizeof(float) * ins);
    uint8_t *sign = malloc(outs / 4), *positive = malloc(outs);
    float *U = malloc(sizeof(float) * (cin == 3 ? 1 : conv_filter_floats(cin, cout)));
    if (cin != 3)
        conv_filter_transform(pools[1], U, filters, cin, cout);

    conv_reference_forward(expected, positive, in, filters, bias, height, width, cin, cout);
    uint8_t *expected_sign = packed(positive, outs);
    forward(pools[0], out, sign, in, filters, U, bias, height, width, cin, cout);
    CHECK_CLOSE(largest_difference(out, expected, outs), 0, tolerance);
    CHECK(wrong_signs(sign, out, outs) == 0);

    conv_reference_backward(dexpected, dout, positive, filters, height, width, cin, cout);
    backward(pools[0], din, dout, expected_sign, filters, U, height, width, cin, cout);
    CHECK_CLOSE(largest_difference(din, dexpected, ins), 0, tolerance_back);

    float *again = malloc(sizeof(float) * outs), *dagain = malloc(sizeof(float) * ins);
    uint8_t *sign_again = malloc(outs / 4);
    for (int p = 0; p < POOLS; p++) {
        forward(pools[p], again, p ? sign_again : NULL, in, filters, U, bias, height, width, cin, cout);
        CHECK(memcmp(again, out, sizeof(float) * outs) == 0);
        CHECK(p == 0 || memcmp(sign_again, sign, outs / 4) == 0);
        backward(pools[p], dagain, dout, expected_sign, filters, U, height, width, cin, cout);
        CHECK(memcmp(dagain, din, sizeof(float) * ins) == 0);
    }

    /* Without signs and with a bias that no sum can outweigh, the operator is linear: <conv x, y> = <x, conv^T y>. */
    for (int o = 0; o < cout; o++)
        bias[o] = 0;
    float *raised = malloc(sizeof(float) * (size_t)cout);
    for (int o = 0; o < cout; o++)
        raised[o] = 9.0f * (float)cin;
    forward(pools[0], out, NULL, in, filters, U, raised, height, width, cin, cout);
    for (size_t i = 0; i < outs; i++)
        out[i] -= raised[i % (size_t)cout];
    backward(pools[0], din, dout, NULL, filters, U, height, width, cin, cout);
    const double length = sqrt(dot(out, out, outs) * dot(dout, dout, outs));
    CHECK_CLOSE(dot(out, dout, outs), dot(in, din, ins), 3e-6 * length * sqrt(9.0 * cin) + 1e-5);

    free(in), free(dout), free(filters), free(bias), free(out), free(expected), free(din), free(dexpected), free(sign);
    free(positive), free(U), free(expected_sign), free(again), free(dagain), free(sign_again), free(raised);
}

/* Among few values, so that there are ties, `holes` in a hundred that are not a number. */
static void check_maxpool(int height, int width, int channels, int holes)
{
    const size_t ins = (size_t)height * width * channels, outs = (size_t)(height / 2) * (width / 2) * channels;
    float *in = random_floats(ins, 5), *dout = random_floats(outs, 6);
    for (size_t i = 0; i < ins; i++)
        in[i] = i * 2654435761u % 101 < (size_t)holes ? NAN : floorf(in[i] * 2);
    float *out = malloc(sizeof(float) * outs + 1), *expected = malloc(sizeof(float) * outs + 1);
    float *din = malloc(sizeof(float) * ins), *dexpected = malloc(sizeof(float) * ins);
    uint8_t *argmax = malloc(outs / 4 + 1), *winner = malloc(outs + 1);
    maxpool_reference_forward(expected, winner, in, height, width, channels);
    maxpool_reference_backward(dexpected, dout, winner, height, width, channels);
    for (size_t i = 0; i < outs; i++) {
        const size_t y = i / channels / (size_t)(width / 2), x = i / channels % (size_t)(width / 2);
        const float *from = in + ((2 * y * width + 2 * x) * channels + i % channels);
        const float *below = from + (size_t)width * channels;
        const float sum = from[0] + from[channels] + below[0] + below[channels];
        CHECK((sum != sum) == (expected[i] != expected[i]));
    }
    for (int p = 0; p < POOLS; p++) {
        maxpool_forward(pools[p], out, NULL, in, height, width, channels);
        CHECK(memcmp(out, expected, sizeof(float) * outs) == 0);
        maxpool_forward(pools[p], out, argmax, in, height, width, channels);
        CHECK(memcmp(out, expected, sizeof(float) * outs) == 0);
        maxpool_backward(pools[p], din, dout, argmax, height, width, channels);
        CHECK(largest_difference(din, dexpected, ins) == 0);
    }
    free(in), free(dout), free(out), free(expected), free(din), free(dexpected), free(argmax), free(winner);
}

int main(void)
{
    static const int sizes[][2] = {{1, 1}, {1, 7}, {2, 3}, {5, 4}, {4, 8}, {13, 9}, {9, 17}};
    static const int channels[][2] = {{3, 64}, {16, 16}, {16, 48}, {48, 32}, {64, 64}};
    for (int p = 0; p < POOLS; p++)
        pools[p] = threads_create(p + 1);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (size_t c = 0; c < sizeof channels / sizeof *channels; c++)
            check_conv(sizes[s][0], sizes[s][1], channels[c][0], channels[c][1]);
        for (int holes = 0; holes <= 60; holes += 20) {
            check_maxpool(sizes[s][0], sizes[s][1], 16, holes);
            check_maxpool(sizes[s][0], sizes[s][1], 64, holes);
        }
    }
    check_not_a_number(3);
    check_not_a_number(64);
    check_conv(35, 131, 3, 64);    /* the first layer over several spans and row groups */
    check_conv(45, 47, 16, 32);    /* strips of one tile row */
    check_conv(133, 14, 32, 16);   /* strips of two */
    check_conv(7, 6, 272, 144);    /* filters shared by the threads, deeper than one slice of a product */
    check_conv(1, 1030, 272, 64);  /* more tiles than a shared block holds */
    for (int p = 0; p < POOLS; p++)
        threads_destroy(pools[p]);
    return check_report();
}
