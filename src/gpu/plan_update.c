/* SPDX-License-Identifier: MIT
 *
 * From the image's gradient to the next image: the adjoint of the fold, whether all of it is finite, a step of the
 * optimizer band by band, and the fold (pyramid.c, optimizer.c).
 */
#include "gpu/scale.h"

enum { PART = 4096 /* of adam_moments.wgsl */, WIDE = 1024 * 256 };

typedef struct level { uint32_t height, width, at, floats; } level;

static uint32_t halved(int side, int k)
{
    return (uint32_t)(side >> k > 1 ? side >> k : 1);
}

static void find_levels(level levels[PYRAMID_LEVELS], const gpu_scale *s)
{
    uint32_t at = 0;
    for (int k = 0; k < PYRAMID_LEVELS; k++) {
        levels[k] = (level){halved(s->height, k), halved(s->width, k), at,
                            (uint32_t)pyramid_level_floats(s->height, s->width, k)};
        at += levels[k].floats;
    }
}

static size_t groups(uint32_t width)
{
    return gpu_round(width, 64) / 64;
}

static void plan_step(gpu_scale *s, const level *l, uint32_t band, gpu_range sums)
{
    gpu_plan *plan = &s->plan;
    const uint32_t parts = (uint32_t)(gpu_round(l->floats, PART) / PART);
    if (s->run->options.optimizer == STROTSS_RMSPROP) {
        gpu_dispatch(plan, GPU_RMSPROP, WIDE / 256, gpu_round(l->floats, WIDE) / WIDE, 0,
                     RANGES(s->steps, s->flag, s->dpyramid, s->square, s->pyramid),
                     PARAMS(l->at, l->floats, WIDE, band));
        return;
    }
    gpu_dispatch(plan, GPU_ADAM_MOMENTS, parts, 1, 0, RANGES(s->flag, s->dpyramid, s->mean, s->square, sums),
                 PARAMS(l->at, l->floats));
    gpu_dispatch(plan, GPU_ADAM, parts, 1, 0, RANGES(s->steps, s->flag, s->mean, s->square, sums, s->pyramid),
                 PARAMS(l->at, l->floats, parts, band));
}

void gpu_plan_update(gpu_scale *s)
{
    gpu_plan *plan = &s->plan;
    level levels[PYRAMID_LEVELS];
    find_levels(levels, s);
    const gpu_range sums = gpu_take(plan, gpu_round(levels[0].floats, PART) / PART * sizeof(float));
    const gpu_range rungs[2] = {gpu_take(plan, levels[1].floats * sizeof(float)),
                                gpu_take(plan, levels[1].floats * sizeof(float))};
    const uint32_t coefficients = (uint32_t)pyramid_floats(s->height, s->width);

    for (int k = 0; k + 1 < PYRAMID_LEVELS; k++)
        gpu_dispatch(plan, GPU_RESIZE_ADJOINT, groups(levels[k + 1].width), levels[k + 1].height, 0,
                     RANGES(s->dpyramid),
                     PARAMS(levels[k].height, levels[k].width, levels[k + 1].height, levels[k + 1].width, levels[k].at,
                            levels[k + 1].at));
    gpu_dispatch(plan, GPU_FINITE, WIDE / 256, gpu_round(coefficients, WIDE) / WIDE, 0, RANGES(s->dpyramid, s->flag),
                 PARAMS(coefficients, WIDE));
    for (uint32_t k = 0; k < PYRAMID_LEVELS; k++)
        plan_step(s, &levels[k], k, sums);
    gpu_range below = s->pyramid;
    uint32_t below_at = levels[PYRAMID_LEVELS - 1].at;
    for (int k = PYRAMID_LEVELS - 2; k >= 0; k--) {
        const gpu_range out = k ? rungs[k % 2] : s->image;
        gpu_dispatch(plan, GPU_RESIZE_ADD, groups(levels[k].width), levels[k].height, 0,
                     RANGES(s->pyramid, below, out),
                     PARAMS(levels[k].height, levels[k].width, levels[k + 1].height, levels[k + 1].width, levels[k].at,
                            below_at));
        below = out;
        below_at = 0;
    }
}
