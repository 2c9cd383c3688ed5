/* SPDX-License-Identifier: MIT
 *
 * How far two pictures are apart in the network's eyes, by three transport distances at once: the relaxed one that the
 * style term takes, the exact one that it bounds from below, and the entropic one that bounds that from above. Of each
 * picture, resized to one long side, n hypercolumns are drawn; costs are cosine distances [n][n] of each tap's channels
 * alone, and of all together. What is wholly transparent is not drawn, so how many can be is known once the pictures
 * are resized. Memory is planned in one block, for the most.
 */
#include <math.h>

#include "kernels/gemm.h"
#include "losses/transport/emd.h"
#include "engine/engine.h"
#include "features/pass.h"
#include "features/positions.h"
#include "picture/resize.h"
#include "losses/transport/sinkhorn.h"

enum { SIDES = 2 };

typedef struct side {
    const strotss_image *image;
    int height, width;
    float *rgb;       /* [height][width][3] */
    float *alpha;     /* [height][width] */
    int32_t *scratch; /* [height][width] */
    position *at;     /* [n] */
    int drawn;        /* of n wanted */
    columns columns;
    float *rows;      /* [n][HYPERCOLUMN_STRIDE] */
    float *inverse;   /* [n] 1 / the length of the channels at hand */
} side;

typedef struct measuring {
    int n, most;      /* compared, and at most so before the pictures are seen */
    int workers;
    side side[SIDES];
    size_t pictures;  /* the arena's mark behind what the pictures need */
    sinkhorn entropic[STROTSS_DISTANCES]; /* and the costs */
    emd exact[STROTSS_DISTANCES];
    strotss_distance *distances;
    arena shared;     /* used in turns: resizing, the network's scratch, the product's scratch */
} measuring;

/* What the number that can be drawn is found with. */
static void picture_layout(side *s, arena *arena, int most)
{
    const size_t pixels = (size_t)s->height * s->width;
    s->rgb = arena_take(arena, pixels, 3 * sizeof(float));
    s->alpha = arena_take(arena, pixels, sizeof(float));
    s->scratch = arena_take(arena, pixels, sizeof(int32_t));
    s->at = arena_take(arena, (size_t)most, sizeof(position));
}

static void columns_of_side_layout(side *s, arena *arena, int n, size_t *shared, int workers)
{
    const size_t resize = resize_scratch_floats(s->height, s->width, s->image->height, s->image->width);
    columns_layout(&s->columns, arena, s->height, s->width, n);
    s->rows = arena_take(arena, (size_t)n, HYPERCOLUMN_STRIDE * sizeof(float));
    s->inverse = arena_take(arena, (size_t)n, sizeof(float));
    *shared = arena_larger(*shared, sizeof(float) * resize);
    *shared = arena_larger(*shared, vgg16_scratch_bytes(s->height, s->width, workers));
}

static void compared_layout(measuring *w, arena *arena)
{
    const int workers = w->workers;
    size_t shared = sizeof(float) * gemm_scratch_floats(w->n, w->n, HYPERCOLUMN_STRIDE, workers);
    for (int p = 0; p < SIDES; p++)
        columns_of_side_layout(&w->side[p], arena, w->n, &shared, workers);
    for (int d = 0; d < STROTSS_DISTANCES; d++) {
        sinkhorn_layout(&w->entropic[d], arena, w->n, w->n);
        emd_layout(&w->exact[d], arena, w->n);
    }
    w->shared = (struct arena){.size = shared};
    w->shared.base = arena_take(arena, shared, 1);
}

static void measuring_layout(void *context, arena *arena)
{
    measuring *w = context;
    for (int p = 0; p < SIDES; p++)
        picture_layout(&w->side[p], arena, w->most);
    w->pictures = arena_mark(arena);
    compared_layout(w, arena);
}

/* A shuffle's beginning: where fewer are wanted in the end, its first are what a draw of so few would have been. */
static void draw_side(side *s, arena shared, int n, rng *r)
{
    resize_antialiased(s->rgb, s->alpha, s->height, s->width, s->image, (float *)shared.base);
    s->drawn = positions_draw_style(s->at, 1, n, r, s->height, s->width, s->alpha, NULL, NULL, s->scratch);
}

static void find_columns(side *s, const strotss_engine *engine, arena *shared, int n)
{
    columns_place(&s->columns, s->at, n, s->height, s->width);
    const gather all = {GATHER_COLUMNS, .columns = &s->columns, .at = s->at};
    pass_forward(&(pass){s->rgb, s->height, s->width, .gathers = &all, .count = 1}, &engine->net,
                 &(exec){engine->threads, shared});
    for (int k = 0; k < VGG16_LEVELS; k++)
        columns_expand(engine->threads, s->rows + level_offset[k], HYPERCOLUMN_STRIDE, s->columns.level[k].z,
                       level_stride[k], &s->columns, k, level_stride[k], 0);
}

/* Cosine distances of `channels` channels from `offset` on; a zero column is at distance 1 from all. Returns whether
 * all are finite, as the solvers need them. */
