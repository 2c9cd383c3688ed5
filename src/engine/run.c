/* SPDX-License-Identifier: MIT
 *
 * A run as a state machine (strotss.h): plan and take memory, walk the scales from coarse to fine
 * (the paper's Implementation Details), one bounded piece of work a step. The picture is always the folded pyramid of
 * the current scale.
 */
#include "engine/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/optimizer.h"
#include "engine/options.h"
#include "picture/pyramid.h"
#include "picture/resize.h"
#include "engine/schedule.h"

/* ---- planning ------------------------------------------------------------------------------- */

typedef struct run_plan {
    strotss_run *run;
    strotss_sizes of;
    int labelled;
    size_t resize_floats; /* scratch that run_inputs_fill takes from where the scales will lie; found by run_layout */
} run_plan;

static void inputs_layout(run_inputs *in, arena *arena, int labelled)
{
    const size_t pixels = (size_t)in->height * in->width, style_pixels = (size_t)in->style_height * in->style_width;
    in->content = arena_take(arena, pixels, 3 * sizeof(float));
    in->style = arena_take(arena, style_pixels, 3 * sizeof(float));
    in->style_alpha = arena_take(arena, style_pixels, sizeof(float));
    in->alpha = arena_take(arena, pixels, 1);
    in->content_labels = labelled ? arena_take(arena, pixels, 1) : NULL;
    in->style_labels = labelled ? arena_take(arena, style_pixels, 1) : NULL;
}

/* The whole block of a run_plan. */
static void run_layout(void *context, arena *arena)
{
    run_plan *plan = context;
    const strotss_sizes *of = &plan->of;
    strotss_run *run = plan->run;
    int sides[STROTSS_MAX_SCALES];
    run->scales = schedule_sizes(sides, run->options.size);
    plan->resize_floats = 0;
    for (int s = 0; s < run->scales; s++) {
        run_inputs *in = &run->inputs[s];
        resize_fit(&in->height, &in->width, of->content_height, of->content_width, sides[s]);
        resize_fit(&in->style_height, &in->style_width, of->style_height, of->style_width, sides[s]);
        inputs_layout(in, arena, plan->labelled);
        const size_t content =
            resize_scratch_floats(in->height, in->width, of->content_height, of->content_width);
        const size_t style =
            resize_scratch_floats(in->style_height, in->style_width, of->style_height, of->style_width);
        plan->resize_floats = arena_larger(plan->resize_floats, arena_larger(content, style));
    }
    const run_inputs *last = &run->inputs[run->scales - 1];
    if (of->init_width)
        plan->resize_floats = arena_larger(plan->resize_floats, resize_scratch_floats(last->height, last->width,
                                                                                      of->init_height, of->init_width));
    const size_t coefficients = pyramid_floats(last->height, last->width);
    const size_t image_floats = (size_t)last->height * last->width * 3;
    run->pyramid = arena_take(arena, coefficients, sizeof(float));
    run->mean = arena_take(arena, coefficients, sizeof(float));
    run->square = arena_take(arena, coefficients, sizeof(float));
    run->dpyramid = arena_take(arena, coefficients, sizeof(float));
    run->image = arena_take(arena, image_floats, sizeof(float));
    run->dimage = arena_take(arena, image_floats, sizeof(float));
    run->previous = arena_take(arena, image_floats, sizeof(float));

    run->scale_mark = arena_mark(arena);
    arena_take(arena, plan->resize_floats, sizeof(float));
    arena_reset(arena, run->scale_mark);
    for (int s = 0; s < run->scales; s++) {
        run_scale_layout(run, arena, s);
        arena_reset(arena, run->scale_mark);
    }
}

/* Style positions a draw for a pair with `budget` output positions: all 1000 from half the budget on, so that many
 * pairs stay affordable. */
static int style_draw(int budget)
{
    const int draw = budget * 2 * STYLE_DRAW_SIZE / POSITIONS_PER_ITERATION;
    return draw > STYLE_DRAW_SIZE ? STYLE_DRAW_SIZE : draw < 200 ? 200 : draw;
}

static void set_budgets(strotss_run *run, const int *budget)
{
    for (int p = 0; p < run->pair_count; p++) {
        run->pairs[p].budget = budget[p];
        run->pairs[p].style_draw = style_draw(budget[p]);
    }
}

