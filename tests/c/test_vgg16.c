/* SPDX-License-Identifier: MIT
 *
 * The network with the weights we ship. Forward: hypercolumns at eight positions against PyTorch's (golden files),
 * every tap within 2e-5 of its length, at two odd sizes. Backward: without biases the network is positively
 * homogeneous, so for f = sum over taps of <map, r> with any r, f(z) = <df/dz, z> exactly (Euler), at sizes down to one
 * pixel, where deep maps are empty; with biases, central differences. One to three threads, and a run without a trace,
 * give the same bytes. An image large enough for bands: taps 1 to 5 are those of its layers on whole maps, to the last
 * bit, and the gradient is that of whole maps.
 *
 *   test_vgg16 [folder of golden files] [weights file]
 */
#include "check.h"

#include <stdlib.h>

#include "kernels/conv.h"
#include "npy.h"
#include "network/vgg16.h"

enum { POOLS = 3, GIVEN = 8, COLUMN = 2179 };

static threads *pools[POOLS];
static const float mean[3] = {123.68f / 255, 116.779f / 255, 103.939f / 255};

static arena arena_of(size_t size)
{
    return (arena){.base = aligned_alloc(64, (size + 63) / 64 * 64), .size = (size + 63) / 64 * 64};
}

static vgg16 load(arena *memory, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        npy_fail(path, "cannot be opened");
    unsigned char *bytes = malloc(16 << 20);
    const size_t size = fread(bytes, 1, 16 << 20, file);
    fclose(file);
    const char *fault = weights_check(bytes, size);
    if (fault)
        npy_fail(path, fault);

    arena plan = {0};
    vgg16 net;
    vgg16_layout(&net, &plan);
    *memory = arena_of(plan.used);
    vgg16_layout(&net, memory);
    float *scratch = malloc(sizeof(float) * vgg16_load_scratch_floats());
    vgg16_load(&net, pools[1], bytes, scratch);
    free(scratch);
    free(bytes);
    return net;
}

/* Room for one image; freed as a whole. */
typedef struct room {
    arena memory, scratch;
    vgg16_trace trace;
} room;

static void lay_out(room *r, arena *memory, int height, int width)
{
    vgg16_trace_layout(&r->trace, memory, height, width);
    r->scratch = (arena){.size = vgg16_scratch_bytes(height, width, POOLS)};
    r->scratch.base = arena_take(memory, r->scratch.size, 1);
}

static room room_for(int height, int width)
{
    room r;
    arena plan = {0};
    lay_out(&r, &plan, height, width);
    r.memory = arena_of(plan.used);
    lay_out(&r, &r.memory, height, width);
    return r;
}

/* ---- golden hypercolumns ----------------------------------------------------------------------------------------- */

typedef struct columns_at {
    const int32_t *yx;
    float (*column)[COLUMN];
    int offset, next_tap;
} columns_at;

static void gather(void *context, int tap, const float *map, vgg16_rows rows)
{
    columns_at *c = context;
    const vgg16_tap_info *info = &vgg16_taps[tap];
    CHECK(tap == c->next_tap++);
    for (int i = 0; i < GIVEN; i++) {
        const int side = 1 << info->level, y = c->yx[2 * i], x = c->yx[2 * i + 1];
        const float fy = (float)(y % side) / (float)side, fx = (float)(x % side) / (float)side;
        for (int corner = 0; corner < 4; corner++) {
            int row = y / side + corner / 2, column = x / side + corner % 2;
            row = row < rows.height ? row : rows.height - 1;
            column = column < rows.width ? column : rows.width - 1;
            const float weight = (corner / 2 ? fy : 1 - fy) * (corner % 2 ? fx : 1 - fx);
            const float *pixel = map + ((size_t)row * rows.width + column) * info->channels;
            for (int k = 0; k < info->channels; k++)
                c->column[i][c->offset + k] += info->gain * weight * pixel[k];
        }
    }
    c->offset += info->channels;
}

static float *interleaved(const npy *planar)
{
    const size_t pixels = (size_t)planar->shape[1] * planar->shape[2];
    float *image = malloc(sizeof(float) * 3 * pixels);
    for (size_t i = 0; i < pixels; i++)
        for (size_t k = 0; k < 3; k++)
            image[3 * i + k] = planar->floats[k * pixels + i];
    return image;
}

