/* SPDX-License-Identifier: MIT
 *
 * libFuzzer on what a run is asked to do beside its pictures: points of any place and weight, label maps and weights of
 * regions, a picture to start from. Whatever they are, the run is created and steps to finite numbers, or is refused
 * with a sentence; and a run takes no more than the estimate says.
 */
#include "fuzz.h"
#include "strotss.h"

enum { LONG = 40, SHORT = 4, SIDE = 8, MOST_POINTS = 70, STEPS = 3 };

static strotss_engine *engine;
static uint8_t pixels[4 * LONG * SHORT];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    size_t size;
    uint8_t *weights = fuzz_file(&size, "weights/vgg16.q8.bin");
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * i >> 3);
    DEMAND(strotss_engine_create(&engine, 1) == STROTSS_OK);
    DEMAND(strotss_engine_load_weights(engine, weights, size) == STROTSS_OK);
    free(weights);
    return 0;
}

/* The next bytes of the input, 0 behind its end. */
static struct { const uint8_t *data; size_t size; } input;

static void take(void *out, size_t size)
{
    const size_t given = size < input.size ? size : input.size;
    memset(out, 0, size);
    memcpy(out, input.data, given);
    input.data += given;
    input.size -= given;
}

static uint8_t take_byte(void)
{
    uint8_t byte;
    take(&byte, 1);
    return byte;
}

/* Mostly in the picture. */
static int take_place(int side)
{
    int anywhere;
    const uint8_t byte = take_byte();
    if (byte < 250)
        return byte % side;
    take(&anywhere, sizeof anywhere);
    return anywhere;
}

static float take_weight(void)
{
    float any;
    const uint8_t byte = take_byte();
    if (byte < 250)
        return (float)byte / 100;
    take(&any, sizeof any);
    return any;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const strotss_image content = { LONG, SHORT, pixels }, style = { SHORT, LONG, pixels };
    strotss_options options = strotss_preset_options(STROTSS_DRAFT, 64);
    strotss_inputs inputs = strotss_inputs_of(&content, &style);
    input.data = data;
    input.size = size;

    strotss_point point[MOST_POINTS];
    const strotss_points points = { take_byte() % (MOST_POINTS + 1), point };
    for (int i = 0; i < points.count; i++)
        point[i] = (strotss_point){ take_place(LONG), take_place(SHORT), take_place(SHORT), take_place(LONG),
                                    take_weight() };
    inputs.points = &points;

    uint8_t labels[2][SIDE * SIDE];
    strotss_regions regions = { SIDE, SIDE, labels[0], SIDE, SIDE, labels[1], { 0 } };
    if (take_byte() % 2) {
        for (int i = 0; i < 2 * SIDE * SIDE; i++)
            labels[i / (SIDE * SIDE)][i % (SIDE * SIDE)] = take_byte() % 3;
        for (int label = 0; label < 3; label++)
            regions.weight[label] = take_weight();
        inputs.regions = &regions;
    }

    if (take_byte() % 4 == 0)
        inputs.init = &content;

    strotss_run *run = NULL;
    const strotss_status status = strotss_run_create(&run, engine, &options, &inputs);
    if (status != STROTSS_OK) {
        DEMAND(!run && (status == STROTSS_BAD_ARGUMENT || status == STROTSS_BAD_REGIONS));
        DEMAND(is_sentence(strotss_engine_error(engine)));
        return 0;
    }
    size_t bytes;
    const strotss_sizes sizes = { LONG, SHORT, SHORT, LONG, inputs.regions ? 3 : 1, points.count,
                                  inputs.init ? LONG : 0, inputs.init ? SHORT : 0, 1 };
    DEMAND(strotss_estimate(&bytes, &options, &sizes) == STROTSS_OK && strotss_run_bytes(run) <= bytes);
    strotss_progress progress;
    for (int step = 0; step < STEPS; step++) {
        const strotss_status stepped = strotss_run_step(run, &progress);
        DEMAND(stepped == STROTSS_OK || stepped == STROTSS_NOT_FINITE);
    }
    strotss_run_destroy(run);
    return 0;
}
