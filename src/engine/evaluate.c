/* SPDX-License-Identifier: MIT
 *
 * Measuring instead of optimising: the objective's terms of a finished picture (the paper's Methods). Memory is planned
 * in one block as for a run.
 */
#include <math.h>

#include "engine/engine.h"
#include "losses/objective.h"
#include "features/pass.h"
#include "features/positions.h"
#include "picture/resize.h"

typedef struct evaluation {
    const strotss_image *content_image, *style_image, *result_image;
    int workers;
    int height, width, style_height, style_width;
    float *content, *style, *result; /* rgb at the result's scale */
    float *style_alpha;
    position *candidates, *at, *style_at;
    int32_t *index, *pick_scratch;
    int n;
    columns x, c;
    struct style columns;
    arena shared; /* used in turns: the network's scratch, the losses' scratch */
} evaluation;

static void evaluation_layout(void *context, arena *arena)
{
    evaluation *e = context;
    const strotss_image *content = e->content_image, *style = e->style_image, *result = e->result_image;
    const int workers = e->workers;
    const int side = result->width > result->height ? result->width : result->height;
    e->height = result->height;
    e->width = result->width;
    resize_fit(&e->style_height, &e->style_width, style->height, style->width, side);
    const size_t pixels = (size_t)e->height * e->width, style_pixels = (size_t)e->style_height * e->style_width;
    const int n = POSITIONS_PER_ITERATION, draws = STYLE_DRAWS * STYLE_DRAW_SIZE;
    const size_t room = (size_t)positions_candidates_room(e->height, e->width, 1);
    const size_t resize_floats =
        arena_larger(resize_scratch_floats(e->height, e->width, content->height, content->width),
                     arena_larger(resize_scratch_floats(e->style_height, e->style_width, style->height, style->width),
                                  resize_scratch_floats(e->height, e->width, e->height, e->width)));

    e->content = arena_take(arena, pixels, 3 * sizeof(float));
    e->result = arena_take(arena, pixels, 3 * sizeof(float));
    e->style = arena_take(arena, style_pixels, 3 * sizeof(float));
    e->style_alpha = arena_take(arena, style_pixels, sizeof(float));
    e->candidates = arena_take(arena, room, sizeof(position));
    e->at = arena_take(arena, (size_t)n, sizeof(position));
    e->index = arena_take(arena, (size_t)n, sizeof(int32_t));
    e->style_at = arena_take(arena, (size_t)draws, sizeof(position));
    e->pick_scratch = arena_take(arena, arena_larger(room, style_pixels), sizeof(int32_t));
    columns_layout(&e->x, arena, e->height, e->width, n);
    columns_layout(&e->c, arena, e->height, e->width, n);
    style_layout(&e->columns, arena, e->style_height, e->style_width, draws, NULL);

    const loss_sizes sizes = {.n = n, .draws = draws, .workers = workers, .transport = STROTSS_REMD};
    const size_t loss = arena_larger(style_scratch_bytes(draws, workers), objective_scratch_bytes(&sizes));
    const size_t network = arena_larger(vgg16_scratch_bytes(e->height, e->width, workers),
                                        vgg16_scratch_bytes(e->style_height, e->style_width, workers));
    e->shared = (struct arena){.size = arena_larger(arena_larger(loss, network), sizeof(float) * resize_floats)};
    e->shared.base = arena_take(arena, e->shared.size, 1);
}

static void look(const float *image, int height, int width, gather gather,
                 const strotss_engine *engine, const exec *exec)
{
    pass_forward(&(pass){image, height, width, .gathers = &gather, .count = 1}, &engine->net, exec);
}

