/* SPDX-License-Identifier: MIT
 *
 * The engine as seen from JavaScript: plain numbers and pointers; only this room includes emscripten.h. Structs stay on
 * this side; options go by name, progress by a list of doubles. Called by src/api only. Ownership and errors are those
 * of strotss.h.
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

/* quality: 0 draft, 1 standard, 2 fine; size: long side. Freed with free; NULL without memory. */
EXPORT strotss_options *wasm_options_create(int quality, int size)
{
    strotss_options *options = malloc(sizeof *options);
    if (options)
        *options = strotss_preset_options(quality, size);
    return options;
}

/* 0 where there is no such option. */
EXPORT int wasm_options_set(strotss_options *options, const char *name, double value)
{
    return strotss_options_set(options, name, value);
}

EXPORT int wasm_option_count(void)
{
    return strotss_option_count();
}

EXPORT const char *wasm_option_name(int option)
{
    return strotss_option_at(option).name;
}

EXPORT double wasm_option_lowest(int option)
{
    return strotss_option_at(option).lowest;
}

EXPORT double wasm_option_highest(int option)
{
    return strotss_option_at(option).highest;
}

/* NaN where it is the quality's. */
EXPORT double wasm_option_default(int option)
{
    return strotss_option_at(option).standard;
}

/* out: the low and the high half. */
EXPORT void wasm_options_digest(uint32_t out[2], const strotss_options *options)
{
    const uint64_t digest = strotss_options_digest(options);
    memcpy(out, &digest, sizeof digest);
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
                            int style_height, int pairs, int points, int init_width, int init_height, int threads)
{
    size_t bytes;
    const strotss_sizes sizes = {content_width, content_height, style_width, style_height, pairs, points, init_width,
                                 init_height, threads};
    const strotss_status status = strotss_estimate(&bytes, options, &sizes);
    return status == STROTSS_OK ? (double)bytes : (double)status;
}

EXPORT size_t wasm_largest_state_bytes(const strotss_options *options, int content_width, int content_height)
{
    return strotss_largest_state_bytes(options, content_width, content_height);
}

/* *run is written on OK. sizes: width and height of content, style and init in turn; init may be NULL. points: content
 * x, content y, style x, style y and weight of each. */
EXPORT int wasm_run_create(strotss_run **run, strotss_engine *engine, const strotss_options *options, uint8_t *content,
                           uint8_t *style, uint8_t *init, const int32_t sizes[6], const strotss_regions *regions,
                           const double *points, int point_count)
{
    const strotss_image content_image = {sizes[0], sizes[1], content}, style_image = {sizes[2], sizes[3], style},
                        init_image = {sizes[4], sizes[5], init};
    strotss_point point[STROTSS_MAX_POINTS];
    for (int i = 0; i < point_count && i < STROTSS_MAX_POINTS; i++, points += 5)
        point[i] = (strotss_point){(int)points[0], (int)points[1], (int)points[2], (int)points[3], (float)points[4]};
    const strotss_points all_points = {point_count, point};
    strotss_inputs inputs = strotss_inputs_of(&content_image, &style_image);
    inputs.regions = regions;
    inputs.points = &all_points;
    inputs.init = init ? &init_image : NULL;
    return strotss_run_create(run, engine, options, &inputs);
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

EXPORT int wasm_term_count(void)
{
    return strotss_term_count();
}

EXPORT const char *wasm_term_name(int term)
{
    return strotss_term_name(term);
}

EXPORT int wasm_value_count(void)
{
    return strotss_value_count();
}

EXPORT const char *wasm_value_name(int value)
{
    return strotss_value_name(value);
}

/* out: the total, then every value. */
static void write_terms(double *out, const strotss_terms *terms)
{
    out[0] = terms->total;
    memcpy(out + 1, terms->value, sizeof(double) * (size_t)strotss_value_count());
}

/* out: phase, scale, scales, width, height, iteration, iterations, then the terms: total and values. */
EXPORT void wasm_run_progress(double *out, const strotss_run *run)
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

/* images: width and height of content, style, result in turn; out: total and values. */
EXPORT int wasm_evaluate(double *out, strotss_engine *engine, uint8_t *content, uint8_t *style, uint8_t *result,
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
