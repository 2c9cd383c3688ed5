/* SPDX-License-Identifier: MIT
 *
 * See gpu.h: planning a scale. What each iteration writes lies in one buffer, its parts one behind the other.
 */
#include "gpu/scale.h"

#include <stdlib.h>
#include <string.h>

#define KERNEL_FILE(id, file, constants) file,
#define KERNEL_CONSTANTS(id, file, constants) constants,
static const char *const files[] = {GPU_KERNELS(KERNEL_FILE)}, *const constants[] = {GPU_KERNELS(KERNEL_CONSTANTS)};

enum { KEPT_PAIRS = KEPT_COVARIANCES, STEPS = 64 /* words */ };

const char *gpu_kernel_file(int kernel)
{
    return kernel >= 0 && kernel < GPU_KERNEL_COUNT ? files[kernel] : NULL;
}

const char *gpu_kernel_constants(int kernel)
{
    return kernel >= 0 && kernel < GPU_KERNEL_COUNT ? constants[kernel] : NULL;
}

const char *gpu_refusal(const strotss_options *options, int pairs)
{
    if (options->transport != STROTSS_REMD)
        return "does not do entropic transport";
    if (options->similarity != STROTSS_COSINE)
        return "compares columns by cosine distance only";
    return pairs > KEPT_PAIRS ? "does not do so many pairs of regions" : NULL;
}

uint32_t *gpu_own(gpu_scale *s, size_t words)
{
    gpu_owned *owned = malloc(sizeof *owned + words * sizeof *owned->words);
    if (!owned) {
        s->plan.failed = 1;
        return NULL;
    }
    owned->next = s->owned;
    s->owned = owned;
    return owned->words;
}

/* ---- the run's samples ------------------------------------------------------------------------------------------- */

/* No more than pixels, but for a tiny region's repeated ones (run_scale_candidates). */
static int most_positions(const gpu_scale *s, int budget)
{
    const int pixels = s->height * s->width, most = pixels > POSITIONS_REGION_FLOOR ? pixels : POSITIONS_REGION_FLOOR;
    return budget < most ? budget : most;
}

static int list_samples(gpu_scale *s)
{
    strotss_run *run = s->run;
    const int across = run_content_is_across(run);
    s->sample_count = run->pair_count + across;
    s->sample = calloc((size_t)s->sample_count, sizeof *s->sample);
    if (!s->sample)
        return 0;
    for (int i = 0; i < s->sample_count; i++) {
        const run_pair *pair = i < run->pair_count ? &run->pairs[i] : NULL;
        gpu_sample *sample = &s->sample[i];
        sample->of = pair ? &pair->sample : &run->whole;
        sample->style = pair && pair->style.draws ? &pair->style : NULL;
        sample->with_content = pair ? sample->style && !across : 1;
        sample->first = s->rows;
        const int budget = pair ? pair->budget : POSITIONS_PER_ITERATION;
        sample->rows = gpu_round((size_t)most_positions(s, budget), GPU_TILE_ROWS);
        s->rows += sample->rows;
    }
    s->sample_rows = 4 * s->rows;
    return 1;
}

/* The next part of the iteration's words. */
static gpu_range next_part(gpu_scale *s, size_t *at, size_t words)
{
    const gpu_range part = gpu_part(s->iteration, *at * sizeof(uint32_t), words * sizeof(uint32_t));
    *at += gpu_round(words, GPU_ALIGN / sizeof(uint32_t));
    return part;
}

/* Twice: with no buffer yet, to count the words. */
static size_t lay_out_iteration(gpu_scale *s)
{
    const size_t block = GPU_BLOCK * sizeof(uint32_t);
    size_t at = 0;
    s->steps = next_part(s, &at, STEPS);
    s->blocks = next_part(s, &at, (size_t)s->sample_count * GPU_BLOCK);
    for (int i = 0; i < s->sample_count; i++)
        s->sample[i].block = gpu_part(s->blocks, (size_t)i * block, block);
    s->at = next_part(s, &at, 2 * s->rows);
    s->index = next_part(s, &at, s->rows);
    for (int k = 0; k < VGG16_LEVELS; k++) {
        const size_t pixels = (size_t)(s->height >> k) * (size_t)(s->width >> k);
        s->list_room[k] = pixels < s->sample_rows ? pixels : s->sample_rows;
        s->lists[k] = next_part(s, &at, 2 + 2 * s->list_room[k] + 2 * s->sample_rows);
    }
    return at;
}

