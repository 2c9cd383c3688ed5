/* SPDX-License-Identifier: MIT
 *
 * Sampling of the network's maps, its adjoint, and the mixing B_k and B_k^T of hypercolumn.h.
 * A pixel's coordinates are halved once a level; floor and floor + 1 are mixed bilinearly, both held inside the map.
 */
#include "hypercolumn.h"

#include <string.h>

const int level_stride[VGG16_LEVELS] = {132, 256, 768, 512, 512};
const int level_offset[VGG16_LEVELS] = {0, 132, 388, 1156, 1668};

enum { ROWS_A_CHUNK = 16, WIDTH_A_CHUNK = 64 };

static int at_most(int value, int limit)
{
    return value < limit ? value : limit;
}

void hypercolumn_taps(int32_t tap[4], float weight[4], position at, int level, int height, int width)
{
    const int side = 1 << level;
    const int y0 = at_most(at.y >> level, height - 1), y1 = at_most(y0 + 1, height - 1);
    const int x0 = at_most(at.x >> level, width - 1), x1 = at_most(x0 + 1, width - 1);
    const float fy = (float)(at.y & (side - 1)) / (float)side, fx = (float)(at.x & (side - 1)) / (float)side;
    tap[0] = y0 * width + x0, weight[0] = (1 - fy) * (1 - fx);
    tap[1] = y0 * width + x1, weight[1] = (1 - fy) * fx;
    tap[2] = y1 * width + x0, weight[2] = fy * (1 - fx);
    tap[3] = y1 * width + x1, weight[3] = fy * fx;
}

/* Sizes of level k; returns the rows of z for n columns. */
static int level_size(column_level *l, int k, int height, int width, int n)
{
    l->height = height >> k;
    l->width = width >> k;
    const int64_t pixels = (int64_t)l->height * l->width;
    return pixels == 0 ? 1 : pixels < n ? (int)pixels : n;
}

static int empty(const column_level *l)
{
    return l->height == 0 || l->width == 0;
}

void columns_layout(columns *c, arena *arena, int height, int width, int n)
{
    c->n = n;
    for (int k = 0; k < VGG16_LEVELS; k++) {
        column_level *l = &c->level[k];
        l->rows = level_size(l, k, height, width, n);
        l->z = arena_take(arena, sizeof(float) * (size_t)l->rows * level_stride[k]);
        l->tap = l->tap_room = l->rows < n ? arena_take(arena, sizeof *l->tap * (size_t)n) : NULL;
        l->weight = l->weight_room = l->rows < n ? arena_take(arena, sizeof *l->weight * (size_t)n) : NULL;
    }
}

void columns_place(columns *c, const position *at, int count, int height, int width)
{
    c->n = count;
    for (int k = 0; k < VGG16_LEVELS; k++) {
        column_level *l = &c->level[k];
        l->rows = level_size(l, k, height, width, count);
        l->tap = l->rows < count ? l->tap_room : NULL;
        l->weight = l->rows < count ? l->weight_room : NULL;
        for (int i = 0; l->tap && i < count; i++) {
            memset(l->tap[i], 0, sizeof l->tap[i]);
            l->weight[i][0] = 1;
            memset(&l->weight[i][1], 0, 3 * sizeof(float));
            if (!empty(l))
                hypercolumn_taps(l->tap[i], l->weight[i], at[i], k, l->height, l->width);
        }
        if (empty(l))
            memset(l->z, 0, sizeof(float) * (size_t)l->rows * level_stride[k]);
    }
}

static void add_scaled(float *out, const float *in, float scale, int count)
{
    for (int j = 0; j < count; j++)
        out[j] += scale * in[j];
}

