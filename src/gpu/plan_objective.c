/* SPDX-License-Identifier: MIT
 *
 * The objective of every sample, terms and gradient (objective.h and the loss_*.c have the formulas), on dense columns:
 *
 *     G = X X^T, of the content too      Q of the content term, in G's place      C = X Y^T, then costs
 *     Sigma n = Xc^T Xc, then its slope S
 *     dX = (mean's slope) + Q X + Xc S + (transport's pairs) + (palette's pairs)
 *
 * Samples take turns in the room of the largest one.
 */
#include "gpu/scale.h"

enum { TILE_M = 128, TILE_N = 64 };

/* What samples use in turns. */
typedef struct room {
    gpu_range g_x, g_c, inverse_x, inverse_c, comparison; /* of rows by rows, and of rows */
    gpu_range content_x;                                  /* the content's columns */
    gpu_range centred, covariance, error, mean_error;
    gpu_range cost, row_minima, column_minima, verdict;
} room;

/* What stays of a style for the scale. */
typedef struct style_room { gpu_range y, numbers, palette, mean, covariance; size_t columns; } style_room;

/* C (+)= A B, C [m][n], in bands of whole tiles where it is too much for one dispatch. */
static void gemm(gpu_scale *s, gpu_kernel kernel, size_t m, size_t n, size_t k, gpu_range a, size_t lda, gpu_range b,
                 size_t ldb, gpu_range c, size_t ldc)
{
    const double tile = 2.0 * TILE_M * (double)n * (double)k; /* operations of a row of tiles */
    const size_t tiles = m / TILE_M, most = gpu_rows(&s->limits, tiles, 1, 0, tile);
    for (size_t first = 0; first < tiles; first += most) {
        const size_t count = tiles - first < most ? tiles - first : most, row = first * TILE_M * sizeof(float);
        const size_t rows = count * TILE_M * sizeof(float);
        gpu_dispatch(&s->plan, kernel, count, n / TILE_N, tile * (double)count,
                     RANGES(gpu_part(a, row * lda, rows * lda), b, gpu_part(c, row * ldc, rows * ldc)),
                     PARAMS((uint32_t)k, (uint32_t)lda / 4, (uint32_t)ldb / 4, (uint32_t)ldc / 4));
    }
}

/* Tiles on and above the diagonal of X^T X, X [k][GPU_STRIDE]. */
static void gemm_upper(gpu_scale *s, size_t k, gpu_range x, gpu_range c)
{
    const uint32_t ld = GPU_STRIDE / 4;
    gpu_dispatch(&s->plan, GPU_GEMM_TN_UPPER, GPU_STRIDE / TILE_M, GPU_STRIDE / TILE_N,
                 1.0 * GPU_STRIDE * GPU_STRIDE * (double)k, RANGES(x, x, c), PARAMS((uint32_t)k, ld, ld, ld));
}

static gpu_range rows_range(gpu_range all, const gpu_sample *sample)
{
    const size_t bytes = GPU_STRIDE * sizeof(float);
    return gpu_part(all, sample->first * bytes, sample->rows * bytes);
}

/* ---- the style, once a scale ------------------------------------------------------------------------------------- */

/* y_k by its descendants at level 0, side by side. */
static void plan_style_rows(gpu_scale *s, const style *style, gpu_range y, size_t columns)
{
    uint32_t *ancestor = NULL;
    for (int k = 0; k < VGG16_LEVELS; k++) {
        const uint32_t *below = ancestor;
        ancestor = gpu_own(s, columns);
        if (!ancestor)
            return;
        for (size_t u = 0; u < columns; u++)
            ancestor[u] = u >= (size_t)style->distinct[0] ? GPU_NOWHERE
                          : k == 0 ? (uint32_t)u : (uint32_t)style->parent[k - 1][below[u]];
        const size_t bytes = sizeof(float) * (size_t)style->distinct[k] * (size_t)level_stride[k];
        const gpu_range from = gpu_take(&s->plan, bytes), index = gpu_take(&s->plan, columns * sizeof(uint32_t));
        gpu_upload(&s->plan, from, style->y[k], bytes);
        gpu_upload(&s->plan, index, ancestor, columns * sizeof(uint32_t));
        gpu_dispatch(&s->plan, GPU_ROWS, columns, 1, 0, RANGES(from, index, y),
                     PARAMS(0, (uint32_t)style->distinct[k], (uint32_t)level_stride[k], (uint32_t)level_offset[k],
                            GPU_STRIDE, (uint32_t)level_stride[k]));
    }
}

