/* SPDX-License-Identifier: MIT
 *
 * The engine handle: workers, the network's one block of memory, error sentences, and the public picture calls.
 */
#include "engine/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "picture/image.h"

const char *strotss_status_name(strotss_status status)
{
    switch (status) {
    case STROTSS_OK: return "OK";
    case STROTSS_BAD_ARGUMENT: return "BAD_ARGUMENT";
    case STROTSS_OUT_OF_MEMORY: return "OUT_OF_MEMORY";
    case STROTSS_BAD_WEIGHTS: return "BAD_WEIGHTS";
    case STROTSS_BAD_IMAGE: return "BAD_IMAGE";
    case STROTSS_BAD_REGIONS: return "BAD_REGIONS";
    case STROTSS_BAD_STATE: return "BAD_STATE";
    case STROTSS_NOT_FINITE: return "NOT_FINITE";
    case STROTSS_CANNOT_ENCODE: return "CANNOT_ENCODE";
    }
    return "UNKNOWN";
}

strotss_status engine_fail(strotss_engine *engine, strotss_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(engine->error, sizeof engine->error, format, arguments);
    va_end(arguments);
    return status;
}

/* Emscripten's malloc extends its heap by less than 2 GB in one step, by the whole of what is asked for; but pieces
 * that lie side by side become one when they are given back. So what is larger is asked for piece by piece first
 * (volatile, lest the compiler leave that out). */
enum { STEP = 0x7f000000, PIECES = 16 };
static void *aligned_block(size_t bytes)
{
    void *block = aligned_alloc(64, bytes);
    if (!block && bytes > STEP) {
        void *volatile piece[PIECES];
        for (int i = 0; i < PIECES; i++)
            piece[i] = malloc(bytes / PIECES + 4096);
        for (int i = PIECES - 1; i >= 0; i--)
            free(piece[i]);
        block = aligned_alloc(64, bytes);
    }
    return block;
}

strotss_status block_take(arena *block, strotss_engine *engine, const char *what, const char *advice,
                          block_layout *layout, void *context)
{
    arena plan = {0};
    layout(context, &plan);
    const int too_large = arena_too_large(&plan);
    void *base = too_large ? NULL : aligned_block(plan.high);
    if (!base)
        return engine_fail(engine, STROTSS_OUT_OF_MEMORY, "not enough memory: %s needs %s%zu MB%s",
                           what, too_large ? "more than " : "", plan.high >> 20, advice);
    *block = (arena){.base = base, .size = plan.high};
    layout(context, block);
    return STROTSS_OK;
}

void block_free(void *base)
{
    free(base);
}

strotss_status strotss_engine_create(strotss_engine **out, int thread_count)
{
    if (!out || thread_count < 1 || thread_count > STROTSS_MAX_THREADS)
        return STROTSS_BAD_ARGUMENT;
    strotss_engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return STROTSS_OUT_OF_MEMORY;
    engine->threads = threads_create(thread_count);
    if (!engine->threads) {
        free(engine);
        return STROTSS_OUT_OF_MEMORY;
    }
    *out = engine;
    return STROTSS_OK;
}

void strotss_engine_destroy(strotss_engine *engine)
{
    if (!engine)
        return;
    threads_destroy(engine->threads);
    block_free(engine->network);
    free(engine);
}

size_t strotss_network_bytes(void)
{
    arena plan = {0};
    vgg16 net;
    vgg16_layout(&net, &plan);
    return plan.high;
}

static void network_layout(void *net, arena *arena)
{
    vgg16_layout(net, arena);
}

static void load_scratch_layout(void *scratch, arena *arena)
{
    *(float **)scratch = arena_take(arena, vgg16_load_scratch_floats(), sizeof(float));
}

