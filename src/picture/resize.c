/* SPDX-License-Identifier: MIT
 *
 * One axis of half-pixel bilinear resizing from n to m samples: output i lies at ((2 i + 1) n - m) / (2 m), clamped
 * at 0; it takes the sample below with weight 1 - f and the next (clamped at n - 1) with weight f: integers, so exact.
 * Antialiased: out_i = sum_j w_ij in_j, w the triangle max(0, 1 - |j + .5 - c| / s) normalised, c = (i + .5) n / m and
 * s = max(1, n / m).
 */
#include "picture/resize.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { TILE = 64 }; /* columns whose places are worked out once for all rows */

typedef struct place {
    int low, high;
    float fraction;
} place;

static place place_of(int i, int m, int n)
{
    int64_t at = (2 * (int64_t)i + 1) * n - m;
    if (at < 0)
        at = 0;
    int low = (int)(at / (2 * m));
    return (place){ low, low + 1 < n ? low + 1 : low, (float)(at % (2 * m)) / (float)(2 * m) };
}

/* The places of columns [from, to), their indices already in floats. */
static void place_columns(place tile[TILE], int from, int to, int width, int in_width, int channels)
{
    for (int x = from; x < to; x++) {
        place p = place_of(x, width, in_width);
        tile[x - from] = (place){ p.low * channels, p.high * channels, p.fraction };
    }
}

void resize_bilinear(float *restrict out, int height, int width, const float *restrict in, int in_height, int in_width,
                     int channels, int accumulate)
{
    place tile[TILE];
    for (int from = 0; from < width; from += TILE) {
        int to = from + TILE < width ? from + TILE : width;
        place_columns(tile, from, to, width, in_width, channels);
        for (int y = 0; y < height; y++) {
            place row = place_of(y, height, in_height);
            const float *above = in + (size_t)row.low * in_width * channels;
            const float *below = in + (size_t)row.high * in_width * channels;
            float *to_pixel = out + ((size_t)y * width + from) * channels;
            for (int x = 0; x < to - from; x++) {
                place column = tile[x];
                for (int c = 0; c < channels; c++, to_pixel++) {
                    float top = above[column.low + c], bottom = below[column.low + c];
                    top += column.fraction * (above[column.high + c] - top);
                    bottom += column.fraction * (below[column.high + c] - bottom);
                    float value = top + row.fraction * (bottom - top);
                    *to_pixel = accumulate ? *to_pixel + (float)accumulate * value : value;
                }
            }
        }
    }
}

void resize_bilinear_adjoint(float *restrict din, int in_height, int in_width, const float *restrict dout, int height,
                             int width, int channels)
{
    place tile[TILE];
    for (int from = 0; from < width; from += TILE) {
        int to = from + TILE < width ? from + TILE : width;
        place_columns(tile, from, to, width, in_width, channels);
        for (int y = 0; y < height; y++) {
            place row = place_of(y, height, in_height);
            float *above = din + (size_t)row.low * in_width * channels;
            float *below = din + (size_t)row.high * in_width * channels;
            const float *dpixel = dout + ((size_t)y * width + from) * channels;
            for (int x = 0; x < to - from; x++) {
                place column = tile[x];
                for (int c = 0; c < channels; c++, dpixel++) {
                    float bottom = row.fraction * *dpixel, top = *dpixel - bottom;
                    above[column.low + c] += (1 - column.fraction) * top;
                    above[column.high + c] += column.fraction * top;
                    below[column.low + c] += (1 - column.fraction) * bottom;
                    below[column.high + c] += column.fraction * bottom;
                }
            }
        }
    }
}

/* ---- antialiased -------------------------------------------------------------------------- */

typedef struct window {
    double centre, scale;
    int first, count;
} window;

static window window_of(int i, int m, int n)
{
    double ratio = (double)n / m, scale = ratio > 1 ? ratio : 1, centre = (i + 0.5) * ratio;
    int first = (int)fmax(centre - scale + 0.5, 0), end = (int)fmin(centre + scale + 0.5, n);
    return (window){ centre, scale, first, end - first };
}

static int window_most(int m, int n)
{
    return 2 * (n / m + 1) + 1;
}