strotss_status strotss_estimate(size_t *bytes, const strotss_options *options, const strotss_sizes *sizes)
{
    char sentence[OPTIONS_SENTENCE];
    if (!bytes || !options || !sizes || !options_check(sentence, options) ||
        sizes->pairs < 1 || sizes->pairs > STROTSS_MAX_REGIONS + 1 ||
        sizes->points < 0 || sizes->points > STROTSS_MAX_POINTS ||
        sizes->threads < 1 || sizes->threads > STROTSS_MAX_THREADS ||
        !engine_takes_size(sizes->content_width, sizes->content_height) ||
        !engine_takes_size(sizes->style_width, sizes->style_height) ||
        ((sizes->init_width || sizes->init_height) && !engine_takes_size(sizes->init_width, sizes->init_height)))
        return STROTSS_BAD_ARGUMENT;
    strotss_run run = {.options = *options, .workers = sizes->threads, .pair_count = sizes->pairs,
                       .point_count = sizes->points};
    run.pairs = calloc((size_t)run.pair_count, sizeof *run.pairs);
    if (!run.pairs)
        return STROTSS_OUT_OF_MEMORY;
    /* How their areas divide is not known here. None divides so as to need more than this: one pair with all positions,
     * one with half of them (from there on a draw has all its style positions), the others with the fewest. */
    int budget[STROTSS_MAX_REGIONS + 1] = {POSITIONS_PER_ITERATION, POSITIONS_PER_ITERATION / 2};
    for (int p = 2; p < run.pair_count; p++)
        budget[p] = POSITIONS_REGION_FLOOR;
    set_budgets(&run, budget);
    arena plan = {0};
    run_layout(&(run_plan){.run = &run, .of = *sizes, .labelled = run.pair_count > 1}, &plan);
    free(run.pairs);
    if (arena_too_large(&plan))
        return STROTSS_OUT_OF_MEMORY;
    *bytes = plan.high;
    return STROTSS_OK;
}

/* ---- scales ------------------------------------------------------------------------------------- */

void run_enter_scale(strotss_run *run, int scale)
{
    const run_inputs *in = &run->inputs[scale];
    arena_reset(&run->arena, run->scale_mark);
    run_scale_layout(run, &run->arena, scale);
    run->coefficients = pyramid_floats(in->height, in->width);
    run->progress.phase = STROTSS_STYLE;
    run->progress.scale = scale;
    run->progress.width = in->width;
    run->progress.height = in->height;
    run->progress.iteration = 0;
    run->progress.iterations = run->options.iterations[scale];
}

/* The pyramid of run->dimage, with fresh optimizer moments. */
static void start_pyramid(strotss_run *run)
{
    const run_inputs *in = &run->inputs[run->progress.scale];
    float *scratch = run->scale.pyramid_scratch;
    pyramid_split(run->pyramid, run->dimage, in->height, in->width);
    memset(run->mean, 0, sizeof(float) * run->coefficients);
    memset(run->square, 0, sizeof(float) * run->coefficients);
    pyramid_fold(run->image, run->pyramid, in->height, in->width, scratch);
}

/* The content's finest Laplacian band plus the mean colour of what is seen of the style. */
static void first_picture(strotss_run *run)
{
    const run_inputs *in = &run->inputs[0];
    const size_t pixels = (size_t)in->height * in->width, style_pixels = (size_t)in->style_height * in->style_width;
    int32_t *seen = run->scale.pick_scratch;
    const int seen_pixels = positions_seen(seen, style_pixels, in->style_alpha, NULL, NULL);
    double mean[3] = {0};
    for (int i = 0; i < seen_pixels; i++)
        for (int c = 0; c < 3; c++)
            mean[c] += in->style[3 * (size_t)seen[i] + c];
    pyramid_finest_band(run->dimage, in->content, in->height, in->width, run->scale.pyramid_scratch);
    for (size_t p = 0; p < pixels; p++)
        for (int c = 0; c < 3; c++)
            run->dimage[3 * p + c] += (float)(mean[c] / seen_pixels);
    start_pyramid(run);
}

/* The finished picture that is there already. */
static void take_up_previous(strotss_run *run)
{
    memcpy(run->dimage, run->previous, sizeof(float) * 3 * (size_t)run->progress.height * run->progress.width);
    start_pyramid(run);
}

