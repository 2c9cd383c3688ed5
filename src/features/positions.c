/* SPDX-License-Identifier: MIT
 *
 * See positions.h. A pixel of a cell cut by the picture's edge counts as one of a whole cell, so that every pixel is
 * as likely as any other; the cell is without one where the draw falls outside. Draws are partial Fisher-Yates
 * shuffles, so one costs as many random numbers as positions are wanted.
 */
#include "features/positions.h"

#include <math.h>

static int inside(const uint8_t *labels, const uint8_t *wanted, size_t pixel)
{
    return !labels || wanted[labels[pixel]];
}

static int32_t held(double at, int side)
{
    return at < 0 ? 0 : at >= side ? side - 1 : (int32_t)at;
}

void positions_around(position out[POSITIONS_PER_POINT], double y, double x, int height, int width)
{
    const double apart = .01 * (height > width ? height : width);
    for (int i = 0; i < POSITIONS_PER_POINT; i++)
        out[i] = (position){held(y * height + (i / 3 - 1) * apart, height),
                            held(x * width + (i % 3 - 1) * apart, width)};
}

int positions_stride(int height, int width)
{
    const int stride = (int)ceil(sqrt((double)height * width) / 128.0);
    return stride < 1 ? 1 : stride;
}

int positions_candidates_room(int height, int width, int regions)
{
    const int stride = positions_stride(height, width);
    const int cells = ((height + stride - 1) / stride) * ((width + stride - 1) / stride);
    return cells + (regions > 1 ? regions * POSITIONS_OFF_GRID : 0);
}

static int thinned_pixels(position *out, int height, int width, const uint8_t *labels, const uint8_t *wanted)
{
    int pixels = 0;
    for (size_t p = 0; p < (size_t)height * width; p++)
        pixels += inside(labels, wanted, p);
    const int take = pixels < POSITIONS_OFF_GRID ? pixels : POSITIONS_OFF_GRID;
    int seen = 0, count = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            if (!inside(labels, wanted, (size_t)y * width + x))
                continue;
            /* Of every pixels / take neighbours in row order, the first. */
            if ((int64_t)seen * take >= (int64_t)count * pixels && count < take)
                out[count++] = (position){y, x};
            seen++;
        }
    return count;
}

int positions_candidates(position *out, int height, int width, rng r, const uint8_t *labels, const uint8_t *wanted)
{
    const int stride = positions_stride(height, width);
    int count = 0;
    for (int top = 0; top < height; top += stride)
        for (int left = 0; left < width; left += stride) {
            const int y = top + (int)rng_below(&r, (uint32_t)stride), x = left + (int)rng_below(&r, (uint32_t)stride);
            if (y < height && x < width && inside(labels, wanted, (size_t)y * width + x))
                out[count++] = (position){y, x};
        }
    /* Overwriting what the cells gave is safe: it is fewer than the floor, and off them there is room for more. */
    if (labels && count < POSITIONS_REGION_FLOOR)
        count = thinned_pixels(out, height, width, labels, wanted);
    return count;
}

/* The first `count` places of a shuffle of scratch[total]. */
static void shuffle(int32_t *scratch, int total, int count, rng *r)
{
    for (int i = 0; i < count; i++) {
        const int j = i + (int)rng_below(r, (uint32_t)(total - i));
        const int32_t t = scratch[i];
        scratch[i] = scratch[j];
        scratch[j] = t;
    }
}

void positions_pick(int32_t *index, int count, rng *r, int candidates, int32_t *scratch)
{
    if (candidates < count) {
        for (int i = 0; i < count; i++)
            index[i] = (int32_t)rng_below(r, (uint32_t)candidates);
        return;
    }
    for (int i = 0; i < candidates; i++)
        scratch[i] = i;
    shuffle(scratch, candidates, count, r);
    for (int i = 0; i < count; i++)
        index[i] = scratch[i];
}

int positions_seen(int32_t *out, size_t count, const float *alpha, const uint8_t *labels, const uint8_t *wanted)
{
    float most = 0;
    for (size_t p = 0; p < count; p++)
        if (inside(labels, wanted, p))
            most = fmaxf(most, alpha[p]);
    const float least = fminf(most, 0.5f);
    int pixels = 0;
    for (size_t p = 0; most > 0 && p < count; p++)
        if (inside(labels, wanted, p) && alpha[p] >= least)
            out[pixels++] = (int32_t)p;
    return pixels;
}

int positions_draw_style(position *out, int draws, int per_draw, rng *r, int height, int width, const float *alpha,
                         const uint8_t *labels, const uint8_t *wanted, int32_t *scratch)
{
    int count = 0;
    const int pixels = positions_seen(scratch, (size_t)height * width, alpha, labels, wanted);
    const int take = per_draw < pixels ? per_draw : pixels;
    for (int d = 0; d < draws; d++) {
        shuffle(scratch, pixels, take, r);
        for (int i = 0; i < take; i++)
            out[count++] = (position){scratch[i] / width, scratch[i] % width};
    }
    return count;
}
