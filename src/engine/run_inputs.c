/* SPDX-License-Identifier: MIT
 *
 * What a run works on: checked, resized to every scale, and as one number that a saved state must match. Points become
 * shares of the pictures' sides, their weights shares of 1; what weighs nothing is dropped.
 */
#include "engine/run.h"

#include <math.h>

#include "base/digest.h"
#include "engine/options.h"
#include "picture/resize.h"

strotss_inputs strotss_inputs_of(const strotss_image *content, const strotss_image *style)
{
    return (strotss_inputs){.content = content, .style = style};
}

static int is_inside(int x, int y, const strotss_image *image)
{
    return x >= 0 && x < image->width && y >= 0 && y < image->height;
}

static strotss_status check_points(strotss_engine *engine, const strotss_inputs *inputs)
{
    const strotss_points *points = inputs->points;
    const strotss_image *style = inputs->style;
    if (points->count < 0 || points->count > STROTSS_MAX_POINTS || (points->count && !points->point))
        return engine_fail(engine, STROTSS_BAD_ARGUMENT, "points: there may be up to %d", STROTSS_MAX_POINTS);
    float most = 0;
    for (int i = 0; i < points->count; i++) {
        const strotss_point *p = &points->point[i];
        if (!is_inside(p->content_x, p->content_y, inputs->content) || !is_inside(p->style_x, p->style_y, style))
            return engine_fail(engine, STROTSS_BAD_ARGUMENT, "points: number %d lies outside the %s", i + 1,
                               is_inside(p->style_x, p->style_y, style) ? "content" : "style");
        if (!(p->weight >= 0 && p->weight <= 1e6f))
            return engine_fail(engine, STROTSS_BAD_ARGUMENT, "points: the weight of number %d is not from 0 to 1000000",
                               i + 1);
        if (!style->rgba[4 * ((size_t)p->style_y * style->width + p->style_x) + 3])
            return engine_fail(engine, STROTSS_BAD_ARGUMENT, "points: number %d lies where the style is transparent",
                               i + 1);
        most = fmaxf(most, p->weight);
    }
    if (points->count && most == 0)
        return engine_fail(engine, STROTSS_BAD_ARGUMENT, "points: every point's weight is 0");
    return STROTSS_OK;
}

strotss_status run_inputs_check(strotss_engine *engine, const strotss_options *options, const strotss_inputs *inputs)
{
    strotss_status status = engine_check_network(engine);
    if (status != STROTSS_OK)
        return status;
    if (!options)
        return engine_fail(engine, STROTSS_BAD_ARGUMENT, "there are no options");
    if (!inputs)
        return engine_fail(engine, STROTSS_BAD_ARGUMENT, "there are no inputs");
    char sentence[OPTIONS_SENTENCE];
    if (!options_check(sentence, options))
        return engine_fail(engine, STROTSS_BAD_ARGUMENT, "%s", sentence);
    status = engine_check_image(engine, inputs->content, "content");
    if (status == STROTSS_OK)
        status = engine_check_seen(engine, inputs->style, "style");
    const strotss_regions *regions = inputs->regions;
    if (status == STROTSS_OK && regions &&
        (!regions->content_labels || !regions->style_labels ||
         regions->content_width < 1 || regions->content_height < 1 ||
         regions->style_width < 1 || regions->style_height < 1 ||
         regions->content_width > STROTSS_MAX_SIDE || regions->content_height > STROTSS_MAX_SIDE ||
         regions->style_width > STROTSS_MAX_SIDE || regions->style_height > STROTSS_MAX_SIDE))
        return engine_fail(engine, STROTSS_BAD_REGIONS, "regions: a label map is missing or of an impossible size");
    return status == STROTSS_OK && inputs->points ? check_points(engine, inputs) : status;
}

void run_inputs_points(strotss_run *run, const strotss_inputs *inputs)
{
    const strotss_image *content = inputs->content, *style = inputs->style;
    double sum = 0;
    for (int i = 0; inputs->points && i < inputs->points->count; i++) {
        const strotss_point *p = &inputs->points->point[i];
        if (p->weight > 0)
            run->points[run->point_count++] = (run_point){
                (p->content_y + .5) / content->height, (p->content_x + .5) / content->width,
                (p->style_y + .5) / style->height, (p->style_x + .5) / style->width, p->weight};
        sum += p->weight;
    }
    for (int i = 0; i < run->point_count; i++)
        run->points[i].weight /= sum;
}

void run_inputs_fill(strotss_run *run, size_t resize_floats, const strotss_inputs *inputs)
{
    const strotss_regions *regions = inputs->regions;
    float *scratch = arena_take(&run->arena, resize_floats, sizeof(float));
    for (int s = 0; s < run->scales; s++) {
        run_inputs *in = &run->inputs[s];
        const size_t pixels = (size_t)in->height * in->width;
        float *alpha = run->dimage; /* a map of one channel fits, and nothing is there yet */
        resize_antialiased(in->content, alpha, in->height, in->width, inputs->content, scratch);
        for (size_t p = 0; p < pixels; p++)
            in->alpha[p] = (uint8_t)lrintf(255.0f * fminf(fmaxf(alpha[p], 0), 1));
        resize_antialiased(in->style, in->style_alpha, in->style_height, in->style_width, inputs->style, scratch);
        if (!regions)
            continue;
        regions_resize(in->content_labels, in->height, in->width,
                       regions->content_labels, regions->content_height, regions->content_width);
        regions_resize(in->style_labels, in->style_height, in->style_width,
                       regions->style_labels, regions->style_height, regions->style_width);
    }
}

uint64_t run_inputs_digest(const strotss_engine *engine, const strotss_options *options,
                           const strotss_inputs *inputs)
{
    uint64_t d = DIGEST_START;
    const strotss_image *content = inputs->content, *style = inputs->style;
    const strotss_regions *regions = inputs->regions;
    const int sides[4] = {content->width, content->height, style->width, style->height};
    d = digest_add(d, &engine->weights_digest, sizeof engine->weights_digest);
    const uint64_t chosen = strotss_options_digest(options);
    d = digest_add(d, &chosen, sizeof chosen);
    d = digest_add(d, sides, sizeof sides);
    d = digest_add(d, content->rgba, (size_t)content->width * content->height * 4);
    d = digest_add(d, style->rgba, (size_t)style->width * style->height * 4);
    if (regions) {
        d = digest_add(d, regions->weight, sizeof regions->weight);
        d = digest_add(d, regions->content_labels, (size_t)regions->content_width * regions->content_height);
        d = digest_add(d, regions->style_labels, (size_t)regions->style_width * regions->style_height);
    }
    if (inputs->points)
        d = digest_add(d, inputs->points->point, sizeof *inputs->points->point * (size_t)inputs->points->count);
    return d;
}