static void evaluate_draw(strotss_terms *terms, evaluation *e, strotss_engine *engine,
                          float alpha, uint64_t seed, int draw)
{
    const exec exec = {engine->threads, &e->shared};
    rng r = rng_stream(seed, RNG_EVALUATE, draw, 0);
    const int candidates = positions_candidates(e->candidates, e->height, e->width,
                                                rng_stream(seed, RNG_EVALUATE, draw, 1), NULL, NULL);
    const int n = candidates < POSITIONS_PER_ITERATION ? candidates : POSITIONS_PER_ITERATION;
    positions_pick(e->index, n, &r, candidates, e->pick_scratch);
    for (int i = 0; i < n; i++)
        e->at[i] = e->candidates[e->index[i]];

    const int style_draws = positions_draw_style(e->style_at, STYLE_DRAWS, STYLE_DRAW_SIZE, &r,
                                                 e->style_height, e->style_width, e->style_alpha, NULL, NULL,
                                                 e->pick_scratch);
    style_place(&e->columns, e->style_at, style_draws, e->style_height, e->style_width);
    look(e->style, e->style_height, e->style_width, (gather){GATHER_STYLE, .style = &e->columns}, engine, &exec);
    style_finish(&e->columns, &exec);

    columns_place(&e->x, e->at, n, e->height, e->width);
    columns_place(&e->c, e->at, n, e->height, e->width);
    look(e->content, e->height, e->width, (gather){GATHER_COLUMNS, .columns = &e->c, .at = e->at}, engine, &exec);
    look(e->result, e->height, e->width, (gather){GATHER_COLUMNS, .columns = &e->x, .at = e->at}, engine, &exec);
    const loss_options options = loss_defaults();
    objective(terms, NULL, 1, &e->x, &e->c, &e->columns, NULL, alpha, &options, &exec);
}

strotss_status strotss_evaluate(strotss_terms *terms, strotss_engine *engine, const strotss_image *content,
                                const strotss_image *style, const strotss_image *result,
                                float alpha, int draws, uint64_t seed)
{
    strotss_status status = engine_check_result(engine, terms);
    if (status == STROTSS_OK)
        status = engine_check_image(engine, content, "content");
    if (status == STROTSS_OK)
        status = engine_check_seen(engine, style, "style");
    if (status == STROTSS_OK)
        status = engine_check_image(engine, result, "result");
    if (status == STROTSS_OK)
        status = engine_check_network(engine);
    if (status != STROTSS_OK)
        return status;
    if (result->width > STROTSS_MAX_SIZE || result->height > STROTSS_MAX_SIZE)
        return engine_fail(engine, STROTSS_BAD_IMAGE,
                           "result: %d x %d pixels is too large to evaluate; at most %d a side",
                           result->width, result->height, STROTSS_MAX_SIZE);
    if (!(alpha >= 0 && alpha <= 1e6f))
        return engine_fail(engine, STROTSS_BAD_ARGUMENT, "alpha must be from 0 to 1000000");
    if (draws < 1 || draws > 1000)
        return engine_fail(engine, STROTSS_BAD_ARGUMENT, "draws must be from 1 to 1000");

    evaluation e = {content, style, result, .workers = threads_count(engine->threads)};
    arena arena;
    status = block_take(&arena, engine, "evaluating this result", "; take a smaller one", evaluation_layout, &e);
    if (status != STROTSS_OK)
        return status;
    resize_antialiased(e.content, NULL, e.height, e.width, content, (float *)e.shared.base);
    resize_antialiased(e.result, NULL, e.height, e.width, result, (float *)e.shared.base);
    resize_antialiased(e.style, e.style_alpha, e.style_height, e.style_width, style, (float *)e.shared.base);

    strotss_terms mean = {0};
    for (int draw = 0; draw < draws; draw++) {
        strotss_terms own;
        evaluate_draw(&own, &e, engine, alpha, seed, draw);
        mean.total += own.total / draws;
        for (int v = 0; v < strotss_value_count(); v++)
            mean.value[v] += own.value[v] / draws;
    }
    block_free(arena.base);
    if (!isfinite(mean.total))
        return engine_fail(engine, STROTSS_NOT_FINITE, "a term was not finite");
    *terms = mean;
    return STROTSS_OK;
}
