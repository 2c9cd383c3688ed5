/* SPDX-License-Identifier: MIT
 *
 * Planning for a graphics card as seen from JavaScript (gpu.h): numbers and pointers, as in wasm_api.c. Called by
 * src/api/worker only.
 */
#include <emscripten.h>
#include <string.h>

#include "gpu/gpu.h"

#define EXPORT EMSCRIPTEN_KEEPALIVE

EXPORT const char *wasm_gpu_kernel_file(int kernel)
{
    return gpu_kernel_file(kernel);
}

EXPORT const char *wasm_gpu_kernel_constants(int kernel)
{
    return gpu_kernel_constants(kernel);
}

EXPORT const char *wasm_gpu_refusal(const strotss_options *options, int pairs)
{
    return gpu_refusal(options, pairs);
}

EXPORT void wasm_gpu_weights_places(uint32_t places[6], int layer)
{
    gpu_weights_places(places, layer);
}

EXPORT void wasm_gpu_weights_layer(float *filters, float *backward, float *bias, float *scratch, const void *weights,
                                   int layer)
{
    gpu_weights_layer(filters, backward, bias, scratch, weights, layer);
}

/* *scale is written on OK. */
EXPORT int wasm_gpu_scale_create(gpu_scale **scale, strotss_run *run, double binding_bytes, double buffer_bytes,
                                 double millions)
{
    return gpu_scale_create(scale, run, binding_bytes, buffer_bytes, millions);
}

EXPORT void wasm_gpu_scale_destroy(gpu_scale *scale)
{
    gpu_scale_destroy(scale);
}

/* out: where the plan is, its words, and where the iteration's words and the candidates are; then the places. */
EXPORT void wasm_gpu_scale_plan(uint32_t out[4 + 3 * GPU_PLACES], const gpu_scale *scale)
{
    size_t words;
    out[0] = (uint32_t)(uintptr_t)gpu_scale_plan(scale, &words);
    out[1] = (uint32_t)words;
    out[2] = (uint32_t)(uintptr_t)gpu_iteration_words(scale);
    out[3] = (uint32_t)(uintptr_t)gpu_candidates(scale);
    gpu_scale_places(scale, out + 4);
}

EXPORT int wasm_gpu_iteration(gpu_scale *scale, int iteration)
{
    return gpu_iteration(scale, iteration);
}

/* out: the total, then every value. */
EXPORT int wasm_gpu_terms(double *out, gpu_scale *scale, const void *blocks, const void *results, int iteration)
{
    strotss_terms terms;
    const strotss_status status = gpu_terms(&terms, scale, blocks, results, iteration);
    out[0] = terms.total;
    memcpy(out + 1, terms.value, sizeof(double) * (size_t)strotss_value_count());
    return status;
}

/* terms: as wasm_gpu_terms gives them. */
EXPORT void wasm_gpu_state(gpu_scale *scale, int iterations, const double *terms, const void *pyramid, const void *mean,
                           const void *square)
{
    strotss_terms last = {.total = terms[0]};
    memcpy(last.value, terms + 1, sizeof(double) * (size_t)strotss_value_count());
    gpu_state(scale, iterations, &last, pyramid, mean, square);
}
