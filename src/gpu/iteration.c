/* SPDX-License-Identifier: MIT
 *
 * See gpu.h: what an iteration writes for the device, and what comes back. The same positions, factors and steps as on
 * the CPU (run_scale.c, objective.c, run.c).
 */
#include "gpu/scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/schedule.h"
#include "losses/terms.h"

/* ---- there ------------------------------------------------------------------------------------------------------- */

static uint32_t *words_at(const gpu_scale *s, gpu_range part)
{
    return s->words + part.offset / sizeof(uint32_t);
}

/* Of the term called `name`, with its factor: what it counts in the total for a sample of weight 1. */
static float factor_of(const gpu_scale *s, const char *name, float alpha)
{
    for (int t = 0; t < loss_term_count(); t++) {
        const loss_term *term = loss_term_at(t);
        if (strcmp(term->name, name))
            continue;
        const loss_weight weight = term->weight ? term->weight(alpha) : (loss_weight){1, 1};
        return 1 / (alpha + 2) / weight.over * weight.times * s->run->options.factor[t];
    }
    return 0;
}

static float alpha_of(const gpu_scale *s)
{
    return schedule_alpha(&s->run->options, s->run->progress.scale);
}

static float weight_of(const gpu_scale *s, int i)
{
    return i < s->run->pair_count ? s->run->pairs[i].weight : 1;
}

static void write_blocks(gpu_scale *s)
{
    static const double dimensions = STROTSS_HYPERCOLUMN;
    const float alpha = alpha_of(s);
    for (int i = 0; i < s->sample_count; i++) {
        const int n = s->sample[i].of->n, counted = n > 0 ? n : 1;
        const float weight = n > 0 ? weight_of(s, i) : 0, moment = weight * factor_of(s, "moment", alpha);
        uint32_t *block = words_at(s, s->sample[i].block);
        block[GPU_N] = (uint32_t)n;
        block[GPU_CONTENT_FACTOR] = gpu_bits(weight * factor_of(s, "content", alpha));
        block[GPU_TRANSPORT_FACTOR] = gpu_bits(weight * factor_of(s, "remd", alpha));
        block[GPU_MEAN_SLOPE] = gpu_bits(s->sample[i].style ? (float)(moment / (counted * dimensions)) : 0);
        block[GPU_COVARIANCE_SLOPE] = gpu_bits((float)(2 * moment / (counted * dimensions * dimensions)));
        block[GPU_PALETTE_FACTOR] = gpu_bits(weight * factor_of(s, "palette", alpha));
        block[GPU_WEIGHT] = gpu_bits(weight);
    }
}

/* rmsprop.wgsl and adam.wgsl have what they mean. */
static void write_steps(gpu_scale *s, int iteration)
{
    const strotss_options *o = &s->run->options;
    const int scale = s->run->progress.scale, adam = o->optimizer == STROTSS_ADAM, t = iteration + 1;
    const float step = schedule_step(o, scale, s->run->scales, iteration);
    uint32_t *steps = words_at(s, s->steps);
    for (int level = 0; level < PYRAMID_LEVELS; level++) {
        const float own = step * schedule_band(o, scale, level);
        steps[level] = gpu_bits(adam ? (float)(own / (1 - pow(0.7, t))) : own);
    }
    steps[PYRAMID_LEVELS] = gpu_bits((float)sqrt(1 - pow(0.9, t)));
    steps[PYRAMID_LEVELS + 1] = gpu_bits(SCHEDULE_DAMPING * SCHEDULE_DAMPING);
}

static void write_positions(gpu_scale *s)
{
    uint32_t *at = words_at(s, s->at), *index = words_at(s, s->index);
    memset(at, 0xff, s->at.bytes); /* GPU_NOWHERE */
    memset(index, 0xff, s->index.bytes);
    for (int i = 0; i < s->sample_count; i++) {
        const gpu_sample *sample = &s->sample[i];
        const size_t n = (size_t)sample->of->n;
        memcpy(at + 2 * sample->first, sample->of->at, n * sizeof(position));
        memcpy(index + sample->first, sample->of->index, n * sizeof(uint32_t));
    }
}

/* By pixel, then in the order of the rows. */
static int compare(const void *a, const void *b)
{
    const gpu_entry *left = a, *right = b;
    if (left->pixel != right->pixel)
        return left->pixel < right->pixel ? -1 : 1;
    if (left->row != right->row)
        return left->row < right->row ? -1 : 1;
    return (left->share > right->share) - (left->share < right->share);
}