static void check_golden(const vgg16 *net, const char *folder, const char *name)
{
    char path[3][64];
    snprintf(path[0], sizeof path[0], "%s.x.npy", name);
    snprintf(path[1], sizeof path[1], "%s.content_yx.npy", name);
    snprintf(path[2], sizeof path[2], "%s.q8.hypercolumns_x.npy", name);
    npy x = npy_read(folder, path[0]), yx = npy_read(folder, path[1]), expected = npy_read(folder, path[2]);
    float *image = interleaved(&x);
    room r = room_for(x.shape[1], x.shape[2]);
    columns_at c = {.yx = yx.ints, .column = calloc(GIVEN, sizeof *c.column)};
    vgg16_forward(net, &(exec){pools[1], &r.scratch}, NULL, image, x.shape[1], x.shape[2], VGG16_TAPS - 1, gather, &c);
    CHECK(c.next_tap == VGG16_TAPS);
    for (int tap = 0, offset = 0; tap < VGG16_TAPS; offset += vgg16_taps[tap++].channels) {
        double error = 0, length = 0;
        for (int i = 0; i < GIVEN; i++)
            for (int k = offset; k < offset + vgg16_taps[tap].channels; k++) {
                const double want = expected.floats[i * COLUMN + k], apart = c.column[i][k] - want;
                error += apart * apart;
                length += want * want;
            }
        CHECK_CLOSE(sqrt(error / length), 0, 2e-5);
    }
    npy_free(&x), npy_free(&yx), npy_free(&expected);
    free(image), free(c.column), free(r.memory.base);
}

/* ---- f = sum over the taps from 1 on of <map, r> ----------------------------------------------------------------- */

static float weight_at(int tap, size_t i)
{
    uint32_t hash = (uint32_t)i * 2654435761u + (uint32_t)tap * 40503u;
    hash = (hash ^ hash >> 15) * 2246822519u;
    return vgg16_taps[tap].gain * ((float)(hash >> 8) / (1 << 23) - 1);
}

typedef struct functional {
    double value, magnitude;
    int taps;
} functional;

static void measure(void *context, int tap, const float *map, vgg16_rows rows)
{
    functional *f = context;
    f->taps = tap + 1;
    for (size_t i = 0; tap > 0 && i < (size_t)rows.count * rows.width * vgg16_taps[tap].channels; i++) {
        f->value += (double)map[i] * weight_at(tap, i);
        f->magnitude += fabs((double)map[i] * weight_at(tap, i));
    }
}

static void inject(void *context, int tap, float *dmap, vgg16_rows rows)
{
    int *next = context;
    CHECK(tap == --*next);
    for (size_t i = 0; tap > 0 && i < (size_t)rows.count * rows.width * vgg16_taps[tap].channels; i++)
        dmap[i] += weight_at(tap, i);
}

static functional evaluate(const vgg16 *net, threads *pool, room *r, const float *image, int height, int width)
{
    functional f = {0};
    vgg16_forward(net, &(exec){pool, &r->scratch}, &r->trace, image, height, width, VGG16_TAPS - 1, measure, &f);
    return f;
}

static void differentiate(float *dimage, const vgg16 *net, threads *pool, room *r, int taps)
{
    vgg16_backward(dimage, net, &(exec){pool, &r->scratch}, &r->trace, inject, &taps);
    CHECK(r->scratch.used == 0);
    CHECK(taps == 0);
}

static void smooth_picture(float *image, int height, int width)
{
    for (int i = 0; i < height * width; i++)
        for (int k = 0; k < 3; k++) {
            const float phase = 0.4f * (float)(i / width) * (float)(k + 1) + 0.7f * (float)(i % width);
            image[3 * i + k] = 0.5f + 0.3f * sinf(phase) + 0.1f * (float)(i * 7919 % 97) / 97;
        }
}

