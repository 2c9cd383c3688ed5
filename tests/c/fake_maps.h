/* SPDX-License-Identifier: MIT
 *
 * Stand-ins for the network's maps, for tests of what is built on them: random non-negative numbers, half of them zero
 * as after a ReLU, and the hypercolumns gathered from them the plain way, in double, 2179 wide.
 */
#ifndef FAKE_MAPS_H
#define FAKE_MAPS_H

#include <stdlib.h>

#include "base/rng.h"
#include "features/style.h"

enum { FULL = 2179 };

typedef struct features { int height, width; float *map[VGG16_TAPS]; } features;

static inline float random_unit(rng *r)
{
    return (float)rng_below(r, 1 << 24) / (1 << 24);
}

static inline features features_make(int height, int width, int seed)
{
    rng r = rng_stream((uint64_t)seed, 0, height, width);
    features f = {.height = height, .width = width};
    for (int t = 0; t < VGG16_TAPS; t++) {
        const vgg16_tap_info *info = &vgg16_taps[t];
        const size_t count = (size_t)(height >> info->level) * (width >> info->level) * info->channels;
        f.map[t] = malloc(sizeof(float) * (count + 1));
        for (size_t i = 0; i < count; i++) {
            const float value = 2 * random_unit(&r) - (t ? 1 : 0);
            f.map[t][i] = (value > 0 ? value : 0) * (t ? 2 : .5f) / info->gain;
        }
    }
    return f;
}

static inline void features_free(features *f)
{
    for (int t = 0; t < VGG16_TAPS; t++)
        free(f->map[t]);
}

static inline void features_positions(position *at, int count, int height, int width, int seed)
{
    rng r = rng_stream((uint64_t)seed, 1, height, width);
    for (int i = 0; i < count; i++)
        at[i] = (position){(int32_t)rng_below(&r, (uint32_t)height), (int32_t)rng_below(&r, (uint32_t)width)};
}

/* Memory that a test's layout fills; freed by arena_end. */
static inline arena arena_begin(size_t bytes)
{
    return (arena){.base = aligned_alloc(64, (bytes + 63) / 64 * 64 + 64), .size = (bytes + 63) / 64 * 64 + 64};
}

static inline void arena_end(arena *a)
{
    arena_reset(a, 0);
    free(a->base);
}

/* All rows of tap's map. */
static inline vgg16_rows whole_map(int height, int width, int tap)
{
    const int level = vgg16_taps[tap].level;
    return (vgg16_rows){0, height >> level, height >> level, width >> level};
}

static inline columns features_columns(arena *arena, const features *f, const position *at, int n)
{
    columns c;
    columns_layout(&c, arena, f->height, f->width, n);
    columns_place(&c, at, n, f->height, f->width);
    for (int t = 0; t < VGG16_TAPS; t++)
        columns_gather(&c, at, t, f->map[t], whole_map(f->height, f->width, t));
    return c;
}

static inline style features_style(arena *arena, const features *f, const position *at, int draws, threads *threads)
{
    style s;
    style_layout(&s, arena, f->height, f->width, draws, NULL);
    style_place(&s, at, draws, f->height, f->width);
    for (int t = 0; t < VGG16_TAPS; t++)
        style_gather(&s, t, f->map[t], whole_map(f->height, f->width, t));
    struct arena scratch = arena_begin(style_scratch_bytes(draws, threads_count(threads)));
    style_finish(&s, &(exec){threads, &scratch});
    arena_end(&scratch);
    return s;
}

static inline size_t columns_bytes(int height, int width, int n)
{
    arena plan = {0};
    columns c;
    columns_layout(&c, &plan, height, width, n);
    return plan.high;
}

static inline size_t style_bytes(int height, int width, int draws)
{
    arena plan = {0};
    style s;
    style_layout(&s, &plan, height, width, draws, NULL);
    return plan.high;
}

/* One hypercolumn as the method has it: bilinear at (y / 2^k, x / 2^k), or nearest by floor, held inside the map. */
static inline void features_hypercolumn(double *out, const features *f, position at, int bilinear)
{
    for (int t = 0; t < VGG16_TAPS; t++) {
        const vgg16_tap_info *info = &vgg16_taps[t];
        const int h = f->height >> info->level, w = f->width >> info->level;
        const double y = (double)at.y / (1 << info->level), x = (double)at.x / (1 << info->level);
        for (int c = 0; c < info->channels; c++) {
            double sum = 0;
            for (int dy = 0; dy <= bilinear && h > 0 && w > 0; dy++)
                for (int dx = 0; dx <= bilinear; dx++) {
                    const double fy = y - floor(y), fx = x - floor(x);
                    int yy = (int)floor(y), xx = (int)floor(x);
                    yy = yy > h - 1 ? h - 1 : yy;
                    xx = xx > w - 1 ? w - 1 : xx;
                    yy = yy + dy > h - 1 ? h - 1 : yy + dy;
                    xx = xx + dx > w - 1 ? w - 1 : xx + dx;
                    const double weight = bilinear ? (dy ? fy : 1 - fy) * (dx ? fx : 1 - fx) : 1;
                    sum += weight * f->map[t][((size_t)yy * w + xx) * info->channels + c];
                }
            *out++ = (double)info->gain * sum;
        }
    }
}

/* A row of the 2180-wide factored matrix, without its padding. */
static inline void unpad(double *full, const float *row)
{
    for (int c = 0; c < 131; c++)
        full[c] = row[c];
    for (int c = 131; c < FULL; c++)
        full[c] = row[c + 1];
}

#endif
