/* SPDX-License-Identifier: MIT
 *
 * A style pixel's key is its path down the levels: the cell of the coarsest map, then at each finer level which of the
 * cell's pixels, of nine (a cell at the border of an odd map is three wide). Sorted, keys bring repeated pixels and
 * all that share an ancestor together. Covariance: Sigma[0..l][l] = T_l^T (Y_l - mu), T_l[u] = sum over u's
 * descendants j of share_j (Y_k[j] - mu), k = 0..l.
 */
#include "features/style.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/sizes.h"
#include "kernels/gemm.h"

enum { SLICE = 256 /* vectors of T_l at a time */, CELL = 9, CELL_4 = CELL * CELL * CELL * CELL };

const moment_panel moment_panels[MOMENT_PANELS] = {
    {0, 0, 132}, {1, 132, 388}, {2, 388, 644}, {2, 644, 900}, {2, 900, 1156},
    {3, 1156, 1412}, {3, 1412, 1668}, {4, 1668, 1924}, {4, 1924, 2180}};

const float palette_rotation[3][3] = {
    {.577350f, .577350f, .577350f}, {-.577350f, .788675f, -.211325f}, {-.577350f, -.211325f, .788675f}};

size_t moment_covariance_floats(void)
{
    size_t floats = 0;
    for (int p = 0; p < MOMENT_PANELS; p++)
        floats += (size_t)moment_panels[p].end * (size_t)(moment_panels[p].end - moment_panels[p].first);
    return floats;
}

/* A side halved k times; 1 even where the map is empty, so that its vectors, all zero, have a place. */
static int halvings(int side, int k)
{
    return side >> k ? side >> k : 1;
}

void style_layout(style *s, arena *arena, int height, int width, int draws, float *const *shared)
{
    *s = (style){.height = height, .width = width, .shares_covariance = shared != NULL};
    for (int k = 0; k < VGG16_LEVELS; k++) {
        const int64_t cells = (int64_t)halvings(height, k) * halvings(width, k);
        const size_t room = cells < draws ? (size_t)cells : (size_t)draws;
        s->y[k] = arena_take(arena, room, (size_t)level_stride[k] * sizeof(float));
        s->where[k] = arena_take(arena, k == 0 ? (size_t)draws : room, sizeof(int32_t)); /* keys */
        s->parent[k] = k + 1 < VGG16_LEVELS ? arena_take(arena, room, sizeof(int32_t)) : NULL;
        if (k == 0) {
            s->count = arena_take(arena, room, sizeof(float));
            s->norm = arena_take(arena, room, sizeof(float));
            s->palette = arena_take(arena, room, 3 * sizeof(float));
        }
    }
    s->mean = arena_take(arena, HYPERCOLUMN_STRIDE, sizeof(float));
    s->covariance = shared ? *shared : arena_take(arena, moment_covariance_floats(), sizeof(float));
}

/* y halved k times, held inside the side. */
static int halved(int y, int side, int k)
{
    return at_most(y >> k, halvings(side, k) - 1);
}

static uint32_t key_of(position at, int height, int width)
{
    const int top = VGG16_LEVELS - 1;
    uint32_t key = (uint32_t)(halved(at.y, height, top) * halvings(width, top) + halved(at.x, width, top));
    for (int k = top - 1; k >= 0; k--) {
        const int dy = halved(at.y, height, k) - 2 * halved(at.y, height, k + 1);
        const int dx = halved(at.x, width, k) - 2 * halved(at.x, width, k + 1);
        key = key * CELL + (uint32_t)(3 * dy + dx);
    }
    return key;
}