static void window_weights(float *weight, window w)
{
    double sum = 0;
    for (int k = 0; k < w.count; k++)
        sum += fmax(0, 1 - fabs(w.first + k + 0.5 - w.centre) / w.scale);
    for (int k = 0; k < w.count; k++)
        weight[k] = (float)(fmax(0, 1 - fabs(w.first + k + 0.5 - w.centre) / w.scale) / sum);
}

size_t resize_scratch_floats(int height, int width, int in_height, int in_width)
{
    return 4 * (size_t)in_width + (size_t)width * window_most(width, in_width) + window_most(height, in_height);
}

/* row[in_width][4] += weight * (a r, a g, a b, a). */
static void add_row(float *restrict row, const uint8_t *restrict rgba, int in_width, float weight)
{
    static const float unit = 1.0f / 255;
    for (int x = 0; x < in_width; x++) {
        float alpha = weight * unit * (float)rgba[4 * x + 3], scaled = alpha * unit;
        row[4 * x] += scaled * (float)rgba[4 * x];
        row[4 * x + 1] += scaled * (float)rgba[4 * x + 1];
        row[4 * x + 2] += scaled * (float)rgba[4 * x + 2];
        row[4 * x + 3] += alpha;
    }
}

/* Pixels that nobody sees have UNSEEN for red so far, and now what the others have on average, each as far as it is
 * seen; in a picture of which nothing is seen, grey. */
static const float UNSEEN = -1;

static void fill_unseen(float *rgb, size_t pixels, const double seen[4])
{
    for (size_t p = 0; p < pixels; p++)
        if (rgb[3 * p] == UNSEEN)
            for (int c = 0; c < 3; c++)
                rgb[3 * p + c] = seen[3] > 0 ? (float)(seen[c] / seen[3]) : 0.5f;
}

void resize_antialiased(float *rgb, float *alpha, int height, int width, const strotss_image *in, float *scratch)
{
    int most = window_most(width, in->width);
    float *row = scratch, *across = row + 4 * (size_t)in->width, *down = across + (size_t)width * most;
    double seen[4] = { 0 };
    for (int x = 0; x < width; x++)
        window_weights(across + (size_t)x * most, window_of(x, width, in->width));
    for (int y = 0; y < height; y++) {
        window rows = window_of(y, height, in->height);
        window_weights(down, rows);
        memset(row, 0, 4 * (size_t)in->width * sizeof *row);
        for (int k = 0; k < rows.count; k++)
            add_row(row, in->rgba + 4 * (size_t)(rows.first + k) * in->width, in->width, down[k]);
        for (int x = 0; x < width; x++) {
            window columns = window_of(x, width, in->width);
            float sum[4] = { 0 };
            for (int k = 0; k < columns.count; k++)
                for (int c = 0; c < 4; c++)
                    sum[c] += across[(size_t)x * most + k] * row[4 * (size_t)(columns.first + k) + c];
            size_t at = (size_t)y * width + x;
            for (int c = 0; c < 3; c++)
                rgb[3 * at + c] = sum[3] > 0 ? sum[c] / sum[3] : UNSEEN;
            for (int c = 0; c < 4; c++)
                seen[c] += sum[c];
            if (alpha)
                alpha[at] = fminf(sum[3], 1);
        }
    }
    fill_unseen(rgb, (size_t)height * width, seen);
}

/* ---- nearest neighbour, and sizes ---------------------------------------------------------- */

static int nearest(int i, int m, int n)
{
    return (int)((2 * (int64_t)i + 1) * n / (2 * (int64_t)m));
}

void resize_labels(uint8_t *out, int height, int width, const uint8_t *in, int in_height, int in_width)
{
    for (int y = 0; y < height; y++) {
        const uint8_t *row = in + (size_t)nearest(y, height, in_height) * in_width;
        for (int x = 0; x < width; x++)
            *out++ = row[nearest(x, width, in_width)];
    }
}

void resize_fit(int *height, int *width, int in_height, int in_width, int size)
{
    assert(in_height >= 1 && in_width >= 1);
    int64_t longer = in_height > in_width ? in_height : in_width, shorter = in_height + in_width - longer;
    int other = (int)((2 * shorter * size + longer) / (2 * longer));
    if (other < STROTSS_MIN_SIDE)
        other = STROTSS_MIN_SIDE;
    *height = in_height >= in_width ? size : other;
    *width = in_width >= in_height ? size : other;
}
