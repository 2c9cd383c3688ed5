/* SPDX-License-Identifier: MIT
 *
 * Hypercolumns at chosen pixels: what a pixel's rectangle gives is what the whole picture gives, at corners, borders
 * and in the middle of long strips; a picture of 4096 x 4096 takes no more than one's corner; refusals; numbers that
 * are not finite.
 *
 *   test_probe [unused] [weights file]
 */
#include "small_run.h"

#include "engine/engine.h"
#include "features/hypercolumn.h"

enum { LONG = 620, SHORT = 40, WIDE = 4096, CORNER = 128 };

static void fill(uint8_t *rgba, size_t pixels)
{
    uint32_t state = 1;
    for (size_t i = 0; i < 4 * pixels; i++) {
        state = state * 1664525u + 1013904223u;
        rgba[i] = i % 4 == 3 ? 255 : (uint8_t)(state >> 24);
    }
}

typedef struct whole { const int *yx; int count; float *columns; } whole;

static void see_whole(void *context, int tap, const float *map, vgg16_rows rows)
{
    const whole *w = context;
    int offset = 0;
    for (int t = 0; t < tap; t++)
        offset += vgg16_taps[t].channels;
    for (int i = 0; i < w->count; i++) {
        int32_t at[4];
        float weight[4];
        hypercolumn_taps(at, weight, (position){w->yx[2 * i], w->yx[2 * i + 1]}, vgg16_taps[tap].level, rows.height,
                         rows.width);
        for (int c = 0; c < vgg16_taps[tap].channels; c++)
            for (int t = 0; t < 4; t++)
                w->columns[i * STROTSS_HYPERCOLUMN + offset + c] +=
                    vgg16_taps[tap].gain * weight[t] * map[at[t] * vgg16_taps[tap].channels + c];
    }
}

/* The network once over everything. */
static void whole_columns(float *columns, strotss_engine *engine, const strotss_image *image, const int *yx, int count)
{
    const size_t pixels = (size_t)image->height * image->width;
    float *rgb = malloc(sizeof(float) * 3 * pixels);
    for (size_t p = 0; p < pixels; p++)
        for (int c = 0; c < 3; c++)
            rgb[3 * p + c] = (float)image->rgba[4 * p + c] / 255.0f;
    arena shared = {.size = vgg16_scratch_bytes(image->height, image->width, threads_count(engine->threads))};
    shared.base = aligned_alloc(64, shared.size);
    memset(columns, 0, sizeof(float) * STROTSS_HYPERCOLUMN * (size_t)count);
    vgg16_forward(&engine->net, &(exec){engine->threads, &shared}, NULL, rgb, image->height, image->width,
                  VGG16_TAPS - 1, see_whole, &(whole){yx, count, columns});
    free(shared.base);
    free(rgb);
}

/* Pixels of a strip, one after another and all at once: a rectangle each, or one or two for all. */
static void test_strip(strotss_engine *engine, int height, int width)
{
    static const int along[] = {0, 15, 16, 100, 255, 303, 304, 511, 512, 530, LONG - 1};
    enum { COUNT = sizeof along / sizeof *along };
    static float expected[COUNT * STROTSS_HYPERCOLUMN], columns[COUNT * STROTSS_HYPERCOLUMN];
    static uint8_t rgba[4 * LONG * SHORT];
    const strotss_image image = {width, height, rgba};
    int yx[2 * COUNT];
    for (int i = 0; i < COUNT; i++) {
        yx[2 * i] = height > width ? along[i] : i * 7 % height;
        yx[2 * i + 1] = height > width ? i * 7 % width : along[i];
    }
    fill(rgba, LONG * SHORT);
    whole_columns(expected, engine, &image, yx, COUNT);
    for (int together = 0; together < 2; together++) {
        memset(columns, 0, sizeof columns);
        for (int i = 0; i < (together ? 1 : COUNT); i++)
            CHECK(strotss_hypercolumns(columns + i * STROTSS_HYPERCOLUMN, engine, &image, yx + 2 * i,
                                       together ? COUNT : 1) == STROTSS_OK);
        for (int i = 0; i < COUNT; i++) {
            double square = 0, difference = 0;
            for (int c = 0; c < STROTSS_HYPERCOLUMN; c++) {
                const double e = expected[i * STROTSS_HYPERCOLUMN + c];
                square += e * e;
                difference = fmax(difference, fabs(e - columns[i * STROTSS_HYPERCOLUMN + c]));
            }
            CHECK(square > 1 && difference < 1e-5 * sqrt(square));
        }
    }
}