static style_room plan_style(gpu_scale *s, const style *style)
{
    gpu_plan *plan = &s->plan;
    const size_t distinct = (size_t)style->distinct[0], columns = gpu_round(distinct, GPU_STYLES);
    const size_t covariance = sizeof(float) * moment_covariance_floats();
    style_room room = {
        .y = gpu_take(plan, columns * GPU_STRIDE * sizeof(float)),
        .numbers = gpu_take(plan, columns * 2 * sizeof(float)),
        .palette = gpu_take(plan, distinct * 3 * sizeof(float)),
        .mean = gpu_take(plan, GPU_STRIDE * sizeof(float)),
        .covariance = gpu_take(plan, covariance),
        .columns = columns,
    };
    uint32_t *numbers = gpu_own(s, 2 * columns);
    if (!numbers)
        return room;
    for (size_t u = 0; u < columns; u++) {
        const float norm = u < distinct ? style->norm[u] : 0;
        numbers[2 * u] = gpu_bits(norm > 0 ? 1 / norm : 0);
        numbers[2 * u + 1] = gpu_bits(u < distinct ? style->count[u] : 0);
    }
    gpu_upload(plan, room.numbers, numbers, 2 * columns * sizeof(float));
    gpu_upload(plan, room.palette, style->palette, distinct * 3 * sizeof(float));
    gpu_upload(plan, room.mean, style->mean, HYPERCOLUMN_STRIDE * sizeof(float));
    gpu_upload(plan, room.covariance, style->covariance, covariance);
    plan->current = GPU_START;
    plan_style_rows(s, style, room.y, columns);
    plan->current = GPU_ITERATE;
    return room;
}

/* ---- terms ------------------------------------------------------------------------------------------------------- */

static void plan_sum(gpu_scale *s, gpu_range from, size_t count, size_t start, size_t step, size_t slot)
{
    gpu_dispatch(&s->plan, GPU_SUM, 1, 1, 0, RANGES(from, s->results),
                 PARAMS((uint32_t)count, (uint32_t)start, (uint32_t)step, (uint32_t)slot));
}

static void plan_gram(gpu_scale *s, size_t rows, gpu_range x, gpu_range g, gpu_range inverse)
{
    gemm(s, GPU_GEMM_NT, rows, rows, GPU_STRIDE, x, GPU_STRIDE, x, GPU_STRIDE, g, rows);
    gpu_dispatch(&s->plan, GPU_NORMS, gpu_round(rows, 64) / 64, 1, 0, RANGES(g, inverse), PARAMS((uint32_t)rows));
}

/* The content's columns at the sample's positions, from the shelves; then Q in the place of g_x. */
static void plan_content(gpu_scale *s, const gpu_sample *sample, const room *room, size_t slot)
{
    const size_t rows = sample->rows;
    const gpu_range index = gpu_part(s->index, sample->first * sizeof(uint32_t), rows * sizeof(uint32_t));
    for (size_t i = 0; i < s->shelves; i++)
        gpu_dispatch(&s->plan, GPU_ROWS, rows, 1, 0, RANGES(s->shelf[i], index, room->content_x),
                     PARAMS((uint32_t)(i * GPU_SHELF), GPU_SHELF, GPU_STRIDE, 0, GPU_STRIDE, GPU_STRIDE));
    plan_gram(s, rows, room->content_x, room->g_c, room->inverse_c);
    gpu_dispatch(&s->plan, GPU_CONTENT_ROWS, rows, 1, 0,
                 RANGES(sample->block, room->g_x, room->g_c, room->inverse_x, room->inverse_c, room->comparison),
                 PARAMS((uint32_t)rows));
    plan_sum(s, room->comparison, rows, 3, 4, slot + GPU_CONTENT_SUM);
    gpu_dispatch(&s->plan, GPU_CONTENT_BACKWARD, rows, 1, 0,
                 RANGES(sample->block, room->g_x, room->g_c, room->inverse_x, room->inverse_c, room->comparison),
                 PARAMS((uint32_t)rows));
}