static int find_costs(measuring *w, int d, int offset, int channels, threads *threads)
{
    sinkhorn *plan = &w->entropic[d];
    for (int p = 0; p < SIDES; p++)
        for (int i = 0; i < w->n; i++) {
            const float *row = w->side[p].rows + (size_t)i * HYPERCOLUMN_STRIDE + offset;
            double square = 0;
            for (int c = 0; c < channels; c++)
                square += (double)row[c] * row[c];
            w->side[p].inverse[i] = square > 0 ? (float)(1 / sqrt(square)) : 0;
        }
    gemm_nt(threads, plan->cost, plan->stride, w->side[0].rows + offset, HYPERCOLUMN_STRIDE, w->side[1].rows + offset,
            HYPERCOLUMN_STRIDE, w->n, w->n, channels, 0, (float *)w->shared.base);
    int finite = 1;
    for (int i = 0; i < w->n; i++) {
        float *cost = plan->cost + (size_t)i * plan->stride;
        for (int j = 0; j < plan->stride; j++) {
            cost[j] = j < w->n ? 1 - cost[j] * w->side[0].inverse[i] * w->side[1].inverse[j] : 0;
            finite &= isfinite(cost[j]) != 0;
        }
        plan->log_a[i] = plan->log_b[i] = -logf((float)w->n);
    }
    return finite;
}

static double relaxed(const sinkhorn *plan)
{
    double rows = 0, columns = 0;
    for (int i = 0; i < plan->n; i++) {
        float row = INFINITY, column = INFINITY;
        for (int j = 0; j < plan->n; j++) {
            row = fminf(row, plan->cost[(size_t)i * plan->stride + j]);
            column = fminf(column, plan->cost[(size_t)j * plan->stride + i]);
        }
        rows += row;
        columns += column;
    }
    return fmax(rows, columns) / plan->n;
}

static void bound(void *context, int d, int worker)
{
    (void)worker;
    measuring *w = context;
    const sinkhorn *plan = &w->entropic[d];
    w->distances[d].remd = relaxed(plan);
    w->distances[d].emd = emd_solve(&w->exact[d], plan->cost, plan->stride);
}

static strotss_status measure(measuring *w, strotss_engine *engine)
{
    threads *threads = engine->threads;
    for (int p = 0; p < SIDES; p++)
        find_columns(&w->side[p], engine, &w->shared, w->n);
    int finite = 1;
    for (int tap = 0; tap < VGG16_TAPS; tap++) {
        const vgg16_tap_info *info = &vgg16_taps[tap];
        finite &= find_costs(w, tap, level_offset[info->level] + info->offset, info->channels, threads);
    }
    finite &= find_costs(w, VGG16_TAPS, 0, HYPERCOLUMN_STRIDE, threads);
    if (!finite)
        return engine_fail(engine, STROTSS_NOT_FINITE, "a distance was not finite");
    threads_for(threads, STROTSS_DISTANCES, bound, w);
    for (int d = 0; d < STROTSS_DISTANCES; d++) {
        sinkhorn_solve(&w->entropic[d], threads);
        w->distances[d].sinkhorn = sinkhorn_cost(&w->entropic[d], threads);
        if (!isfinite(w->distances[d].emd) || !isfinite(w->distances[d].sinkhorn))
            return engine_fail(engine, STROTSS_NOT_FINITE, "a distance was not finite");
    }
    return STROTSS_OK;
}

strotss_status strotss_distances(strotss_distance distances[STROTSS_DISTANCES], strotss_engine *engine,
                                 const strotss_image *a, const strotss_image *b, int size, int count, uint64_t seed)
{
    strotss_status status = engine_check_result(engine, distances);
    if (status == STROTSS_OK)
        status = engine_check_seen(engine, a, "first picture");
    if (status == STROTSS_OK)
        status = engine_check_seen(engine, b, "second picture");
    if (status == STROTSS_OK)
        status = engine_check_network(engine);
    if (status != STROTSS_OK)
        return status;
    if (size < STROTSS_MIN_SIZE || size > STROTSS_MAX_SIZE)
        return engine_fail(engine, STROTSS_BAD_ARGUMENT, "size must be from %d to %d",
                           STROTSS_MIN_SIZE, STROTSS_MAX_SIZE);
    if (count < 1 || count > STROTSS_MAX_COUNT)
        return engine_fail(engine, STROTSS_BAD_ARGUMENT, "count must be from 1 to %d", STROTSS_MAX_COUNT);

    strotss_distance found[STROTSS_DISTANCES];
    measuring w = {.n = count, .workers = threads_count(engine->threads), .side = {{.image = a}, {.image = b}},
                   .distances = found};
    for (int p = 0; p < SIDES; p++) {
        side *s = &w.side[p];
        resize_fit(&s->height, &s->width, s->image->height, s->image->width, size);
        if (w.n > s->height * s->width)
            w.n = s->height * s->width;
    }
    w.most = w.n;
    arena arena;
    status = block_take(&arena, engine, "comparing these pictures", "; choose a smaller size", measuring_layout, &w);
    if (status != STROTSS_OK)
        return status;
    for (int p = 0; p < SIDES; p++) {
        rng r = rng_stream(seed, RNG_DISTANCES, p, 0);
        draw_side(&w.side[p], w.shared, w.most, &r);
        w.n = w.side[p].drawn < w.n ? w.side[p].drawn : w.n;
    }
    arena_reset(&arena, w.pictures);
    compared_layout(&w, &arena);
    status = measure(&w, engine);
    block_free(arena.base);
    for (int d = 0; status == STROTSS_OK && d < STROTSS_DISTANCES; d++)
        distances[d] = found[d];
    return status;
}