static void test_large(strotss_engine *engine)
{
    static float column[STROTSS_HYPERCOLUMN], expected[STROTSS_HYPERCOLUMN];
    const int at[2] = {3, 7};
    uint8_t *rgba = malloc((size_t)4 * WIDE * WIDE), *corner = malloc((size_t)4 * CORNER * CORNER);
    fill(rgba, (size_t)WIDE * WIDE);
    for (int y = 0; y < CORNER; y++)
        memcpy(corner + (size_t)4 * y * CORNER, rgba + (size_t)4 * y * WIDE, 4 * CORNER);
    const strotss_image large = {WIDE, WIDE, rgba}, small = {CORNER, CORNER, corner};
    CHECK(strotss_hypercolumns(column, engine, &large, at, 1) == STROTSS_OK);
    CHECK(strotss_hypercolumns(expected, engine, &small, at, 1) == STROTSS_OK);
    CHECK(memcmp(column, expected, sizeof column) == 0);
    free(rgba);
    free(corner);
}

static void test_refusals(strotss_engine *engine)
{
    static picture p;
    static float column[STROTSS_HYPERCOLUMN];
    paint(&p, 30, 20, 60);
    const int at[2] = {0, 0}, outside[4][2] = {{-1, 0}, {0, -1}, {20, 0}, {0, 30}};
    for (int count = -2; count < 1; count++) {
        CHECK(strotss_hypercolumns(column, engine, &p.image, at, count) == STROTSS_BAD_ARGUMENT);
        CHECK(strstr(strotss_engine_error(engine), "at least one") != NULL);
    }
    CHECK(strotss_hypercolumns(column, engine, &p.image, at, INT32_MIN) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_hypercolumns(column, engine, &p.image, NULL, 1) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_hypercolumns(NULL, engine, &p.image, at, 1) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_hypercolumns(column, engine, NULL, at, 1) == STROTSS_BAD_IMAGE);
    for (int i = 0; i < 4; i++) {
        CHECK(strotss_hypercolumns(column, engine, &p.image, outside[i], 1) == STROTSS_BAD_ARGUMENT);
        CHECK(strstr(strotss_engine_error(engine), "outside the 30 x 20 picture") != NULL);
    }
}

static void test_not_finite(strotss_engine *engine)
{
    static const float faults[] = {INFINITY, NAN};
    static picture p;
    static float column[STROTSS_HYPERCOLUMN];
    paint(&p, 30, 20, 60);
    for (int layer = 0; layer < VGG16_LAYERS; layer += 3)
        for (int i = 0; i < 2; i++) {
            const float kept = engine->net.bias[layer][1];
            engine->net.bias[layer][1] = faults[i];
            CHECK(strotss_hypercolumns(column, engine, &p.image, (const int[]){3, 5}, 1) == STROTSS_NOT_FINITE);
            CHECK(strstr(strotss_engine_error(engine), "not finite") != NULL);
            engine->net.bias[layer][1] = kept;
        }
    CHECK(strotss_hypercolumns(column, engine, &p.image, (const int[]){3, 5}, 1) == STROTSS_OK);
}

int main(int argc, char **argv)
{
    read_weights(argc, argv);
    strotss_engine *engine = make_engine(2);
    free(weights_bytes);
    test_strip(engine, SHORT, LONG);
    test_strip(engine, LONG, SHORT);
    test_large(engine);
    test_refusals(engine);
    test_not_finite(engine);
    strotss_engine_destroy(engine);
    return check_report();
}
