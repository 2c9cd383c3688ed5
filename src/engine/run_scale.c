/* SPDX-License-Identifier: MIT
 *
 * What one scale of a run holds and one iteration of it computes (the paper's Implementation Details and User
 * Control): positions are drawn, hypercolumns of the output gathered on the way through the network, the objective
 * taken for each pair of regions, and its gradient led back to the pyramid.
 */
#include "engine/run.h"

#include <string.h>

#include "engine/schedule.h"
#include "losses/objective.h"
#include "picture/pyramid.h"

enum { DRAW_PERIOD = 10 /* iterations between two draws of the candidates */ };

/* Of one pair both are the same. */
int run_content_is_across(const strotss_run *run)
{
    return run->options.content_across_regions && run->pair_count > 1;
}

static int point_positions(const strotss_run *run)
{
    return run->point_count * POSITIONS_PER_POINT;
}

static int largest_budget(const strotss_run *run)
{
    int most = run_content_is_across(run) ? POSITIONS_PER_ITERATION : point_positions(run);
    for (int p = 0; p < run->pair_count; p++)
        most = run->pairs[p].budget > most ? run->pairs[p].budget : most;
    return most;
}

/* The pairs' samples, behind them the points', and the whole picture's, which has positions only if the content term
 * needs them. */
static int sample_count(const strotss_run *run)
{
    return run->pair_count + 1 + run_content_is_across(run);
}

static run_sample *sample_at(strotss_run *run, int i)
{
    return i < run->pair_count ? &run->pairs[i].sample : i == run->pair_count ? &run->at_points : &run->whole;
}

/* The engine's threads, and the memory that is used in turns. */
static exec exec_of(strotss_run *run)
{
    return (exec){run->engine->threads, &run->scale.shared};
}

static void sample_layout(run_sample *sample, arena *arena, const run_inputs *in, int budget)
{
    sample->index = arena_take(arena, (size_t)budget, sizeof(int32_t));
    sample->at = arena_take(arena, (size_t)budget, sizeof(position));
    columns_layout(&sample->x, arena, in->height, in->width, budget);
}

static void points_layout(strotss_run *run, arena *arena, const run_inputs *in)
{
    const int n = point_positions(run);
    run_points *points = &run->scale.points;
    if (!n)
        return;
    sample_layout(&run->at_points, arena, in, n);
    columns_layout(&points->style, arena, in->style_height, in->style_width, n);
    points->style_at = arena_take(arena, (size_t)n, sizeof(position));
    points->weight = arena_take(arena, (size_t)n, sizeof(float));
}

void run_scale_layout(strotss_run *run, arena *arena, int scale)
{
    const run_inputs *in = &run->inputs[scale];
    run_scale *s = &run->scale;
    const int workers = run->workers;
    const int room = positions_candidates_room(in->height, in->width, run->pair_count);
    const size_t style_pixels = (size_t)in->style_height * in->style_width;

    content_layout(&s->content, arena, in->height, in->width, room);
    vgg16_trace_layout(&s->trace, arena, in->height, in->width);
    s->gathers = arena_take(arena, (size_t)run->pair_count + 2, sizeof(gather));
    s->pick_scratch = arena_take(arena, arena_larger((size_t)room, style_pixels), sizeof(int32_t));
    const int draws = run->options.style_draws * STYLE_DRAW_SIZE;
    s->style_at = arena_take(arena, (size_t)draws, sizeof(position));
    s->pyramid_scratch = arena_take(arena, pyramid_scratch_floats(in->height, in->width), sizeof(float));
    const int budget = largest_budget(run);
    columns_layout(&s->content_room, arena, in->height, in->width, budget);
    for (int k = 0; k < VGG16_LEVELS; k++)
        s->dz[k] = arena_take(arena, (size_t)s->content_room.level[k].rows, (size_t)level_stride[k] * sizeof(float));
    if (run->pair_count > KEPT_COVARIANCES)
        s->covariance = arena_take(arena, moment_covariance_floats(), sizeof(float));
    for (int p = 0; p < run->pair_count; p++) {
        run_pair *pair = &run->pairs[p];
        sample_layout(&pair->sample, arena, in, pair->budget);
        style_layout(&pair->style, arena, in->style_height, in->style_width,
                     run->options.style_draws * pair->style_draw, p < KEPT_COVARIANCES ? NULL : &s->covariance);
    }
    if (run_content_is_across(run))
        sample_layout(&run->whole, arena, in, POSITIONS_PER_ITERATION);
    points_layout(run, arena, in);

    const loss_sizes sizes = {.n = budget, .draws = draws, .points = point_positions(run), .workers = workers,
                              .transport = run->options.transport};
    const size_t loss = arena_larger(style_scratch_bytes(draws, workers), objective_scratch_bytes(&sizes));
    const size_t network = arena_larger(vgg16_scratch_bytes(in->height, in->width, workers),
                                        vgg16_scratch_bytes(in->style_height, in->style_width, workers));
    s->shared = (struct arena){.size = arena_larger(loss, network)};
    s->shared.base = arena_take(arena, s->shared.size, 1);
}

