/* SPDX-License-Identifier: MIT
 *
 * Runs of a few seconds for the tests of the whole engine: pictures, the network's weights, two scales (64 and 72 px)
 * of two iterations, and a hash of the finished picture.
 */
#ifndef SMALL_RUN_H
#define SMALL_RUN_H

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "strotss.h"

typedef struct picture { strotss_image image; uint8_t pixels[96 * 96 * 4]; } picture;

/* A smooth picture with something in it; `hue` tells two of them apart. */
static inline void paint(picture *p, int width, int height, int hue)
{
    p->image = (strotss_image){width, height, p->pixels};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint8_t *rgba = p->pixels + 4 * (y * width + x);
            rgba[0] = (uint8_t)(x * 255 / width);
            rgba[1] = (uint8_t)(((x / 7 + y / 5) % 2) * 120 + hue);
            rgba[2] = (uint8_t)(y * 200 / height + (255 - hue) / 8);
            rgba[3] = 255;
        }
}

static uint8_t *weights_bytes;
static size_t weights_size;

/* The file that the test is started with: test_NAME [unused] [weights file]. */
static inline void read_weights(int argc, char **argv)
{
    FILE *file = fopen(argc > 2 ? argv[2] : "weights/vgg16.q8.bin", "rb");
    CHECK(file != NULL);
    weights_bytes = malloc(20 << 20);
    weights_size = fread(weights_bytes, 1, 20 << 20, file);
    fclose(file);
}

static inline strotss_engine *make_engine(int threads)
{
    strotss_engine *engine = NULL;
    CHECK(strotss_engine_create(&engine, threads) == STROTSS_OK);
    CHECK(strotss_engine_load_weights(engine, weights_bytes, weights_size) == STROTSS_OK);
    return engine;
}

static inline strotss_status start_run(strotss_run **run, strotss_engine *engine, const strotss_options *options,
                                       const strotss_image *content, const strotss_image *style,
                                       const strotss_regions *regions)
{
    strotss_inputs inputs = strotss_inputs_of(content, style);
    inputs.regions = regions;
    return strotss_run_create(run, engine, options, &inputs);
}

static inline strotss_options short_options(void)
{
    strotss_options options = strotss_preset_options(STROTSS_STANDARD, 72); /* two scales: 64 and 72 */
    for (int s = 0; s < STROTSS_MAX_SCALES; s++)
        options.iterations[s] = 2;
    return options;
}

/* Steps to the end. */
static inline uint64_t finish(strotss_run *run)
{
    strotss_progress progress;
    uint8_t *rgba = malloc(4 * 128 * 128);
    strotss_run_progress(run, &progress);
    while (progress.phase != STROTSS_DONE)
        if (strotss_run_step(run, &progress) != STROTSS_OK)
            break;
    CHECK(progress.phase == STROTSS_DONE);
    strotss_run_snapshot(run, rgba);
    uint64_t hash = 1469598103934665603u;
    for (int i = 0; i < 4 * progress.width * progress.height; i++)
        hash = (hash ^ rgba[i]) * 1099511628211u;
    free(rgba);
    return hash;
}

#endif
