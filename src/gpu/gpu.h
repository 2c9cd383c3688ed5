/* SPDX-License-Identifier: MIT
 *
 * A scale of a run on a graphics card. C plans and JavaScript submits (executor.js): the iterations of a scale become a
 * flat plan (plan.h), and each iteration a few hundred kilobytes of positions and step sizes. The run itself stays
 * where the device was last read back, so that it can be saved, shown, or gone on with on the CPU at any time.
 *
 * The style's columns and statistics come from the CPU, once a scale.
 */
#ifndef GPU_H
#define GPU_H

#include "strotss.h"

/* What a device cannot do of such a run, in words that follow "the graphics card"; NULL: it can do all of it. */
const char *gpu_refusal(const strotss_options *options, int pairs);

/* What the device allows (gpu_limits of plan.h). */
typedef struct gpu_scale gpu_scale;

/* Plans the scale at which the run stands, whose next step is the content's or an iteration. OUT_OF_MEMORY: what it
 * needs is more than the device allows, or than C can have; BAD_ARGUMENT: the run has points. */
strotss_status gpu_scale_create(gpu_scale **scale, strotss_run *run, double binding_bytes, double buffer_bytes,
                                double millions);
void gpu_scale_destroy(gpu_scale *scale);

/* The plan, which stays the scale's, and its words. */
const uint32_t *gpu_scale_plan(const gpu_scale *scale, size_t *words);
double gpu_scale_bytes(const gpu_scale *scale);

/* What executor.js needs to know of the plan's buffers, in words: for iteration, candidates, blocks, results, pyramid,
 * mean, square, image in turn the buffer, the offset and the bytes. */
enum { GPU_PLACES = 8 };
void gpu_scale_places(const gpu_scale *scale, uint32_t places[3 * GPU_PLACES]);

/* Fills what iteration 0, 1, ... needs. Returns whether the content is to be looked at anew: candidates are then to be
 * uploaded, and the list GPU_CONTENT comes first. */
int gpu_iteration(gpu_scale *scale, int iteration);
const void *gpu_iteration_words(const gpu_scale *scale);
const void *gpu_candidates(const gpu_scale *scale);

/* The terms of an iteration from what was read back of the blocks and the results after it. NOT_FINITE: the run is
 * stopped, and the device's pyramid is still the one before. */
strotss_status gpu_terms(strotss_terms *terms, gpu_scale *scale, const void *blocks, const void *results,
                         int iteration);

/* The run now stands after `iterations` iterations of the scale, with what was read back. */
void gpu_state(gpu_scale *scale, int iterations, const strotss_terms *terms, const void *pyramid, const void *mean,
               const void *square);

/* The network's weights, layer 0 to 12 of a checked file. places: offset and bytes in GPU_FILTERS, GPU_FILTERS_BACKWARD
 * and GPU_BIAS. filters, backward and scratch have room for gpu_weights_floats(layer) floats, bias for 512. */
void gpu_weights_places(uint32_t places[6], int layer);
size_t gpu_weights_floats(int layer);
void gpu_weights_layer(float *filters, float *backward, float *bias, float *scratch, const void *weights, int layer);

/* Kernel 0, 1, ...: the name of its file and the constants in front of it; NULL behind the last. */
const char *gpu_kernel_file(int kernel);
const char *gpu_kernel_constants(int kernel);

#endif