/* ---- style -------------------------------------------------------------------------------- */

/* Where they are at this scale, in both pictures. */
static void place_points(strotss_run *run)
{
    const run_inputs *in = &run->inputs[run->progress.scale];
    run_points *points = &run->scale.points;
    run_sample *sample = &run->at_points;
    sample->n = point_positions(run);
    for (int i = 0; i < run->point_count; i++) {
        const run_point *p = &run->points[i];
        const int first = i * POSITIONS_PER_POINT;
        positions_around(sample->at + first, p->content_y, p->content_x, in->height, in->width);
        positions_around(points->style_at + first, p->style_y, p->style_x, in->style_height, in->style_width);
        for (int j = 0; j < POSITIONS_PER_POINT; j++)
            points->weight[first + j] = (float)(p->weight / POSITIONS_PER_POINT);
    }
    columns_place(&sample->x, sample->at, sample->n, in->height, in->width);
    columns_place(&points->style, points->style_at, sample->n, in->style_height, in->style_width);
}

void run_scale_style(strotss_run *run)
{
    const int scale = run->progress.scale;
    const run_inputs *in = &run->inputs[scale];
    run_scale *s = &run->scale;
    const exec exec = exec_of(run);
    rng r = rng_stream(run->options.seed, RNG_STYLE, scale, 0);
    int count = 0;
    for (int p = 0; p < run->pair_count; p++) {
        run_pair *pair = &run->pairs[p];
        const int draws = positions_draw_style(s->style_at, run->options.style_draws, pair->style_draw, &r,
                                               in->style_height, in->style_width, in->style_alpha,
                                               in->style_labels, pair->region.style, s->pick_scratch);
        style_place(&pair->style, s->style_at, draws, in->style_height, in->style_width);
        if (draws)
            s->gathers[count++] = (gather){GATHER_STYLE, .style = &pair->style};
    }
    const int styles = count;
    if (run->point_count) {
        place_points(run);
        s->gathers[count++] = (gather){GATHER_COLUMNS, .columns = &s->points.style, .at = s->points.style_at};
    }
    pass_forward(&(pass){in->style, in->style_height, in->style_width, NULL, s->gathers, count}, &run->engine->net,
                 &exec);
    for (int i = 0; i < styles; i++)
        style_finish(s->gathers[i].style, &exec);
}

/* ---- content ------------------------------------------------------------------------------ */

int run_scale_candidates(strotss_run *run, int iteration)
{
    const int scale = run->progress.scale, draw = iteration / DRAW_PERIOD;
    const run_inputs *in = &run->inputs[scale];
    content *c = &run->scale.content;
    /* Cells of one pixel have one draw only. */
    if (c->draw == draw || (c->draw >= 0 && positions_stride(in->height, in->width) == 1))
        return 0;
    const rng r = rng_stream(run->options.seed, RNG_CANDIDATES, scale, draw);
    c->count = 0;
    float weight = 0;
    for (int p = 0; p < run->pair_count; p++) {
        run_pair *pair = &run->pairs[p];
        pair->first = c->count;
        pair->candidates = pair->style.draws
            ? positions_candidates(c->at + c->count, in->height, in->width, r, in->content_labels,
                                   pair->region.content)
            : 0;
        c->count += pair->candidates;
        weight += pair->candidates ? pair->region.weight : 0;
    }
    for (int p = 0; p < run->pair_count; p++) {
        run_pair *pair = &run->pairs[p];
        pair->weight = pair->candidates ? pair->region.weight / weight : 0;
        pair->sample.n = pair->candidates >= pair->budget ? pair->budget
                       : pair->candidates >= POSITIONS_REGION_FLOOR ? pair->candidates
                       : pair->candidates ? POSITIONS_REGION_FLOOR : 0;
    }
    /* A region sampled with replacement has more positions than pixels;
     * the kept columns must not be fewer (content_select). */
    if (c->count == 0) /* no pair has anything to see of its style at this scale */
        c->at[c->count++] = (position){0, 0};
    while (c->count < POSITIONS_REGION_FLOOR)
        c->at[c->count] = c->at[0], c->count++;
    run->whole.n = c->count < POSITIONS_PER_ITERATION ? c->count : POSITIONS_PER_ITERATION;
    c->draw = draw;
    return 1;
}

