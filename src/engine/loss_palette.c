/* SPDX-License-Identifier: MIT
 *
 * Palette term l_p: relaxed transport of the colours alone (method.md section 4). Both sides' rgb are turned by a rotation that
 * sets grey apart; C_ij = 1 - <a_i, b_j> / (|a_i| |b_j|) + sqrt(clamp(|a_i - b_j|^2, 1e-5, 1e5) / 3).
 * Without gradient through the clamp, nor through the angle of a black pixel.
 */
#include "loss_terms.h"

#include <math.h>
#include <string.h>



const float palette_rotation[3][3] = {
    {.577350f, .577350f, .577350f}, {-.577350f, .788675f, -.211325f}, {-.577350f, -.211325f, .788675f}};
static const float NEAREST = 1e-5f, FARTHEST = 1e5f;

typedef struct palette {
    const style *s;
    float (*a)[4];           /* [n] rotated colour and 1 / norm */
    float (*da)[4];
    float *inverse_style;    /* [U_0] */
    matches matches;
} palette;

static void palette_layout(palette *w, arena *arena, int n, int distinct)
{
    w->a = arena_take(arena, sizeof *w->a * (size_t)n);
    w->da = arena_take(arena, sizeof *w->da * (size_t)n);
    w->inverse_style = arena_take(arena, sizeof(float) * (size_t)distinct);
    matches_layout(&w->matches, arena, n, distinct);
}

void palette_scratch(arena *plan, int n, int draws)
{
    const size_t mark = arena_mark(plan);
    palette w;
    palette_layout(&w, plan, n, draws);
    arena_reset(plan, mark);
}

static float inverse_length(float x, float y, float z)
{
    const float square = x * x + y * y + z * z;
    return square > 0 ? 1 / sqrtf(square) : 0;
}

static void match_stripe(void *context, int stripe, int worker)
{
    (void)worker;
    palette *w = context;
    const int first = stripe * MATCH_STRIPE, distinct = w->s->distinct[0];
    const int count = distinct - first < MATCH_STRIPE ? distinct - first : MATCH_STRIPE;
    const float *b0 = w->s->palette + first, *b1 = b0 + distinct, *b2 = b1 + distinct, *inverse = w->inverse_style + first;
    for (int i = 0; i < w->matches.n; i++) {
        float cost[MATCH_STRIPE];
        const float a0 = w->a[i][0], a1 = w->a[i][1], a2 = w->a[i][2], own = w->a[i][3];
        for (int j = 0; j < count; j++) {
            const float d0 = a0 - b0[j], d1 = a1 - b1[j], d2 = a2 - b2[j];
            float square = d0 * d0 + d1 * d1 + d2 * d2;
            square = square < NEAREST ? NEAREST : square;
            square = square > FARTHEST ? FARTHEST : square;
            cost[j] = 1 - (a0 * b0[j] + a1 * b1[j] + a2 * b2[j]) * own * inverse[j] + sqrtf(square * (1 / 3.f));
        }
        matches_row(&w->matches, i, stripe, cost);
    }
}

static void palette_backward(palette *w, float factor)
{
    const matches *m = &w->matches;
    const int distinct = w->s->distinct[0];
    memset(w->da, 0, sizeof *w->da * (size_t)m->n);
    for (int p = 0; p < m->pairs; p++) {
        const float *a = w->a[m->row[p]], own = a[3], other = w->inverse_style[m->column[p]];
        const float *b = w->s->palette + m->column[p];
        float dot = 0, square = 0, dturned[3];
        for (int c = 0; c < 3; c++) {
            const float bc = b[c * distinct], difference = a[c] - bc;
            dot += a[c] * bc;
            square += difference * difference;
        }
        const float apart = square > NEAREST && square < FARTHEST ? 1 / (3 * sqrtf(square / 3)) : 0;
        for (int c = 0; c < 3; c++) {
            const float bc = b[c * distinct];
            dturned[c] = dot * own * other * own * own * a[c] - own * other * bc + apart * (a[c] - bc);
        }
        for (int c = 0; c < 3; c++)
            for (int r = 0; r < 3; r++)
                w->da[m->row[p]][c] += factor * m->weight[p] * palette_rotation[r][c] * dturned[r];
    }
}

double loss_palette(float *const dz[VGG16_LEVELS], const columns *x, const style *s, float factor, threads *threads,
                    arena *scratch)
{
    const size_t mark = arena_mark(scratch);
    const int n = x->n, distinct = s->distinct[0];
    palette w = {.s = s};
    palette_layout(&w, scratch, n, distinct);
    columns_expand(threads, w.a[0], 4, x->level[0].z, level_stride[0], x, 0, 3, 0);
    for (int i = 0; i < n; i++) {
        float *a = w.a[i], rgb[3] = {a[0], a[1], a[2]};
        for (int r = 0; r < 3; r++)
            a[r] = palette_rotation[r][0] * rgb[0] + palette_rotation[r][1] * rgb[1] + palette_rotation[r][2] * rgb[2];
        a[3] = inverse_length(a[0], a[1], a[2]);
    }
    const float *b = s->palette;
    for (int j = 0; j < distinct; j++)
        w.inverse_style[j] = inverse_length(b[j], b[distinct + j], b[2 * distinct + j]);
    threads_for(threads, w.matches.stripes, match_stripe, &w);
    matches_finish(&w.matches, s->count, s->draws);
    if (dz && factor != 0) {
        palette_backward(&w, factor);
        columns_contract(threads, dz[0], level_stride[0], w.da[0], 4, x, 0, 3);
    }
    arena_reset(scratch, mark);
    return w.matches.x_to_style > w.matches.style_to_x ? w.matches.x_to_style : w.matches.style_to_x;
}
