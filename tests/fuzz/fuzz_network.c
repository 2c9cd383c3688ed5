/* SPDX-License-Identifier: MIT
 *
 * libFuzzer on what measures pictures, in a network with finite but wild numbers, as a file of weights may hold them:
 *
 *     offset  size  what
 *          0     4  factor of the first layer's filters
 *          4   7 n  biases: a layer, two bytes of channel, four of the number
 *
 * Every measurement is of finite numbers, or refused as NOT_FINITE.
 */
#include <math.h>

#include "engine/engine.h"
#include "fuzz.h"

enum { HEAD = 4, CHANGE = 7, MOST_CHANGES = 16, FILTERS = 64 * 3 * 9, LONG = 20, SHORT = 12, COUNT = 8 };

static const int channels[VGG16_LAYERS] = {64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512};
static strotss_engine *engine;
static float kept_filters[FILTERS], kept_bias[VGG16_LAYERS][512];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    size_t size;
    uint8_t *weights = fuzz_file(&size, "weights/vgg16.q8.bin");
    DEMAND(strotss_engine_create(&engine, 1) == STROTSS_OK);
    DEMAND(strotss_engine_load_weights(engine, weights, size) == STROTSS_OK);
    free(weights);
    memcpy(kept_filters, engine->net.filter[0], sizeof kept_filters);
    for (int k = 0; k < VGG16_LAYERS; k++)
        memcpy(kept_bias[k], engine->net.bias[k], sizeof(float) * (size_t)channels[k]);
    return 0;
}

static float finite(const uint8_t *at)
{
    float value;
    memcpy(&value, at, sizeof value);
    return isfinite(value) ? value : 0;
}

/* OK, or NOT_FINITE in words. */
static int measured(strotss_status status)
{
    DEMAND(status == STROTSS_OK || status == STROTSS_NOT_FINITE);
    if (status == STROTSS_NOT_FINITE)
        DEMAND(is_sentence(strotss_engine_error(engine)));
    return status == STROTSS_OK;
}

static void measure(void)
{
    uint8_t pixels[4 * LONG * SHORT];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * i >> 3);
    const strotss_image wide = {LONG, SHORT, pixels}, high = {SHORT, LONG, pixels};
    strotss_distance distances[STROTSS_DISTANCES];
    if (measured(strotss_distances(distances, engine, &wide, &high, STROTSS_MIN_SIZE, COUNT, 0)))
        for (int d = 0; d < STROTSS_DISTANCES; d++)
            DEMAND(isfinite(distances[d].remd) && isfinite(distances[d].emd) && isfinite(distances[d].sinkhorn));
    strotss_terms terms;
    if (measured(strotss_evaluate(&terms, engine, &wide, &high, &wide, 1, 1, 0)))
        for (int v = 0; v < strotss_value_count(); v++)
            DEMAND(isfinite(terms.total) && isfinite(terms.value[v]));
    static float column[STROTSS_HYPERCOLUMN];
    if (measured(strotss_hypercolumns(column, engine, &wide, (const int[]){3, 5}, 1)))
        for (int c = 0; c < STROTSS_HYPERCOLUMN; c++)
            DEMAND(isfinite(column[c]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD)
        return 0;
    const float factor = finite(data);
    for (int i = 0; i < FILTERS; i++) {
        const float value = kept_filters[i] * factor;
        engine->net.filter[0][i] = isfinite(value) ? value : 0;
    }
    const size_t room = (size - HEAD) / CHANGE;
    for (size_t c = 0; c < room && c < MOST_CHANGES; c++) {
        const uint8_t *change = data + HEAD + CHANGE * c;
        const int layer = change[0] % VGG16_LAYERS, channel = (change[1] << 8 | change[2]) % channels[layer];
        engine->net.bias[layer][channel] = finite(change + 3);
    }
    measure();
    for (int k = 0; k < VGG16_LAYERS; k++)
        memcpy(engine->net.bias[k], kept_bias[k], sizeof(float) * (size_t)channels[k]);
    memcpy(engine->net.filter[0], kept_filters, sizeof kept_filters);
    return 0;
}