void run_scale_content(strotss_run *run, int iteration)
{
    const run_inputs *in = &run->inputs[run->progress.scale];
    const exec exec = exec_of(run);
    if (run_scale_candidates(run, iteration))
        content_extract(&run->scale.content, &run->engine->net, &exec, in->content, in->height, in->width);
}

/* ---- one iteration -------------------------------------------------------------------------- */

/* The samples that have positions as what a pass looks at. */
static int list_samples(strotss_run *run)
{
    int count = 0;
    for (int i = 0; i < sample_count(run); i++) {
        run_sample *sample = sample_at(run, i);
        if (sample->n)
            run->scale.gathers[count++] = (gather){GATHER_COLUMNS, .columns = &sample->x, .at = sample->at};
    }
    return count;
}

static void add_terms(strotss_terms *sum, const strotss_terms *terms, double weight)
{
    sum->total += weight * terms->total;
    for (int v = 0; v < strotss_value_count(); v++)
        sum->value[v] += weight * terms->value[v];
}

/* From `candidates` of the content's candidates, `first` on. */
static void draw_positions(run_sample *sample, const strotss_run *run, rng *r, int first, int candidates)
{
    const run_inputs *in = &run->inputs[run->progress.scale];
    positions_pick(sample->index, sample->n, r, candidates, run->scale.pick_scratch);
    for (int i = 0; i < sample->n; i++) {
        sample->index[i] += first;
        sample->at[i] = run->scale.content.at[sample->index[i]];
    }
    columns_place(&sample->x, sample->at, sample->n, in->height, in->width);
}

static size_t basis_bytes(const run_sample *sample, int level)
{
    return sizeof(float) * (size_t)sample->x.level[level].rows * (size_t)level_stride[level];
}

/* Adds weight times the objective, the content term if asked for, the others with a style or points, and puts the
 * gradient in the place of x's z. */
static void sample_objective(strotss_terms *terms, run_sample *sample, float weight, int with_content,
                             style *style, const loss_points *points, strotss_run *run)
{
    const run_inputs *in = &run->inputs[run->progress.scale];
    const strotss_options *o = &run->options;
    loss_options options = {.transport = o->transport, .similarity = o->similarity};
    memcpy(options.factor, o->factor, sizeof options.factor);
    run_scale *s = &run->scale;
    columns content = s->content_room;
    if (with_content) {
        columns_place(&content, sample->at, sample->n, in->height, in->width);
        content_select(&content, &s->content, sample->index);
    }
    const exec exec = exec_of(run);
    if (style && style->shares_covariance)
        style_covariance(style, &exec);
    for (int k = 0; k < VGG16_LEVELS; k++)
        memset(s->dz[k], 0, basis_bytes(sample, k));
    strotss_terms own;
    objective(&own, s->dz, weight, &sample->x, with_content ? &content : NULL, style, points,
              schedule_alpha(o, run->progress.scale), &options, &exec);
    add_terms(terms, &own, weight);
    for (int k = 0; k < VGG16_LEVELS; k++)
        memcpy(sample->x.level[k].z, s->dz[k], basis_bytes(sample, k));
}

void run_scale_positions(strotss_run *run, int iteration)
{
    rng r = rng_stream(run->options.seed, RNG_POSITIONS, run->progress.scale, iteration);
    for (int p = 0; p < run->pair_count; p++) {
        run_pair *pair = &run->pairs[p];
        if (pair->sample.n)
            draw_positions(&pair->sample, run, &r, pair->first, pair->candidates);
    }
    if (run_content_is_across(run))
        draw_positions(&run->whole, run, &r, 0, run->scale.content.count);
}

void run_scale_gradient(strotss_run *run, int iteration, strotss_terms *terms)
{
    const run_inputs *in = &run->inputs[run->progress.scale];
    run_scale *s = &run->scale;
    const vgg16 *net = &run->engine->net;
    const exec exec = exec_of(run);
    const int across = run_content_is_across(run);

    run_scale_positions(run, iteration);
    const pass pass = {run->image, in->height, in->width, &s->trace, s->gathers, list_samples(run)};
    pass_forward(&pass, net, &exec);

    *terms = (strotss_terms){0};
    for (int p = 0; p < run->pair_count; p++) {
        run_pair *pair = &run->pairs[p];
        if (pair->sample.n)
            sample_objective(terms, &pair->sample, pair->weight, !across, &pair->style, NULL, run);
    }
    if (across)
        sample_objective(terms, &run->whole, 1, 1, NULL, NULL, run);
    if (run->point_count) {
        const loss_points points = {&s->points.style, s->points.weight};
        sample_objective(terms, &run->at_points, 1, 0, NULL, &points, run);
    }

    pass_backward(run->dimage, &pass, net, &exec);
    pyramid_fold_backward(run->dpyramid, run->dimage, in->height, in->width);
}
