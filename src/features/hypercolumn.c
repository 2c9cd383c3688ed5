/* SPDX-License-Identifier: MIT
 *
 * Sampling of the network's maps, its adjoint, and the mixing B_k and B_k^T of hypercolumn.h.
 * A pixel's coordinates are halved once a level; floor and floor + 1 are mixed bilinearly, both held inside the map.
 */
#include "features/hypercolumn.h"

#include <string.h>

#include "base/sizes.h"
#include "strotss.h"

const int level_stride[VGG16_LEVELS] = {132, 256, 768, 512, 512};
const int level_offset[VGG16_LEVELS] = {0, 132, 388, 1156, 1668};

enum { CHUNK_ROWS = 8, CHUNK_WIDTH = 512 };

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

/* Sizes of level k; returns the rows of its map that z holds, 0 for the identity. */
static int small_rows(column_level *l, int k, int height, int width, int n)
{
    l->height = height >> k;
    l->width = width >> k;
    const int64_t pixels = (int64_t)l->height * l->width;
    return pixels == 0 ? n > 1 : pixels < n ? (int)pixels : 0;
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
        const int small = small_rows(l, k, height, width, n);
        const size_t samples = small ? (size_t)n : 0;
        l->rows = small ? small : n;
        l->z = arena_take(arena, (size_t)l->rows, (size_t)level_stride[k] * sizeof(float));
        l->tap_room = arena_take(arena, samples, sizeof *l->tap);
        l->tap = small ? l->tap_room : NULL;
        l->weight = arena_take(arena, samples, sizeof *l->weight);
        l->first = arena_take(arena, small ? (size_t)small + 1 : 0, sizeof *l->first);
        l->sample = arena_take(arena, samples, 4 * sizeof *l->sample);
        l->share = arena_take(arena, samples, 4 * sizeof *l->share);
    }
}

/* B_k by rows of z from B_k by samples. */
static void sort_by_row(column_level *l, int n)
{
    memset(l->first, 0, sizeof *l->first * ((size_t)l->rows + 1));
    for (int i = 0; i < n; i++)
        for (int t = 0; t < 4; t++)
            l->first[l->tap[i][t] + 1] += l->weight[i][t] != 0;
    for (int r = 0; r < l->rows; r++)
        l->first[r + 1] += l->first[r];
    const int total = l->first[l->rows];
    /* first[r + 1] goes from the end of row r's samples back to their beginning. */
    for (int i = n - 1; i >= 0; i--)
        for (int t = 3; t >= 0; t--)
            if (l->weight[i][t] != 0) {
                const int at = --l->first[l->tap[i][t] + 1];
                l->sample[at] = i;
                l->share[at] = l->weight[i][t];
            }
    memmove(l->first, l->first + 1, sizeof *l->first * (size_t)l->rows);
    l->first[l->rows] = total;
}

void columns_place(columns *c, const position *at, int count, int height, int width)
{
    c->n = count;
    for (int k = 0; k < VGG16_LEVELS; k++) {
        column_level *l = &c->level[k];
        const int small = small_rows(l, k, height, width, count);
        l->rows = small ? small : count;
        l->tap = small ? l->tap_room : NULL;
        for (int i = 0; small && i < count; i++) {
            memset(l->tap[i], 0, sizeof l->tap[i]);
            l->weight[i][0] = 1;
            memset(&l->weight[i][1], 0, 3 * sizeof(float));
            if (!empty(l))
                hypercolumn_taps(l->tap[i], l->weight[i], at[i], k, l->height, l->width);
        }
        if (small)
            sort_by_row(l, count);
        if (empty(l))
            memset(l->z, 0, sizeof(float) * (size_t)l->rows * level_stride[k]);
    }
}

static void add_scaled(float *out, const float *in, float scale, int count)
{
    for (int j = 0; j < count; j++)
        out[j] += scale * in[j];
}

/* The pixels of a map's rows that z's row r mixes, counted from the first of these rows; weight 0 for those outside. */
static void mixed_pixels(int32_t from[4], float weight[4], const column_level *l, const position *at, int r, int level,
                         vgg16_rows rows)
{
    const int32_t first = (int32_t)rows.first * rows.width, end = first + (int32_t)rows.count * rows.width;
    if (l->tap)
        for (int t = 0; t < 4; t++)
            from[t] = r, weight[t] = t == 0;
    else
        hypercolumn_taps(from, weight, at[r], level, l->height, l->width);
    for (int t = 0; t < 4; t++) {
        if (from[t] < first || from[t] >= end)
            weight[t] = 0;
        from[t] -= first;
    }
}

void columns_gather(columns *c, const position *at, int tap, const float *map, vgg16_rows rows)
{
    const vgg16_tap_info *info = &vgg16_taps[tap];
    const int k = info->level, stride = level_stride[k], channels = info->channels;
    column_level *l = &c->level[k];
    const int last_of_level = tap == VGG16_TAPS - 1 || vgg16_taps[tap + 1].level > k;
    if (empty(l))
        return;
    for (int r = 0; r < l->rows; r++) {
        float *out = l->z + (size_t)r * stride + info->offset;
        if (rows.first == 0)
            memset(out, 0, sizeof(float) * (size_t)(last_of_level ? stride - info->offset : channels));
        int32_t from[4];
        float weight[4];
        mixed_pixels(from, weight, l, at, r, k, rows);
        for (int t = 0; t < 4; t++)
            if (weight[t] != 0)
                add_scaled(out, map + (size_t)from[t] * channels, info->gain * weight[t], channels);
    }
}