strotss_status strotss_engine_load_weights(strotss_engine *engine, const void *bytes, size_t size)
{
    if (!bytes)
        return engine_fail(engine, STROTSS_BAD_ARGUMENT, "weights: none were given");
    if (engine->network)
        return engine_fail(engine, STROTSS_BAD_ARGUMENT, "weights are loaded already");
    const char *fault = weights_check(bytes, size);
    if (fault)
        return engine_fail(engine, STROTSS_BAD_WEIGHTS, "weights: %s", fault);

    arena network = {0}, working = {0};
    float *scratch = NULL;
    strotss_status status = block_take(&network, engine, "the network", "", network_layout, &engine->net);
    if (status == STROTSS_OK)
        status = block_take(&working, engine, "preparing the network", "", load_scratch_layout, &scratch);
    if (status != STROTSS_OK) {
        block_free(network.base);
        return status;
    }
    vgg16_load(&engine->net, engine->threads, bytes, scratch);
    block_free(working.base);
    engine->network = network.base;
    engine->weights_digest = weights_digest(bytes, size);
    return STROTSS_OK;
}

const char *strotss_engine_error(const strotss_engine *engine)
{
    return engine->error;
}

strotss_status engine_check_network(strotss_engine *engine)
{
    return engine->network ? STROTSS_OK : engine_fail(engine, STROTSS_BAD_WEIGHTS, "weights: none are loaded");
}

strotss_status engine_check_result(strotss_engine *engine, const void *result)
{
    return result ? STROTSS_OK : engine_fail(engine, STROTSS_BAD_ARGUMENT, "there is no place for the result");
}

int engine_takes_size(int width, int height)
{
    return width >= STROTSS_MIN_SIDE && height >= STROTSS_MIN_SIDE &&
           width <= STROTSS_MAX_SIDE && height <= STROTSS_MAX_SIDE &&
           (int64_t)width * height <= STROTSS_MAX_PIXELS;
}

strotss_status engine_check_image(strotss_engine *engine, const strotss_image *image, const char *what)
{
    if (!image || !image->rgba)
        return engine_fail(engine, STROTSS_BAD_IMAGE, "%s: no picture was given", what);
    const int short_side = image->width < image->height ? image->width : image->height;
    if (short_side < STROTSS_MIN_SIDE)
        return engine_fail(engine, STROTSS_BAD_IMAGE, "%s: %d x %d pixels is too small; at least %d x %d", what,
                           image->width, image->height, STROTSS_MIN_SIDE, STROTSS_MIN_SIDE);
    if (!engine_takes_size(image->width, image->height))
        return engine_fail(engine, STROTSS_BAD_IMAGE,
                           "%s: %d x %d pixels is too large; at most %d a side and %d million in all",
                           what, image->width, image->height, STROTSS_MAX_SIDE, STROTSS_MAX_PIXELS / 1000000);
    return STROTSS_OK;
}

strotss_status engine_check_seen(strotss_engine *engine, const strotss_image *image, const char *what)
{
    const strotss_status status = engine_check_image(engine, image, what);
    if (status != STROTSS_OK)
        return status;
    const size_t pixels = (size_t)image->width * image->height;
    for (size_t p = 0; p < pixels; p++)
        if (image->rgba[4 * p + 3])
            return STROTSS_OK;
    return engine_fail(engine, STROTSS_BAD_IMAGE, "%s: the picture is wholly transparent, so nothing of it can be seen",
                       what);
}

strotss_status strotss_image_decode(strotss_image *image, strotss_engine *engine, const void *bytes, size_t size)
{
    const strotss_status status = engine_check_result(engine, image);
    return status != STROTSS_OK ? status : image_decode(image, engine->error, sizeof engine->error, bytes, size);
}

strotss_status strotss_image_encode(uint8_t **bytes, size_t *size, strotss_engine *engine, const strotss_image *image,
                                    int quality)
{
    const strotss_status status = engine_check_result(engine, bytes && size ? bytes : NULL);
    return status ? status : image_encode(bytes, size, engine->error, sizeof engine->error, image, quality);
}

void strotss_image_free(strotss_image *image)
{
    image_free(image);
}

void strotss_bytes_free(uint8_t *bytes)
{
    free(bytes);
}