static void plan_moment(gpu_scale *s, const gpu_sample *sample, const style_room *style, const room *room, size_t slot)
{
    uint32_t panels[4 * MOMENT_PANELS] = {0};
    for (int p = 0, at = 0; p < MOMENT_PANELS; p++) {
        const moment_panel *panel = &moment_panels[p];
        panels[4 * p] = (uint32_t)panel->first;
        panels[4 * p + 1] = (uint32_t)panel->end;
        panels[4 * p + 2] = (uint32_t)at;
        at += panel->end * (panel->end - panel->first);
    }
    plan_sum(s, room->mean_error, GPU_STRIDE, 0, 1, slot + GPU_MEAN_SUM);
    gemm_upper(s, sample->rows, room->centred, room->covariance);
    gpu_dispatch(&s->plan, GPU_MOMENT_COMPARE, GPU_STRIDE, 1, 0,
                 RANGES(sample->block, style->covariance, room->covariance, room->error), panels, 4 * MOMENT_PANELS);
    plan_sum(s, room->error, GPU_STRIDE, 0, 1, slot + GPU_COVARIANCE_SUM);
    gemm(s, GPU_GEMM_NN_ADD, sample->rows, GPU_STRIDE, GPU_STRIDE, room->centred, GPU_STRIDE, room->covariance,
         GPU_STRIDE, rows_range(s->dx, sample), GPU_STRIDE);
}

/* From costs to both sides' winners. */
static void plan_matches(gpu_scale *s, const gpu_sample *sample, const style_room *style, const room *room, size_t slot)
{
    const uint32_t columns = (uint32_t)style->columns, distinct = (uint32_t)sample->style->distinct[0];
    gpu_dispatch(&s->plan, GPU_ROW_MINIMA, sample->rows, 1, 0, RANGES(room->cost, room->row_minima),
                 PARAMS(columns, distinct));
    gpu_dispatch(&s->plan, GPU_COLUMN_MINIMA, columns / 64, 1, 0,
                 RANGES(sample->block, room->cost, room->column_minima), PARAMS(columns));
    gpu_dispatch(&s->plan, GPU_MATCHES, 1, 1, 0,
                 RANGES(sample->block, room->row_minima, room->column_minima, style->numbers, s->results,
                        room->verdict),
                 PARAMS(distinct, (uint32_t)slot, gpu_bits((float)sample->style->draws)));
}

static void plan_transport(gpu_scale *s, const gpu_sample *sample, const style_room *style, const room *room,
                           size_t slot)
{
    const gpu_range x = rows_range(s->x, sample);
    const uint32_t columns = (uint32_t)style->columns;
    gemm(s, GPU_GEMM_NT, sample->rows, columns, GPU_STRIDE, x, GPU_STRIDE, style->y, GPU_STRIDE, room->cost, columns);
    gpu_dispatch(&s->plan, GPU_TRANSPORT_COST, columns / 64, sample->rows, 0,
                 RANGES(room->inverse_x, style->numbers, room->cost), PARAMS((uint32_t)sample->rows, columns));
    plan_matches(s, sample, style, room, slot + GPU_X_TO_STYLE);
    gpu_dispatch(&s->plan, GPU_TRANSPORT_BACKWARD, sample->rows, 1, 0,
                 RANGES(sample->block, x, style->y, room->inverse_x, style->numbers, room->row_minima,
                        room->column_minima, room->verdict, rows_range(s->dx, sample)),
                 PARAMS((uint32_t)sample->style->distinct[0]));
}