void columns_gather(columns *c, const position *at, int tap, const float *map)
{
    const vgg16_tap_info *info = &vgg16_taps[tap];
    const int k = info->level, stride = level_stride[k], channels = info->channels;
    column_level *l = &c->level[k];
    const int last_of_level = tap == VGG16_TAPS - 1 || vgg16_taps[tap + 1].level > k;
    if (empty(l))
        return;
    for (int r = 0; r < l->rows; r++) {
        float *out = l->z + (size_t)r * stride + info->offset;
        memset(out, 0, sizeof(float) * (size_t)(last_of_level ? stride - info->offset : channels));
        if (l->tap) {
            add_scaled(out, map + (size_t)r * channels, info->gain, channels);
            continue;
        }
        int32_t from[4];
        float weight[4];
        hypercolumn_taps(from, weight, at[r], k, l->height, l->width);
        for (int t = 0; t < 4; t++)
            if (weight[t] != 0)
                add_scaled(out, map + (size_t)from[t] * channels, info->gain * weight[t], channels);
    }
}

void columns_scatter(float *dmap, const columns *c, float *const dz[VGG16_LEVELS], const position *at, int tap)
{
    const vgg16_tap_info *info = &vgg16_taps[tap];
    const int k = info->level, stride = level_stride[k], channels = info->channels;
    const column_level *l = &c->level[k];
    if (empty(l))
        return;
    for (int r = 0; r < l->rows; r++) {
        const float *dout = dz[k] + (size_t)r * stride + info->offset;
        if (l->tap) {
            add_scaled(dmap + (size_t)r * channels, dout, info->gain, channels);
            continue;
        }
        int32_t from[4];
        float weight[4];
        hypercolumn_taps(from, weight, at[r], k, l->height, l->width);
        for (int t = 0; t < 4; t++)
            if (weight[t] != 0)
                add_scaled(dmap + (size_t)from[t] * channels, dout, info->gain * weight[t], channels);
    }
}

typedef struct mixing {
    float *out;
    const float *in;
    size_t ldo, ldi;
    const column_level *level;
    int n, width, accumulate;
} mixing;

static void expand_rows(void *context, int chunk, int worker)
{
    (void)worker;
    const mixing *m = context;
    const column_level *l = m->level;
    const int end = at_most((chunk + 1) * ROWS_A_CHUNK, m->n);
    for (int i = chunk * ROWS_A_CHUNK; i < end; i++) {
        float *out = m->out + (size_t)i * m->ldo;
        if (!m->accumulate)
            memset(out, 0, sizeof(float) * (size_t)m->width);
        if (!l->tap) {
            add_scaled(out, m->in + (size_t)i * m->ldi, 1, m->width);
            continue;
        }
        for (int t = 0; t < 4; t++)
            if (l->weight[i][t] != 0)
                add_scaled(out, m->in + (size_t)l->tap[i][t] * m->ldi, l->weight[i][t], m->width);
    }
}

void columns_expand(threads *threads, float *out, int ldo, const float *in, int ldi, const columns *c, int level,
                    int width, int accumulate)
{
    mixing m = {out, in, (size_t)ldo, (size_t)ldi, &c->level[level], c->n, width, accumulate};
    threads_for(threads, (c->n + ROWS_A_CHUNK - 1) / ROWS_A_CHUNK, expand_rows, &m);
}

/* A stripe of columns each, so that no two chunks add to the same number. */
static void contract_stripe(void *context, int chunk, int worker)
{
    (void)worker;
    const mixing *m = context;
    const column_level *l = m->level;
    const int first = chunk * WIDTH_A_CHUNK, width = at_most(WIDTH_A_CHUNK, m->width - first);
    for (int i = 0; i < m->n; i++) {
        const float *in = m->in + (size_t)i * m->ldi + first;
        if (!l->tap) {
            add_scaled(m->out + (size_t)i * m->ldo + first, in, 1, width);
            continue;
        }
        for (int t = 0; t < 4; t++)
            if (l->weight[i][t] != 0)
                add_scaled(m->out + (size_t)l->tap[i][t] * m->ldo + first, in, l->weight[i][t], width);
    }
}

void columns_contract(threads *threads, float *din, int ldi, const float *dout, int ldo, const columns *c, int level,
                      int width)
{
    mixing m = {din, dout, (size_t)ldi, (size_t)ldo, &c->level[level], c->n, width, 1};
    threads_for(threads, (width + WIDTH_A_CHUNK - 1) / WIDTH_A_CHUNK, contract_stripe, &m);
}
