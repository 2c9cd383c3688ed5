/* SPDX-License-Identifier: MIT
 *
 * Level k has floor(height / 2^k) by floor(width / 2^k) pixels, at least 1 by 1. Splitting works inside the levels
 * themselves: once level k holds t, level k + 1 becomes its half and level k loses what that half shows of it. Folding
 * climbs the same ladder up.
 */
#include "picture/pyramid.h"

#include <string.h>

#include "picture/resize.h"

typedef struct ladder {
    int height[PYRAMID_LEVELS], width[PYRAMID_LEVELS];
    size_t at[PYRAMID_LEVELS], floats[PYRAMID_LEVELS];
} ladder;

static ladder ladder_of(int height, int width)
{
    ladder l;
    for (int k = 0; k < PYRAMID_LEVELS; k++) {
        l.height[k] = height >> k > 1 ? height >> k : 1;
        l.width[k] = width >> k > 1 ? width >> k : 1;
        l.floats[k] = (size_t)l.height[k] * l.width[k] * 3;
        l.at[k] = k ? l.at[k - 1] + l.floats[k - 1] : 0;
    }
    return l;
}

size_t pyramid_floats(int height, int width)
{
    ladder l = ladder_of(height, width);
    return l.at[PYRAMID_LEVELS - 1] + l.floats[PYRAMID_LEVELS - 1];
}

size_t pyramid_level_floats(int height, int width, int level)
{
    return ladder_of(height, width).floats[level];
}

size_t pyramid_scratch_floats(int height, int width)
{
    return ladder_of(height, width).floats[1];
}

/* Resizes between levels of the ladder; sign as resize_bilinear's accumulate. */
static void move(float *out, int to, const float *in, int from, const ladder *l, int sign)
{
    resize_bilinear(out, l->height[to], l->width[to], in, l->height[from], l->width[from], 3, sign);
}

void pyramid_split(float *levels, const float *image, int height, int width)
{
    ladder l = ladder_of(height, width);
    memcpy(levels, image, l.floats[0] * sizeof *levels);
    for (int k = 0; k + 1 < PYRAMID_LEVELS; k++) {
        move(levels + l.at[k + 1], k + 1, levels + l.at[k], k, &l, 0);
        move(levels + l.at[k], k, levels + l.at[k + 1], k + 1, &l, -1);
    }
}

void pyramid_fold(float *image, const float *levels, int height, int width, float *scratch)
{
    ladder l = ladder_of(height, width);
    const float *below = levels + l.at[PYRAMID_LEVELS - 1];
    for (int k = PYRAMID_LEVELS - 2; k >= 0; k--) {
        float *sum = k % 2 ? scratch : image; /* turn about, ending in image */
        memcpy(sum, levels + l.at[k], l.floats[k] * sizeof *sum);
        move(sum, k, below, k + 1, &l, 1);
        below = sum;
    }
}

void pyramid_fold_backward(float *dlevels, const float *dimage, int height, int width)
{
    ladder l = ladder_of(height, width);
    memset(dlevels, 0, pyramid_floats(height, width) * sizeof *dlevels);
    memcpy(dlevels, dimage, l.floats[0] * sizeof *dlevels);
    for (int k = 0; k + 1 < PYRAMID_LEVELS; k++)
        resize_bilinear_adjoint(dlevels + l.at[k + 1], l.height[k + 1], l.width[k + 1],
                                dlevels + l.at[k], l.height[k], l.width[k], 3);
}

void pyramid_finest_band(float *band, const float *image, int height, int width, float *scratch)
{
    ladder l = ladder_of(height, width);
    memcpy(band, image, l.floats[0] * sizeof *band);
    move(scratch, 1, image, 0, &l, 0);
    move(band, 0, scratch, 1, &l, -1);
}
