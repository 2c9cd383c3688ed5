/* SPDX-License-Identifier: MIT
 *
 * The engine as seen from JavaScript: plain numbers and pointers, the only file that includes emscripten.h. Structs
 * stay on this side; options and progress go by name and by a list of doubles. Called by src/api only. Ownership and
 * errors are those of strotss.h.
 */
#include <emscripten.h>
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "strotss.h"

#define EXPORT EMSCRIPTEN_KEEPALIVE

/* ---- engine ------------------------------------------------------------------------------------ */

/* *engine is written on OK. */
EXPORT int wasm_engine_create(strotss_engine **engine, int threads)
{
    return strotss_engine_create(engine, threads);
}

EXPORT void wasm_engine_destroy(strotss_engine *engine)
{
    strotss_engine_destroy(engine);
}

EXPORT int wasm_engine_load_weights(strotss_engine *engine, const void *bytes, size_t size)
{
    return strotss_engine_load_weights(engine, bytes, size);
}

EXPORT const char *wasm_engine_error(const strotss_engine *engine)
{
    return strotss_engine_error(engine);
}

EXPORT const char *wasm_status_name(int status)
{
    return strotss_status_name(status);
}

EXPORT double wasm_network_bytes(void)
{
    return (double)strotss_network_bytes();
}

extern char __heap_base;

/* Of memory in use: the program's own, and what was taken of the heap. */
EXPORT double wasm_held_bytes(void)
{
    return (double)(uintptr_t)&__heap_base + (double)(size_t)mallinfo().uordblks;
}

/* ---- pictures: width, height and pixel pointer travel through int32 out[3] ------------------------ */

EXPORT int wasm_decode(int32_t out[3], strotss_engine *engine, const void *bytes, size_t size)
{
    strotss_image image;
    const strotss_status status = strotss_image_decode(&image, engine, bytes, size);
    if (status == STROTSS_OK) {
        out[0] = image.width;
        out[1] = image.height;
        out[2] = (int32_t)(intptr_t)image.rgba; /* freed with free */
    }
    return status;
}

/* out: pointer (freed with free) and size. quality 0: PNG. */
EXPORT int wasm_encode(int32_t out[2], strotss_engine *engine, uint8_t *rgba, int width, int height, int quality)
{
    const strotss_image image = {width, height, rgba};
    uint8_t *bytes;
    size_t size;
    const strotss_status status = strotss_image_encode(&bytes, &size, engine, &image, quality);
    if (status == STROTSS_OK) {
        out[0] = (int32_t)(intptr_t)bytes;
        out[1] = (int32_t)size;
    }
    return status;
}

/* ---- options and regions ---------------------------------------------------------------------------- */

/* quality: 0 draft, 1 standard, 2 fine; size: long side. Freed with free; NULL when memory can't be had. */
EXPORT strotss_options *wasm_options_create(int quality, int size)
{
    strotss_options *options = malloc(sizeof *options);
    if (options)
        *options = strotss_preset_options(quality, size);
    return options;
}

/* Names: content_weight, iterations (every scale), optimizer (0 RMSprop, 1 Adam), step, seed, content, remd, moment,
 * palette, transport (0 REMD, 1 Sinkhorn), similarity (0 cosine, 1 centred, 2 Euclidean),
 * content_across_regions (0 or 1). Any other does nothing. */
EXPORT void wasm_options_set(strotss_options *o, const char *name, double value)
{
    if (!strcmp(name, "content_weight"))
        o->content_weight = (float)value;
    else if (!strcmp(name, "iterations"))
        for (int s = 0; s < STROTSS_MAX_SCALES; s++)
            o->iterations[s] = (int)value;
    else if (!strcmp(name, "optimizer"))
        o->optimizer = (strotss_optimizer)(int)value;
    else if (!strcmp(name, "step"))
        o->step = (float)value;
    else if (!strcmp(name, "seed"))
        o->seed = (uint64_t)value;
    else if (!strcmp(name, "content"))
        o->factor_content = (float)value;
    else if (!strcmp(name, "remd"))
        o->factor_remd = (float)value;
    else if (!strcmp(name, "moment"))
        o->factor_moment = (float)value;
    else if (!strcmp(name, "palette"))
        o->factor_palette = (float)value;
    else if (!strcmp(name, "transport"))
        o->transport = (strotss_transport)(int)value;
    else if (!strcmp(name, "similarity"))
        o->similarity = (strotss_similarity)(int)value;
    else if (!strcmp(name, "content_across_regions"))
        o->content_across_regions = value != 0;
}

/* Iterations planned at a scale. */
EXPORT int wasm_options_iterations(const strotss_options *o, int scale)
{
    return o->iterations[scale];
}

/* Label maps stay the caller's until the run is created; weights all 1. Freed with free. */
EXPORT strotss_regions *wasm_regions_create(const uint8_t *content, int content_width, int content_height,
                                            const uint8_t *style, int style_width, int style_height)
{
    strotss_regions *regions = malloc(sizeof *regions);
    if (!regions)
        return NULL;
    *regions = (strotss_regions){content_width, content_height, content, style_width, style_height, style, {0}};
    for (int label = 0; label <= STROTSS_MAX_REGIONS; label++)
        regions->weight[label] = 1;
    return regions;
}

