/* SPDX-License-Identifier: MIT
 *
 * See schedule.h. RMSprop: 2e-3, halved on the last scale. Adam: 2e-2 at 128 px, falling along a cosine to 5 % within
 * each scale, and with the square root of the side, because a large picture starts nearer to where it ends: 80
 * iterations at 512 px end 2 % above 4 x 200 of RMSprop with steps of 7e-3 to 12e-3, 4 % with 2e-2. What counts is the
 * last scale; those before it need a tenth to a quarter of RMSprop's iterations. Short memory (optimizer.c) goes with
 * so few: at 256 px 10 + 20 + 40 end 9 % above 3 x 200 of RMSprop with betas (0.9, 0.99), 5 % with (0.8, 0.95).
 *
 * Adam steps as far for a pixel that few positions fall on as for any other. Above 128 px, where the positions no
 * longer cover the picture, that leaves coloured speckle in the finest bands which no term sees; with a shorter step
 * there it goes, and the objective ends lower too (256 px, 85 iterations: finest colour 4.35 -> 3.13, that of the style
 * 3.23; total .1101 -> .1090). So it does with damping (70 iterations: .1222 -> .1217, finest colour 1.07 -> .99 of the
 * style's; damped by .5 with a step 1.4 times as long .1222; the step held for a third, then falling to 0, .1224).
 */
#include "engine/schedule.h"

#include <math.h>
#include <stddef.h>

#include "features/style.h"

enum { FIRST_SIZE = 64 };

/* Iterations of a scale: `first` if it is the first one, `more` for each scale before it. */
typedef struct iterations {
    int first, more;
} iterations;

static const struct { strotss_optimizer optimizer; int style_draws; iterations last, before; } presets[] = {
    [STROTSS_DRAFT] = {STROTSS_ADAM, 2, {18, 5}, {10, 3}},
    [STROTSS_STANDARD] = {STROTSS_ADAM, 3, {42, 15}, {12, 8}},
    [STROTSS_FINE] = {STROTSS_RMSPROP, STYLE_DRAWS, {200, 0}, {200, 0}},
};

/* The long side of a scale of a run to `size`. */
static int side_of(int size, int scale)
{
    return FIRST_SIZE << scale < size ? FIRST_SIZE << scale : size;
}

strotss_options strotss_preset_options(strotss_quality quality, int size)
{
    strotss_options options = {
        .size = size, .content_weight = 0.5f, .optimizer = presets[quality].optimizer,
        .style_draws = presets[quality].style_draws,
        .factor_content = 1, .factor_remd = 1, .factor_moment = 1, .factor_palette = 1,
    };
    for (int s = 0; s < STROTSS_MAX_SCALES; s++) {
        const iterations *of = side_of(size, s) < size ? &presets[quality].before : &presets[quality].last;
        options.iterations[s] = of->first + s * of->more;
    }
    return options;
}

int schedule_sizes(int sizes[STROTSS_MAX_SCALES], int size)
{
    int count = 0;
    do
        sizes[count] = side_of(size, count);
    while (sizes[count++] < size);
    return count;
}

float schedule_alpha(const strotss_options *options, int scale)
{
    return ldexpf(16.0f * options->content_weight, -scale);
}

float schedule_step(const strotss_options *options, int scale, int scales, int iteration)
{
    if (options->optimizer == STROTSS_RMSPROP) {
        const float base = options->step > 0 ? options->step : 2e-3f;
        return scale == scales - 1 ? base / 2 : base;
    }
    const float base = options->step > 0 ? options->step : 2e-2f * sqrtf(128.0f / (float)side_of(options->size, scale));
    const float turn = 3.14159265f * (float)iteration / (float)options->iterations[scale];
    return base * (0.05f + 0.95f * 0.5f * (1.0f + cosf(turn)));
}

float schedule_band(const strotss_options *options, int scale, int level)
{
    if (options->optimizer == STROTSS_RMSPROP)
        return 1;
    const float side = (float)side_of(options->size, scale);
    const float band = level == 0 ? 128 / side : level == 1 ? sqrtf(256 / side) : 1;
    return fminf(band, 1);
}

static int in_range(float value, float low, float high)
{
    return value >= low && value <= high; /* false for NaN */
}

const char *schedule_check(const strotss_options *options)
{
    if (options->size < STROTSS_MIN_SIZE || options->size > STROTSS_MAX_SIZE)
        return "size must be from 64 to 1024";
    if (!in_range(options->content_weight, 0, 16))
        return "content weight must be from 0 to 16";
    int sizes[STROTSS_MAX_SCALES];
    const int scales = schedule_sizes(sizes, options->size);
    for (int s = 0; s < scales; s++)
        if (options->iterations[s] < 1 || options->iterations[s] > STROTSS_MAX_ITERATIONS)
            return "iterations must be from 1 to 2000";
    if (options->optimizer != STROTSS_RMSPROP && options->optimizer != STROTSS_ADAM)
        return "the optimizer must be RMSprop or Adam";
    if (options->style_draws < 1 || options->style_draws > STYLE_DRAWS)
        return "style draws must be from 1 to 5";
    if (!in_range(options->step, 0, 1))
        return "the step must be from 0 to 1";
    if (!in_range(options->factor_content, 0, 1000) || !in_range(options->factor_remd, 0, 1000) ||
        !in_range(options->factor_moment, 0, 1000) || !in_range(options->factor_palette, 0, 1000))
        return "loss factors must be from 0 to 1000";
    if ((unsigned)options->transport > STROTSS_SINKHORN)
        return "the transport must be REMD or Sinkhorn";
    if ((unsigned)options->similarity > STROTSS_EUCLIDEAN)
        return "the self-similarity must be cosine, centred or Euclidean";
    if ((unsigned)options->content_across_regions > 1)
        return "content across regions must be 0 or 1";
    return NULL;
}