/* Bilinear upsampling of the last scale's result plus the content's finest band at the new size. */
static void next_picture(strotss_run *run, int height, int width)
{
    const run_inputs *in = &run->inputs[run->progress.scale];
    pyramid_finest_band(run->dimage, in->content, in->height, in->width, run->scale.pyramid_scratch);
    resize_bilinear(run->dimage, in->height, in->width, run->previous, height, width, 3, 1);
    start_pyramid(run);
}

/* ---- create and destroy ----------------------------------------------------------------------- */

static strotss_status make_pairs(strotss_run *run, const strotss_regions *regions)
{
    region_pair *found = malloc(sizeof *found * (STROTSS_MAX_REGIONS + 1));
    if (!found)
        return engine_fail(run->engine, STROTSS_OUT_OF_MEMORY, "no memory for the regions");
    const char *why = NULL;
    run->pair_count = regions_pair(found, &why, regions);
    if (run->pair_count == 0) {
        free(found);
        return engine_fail(run->engine, STROTSS_BAD_REGIONS, "regions: %s", why);
    }
    run->pairs = calloc((size_t)run->pair_count, sizeof *run->pairs);
    if (run->pairs) {
        int budget[STROTSS_MAX_REGIONS + 1];
        regions_budget(budget, found, run->pair_count, POSITIONS_PER_ITERATION);
        for (int p = 0; p < run->pair_count; p++)
            run->pairs[p].region = found[p];
        set_budgets(run, budget);
    }
    free(found);
    return run->pairs ? STROTSS_OK : engine_fail(run->engine, STROTSS_OUT_OF_MEMORY, "no memory for the regions");
}

/* Of checked inputs; the regions' style labels are of what is seen. */
static strotss_status create(strotss_run **out, strotss_engine *engine, const strotss_options *options,
                             const strotss_inputs *inputs)
{
    const strotss_image *content = inputs->content, *style = inputs->style, *init = inputs->init;
    strotss_run *run = calloc(1, sizeof *run);
    if (!run)
        return engine_fail(engine, STROTSS_OUT_OF_MEMORY, "no memory for a run");
    run->engine = engine;
    run->workers = threads_count(engine->threads);
    run->options = *options;
    strotss_status status = make_pairs(run, inputs->regions);
    if (status != STROTSS_OK)
        goto failed;

    run_inputs_points(run, inputs);
    run_plan plan = {.run = run, .labelled = inputs->regions != NULL,
                     .of = {content->width, content->height, style->width, style->height, run->pair_count,
                            run->point_count, init ? init->width : 0, init ? init->height : 0, run->workers}};
    status = block_take(&run->arena, engine, "this run", run->pair_count > 1
                        ? "; choose a smaller size or fewer regions" : "; choose a smaller size", run_layout, &plan);
    if (status != STROTSS_OK)
        goto failed;
    run_inputs_fill(run, plan.resize_floats, inputs);
    run->digest = run_inputs_digest(engine, options, inputs);
    run->progress.scales = run->scales;
    run_enter_scale(run, init ? run->scales - 1 : 0);
    if (init)
        take_up_previous(run);
    else
        first_picture(run);
    *out = run;
    return STROTSS_OK;
failed:
    strotss_run_destroy(run);
    return status;
}

strotss_status strotss_run_create(strotss_run **out, strotss_engine *engine, const strotss_options *options,
                                  const strotss_inputs *inputs)
{
    strotss_status status = engine_check_result(engine, out);
    if (status == STROTSS_OK)
        status = run_inputs_check(engine, options, inputs);
    if (status != STROTSS_OK)
        return status;
    const strotss_regions *regions = inputs->regions;
    if (!regions)
        return create(out, engine, options, inputs);
    uint8_t *labels = malloc((size_t)regions->style_height * regions->style_width);
    if (!labels)
        return engine_fail(engine, STROTSS_OUT_OF_MEMORY, "no memory for the regions");
    regions_seen(labels, regions, inputs->style);
    strotss_regions seen_regions = *regions;
    seen_regions.style_labels = labels;
    strotss_inputs seen = *inputs;
    seen.regions = &seen_regions;
    status = create(out, engine, options, &seen);
    free(labels);
    return status;
}

void strotss_run_destroy(strotss_run *run)
{
    if (!run)
        return;
    block_free(run->arena.base);
    free(run->pairs);
    free(run);
}

size_t strotss_run_bytes(const strotss_run *run)
{
    return run->arena.size;
}