void columns_scatter(float *dmap, const columns *c, float *const dz[VGG16_LEVELS], const position *at, int tap,
                     vgg16_rows rows)
{
    const vgg16_tap_info *info = &vgg16_taps[tap];
    const int k = info->level, stride = level_stride[k], channels = info->channels;
    const column_level *l = &c->level[k];
    if (empty(l))
        return;
    for (int r = 0; r < l->rows; r++) {
        const float *dout = dz[k] + (size_t)r * stride + info->offset;
        int32_t from[4];
        float weight[4];
        mixed_pixels(from, weight, l, at, r, k, rows);
        for (int t = 0; t < 4; t++)
            if (weight[t] != 0)
                add_scaled(dmap + (size_t)from[t] * channels, dout, info->gain * weight[t], channels);
    }
}

void pixels_gather(const pixels *pixels, int tap, const float *map, vgg16_rows rows)
{
    const vgg16_tap_info *info = &vgg16_taps[tap];
    const int channels = info->channels, end = rows.first + rows.count;
    int offset = 0;
    for (int t = 0; t < tap; t++)
        offset += vgg16_taps[t].channels;
    for (int i = 0; i < pixels->count; i++) {
        int32_t from[4];
        float weight[4];
        hypercolumn_taps(from, weight, pixels->at[i], info->level, rows.height, rows.width);
        float *out = pixels->columns + (size_t)pixels->row[i] * STROTSS_HYPERCOLUMN + offset;
        if (rows.first == 0)
            memset(out, 0, sizeof(float) * (size_t)channels);
        for (int t = 0; t < 4; t++) {
            const int y = from[t] / rows.width;
            if (y >= rows.first && y < end)
                add_scaled(out, map + ((size_t)from[t] - (size_t)rows.first * rows.width) * channels, weight[t],
                           channels);
        }
        for (int c = 0; c < channels && end == rows.height; c++)
            out[c] *= info->gain;
    }
}

static void add_two(float *out, const float *const in[2], const float scale[2], int count)
{
    const float *a = in[0], *b = in[1];
    for (int j = 0; j < count; j++)
        out[j] += scale[0] * a[j] + scale[1] * b[j];
}

static void add_four(float *out, const float *const in[4], const float scale[4], int count)
{
    const float *a = in[0], *b = in[1], *c = in[2], *d = in[3];
    for (int j = 0; j < count; j++)
        out[j] += (scale[0] * a[j] + scale[1] * b[j]) + (scale[2] * c[j] + scale[3] * d[j]);
}

/* A sum of `count` rows of `in`, some of weight zero, which are left out. */
typedef struct mixture {
    const int32_t *row;
    const float *weight;
    int count;
} mixture;

/* out[width] (+)= the mixture; rows are taken four at a time, to touch out less often. */
static void mix_rows(float *out, const float *in, size_t ld, mixture m, int width, int accumulate)
{
    const float *from[4];
    float scale[4];
    int held = 0;
    if (!accumulate)
        memset(out, 0, sizeof(float) * (size_t)width);
    for (int i = 0; i < m.count; i++) {
        if (m.weight[i] == 0)
            continue;
        from[held] = in + (size_t)m.row[i] * ld;
        scale[held++] = m.weight[i];
        if (held == 4) {
            add_four(out, from, scale, width);
            held = 0;
        }
    }
    if (held >= 2)
        add_two(out, from, scale, width);
    if (held % 2)
        add_scaled(out, from[held - 1], scale[held - 1], width);
}

typedef struct mixing {
    float *out;
    const float *in;
    size_t ldo, ldi;
    const column_level *level;
    int rows, width, accumulate, transposed; /* rows of out */
} mixing;

static void mix_chunk(void *context, int first, int end, int left, int right, int worker)
{
    (void)worker;
    const mixing *m = context;
    const column_level *l = m->level;
    for (int r = first; r < end; r++) {
        const int32_t self = r;
        const float whole = 1;
        mixture mixture = {&self, &whole, 1};
        if (l->tap && m->transposed)
            mixture = (struct mixture){l->sample + l->first[r], l->share + l->first[r], l->first[r + 1] - l->first[r]};
        else if (l->tap)
            mixture = (struct mixture){l->tap[r], l->weight[r], 4};
        mix_rows(m->out + (size_t)r * m->ldo + left, m->in + left, m->ldi, mixture, right - left,
                 m->accumulate);
    }
}

static void mix(threads *threads, mixing m)
{
    threads_tiles(threads, m.rows, CHUNK_ROWS, m.width, CHUNK_WIDTH, mix_chunk, &m);
}

void columns_expand(threads *threads, float *out, int ldo, const float *in, int ldi, const columns *c, int level,
                    int width, int accumulate)
{
    mix(threads, (mixing){out, in, (size_t)ldo, (size_t)ldi, &c->level[level], c->n, width, accumulate, 0});
}

void columns_contract(threads *threads, float *din, int ldi, const float *dout, int ldo, const columns *c, int level,
                      int width, int accumulate)
{
    const column_level *l = &c->level[level];
    mix(threads, (mixing){din, dout, (size_t)ldi, (size_t)ldo, l, l->rows, width, accumulate, 1});
}