/* Which rows looked at each pixel of level k's map (scatter.wgsl). */
static void write_list(gpu_scale *s, int k)
{
    const int height = s->height >> k, width = s->width >> k;
    const size_t room = s->list_room[k];
    uint32_t *list = words_at(s, s->lists[k]), *pixels = list + 1, *starts = pixels + room;
    uint32_t *rows = starts + room + 1, *shares = rows + s->sample_rows;
    size_t count = 0, entries = 0;
    for (int i = 0; height && width && i < s->sample_count; i++)
        for (int j = 0; j < s->sample[i].of->n; j++) {
            int32_t tap[4];
            float weight[4];
            hypercolumn_taps(tap, weight, s->sample[i].of->at[j], k, height, width);
            for (int t = 0; t < 4; t++)
                if (weight[t] != 0)
                    s->order[count++] =
                        (gpu_entry){(uint32_t)tap[t], (uint32_t)(s->sample[i].first + (size_t)j), weight[t]};
        }
    qsort(s->order, count, sizeof *s->order, compare);
    for (size_t e = 0; e < count; e++) {
        if (e == 0 || s->order[e].pixel != s->order[e - 1].pixel) {
            pixels[entries] = s->order[e].pixel;
            starts[entries++] = (uint32_t)e;
        }
        rows[e] = s->order[e].row;
        shares[e] = gpu_bits(s->order[e].share);
    }
    starts[entries] = (uint32_t)count;
    list[0] = (uint32_t)entries;
}

static void write_candidates(gpu_scale *s)
{
    const content *c = &s->run->scale.content;
    memset(s->candidates, 0xff, 2 * s->candidate_room * sizeof *s->candidates);
    memcpy(s->candidates, c->at, (size_t)c->count * sizeof(position));
}

int gpu_iteration(gpu_scale *s, int iteration)
{
    const int anew = run_scale_candidates(s->run, iteration);
    if (anew)
        write_candidates(s);
    run_scale_positions(s->run, iteration);
    write_steps(s, iteration);
    write_blocks(s);
    write_positions(s);
    for (int k = 0; k < VGG16_LEVELS; k++)
        write_list(s, k);
    return anew;
}

const void *gpu_iteration_words(const gpu_scale *s)
{
    return s->words;
}

const void *gpu_candidates(const gpu_scale *s)
{
    return s->candidates;
}

/* ---- and back ---------------------------------------------------------------------------------------------------- */

static void add_value(strotss_terms *terms, const char *name, double value)
{
    for (int v = 0; v < strotss_value_count(); v++)
        if (!strcmp(strotss_value_name(v), name))
            terms->value[v] += value;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* One sample's terms, in a total of its weight. */
static void add_sample(strotss_terms *terms, const gpu_scale *s, const gpu_sample *sample, uint32_t n, double weight,
                       const float *sums)
{
    static const double d = STROTSS_HYPERCOLUMN;
    const float alpha = alpha_of(s);
    const double content = (double)sums[GPU_CONTENT_SUM] / n;
    const double to_style = sums[GPU_X_TO_STYLE], to_x = sums[GPU_STYLE_TO_X], transport = larger(to_style, to_x);
    const double mean = sums[GPU_MEAN_SUM] / d, covariance = sums[GPU_COVARIANCE_SUM] / (d * d);
    const double palette = larger(sums[GPU_PALETTE_X], sums[GPU_PALETTE_STYLE]);
    if (sample->with_content) {
        add_value(terms, "content", weight * content);
        terms->total += weight * factor_of(s, "content", alpha) * content;
    }
    if (!sample->style)
        return;
    add_value(terms, "remd", weight * transport);
    add_value(terms, "remd_x_to_style", weight * to_style);
    add_value(terms, "remd_style_to_x", weight * to_x);
    add_value(terms, "moment", weight * (mean + covariance));
    add_value(terms, "moment_mean", weight * mean);
    add_value(terms, "moment_cov", weight * covariance);
    add_value(terms, "palette", weight * palette);
    terms->total += weight * (factor_of(s, "remd", alpha) * transport +
                              factor_of(s, "moment", alpha) * (mean + covariance) +
                              factor_of(s, "palette", alpha) * palette);
}

strotss_status gpu_terms(strotss_terms *terms, gpu_scale *s, const void *blocks, const void *results, int iteration)
{
    uint32_t not_finite;
    *terms = (strotss_terms){0};
    memcpy(&not_finite, results, sizeof not_finite);
    for (int i = 0; i < s->sample_count; i++) {
        uint32_t block[GPU_BLOCK];
        float sums[GPU_TERMS], weight;
        memcpy(block, (const uint32_t *)blocks + i * GPU_BLOCK, sizeof block);
        memcpy(sums, (const float *)results + GPU_RESULTS + i * GPU_TERMS, sizeof sums);
        memcpy(&weight, &block[GPU_WEIGHT], sizeof weight);
        if (block[GPU_N])
            add_sample(terms, s, &s->sample[i], block[GPU_N], weight, sums);
    }
    if (!not_finite && isfinite(terms->total))
        return STROTSS_OK;
    return run_not_finite(s->run, iteration);
}

void gpu_state(gpu_scale *s, int iterations, const strotss_terms *terms, const void *pyramid, const void *mean,
               const void *square)
{
    strotss_run *run = s->run;
    const size_t bytes = sizeof(float) * run->coefficients;
    memcpy(run->pyramid, pyramid, bytes);
    memcpy(run->mean, mean, bytes);
    memcpy(run->square, square, bytes);
    pyramid_fold(run->image, run->pyramid, s->height, s->width, run->scale.pyramid_scratch);
    run_iterated(run, iterations, terms);
}