static void check_gradient(const vgg16 *net, const vgg16 *without_bias, int height, int width)
{
    const size_t count = (size_t)height * width * 3;
    float *image = malloc(sizeof(float) * count), *dimage = malloc(sizeof(float) * count);
    float *again = malloc(sizeof(float) * count);
    room r = room_for(height, width);
    smooth_picture(image, height, width);

    functional f = evaluate(without_bias, pools[0], &r, image, height, width);
    differentiate(dimage, without_bias, pools[0], &r, f.taps);
    double euler = 0;
    for (size_t i = 0; i < count; i++)
        euler += (double)dimage[i] * (image[i] - mean[i % 3]);
    CHECK_CLOSE(euler, f.value, 1e-5 * f.magnitude);
    int taps = 0; /* of maps that are not empty */
    while (taps < VGG16_TAPS && height >> vgg16_taps[taps].level && width >> vgg16_taps[taps].level)
        taps++;
    CHECK(f.taps == taps);

    f = evaluate(net, pools[0], &r, image, height, width);
    differentiate(dimage, net, pools[0], &r, f.taps);
    for (int p = 1; p < POOLS; p++) {
        const functional same = evaluate(net, pools[p], &r, image, height, width);
        CHECK(same.value == f.value);
        differentiate(again, net, pools[p], &r, same.taps);
        CHECK(memcmp(again, dimage, sizeof(float) * count) == 0);
    }
    functional untraced = {0};
    vgg16_forward(net, &(exec){pools[0], &r.scratch}, NULL, image, height, width, VGG16_TAPS - 1, measure, &untraced);
    CHECK(untraced.value == f.value);

    /* Along the gradient the slope is its squared length; the step moves f by about a thousandth. */
    double slope = 0, side[2];
    for (size_t i = 0; i < count; i++)
        slope += (double)dimage[i] * dimage[i];
    const double step = 1e-3 * f.magnitude / slope;
    for (int s = 0; s < 2; s++) {
        for (size_t i = 0; i < count; i++)
            again[i] = image[i] + (float)((s ? step : -step) * dimage[i]);
        side[s] = evaluate(net, pools[1], &r, again, height, width).value;
    }
    CHECK_CLOSE((side[1] - side[0]) / (2 * step * slope), 1, 0.02);
    free(image), free(dimage), free(again), free(r.memory.base);
}

/* Nothing beyond the wanted tap is computed or handed out. */
static void check_last_tap(const vgg16 *net)
{
    float image[3 * 32 * 32];
    smooth_picture(image, 32, 32);
    room r = room_for(32, 32);
    for (int last = 0; last < VGG16_TAPS; last++) {
        functional f = {0};
        vgg16_forward(net, &(exec){pools[0], &r.scratch}, NULL, image, 32, 32, last, measure, &f);
        CHECK(f.taps == last + 1);
    }
    free(r.memory.base);
}

/* ---- bands: an odd size, the last band shorter than its surroundings -------------------------------------------- */

enum { TALL = 1031, NARROW = 257, BANDED_TAPS = 6 };

typedef struct maps {
    float *map[BANDED_TAPS];
    int rows[BANDED_TAPS];
} maps;

static void collect(void *context, int tap, const float *map, vgg16_rows rows)
{
    maps *m = context;
    if (tap >= BANDED_TAPS)
        return;
    const size_t row = (size_t)rows.width * vgg16_taps[tap].channels;
    CHECK(rows.first == m->rows[tap] && rows.height == TALL >> vgg16_taps[tap].level);
    m->rows[tap] += rows.count;
    if (!m->map[tap])
        m->map[tap] = malloc(sizeof(float) * row * (size_t)rows.height);
    memcpy(m->map[tap] + row * (size_t)rows.first, map, sizeof(float) * row * (size_t)rows.count);
}

/* A gradient towards taps 1 to 5, the same whatever rows are asked for. */
static void inject_shallow(void *context, int tap, float *dmap, vgg16_rows rows)
{
    int *calls = context;
    calls[0]++;
    const size_t row = (size_t)rows.width * vgg16_taps[tap].channels;
    for (size_t i = 0; tap > 0 && tap < BANDED_TAPS && i < row * (size_t)rows.count; i++)
        dmap[i] += weight_at(tap, row * (size_t)rows.first + i);
}

/* conv1_1 to conv3_1 on whole maps, and back. */
static void layers_as_whole(maps *m, float *dimage, const vgg16 *net, const float *image)
{
    static const struct { int cin, cout, level; } layer[5] = {
        {3, 64, 0}, {64, 64, 0}, {64, 128, 1}, {128, 128, 1}, {128, 256, 2}};
    const size_t floats = (size_t)TALL * NARROW * 64;
    float *in = malloc(sizeof(float) * floats), *out = malloc(sizeof(float) * floats);
    uint8_t *sign[5], *argmax[2];
    float *scratch = malloc(sizeof(float) * (1 << 24));
    for (size_t i = 0; i < (size_t)TALL * NARROW * 3; i++)
        in[i] = (image[i] - mean[i % 3]) / 0.226f;
    for (int k = 0; k < 5; k++) {
        const int h = TALL >> layer[k].level, w = NARROW >> layer[k].level, c = layer[k].cout;
        CHECK(conv_scratch_floats(h, w, 64, c, POOLS) <= 1 << 24);
        sign[k] = malloc((size_t)h * w * c / 4);
        if (k == 0)
            conv_first_forward(pools[1], out, sign[k], in, net->filter[0], net->bias[0], h, w);
        else
            conv_forward(pools[1], out, sign[k], in, net->filter[k], net->bias[k], h, w, layer[k].cin, c, scratch);
        m->map[k + 1] = malloc(sizeof(float) * (size_t)h * w * c);
        memcpy(m->map[k + 1], out, sizeof(float) * (size_t)h * w * c);
        if (k % 2) {
            argmax[k / 2] = malloc((size_t)(h / 2) * (w / 2) * c / 4);
            maxpool_forward(pools[1], in, argmax[k / 2], out, h, w, c);
        } else {
            float *t = in;
            in = out, out = t;
        }
    }
    int calls = 0;
    memset(in, 0, sizeof(float) * floats);
    for (int k = 4; k >= 0; k--) {
        const int h = TALL >> layer[k].level, w = NARROW >> layer[k].level, c = layer[k].cout;
        if (k % 2) {
            maxpool_backward(pools[1], out, in, argmax[k / 2], h, w, c);
            float *t = in;
            in = out, out = t;
            free(argmax[k / 2]);
        }
        inject_shallow(&calls, k + 1, in, (vgg16_rows){0, h, h, w});
        if (k == 0)
            conv_first_backward(pools[1], dimage, in, sign[k], net->filter[0], h, w);
        else
            conv_backward(pools[1], out, in, sign[k], net->filter[k], h, w, layer[k].cin, c, scratch);
        float *t = in;
        in = out, out = t;
        free(sign[k]);
    }
    for (size_t i = 0; i < (size_t)TALL * NARROW * 3; i++)
        dimage[i] /= 0.226f;
    free(in), free(out), free(scratch);
}

