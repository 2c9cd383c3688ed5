/* SPDX-License-Identifier: MIT
 *
 * Hypercolumns of a picture at chosen pixels, columns[count][2179] (the paper's Feature Extraction), at the picture's
 * own size. The picture is looked at by squares of SQUARE pixels: of each that has pixels asked for, the network sees
 * the rectangle that these depend on, so that memory is bounded however large the picture is.
 *
 * A rectangle begins at a multiple of CELL, the side of the deepest map's pixels, so that every pooling window lies as
 * in the whole picture. A pixel of the deepest map depends on 90 pixels on either side of its own 16, which six cells
 * cover. A mixture needs the next cell too, and behind the last whole cell the one before: seven on either side.
 */
#include <math.h>
#include <string.h>

#include "engine/engine.h"
#include "features/pass.h"

enum { SQUARE = 512, CELL = 16, CELLS_BEFORE = 7, CELLS_BEHIND = 7 };

typedef struct rectangle { int y, x, height, width; } rectangle;

typedef struct probe {
    const strotss_image *image;
    float *columns;
    const int *yx;
    int count, workers;
    int square_y, square_x; /* at work */
    rectangle seen;
    float *rgb;             /* [height][width][3] of seen */
    position *at;           /* [count] in seen: where the square's pixels are, */
    int32_t *row;           /* and their rows of columns */
    arena shared;           /* the network's scratch */
} probe;

static int square_has(const probe *p, int i)
{
    return p->yx[2 * i] / SQUARE == p->square_y && p->yx[2 * i + 1] / SQUARE == p->square_x;
}

/* What pixels first to last of a side depend on. */
static void see(int *begin, int *length, int first, int last, int side)
{
    const int from = (first / CELL - CELLS_BEFORE) * CELL, to = (last / CELL + 1 + CELLS_BEHIND) * CELL;
    *begin = from > 0 ? from : 0;
    *length = (to < side ? to : side) - *begin;
}

/* Moves on to the next square that has pixels; 0 when there is none. Begins at square_x = -1. */
static int next_square(probe *p)
{
    const int down = (p->image->height - 1) / SQUARE + 1, across = (p->image->width - 1) / SQUARE + 1;
    while (p->square_y < down) {
        if (++p->square_x == across) {
            p->square_x = -1;
            p->square_y++;
            continue;
        }
        int top = p->image->height, bottom = -1, left = p->image->width, right = -1;
        for (int i = 0; i < p->count; i++) {
            const int y = p->yx[2 * i], x = p->yx[2 * i + 1];
            if (!square_has(p, i))
                continue;
            top = y < top ? y : top;
            bottom = y > bottom ? y : bottom;
            left = x < left ? x : left;
            right = x > right ? x : right;
        }
        if (bottom < 0)
            continue;
        see(&p->seen.y, &p->seen.height, top, bottom, p->image->height);
        see(&p->seen.x, &p->seen.width, left, right, p->image->width);
        return 1;
    }
    return 0;
}

static void first_square(probe *p)
{
    p->square_y = 0;
    p->square_x = -1;
}

static void probe_layout(void *context, arena *arena)
{
    probe *p = context;
    size_t pixels = 0, network = 0;
    for (first_square(p); next_square(p);) {
        pixels = arena_larger(pixels, (size_t)p->seen.height * (size_t)p->seen.width);
        network = arena_larger(network, vgg16_scratch_bytes(p->seen.height, p->seen.width, p->workers));
    }
    p->rgb = arena_take(arena, pixels, 3 * sizeof(float));
    p->at = arena_take(arena, (size_t)p->count, sizeof(position));
    p->row = arena_take(arena, (size_t)p->count, sizeof(int32_t));
    p->shared = (struct arena){.size = network};
    p->shared.base = arena_take(arena, network, 1);
}

static void probe_square(probe *p, const strotss_engine *engine)
{
    const rectangle *seen = &p->seen;
    for (int y = 0; y < seen->height; y++)
        for (int x = 0; x < seen->width; x++) {
            const uint8_t *rgba = p->image->rgba + 4 * ((size_t)(seen->y + y) * p->image->width + seen->x + x);
            float *rgb = p->rgb + 3 * ((size_t)y * seen->width + x);
            for (int c = 0; c < 3; c++)
                rgb[c] = (float)rgba[c] / 255.0f;
        }
    pixels pixels = {p->columns, p->at, p->row, 0};
    for (int i = 0; i < p->count; i++)
        if (square_has(p, i)) {
            p->at[pixels.count] = (position){p->yx[2 * i] - seen->y, p->yx[2 * i + 1] - seen->x};
            p->row[pixels.count++] = i;
        }
    const gather all = {GATHER_PIXELS, .pixels = &pixels};
    pass_forward(&(pass){p->rgb, seen->height, seen->width, .gathers = &all, .count = 1}, &engine->net,
                 &(exec){engine->threads, &p->shared});
}

strotss_status strotss_hypercolumns(float *columns, strotss_engine *engine, const strotss_image *image,
                                    const int *yx, int count)
{
    strotss_status status = engine_check_result(engine, columns);
    if (status == STROTSS_OK)
        status = engine_check_image(engine, image, "image");
    if (status == STROTSS_OK)
        status = engine_check_network(engine);
    if (status != STROTSS_OK)
        return status;
    if (!yx || count < 1)
        return engine_fail(engine, STROTSS_BAD_ARGUMENT, "pixels: there must be at least one");
    for (int i = 0; i < count; i++)
        if (yx[2 * i] < 0 || yx[2 * i] >= image->height || yx[2 * i + 1] < 0 || yx[2 * i + 1] >= image->width)
            return engine_fail(engine, STROTSS_BAD_ARGUMENT, "pixel (%d, %d) is outside the %d x %d picture", yx[2 * i],
                               yx[2 * i + 1], image->width, image->height);
    probe p = {.image = image, .columns = columns, .yx = yx, .count = count, .workers = threads_count(engine->threads)};
    arena arena;
    status = block_take(&arena, engine, "looking at these pixels", "", probe_layout, &p);
    if (status != STROTSS_OK)
        return status;
    const size_t floats = (size_t)count * STROTSS_HYPERCOLUMN;
    memset(columns, 0, sizeof(float) * floats);
    for (first_square(&p); next_square(&p);)
        probe_square(&p, engine);
    block_free(arena.base);
    for (size_t i = 0; i < floats; i++)
        if (!isfinite(columns[i]))
            return engine_fail(engine, STROTSS_NOT_FINITE, "a number of a hypercolumn was not finite");
    return STROTSS_OK;
}
