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

#include "engine/options.h"
#include "features/style.h"

enum { FIRST_SIZE = 64 };

/* Iterations of a scale: `first` if it is the first one, `more` for each scale before it. */
typedef struct iterations {
    int first, more;
} iterations;

static const struct { strotss_optimizer optimizer; int style_draws; iterations last, before; } presets[] = {
    [STROTSS_DRAFT] = {STROTSS_ADAM, 2, {18, 5}, {10, 3}},
    [STROTSS_STANDARD] = {STROTSS_ADAM, 3, {48, 20}, {12, 8}},
    [STROTSS_FINE] = {STROTSS_RMSPROP, STYLE_DRAWS, {200, 0}, {200, 0}},
};

/* The long side of a scale of a run to `size`. */
static int side_of(int size, int scale)
{
    return FIRST_SIZE << scale < size ? FIRST_SIZE << scale : size;
}

strotss_options strotss_preset_options(strotss_quality quality, int size)
{
    strotss_options options;
    options_defaults(&options);
    options.size = size;
    options.optimizer = presets[quality].optimizer;
    options.style_draws = presets[quality].style_draws;
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