static void check_bands(const vgg16 *net)
{
    const size_t count = (size_t)TALL * NARROW * 3;
    float *image = malloc(sizeof(float) * count), *wanted = malloc(sizeof(float) * count);
    float *dimage[2] = {malloc(sizeof(float) * count), malloc(sizeof(float) * count)};
    room r = room_for(TALL, NARROW);
    smooth_picture(image, TALL, NARROW);
    maps whole = {0};
    layers_as_whole(&whole, wanted, net, image);
    for (int p = 0; p < 2; p++) {
        maps bands = {0};
        int calls = 0;
        vgg16_forward(net, &(exec){pools[p], &r.scratch}, &r.trace, image, TALL, NARROW, VGG16_TAPS - 1, collect,
                      &bands);
        for (int tap = 1; tap < BANDED_TAPS; tap++) {
            const int level = vgg16_taps[tap].level;
            CHECK(bands.rows[tap] == TALL >> level);
            CHECK(memcmp(bands.map[tap], whole.map[tap], sizeof(float) * vgg16_taps[tap].channels *
                         (size_t)(TALL >> level) * (NARROW >> level)) == 0);
        }
        for (int tap = 0; tap < BANDED_TAPS; tap++)
            free(bands.map[tap]);
        vgg16_backward(dimage[p], net, &(exec){pools[p], &r.scratch}, &r.trace, inject_shallow, &calls);
        CHECK(calls == 6 + 2 * 9 + 2 * 5); /* once each of rgb and the deep taps; levels 0 and 1 in 9 and 5 bands */
        CHECK(r.scratch.used == 0);
    }
    CHECK(memcmp(dimage[0], dimage[1], sizeof(float) * count) == 0);
    double error = 0, length = 0;
    for (size_t i = 0; i < count; i++) {
        error += (dimage[0][i] - wanted[i]) * (double)(dimage[0][i] - wanted[i]);
        length += (double)wanted[i] * wanted[i];
    }
    CHECK_CLOSE(sqrt(error / length), 0, 1e-6); /* overlapping tiles are added in another order */
    for (int tap = 0; tap < BANDED_TAPS; tap++)
        free(whole.map[tap]);
    free(image), free(wanted), free(dimage[0]), free(dimage[1]), free(r.memory.base);
}

int main(int argc, char **argv)
{
    const char *golden = argc > 1 ? argv[1] : "tests/golden", *weights = argc > 2 ? argv[2] : "weights/vgg16.q8.bin";
    static const int sizes[][2] = {{64, 43}, {33, 48}, {17, 16}, {5, 20}, {1, 1}};
    for (int p = 0; p < POOLS; p++)
        pools[p] = threads_create(p + 1);
    arena memory;
    const vgg16 net = load(&memory, weights);
    vgg16 without_bias = net;
    static float zeros[512];
    for (int k = 0; k < VGG16_LAYERS; k++)
        without_bias.bias[k] = zeros;

    check_golden(&net, golden, "cat64");
    check_golden(&net, golden, "coffee97");
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        check_gradient(&net, &without_bias, sizes[s][0], sizes[s][1]);
    check_last_tap(&net);
    check_bands(&net);

    free(memory.base);
    for (int p = 0; p < POOLS; p++)
        threads_destroy(pools[p]);
    return check_report();
}
