/* SPDX-License-Identifier: MIT
 *
 * Palette term l_p: relaxed transport of the colours alone (the paper's Style Loss). Both sides' rgb are turned by a
 * rotation that sets grey apart; C_ij = 1 - <a_i, b_j> / (|a_i| |b_j|) + sqrt(clamp(|a_i - b_j|^2, 1e-5, 1e5) / 3). No
 * gradient flows through the clamp, nor through the angle of a black pixel.
 */
#include "losses/terms.h"

#include <math.h>
#include <string.h>

#include "losses/matches.h"

static const float NEAREST = 1e-5f, FARTHEST = 1e5f;

typedef struct palette {
    const style *s;
    float (*a)[4];                         /* [n] rotated colour */
    float (*da)[4];
    float *square, *inverse;               /* [n] |a|^2, 1 / |a| */
    float *style_square, *style_inverse;   /* [U_0] */
    matches matches;
} palette;

static void palette_layout(palette *w, arena *arena, int n, int distinct)
{
    w->a = arena_take(arena, (size_t)n, sizeof *w->a);
    w->da = arena_take(arena, (size_t)n, sizeof *w->da);
    w->square = arena_take(arena, (size_t)n, sizeof(float));
    w->inverse = arena_take(arena, (size_t)n, sizeof(float));
    w->style_square = arena_take(arena, (size_t)distinct, sizeof(float));
    w->style_inverse = arena_take(arena, (size_t)distinct, sizeof(float));
    matches_layout(&w->matches, arena, n, distinct);
}

static void plan_palette(arena *plan, const loss_sizes *sizes)
{
    palette w;
    palette_layout(&w, plan, sizes->n, sizes->draws);
}

static void find_lengths(float *square, float *inverse, float x, float y, float z)
{
    *square = x * x + y * y + z * z;
    *inverse = *square > 0 ? 1 / sqrtf(*square) : 0;
}

/* |a - b|^2 from the dot product, as the published code has it: its rounding decides between all but equal colours. */
static float squared_distance(float square_a, float square_b, float dot)
{
    const float square = square_a + square_b - 2 * dot;
    return square < NEAREST ? NEAREST : square > FARTHEST ? FARTHEST : square;
}

static void match_stripe(void *context, int first, int end, int worker)
{
    (void)worker;
    palette *w = context;
    const int distinct = w->s->distinct[0], count = end - first;
    const float *b0 = w->s->palette + first, *b1 = b0 + distinct, *b2 = b1 + distinct;
    const float *style_square = w->style_square + first, *style_inverse = w->style_inverse + first;
    for (int i = 0; i < w->matches.n; i++) {
        float cost[MATCH_STRIPE];
        const float a0 = w->a[i][0], a1 = w->a[i][1], a2 = w->a[i][2], square = w->square[i], inverse = w->inverse[i];
        for (int j = 0; j < count; j++) {
            const float dot = a0 * b0[j] + a1 * b1[j] + a2 * b2[j];
            cost[j] = 1 - dot * inverse * style_inverse[j] + sqrtf(squared_distance(square, style_square[j], dot) / 3);
        }
        matches_row(&w->matches, i, first / MATCH_STRIPE, cost);
    }
}

static void palette_backward(palette *w, float factor)
{
    const matches *m = &w->matches;
    const int distinct = w->s->distinct[0];
    memset(w->da, 0, sizeof *w->da * (size_t)m->n);
    for (int p = 0; p < m->pairs; p++) {
        const int i = m->row[p], j = m->column[p];
        const float *a = w->a[i], *from = w->s->palette + j, b[3] = {from[0], from[distinct], from[2 * distinct]};
        const float dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        const float own = w->inverse[i], both = own * w->style_inverse[j];
        const float square = squared_distance(w->square[i], w->style_square[j], dot);
        const float apart = square > NEAREST && square < FARTHEST ? 1 / (3 * sqrtf(square / 3)) : 0;
        for (int r = 0; r < 3; r++) {
            const float dturned = both * (dot * own * own * a[r] - b[r]) + apart * (a[r] - b[r]);
            for (int c = 0; c < 3; c++)
                w->da[i][c] += factor * m->weight[p] * palette_rotation[r][c] * dturned;
        }
    }
}

static void take_palette(double *value, const loss_pass *pass, float factor)
{
    const columns *x = pass->x;
    const style *s = pass->style;
    float *const *dz = pass->dz;
    threads *threads = pass->exec->threads;
    arena *scratch = pass->exec->scratch;
    const size_t mark = arena_mark(scratch);
    const int n = x->n, distinct = s->distinct[0];
    palette w = {.s = s};
    palette_layout(&w, scratch, n, distinct);
    columns_expand(threads, w.a[0], 4, x->level[0].z, level_stride[0], x, 0, 3, 0);
    for (int i = 0; i < n; i++) {
        float *a = w.a[i], rgb[3] = {a[0], a[1], a[2]};
        for (int r = 0; r < 3; r++)
            a[r] = palette_rotation[r][0] * rgb[0] + palette_rotation[r][1] * rgb[1] + palette_rotation[r][2] * rgb[2];
        find_lengths(&w.square[i], &w.inverse[i], a[0], a[1], a[2]);
    }
    const float *b = s->palette;
    for (int j = 0; j < distinct; j++)
        find_lengths(&w.style_square[j], &w.style_inverse[j], b[j], b[distinct + j], b[2 * distinct + j]);
    threads_rows(threads, distinct, MATCH_STRIPE, match_stripe, &w);
    matches_finish(&w.matches, s->count, s->draws);
    if (dz && factor != 0) {
        palette_backward(&w, factor);
        columns_contract(threads, dz[0], level_stride[0], w.da[0], 4, x, 0, 3, 1);
    }
    arena_reset(scratch, mark);
    value[0] = w.matches.x_to_style > w.matches.style_to_x ? w.matches.x_to_style : w.matches.style_to_x;
}

static loss_weight palette_weight(float alpha)
{
    return (loss_weight){1, alpha > 1 ? alpha : 1};
}

const loss_term term_palette = {
    .name = "palette", .factor = 1, .weight = palette_weight,
    .needs = LOSS_STYLE, .plan = plan_palette, .take = take_palette,
};
