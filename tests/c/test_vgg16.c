/* SPDX-License-Identifier: MIT
 *
 * The network with the weights we ship. Forward: hypercolumns at eight positions against PyTorch's (golden files),
 * every tap within 2e-5 of its length, at two odd sizes. Backward: without biases the network is positively
 * homogeneous, so for f = sum over taps of <map, r> with any r, f(z) = <df/dz, z> exactly (Euler), at sizes down to one
 * pixel, where deep maps are empty; with biases, central differences. One to three threads, and a run without a trace,
 * give the same bytes.
 *
 *   test_vgg16 [folder of golden files] [weights file]
 */
#include "check.h"

#include <stdlib.h>

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

static void gather(void *context, int tap, const float *map, int height, int width)
{
    columns_at *c = context;
    const vgg16_tap_info *info = &vgg16_taps[tap];
    CHECK(tap == c->next_tap++);
    for (int i = 0; i < GIVEN; i++) {
        const int side = 1 << info->level, y = c->yx[2 * i], x = c->yx[2 * i + 1];
        const float fy = (float)(y % side) / (float)side, fx = (float)(x % side) / (float)side;
        for (int corner = 0; corner < 4; corner++) {
            int row = y / side + corner / 2, column = x / side + corner % 2;
            row = row < height ? row : height - 1;
            column = column < width ? column : width - 1;
            const float weight = (corner / 2 ? fy : 1 - fy) * (corner % 2 ? fx : 1 - fx);
            const float *pixel = map + ((size_t)row * width + column) * info->channels;
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

static void measure(void *context, int tap, const float *map, int height, int width)
{
    functional *f = context;
    f->taps = tap + 1;
    for (size_t i = 0; tap > 0 && i < (size_t)height * width * vgg16_taps[tap].channels; i++) {
        f->value += (double)map[i] * weight_at(tap, i);
        f->magnitude += fabs((double)map[i] * weight_at(tap, i));
    }
}

static void inject(void *context, int tap, float *dmap, int height, int width)
{
    int *next = context;
    CHECK(tap == --*next);
    for (size_t i = 0; tap > 0 && i < (size_t)height * width * vgg16_taps[tap].channels; i++)
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

    free(memory.base);
    for (int p = 0; p < POOLS; p++)
        threads_destroy(pools[p]);
    return check_report();
}