static void plan_palette(gpu_scale *s, const gpu_sample *sample, const style_room *style, const room *room, size_t slot)
{
    const gpu_range x = rows_range(s->x, sample);
    const uint32_t columns = (uint32_t)style->columns, distinct = (uint32_t)sample->style->distinct[0];
    uint32_t cost[15] = {columns, distinct, GPU_STRIDE}, back[15] = {distinct, GPU_STRIDE};
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++)
            cost[4 + 4 * r + c] = back[4 + 4 * r + c] = gpu_bits(palette_rotation[r][c]);
    gpu_dispatch(&s->plan, GPU_PALETTE_COST, columns / 64, sample->rows, 0, RANGES(x, style->palette, room->cost), cost,
                 15);
    plan_matches(s, sample, style, room, slot + GPU_PALETTE_X);
    gpu_dispatch(&s->plan, GPU_PALETTE_BACKWARD, sample->rows / 64, 1, 0,
                 RANGES(sample->block, x, style->palette, style->numbers, room->row_minima, room->column_minima,
                        room->verdict, rows_range(s->dx, sample)), back, 15);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static room take_room(gpu_scale *s)
{
    size_t rows = 0, columns = GPU_STYLES;
    for (int i = 0; i < s->sample_count; i++) {
        const gpu_sample *sample = &s->sample[i];
        const size_t own = sample->style ? gpu_round((size_t)sample->style->distinct[0], GPU_STYLES) : 0;
        rows = sample->rows > rows ? sample->rows : rows;
        columns = own > columns ? own : columns;
    }
    gpu_plan *plan = &s->plan;
    const size_t f = sizeof(float), square = rows * rows * f, wide = rows * GPU_STRIDE * f;
    return (room){
        .g_x = gpu_take(plan, square), .g_c = gpu_take(plan, square),
        .inverse_x = gpu_take(plan, rows * f), .inverse_c = gpu_take(plan, rows * f),
        .comparison = gpu_take(plan, 4 * rows * f), .content_x = gpu_take(plan, wide),
        .centred = gpu_take(plan, wide), .covariance = gpu_take(plan, (size_t)GPU_STRIDE * GPU_STRIDE * f),
        .error = gpu_take(plan, GPU_STRIDE * f), .mean_error = gpu_take(plan, GPU_STRIDE * f),
        .cost = gpu_take(plan, rows * columns * f), .row_minima = gpu_take(plan, 2 * rows * f),
        .column_minima = gpu_take(plan, 2 * columns * f), .verdict = gpu_take(plan, 2 * f),
    };
}

void gpu_plan_objective(gpu_scale *s)
{
    const room room = take_room(s);
    const gpu_range no_mean = gpu_take(&s->plan, GPU_STRIDE * sizeof(float));
    for (int i = 0; i < s->sample_count; i++) {
        const gpu_sample *sample = &s->sample[i];
        const size_t slot = GPU_RESULTS + (size_t)i * GPU_TERMS;
        const gpu_range x = rows_range(s->x, sample), dx = rows_range(s->dx, sample);
        style_room style = {.mean = no_mean};
        if (sample->style)
            style = plan_style(s, sample->style);
        gpu_dispatch(&s->plan, GPU_CENTRE, GPU_STRIDE / 64, 1, 0,
                     RANGES(sample->block, x, style.mean, room.centred, room.mean_error, dx),
                     PARAMS((uint32_t)sample->rows, GPU_STRIDE));
        plan_gram(s, sample->rows, x, room.g_x, room.inverse_x);
        if (sample->with_content) {
            plan_content(s, sample, &room, slot);
            gemm(s, GPU_GEMM_NN_ADD, sample->rows, GPU_STRIDE, sample->rows, room.g_x, sample->rows, x, GPU_STRIDE, dx,
                 GPU_STRIDE);
        }
        if (!sample->style)
            continue;
        plan_moment(s, sample, &style, &room, slot);
        plan_transport(s, sample, &style, &room, slot);
        plan_palette(s, sample, &style, &room, slot);
    }
}