static int take_iteration(gpu_scale *s)
{
    const size_t words = lay_out_iteration(s);
    s->words = calloc(words, sizeof *s->words);
    s->iteration = gpu_take(&s->plan, words * sizeof(uint32_t));
    lay_out_iteration(s);
    s->order = calloc(s->sample_rows, sizeof(gpu_entry));
    s->candidate_room = (size_t)positions_candidates_room(s->height, s->width, s->run->pair_count);
    s->candidates = calloc(s->candidate_room, 2 * sizeof *s->candidates);
    return s->words && s->order && s->candidates;
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

static void take_buffers(gpu_scale *s)
{
    gpu_plan *plan = &s->plan;
    strotss_run *run = s->run;
    const size_t image = sizeof(float) * 3 * (size_t)s->height * (size_t)s->width;
    const size_t coefficients = sizeof(float) * run->coefficients, wide = GPU_STRIDE * sizeof(float);
    gpu_plan_network_buffers(s);
    s->results = gpu_take(plan, (GPU_RESULTS + (size_t)s->sample_count * GPU_TERMS) * sizeof(float));
    s->flag = gpu_part(s->results, 0, sizeof(uint32_t));
    s->pyramid = gpu_take(plan, coefficients);
    s->mean = gpu_take(plan, coefficients);
    s->square = gpu_take(plan, coefficients);
    s->dpyramid = gpu_take(plan, coefficients);
    s->dimage = gpu_part(s->dpyramid, 0, image);
    s->x = gpu_take(plan, s->rows * wide);
    s->dx = gpu_take(plan, s->rows * wide);
    s->content_at = gpu_take(plan, s->candidate_room * sizeof(position));
    for (size_t i = 0; i < s->shelves; i++)
        s->shelf[i] = gpu_take(plan, (i + 1 < s->shelves ? GPU_SHELF : s->candidate_room - i * GPU_SHELF) * wide);
    gpu_upload(plan, s->image, run->image, image);
    gpu_upload(plan, s->content_image, run->inputs[run->progress.scale].content, image);
    gpu_upload(plan, s->pyramid, run->pyramid, coefficients);
    gpu_upload(plan, s->mean, run->mean, coefficients);
    gpu_upload(plan, s->square, run->square, coefficients);
}

static void plan_content(gpu_scale *s, gpu_columns *columns)
{
    for (size_t i = 0; i < s->shelves; i++) {
        const size_t rows = s->shelf[i].bytes / (GPU_STRIDE * sizeof(float));
        columns[i] = (gpu_columns){gpu_part(s->content_at, i * GPU_SHELF * sizeof(position), rows * sizeof(position)),
                                   s->shelf[i], rows};
    }
    s->plan.current = GPU_CONTENT;
    gpu_plan_forward(s, s->content_image, columns, s->shelves);
}

static void plan_scale(gpu_scale *s, gpu_columns *columns)
{
    take_buffers(s);
    plan_content(s, columns);
    s->plan.current = GPU_ITERATE;
    gpu_plan_forward(s, s->image, &(gpu_columns){s->at, s->x, s->rows}, 1);
    gpu_plan_objective(s);
    gpu_plan_backward(s);
    gpu_plan_update(s);
}

static strotss_status create(gpu_scale *s)
{
    strotss_engine *engine = s->run->engine;
    gpu_plan_begin(&s->plan);
    if (!list_samples(s) || !take_iteration(s))
        return engine_fail(engine, STROTSS_OUT_OF_MEMORY, "no memory for the graphics card's plan");
    s->shelves = (s->candidate_room + GPU_SHELF - 1) / GPU_SHELF;
    s->shelf = calloc(s->shelves, sizeof *s->shelf);
    gpu_columns *columns = calloc(s->shelves, sizeof *columns);
    if (s->shelf && columns)
        plan_scale(s, columns);
    const int made = s->shelf && columns && !s->plan.failed;
    free(columns);
    s->written = made ? gpu_plan_write(&s->written_words, &s->plan) : NULL;
    if (!s->written)
        return engine_fail(engine, STROTSS_OUT_OF_MEMORY, "no memory for the graphics card's plan");
    if (s->plan.largest > s->limits.buffer_bytes || s->plan.largest_range > s->limits.binding_bytes)
        return engine_fail(engine, STROTSS_OUT_OF_MEMORY,
                           "the graphics card allows buffers of %.0f MB and %.0f MB of them at a time; this size takes "
                           "%.0f and %.0f", s->limits.buffer_bytes / 1e6, s->limits.binding_bytes / 1e6,
                           s->plan.largest / 1e6, s->plan.largest_range / 1e6);
    return STROTSS_OK;
}

strotss_status gpu_scale_create(gpu_scale **out, strotss_run *run, double binding_bytes, double buffer_bytes,
                                double millions)
{
    if (run->point_count)
        return engine_fail(run->engine, STROTSS_BAD_ARGUMENT, "the graphics card does not do points");
    gpu_scale *s = calloc(1, sizeof *s);
    if (!s)
        return engine_fail(run->engine, STROTSS_OUT_OF_MEMORY, "no memory for the graphics card's plan");
    s->run = run;
    s->limits = (gpu_limits){binding_bytes, buffer_bytes, millions};
    s->height = run->progress.height;
    s->width = run->progress.width;
    run->scale.content.draw = -1; /* the candidates are drawn for the device */
    const strotss_status status = create(s);
    if (status == STROTSS_OK)
        *out = s;
    else
        gpu_scale_destroy(s);
    return status;
}

/* The CPU has none of the content's columns: a run that goes on there begins with them. */
void gpu_scale_destroy(gpu_scale *s)
{
    if (!s)
        return;
    s->run->scale.content.draw = -1;
    if (s->run->progress.phase == STROTSS_ITERATE)
        s->run->progress.phase = STROTSS_CONTENT;
    for (gpu_owned *owned = s->owned, *next; owned; owned = next) {
        next = owned->next;
        free(owned);
    }
    gpu_plan_free(&s->plan);
    free(s->written);
    free(s->sample);
    free(s->words);
    free(s->order);
    free(s->candidates);
    free(s->shelf);
    free(s);
}

const uint32_t *gpu_scale_plan(const gpu_scale *s, size_t *words)
{
    *words = s->written_words;
    return s->written;
}

double gpu_scale_bytes(const gpu_scale *s)
{
    return s->plan.bytes;
}

void gpu_scale_places(const gpu_scale *s, uint32_t places[3 * GPU_PLACES])
{
    const gpu_range ranges[GPU_PLACES] = {s->iteration, s->content_at, s->blocks, s->results,
                                          s->pyramid, s->mean, s->square, s->image};
    for (int i = 0; i < GPU_PLACES; i++) {
        places[3 * i] = ranges[i].buffer;
        places[3 * i + 1] = ranges[i].offset;
        places[3 * i + 2] = ranges[i].bytes;
    }
}