/* ---- stepping ------------------------------------------------------------------------------------- */

static int all_finite(const float *values, size_t count)
{
    /* x * 0 is 0 for every finite x and NaN for the others: one sum instead of a branch a number. */
    float sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i] * 0.0f;
    return sum == 0.0f;
}

/* One step of the optimizer, level by level, since each band has its own. */
static void update_pyramid(strotss_run *run)
{
    const strotss_progress *p = &run->progress;
    const strotss_options *options = &run->options;
    const float step = schedule_step(options, p->scale, run->scales, p->iteration);
    size_t at = 0;
    for (int level = 0; level < PYRAMID_LEVELS; level++) {
        const size_t count = pyramid_level_floats(p->height, p->width, level);
        const float own = step * schedule_band(options, p->scale, level);
        if (options->optimizer == STROTSS_ADAM)
            adam_step(run->pyramid + at, run->mean + at, run->square + at, run->dpyramid + at, count, own,
                      SCHEDULE_DAMPING, p->iteration + 1);
        else
            rmsprop_step(run->pyramid + at, run->square + at, run->dpyramid + at, count, own);
        at += count;
    }
}

strotss_status run_not_finite(strotss_run *run, int iteration)
{
    const run_inputs *in = &run->inputs[run->progress.scale];
    run->stopped = 1;
    return engine_fail(run->engine, STROTSS_NOT_FINITE,
                       "a number was not finite at %d px, iteration %d; the run is stopped",
                       in->width > in->height ? in->width : in->height, iteration + 1);
}

void run_iterated(strotss_run *run, int iterations, const strotss_terms *terms)
{
    strotss_progress *p = &run->progress;
    p->terms = *terms;
    p->iteration = iterations;
    if (p->iteration == p->iterations)
        p->phase = p->scale == run->scales - 1 ? STROTSS_DONE : STROTSS_STYLE;
}

static strotss_status iterate(strotss_run *run)
{
    const int iteration = run->progress.iteration;
    const run_inputs *in = &run->inputs[run->progress.scale];
    strotss_terms terms;
    run_scale_content(run, iteration);
    run_scale_gradient(run, iteration, &terms);
    if (!isfinite(terms.total) || !all_finite(run->dpyramid, run->coefficients))
        return run_not_finite(run, iteration);
    update_pyramid(run);
    pyramid_fold(run->image, run->pyramid, in->height, in->width, run->scale.pyramid_scratch);
    run_iterated(run, iteration + 1, &terms);
    return STROTSS_OK;
}

static void enter_next_scale(strotss_run *run)
{
    const int height = run->progress.height, width = run->progress.width;
    memcpy(run->previous, run->image, sizeof(float) * 3 * (size_t)height * width);
    run_enter_scale(run, run->progress.scale + 1);
    next_picture(run, height, width);
}

strotss_status strotss_run_step(strotss_run *run, strotss_progress *progress)
{
    strotss_status status = STROTSS_OK;
    strotss_progress *p = &run->progress;
    if (run->stopped)
        return engine_fail(run->engine, STROTSS_NOT_FINITE, "the run is stopped: a number was not finite");
    switch (p->phase) {
    case STROTSS_STYLE:
        if (p->iteration == p->iterations)
            enter_next_scale(run);
        run_scale_style(run);
        p->phase = STROTSS_CONTENT;
        break;
    case STROTSS_CONTENT:
        run_scale_content(run, p->iteration);
        p->phase = STROTSS_ITERATE;
        break;
    case STROTSS_ITERATE:
        status = iterate(run);
        break;
    case STROTSS_DONE:
        break;
    }
    if (status == STROTSS_OK && progress)
        strotss_run_progress(run, progress);
    return status;
}

void strotss_run_progress(const strotss_run *run, strotss_progress *progress)
{
    *progress = run->progress;
}

void strotss_run_snapshot(const strotss_run *run, uint8_t *rgba)
{
    const uint8_t *alpha = run->inputs[run->progress.scale].alpha;
    const size_t pixels = (size_t)run->progress.height * run->progress.width;
    for (size_t p = 0; p < pixels; p++) {
        for (int c = 0; c < 3; c++)
            rgba[4 * p + c] = (uint8_t)lrintf(255.0f * fminf(fmaxf(run->image[3 * p + c], 0), 1));
        rgba[4 * p + 3] = alpha[p];
    }
}