static int by_key(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

void style_place(style *s, const position *at, int draws, int height, int width)
{
    const int top = VGG16_LEVELS - 1;
    uint32_t *keys = (uint32_t *)s->where[0];
    s->height = height;
    s->width = width;
    s->draws = draws;
    for (int i = 0; i < draws; i++)
        keys[i] = key_of(at[i], height, width);
    qsort(keys, (size_t)draws, sizeof *keys, by_key);
    memset(s->distinct, 0, sizeof s->distinct);
    for (int i = 0; i < draws; i++) {
        /* where[0][u] with u <= i is written after keys[i] has been read. */
        static const uint32_t unit[VGG16_LEVELS] = {1, CELL, CELL * CELL, CELL * CELL * CELL, CELL_4};
        const uint32_t key = keys[i];
        const int cell = (int)(key / unit[top]);
        int y = cell / halvings(width, top), x = cell % halvings(width, top);
        for (int k = top; k >= 0; k--) {
            if (k < top) {
                const int child = (int)(key / unit[k] % CELL);
                y = 2 * y + child / 3;
                x = 2 * x + child % 3;
            }
            const int32_t here = y * halvings(width, k) + x;
            const int last = s->distinct[k] - 1;
            const int same_parent = k == top || (last >= 0 && s->parent[k][last] == s->distinct[k + 1] - 1);
            if (last >= 0 && s->where[k][last] == here && same_parent)
                continue;
            s->where[k][s->distinct[k]] = here;
            if (k < top)
                s->parent[k][s->distinct[k]] = s->distinct[k + 1] - 1;
            if (k == 0)
                s->count[s->distinct[0]] = 0;
            s->distinct[k]++;
        }
        s->count[s->distinct[0] - 1] += 1;
    }
    for (int k = 0; k < VGG16_LEVELS; k++)
        memset(s->y[k], 0, sizeof(float) * (size_t)s->distinct[k] * level_stride[k]);
}

void style_gather(style *s, int tap, const float *map, vgg16_rows rows)
{
    const vgg16_tap_info *info = &vgg16_taps[tap];
    const int k = info->level;
    if (s->height >> k == 0 || s->width >> k == 0)
        return;
    const int32_t first = (int32_t)rows.first * rows.width, end = first + (int32_t)rows.count * rows.width;
    for (int u = 0; u < s->distinct[k]; u++) {
        const int32_t pixel = s->where[k][u];
        if (pixel < first || pixel >= end)
            continue;
        float *out = s->y[k] + (size_t)u * level_stride[k] + info->offset;
        const float *in = map + (size_t)(pixel - first) * info->channels;
        for (int c = 0; c < info->channels; c++)
            out[c] = info->gain * in[c];
    }
}

/* ---- statistics ------------------------------------------------------------------------------- */

typedef struct statistics {
    float *share[VGG16_LEVELS];      /* [U_k] of all draws */
    double *square;                  /* [U_k] |Y|^2 so far, from coarse to fine */
    double *square_parent;
    int32_t *ancestor[VGG16_LEVELS]; /* [U_k] at the level being worked on */
    float *t, *z;                    /* [SLICE][HYPERCOLUMN_STRIDE] T_l; [SLICE][stride] Y_l - mu */
    float *gemm;
} statistics;

static void statistics_layout(statistics *w, arena *arena, int draws, int workers)
{
    for (int k = 0; k < VGG16_LEVELS; k++) {
        w->share[k] = arena_take(arena, (size_t)draws, sizeof(float));
        w->ancestor[k] = arena_take(arena, (size_t)draws, sizeof(int32_t));
    }
    w->square = arena_take(arena, (size_t)draws, sizeof(double));
    w->square_parent = arena_take(arena, (size_t)draws, sizeof(double));
    w->t = arena_take(arena, SLICE * HYPERCOLUMN_STRIDE, sizeof(float));
    w->z = arena_take(arena, SLICE * 768, sizeof(float));
    const size_t gemm = gemm_scratch_floats(HYPERCOLUMN_STRIDE, MOMENT_PANEL_WIDTH, SLICE, workers);
    w->gemm = arena_take(arena, gemm, sizeof(float));
}

size_t style_scratch_bytes(int draws, int workers)
{
    arena plan = {0};
    statistics w;
    statistics_layout(&w, &plan, draws, workers);
    return plan.high;
}

static void find_shares(statistics *w, const style *s)
{
    for (int u = 0; u < s->distinct[0]; u++)
        w->share[0][u] = s->count[u] / (float)s->draws;
    for (int k = 1; k < VGG16_LEVELS; k++) {
        memset(w->share[k], 0, sizeof(float) * (size_t)s->distinct[k]);
        for (int u = 0; u < s->distinct[k - 1]; u++)
            w->share[k][s->parent[k - 1][u]] += w->share[k - 1][u];
    }
}

static void find_norms(style *s, statistics *w)
{
    for (int k = VGG16_LEVELS - 1; k >= 0; k--) {
        const int stride = level_stride[k];
        for (int u = 0; u < s->distinct[k]; u++) {
            const float *y = s->y[k] + (size_t)u * stride;
            double sum = k + 1 < VGG16_LEVELS ? w->square_parent[s->parent[k][u]] : 0;
            for (int c = 0; c < stride; c++)
                sum += (double)y[c] * y[c];
            w->square[u] = sum;
        }
        double *swap = w->square;
        w->square = w->square_parent;
        w->square_parent = swap;
    }
    for (int u = 0; u < s->distinct[0]; u++)
        s->norm[u] = (float)sqrt(w->square_parent[u]);
}

static void find_mean(style *s, const statistics *w)
{
    for (int k = 0; k < VGG16_LEVELS; k++) {
        const int stride = level_stride[k];
        for (int c = 0; c < stride; c++) {
            double sum = 0;
            for (int u = 0; u < s->distinct[k]; u++)
                sum += (double)w->share[k][u] * s->y[k][(size_t)u * stride + c];
            s->mean[level_offset[k] + c] = (float)sum;
        }
    }
}

/* T_l for level l's vectors first to first + count - 1. cursor[k]: the first of level k that descends from them, moved
 * on. */
static void descend(statistics *w, const style *s, int l, int first, int count, int cursor[VGG16_LEVELS])
{
    const int width = level_offset[l] + level_stride[l];
    memset(w->t, 0, sizeof(float) * (size_t)count * width);
    for (int k = 0; k <= l; k++) {
        const int stride = level_stride[k];
        const float *mean = s->mean + level_offset[k];
        for (; cursor[k] < s->distinct[k] && w->ancestor[k][cursor[k]] < first + count; cursor[k]++) {
            const float *y = s->y[k] + (size_t)cursor[k] * stride;
            const float share = w->share[k][cursor[k]];
            float *t = w->t + (size_t)(w->ancestor[k][cursor[k]] - first) * width + level_offset[k];
            for (int c = 0; c < stride; c++)
                t[c] += share * (y[c] - mean[c]);
        }
    }
}

static void find_covariance(const style *s, statistics *w, threads *threads)
{
    float *panel = s->covariance;
    for (int l = 0, p = 0; l < VGG16_LEVELS; l++) {
        const int stride = level_stride[l], width = level_offset[l] + stride;
        int cursor[VGG16_LEVELS] = {0};
        for (int k = 0; k < l; k++)
            for (int u = 0; u < s->distinct[k]; u++)
                w->ancestor[k][u] = s->parent[l - 1][k == l - 1 ? u : w->ancestor[k][u]];
        for (int u = 0; u < s->distinct[l]; u++)
            w->ancestor[l][u] = u;

        int panels = 0;
        while (p + panels < MOMENT_PANELS && moment_panels[p + panels].level == l)
            panels++;
        float *next = panel;
        for (int first = 0; first < s->distinct[l]; first += SLICE) {
            const int count = at_most(SLICE, s->distinct[l] - first);
            descend(w, s, l, first, count, cursor);
            for (int u = 0; u < count; u++)
                for (int c = 0; c < stride; c++)
                    w->z[u * stride + c] = s->y[l][(size_t)(first + u) * stride + c] - s->mean[level_offset[l] + c];
            next = panel;
            for (int q = p; q < p + panels; q++) {
                const moment_panel *m = &moment_panels[q];
                gemm_tn(threads, next, m->end - m->first, w->t, width, w->z + m->first - level_offset[l], stride,
                        m->end, m->end - m->first, count, first > 0, w->gemm);
                next += (size_t)m->end * (m->end - m->first);
            }
        }
        panel = next;
        p += panels;
    }
}

void style_finish(style *s, const exec *exec)
{
    const size_t mark = arena_mark(exec->scratch);
    const int distinct = s->distinct[0];
    statistics w;
    assert(s->draws > 0);
    statistics_layout(&w, exec->scratch, s->draws, threads_count(exec->threads));
    find_shares(&w, s);
    find_norms(s, &w);
    find_mean(s, &w);
    if (!s->shares_covariance)
        find_covariance(s, &w, exec->threads);
    for (int u = 0; u < distinct; u++) {
        const float *rgb = s->y[0] + (size_t)u * level_stride[0];
        for (int c = 0; c < 3; c++) {
            const float *row = palette_rotation[c];
            s->palette[c * distinct + u] = row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2];
        }
    }
    arena_reset(exec->scratch, mark);
}

void style_covariance(const style *s, const exec *exec)
{
    const size_t mark = arena_mark(exec->scratch);
    statistics w;
    statistics_layout(&w, exec->scratch, s->draws, threads_count(exec->threads));
    find_shares(&w, s);
    find_covariance(s, &w, exec->threads);
    arena_reset(exec->scratch, mark);
}