/* A label out of range does nothing. */
EXPORT void wasm_regions_weight(strotss_regions *regions, int label, double weight)
{
    if (label >= 0 && label <= STROTSS_MAX_REGIONS)
        regions->weight[label] = (float)weight;
}

/* ---- runs ---------------------------------------------------------------------------------------------- */

/* Bytes, or a status, which is below 0. */
EXPORT double wasm_estimate(const strotss_options *options, int content_width, int content_height, int style_width,
                            int style_height, int pairs, int threads)
{
    size_t bytes;
    const strotss_status status =
        strotss_estimate(&bytes, options, content_width, content_height, style_width, style_height, pairs, threads);
    return status == STROTSS_OK ? (double)bytes : (double)status;
}

EXPORT size_t wasm_largest_state_bytes(const strotss_options *options, int content_width, int content_height)
{
    return strotss_largest_state_bytes(options, content_width, content_height);
}

/* *run is written on OK. */
EXPORT int wasm_run_create(strotss_run **run, strotss_engine *engine, const strotss_options *options, uint8_t *content,
                           int content_width, int content_height, uint8_t *style, int style_width, int style_height,
                           const strotss_regions *regions)
{
    const strotss_image content_image = {content_width, content_height, content};
    const strotss_image style_image = {style_width, style_height, style};
    return strotss_run_create(run, engine, options, &content_image, &style_image, regions);
}

EXPORT void wasm_run_destroy(strotss_run *run)
{
    strotss_run_destroy(run);
}

EXPORT int wasm_run_step(strotss_run *run)
{
    strotss_progress progress;
    return strotss_run_step(run, &progress);
}

static void write_terms(double *out, const strotss_terms *t)
{
    const double terms[9] = {t->total, t->content, t->remd, t->remd_x_to_style, t->remd_style_to_x,
                             t->moment, t->moment_mean, t->moment_cov, t->palette};
    memcpy(out, terms, sizeof terms);
}

/* out: phase, scale, scales, width, height, iteration, iterations, then the nine terms: total, content, remd,
 * remd_x_to_style, remd_style_to_x, moment, moment_mean, moment_cov, palette. */
EXPORT void wasm_run_progress(double out[16], const strotss_run *run)
{
    strotss_progress p;
    strotss_run_progress(run, &p);
    const double head[7] = {p.phase, p.scale, p.scales, p.width, p.height, p.iteration, p.iterations};
    memcpy(out, head, sizeof head);
    write_terms(out + 7, &p.terms);
}

EXPORT void wasm_run_snapshot(const strotss_run *run, uint8_t *rgba)
{
    strotss_run_snapshot(run, rgba);
}

EXPORT size_t wasm_run_state_bytes(const strotss_run *run)
{
    return strotss_run_state_bytes(run);
}

EXPORT void wasm_run_save(const strotss_run *run, uint8_t *state)
{
    strotss_run_save(run, state);
}

EXPORT int wasm_run_restore(strotss_run *run, const uint8_t *state, size_t size)
{
    return strotss_run_restore(run, state, size);
}

/* ---- measuring --------------------------------------------------------------------------------------------- */

/* images: width and height of content, style, result in turn; out: the nine terms as in wasm_run_progress. */
EXPORT int wasm_evaluate(double out[9], strotss_engine *engine, uint8_t *content, uint8_t *style, uint8_t *result,
                         const int32_t sizes[6], double alpha, int draws, double seed)
{
    const strotss_image c = {sizes[0], sizes[1], content}, s = {sizes[2], sizes[3], style},
                        r = {sizes[4], sizes[5], result};
    strotss_terms terms;
    const strotss_status status = strotss_evaluate(&terms, engine, &c, &s, &r, (float)alpha, draws, (uint64_t)seed);
    if (status == STROTSS_OK)
        write_terms(out, &terms);
    return status;
}

/* images: width and height of both in turn; out: remd, emd and sinkhorn of each. */
EXPORT int wasm_distances(double out[3 * STROTSS_DISTANCES], strotss_engine *engine, uint8_t *a, uint8_t *b,
                          const int32_t sizes[4], int size, int count, double seed)
{
    const strotss_image first = {sizes[0], sizes[1], a}, second = {sizes[2], sizes[3], b};
    strotss_distance distances[STROTSS_DISTANCES];
    const strotss_status status = strotss_distances(distances, engine, &first, &second, size, count, (uint64_t)seed);
    for (int d = 0; status == STROTSS_OK && d < STROTSS_DISTANCES; d++) {
        out[3 * d] = distances[d].remd;
        out[3 * d + 1] = distances[d].emd;
        out[3 * d + 2] = distances[d].sinkhorn;
    }
    return status;
}

EXPORT int wasm_hypercolumns(float *columns, strotss_engine *engine, uint8_t *rgba, int width, int height,
                             const int *yx, int count)
{
    const strotss_image image = {width, height, rgba};
    return strotss_hypercolumns(columns, engine, &image, yx, count);
}
