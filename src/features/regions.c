/* SPDX-License-Identifier: MIT
 *
 * See regions.h. Everything is decided on the maps as painted, so a region's pair and budget are the same at every
 * scale.
 */
#include "features/regions.h"

#include <math.h>
#include <string.h>

#include "features/positions.h"
#include "picture/resize.h"

enum { LABELS = STROTSS_MAX_REGIONS + 1, REST = 0 };

static void count_labels(int64_t count[LABELS], const uint8_t *labels, int height, int width)
{
    memset(count, 0, LABELS * sizeof *count);
    for (size_t p = 0; p < (size_t)height * width; p++)
        count[labels[p]]++;
}

/* Adds the pair unless it has no weight or nothing on the content. */
static int add_pair(region_pair *pairs, int made, const region_pair *pair)
{
    if (pair->weight > 0 && pair->area > 0)
        pairs[made++] = *pair;
    return made;
}

static const char *check_weights(const float *weight)
{
    for (int k = 0; k < LABELS; k++)
        if (!isfinite(weight[k]) || weight[k] < 0)
            return "a region's weight is negative or not a number";
    return NULL;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* Which of n cells holds the centre of cell i of m. */
static size_t cell(int i, int m, int n)
{
    return (size_t)((2 * (int64_t)i + 1) * n / (2 * (int64_t)m));
}

void regions_seen(uint8_t *labels, const strotss_regions *regions, const strotss_image *style)
{
    const int map_height = regions->style_height, map_width = regions->style_width;
    const int height = larger(map_height, style->height), width = larger(map_width, style->width);
    const size_t map_pixels = (size_t)map_height * map_width;
    memset(labels, 0, map_pixels); /* flags, for now */
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const size_t pixel = cell(y, height, style->height) * style->width + cell(x, width, style->width);
            if (style->rgba[4 * pixel + 3])
                labels[cell(y, height, map_height) * map_width + cell(x, width, map_width)] = 1;
        }
    const uint8_t *seen = memchr(labels, 1, map_pixels);
    const uint8_t other = regions->style_labels[seen ? seen - labels : 0];
    for (size_t p = 0; p < map_pixels; p++)
        labels[p] = labels[p] ? regions->style_labels[p] : other;
}

int regions_pair(region_pair *pairs, const char **why, const strotss_regions *regions)
{
    region_pair rest = { .weight = 1, .area = 1 };
    if (!regions) {
        memset(rest.content, 1, sizeof rest.content);
        memset(rest.style, 1, sizeof rest.style);
        pairs[0] = rest;
        return 1;
    }
    if ((*why = check_weights(regions->weight)))
        return 0;

    int64_t content[LABELS], style[LABELS];
    count_labels(content, regions->content_labels, regions->content_height, regions->content_width);
    count_labels(style, regions->style_labels, regions->style_height, regions->style_width);
    float pixels = (float)regions->content_height * (float)regions->content_width;
    int made = 0, painted = 0, common = 0;
    int64_t style_rest = style[REST];
    rest = (region_pair){ .weight = regions->weight[REST], .area = (float)content[REST] / pixels };
    rest.content[REST] = rest.style[REST] = 1;
    for (int k = 1; k < LABELS; k++) {
        painted += content[k] > 0 || style[k] > 0;
        if (content[k] && style[k]) {
            common++;
            region_pair pair = { .weight = regions->weight[k], .area = (float)content[k] / pixels };
            pair.content[k] = pair.style[k] = 1;
            made = add_pair(pairs, made, &pair);
        } else {
            rest.content[k] = rest.style[k] = 1;
            rest.area += (float)content[k] / pixels;
            style_rest += style[k];
        }
    }
    if (painted && !common) {
        *why = "no region common to both pictures";
        return 0;
    }
    if (!style_rest)
        memset(rest.style, 1, sizeof rest.style);
    made = add_pair(pairs, made, &rest);

    double sum = 0;
    for (int i = 0; i < made; i++)
        sum += pairs[i].weight;
    for (int i = 0; i < made; i++)
        pairs[i].weight = (float)(pairs[i].weight / sum);
    if (!made)
        *why = "every region's weight is 0";
    return made;
}

void regions_budget(int *budget, const region_pair *pairs, int count, int total)
{
    double area = 0, before = 0;
    for (int i = 0; i < count; i++)
        area += pairs[i].area;
    for (int i = 0; i < count; i++) {
        double after = before + pairs[i].area;
        budget[i] = (int)(lround(total * after / area) - lround(total * before / area));
        if (budget[i] < POSITIONS_REGION_FLOOR)
            budget[i] = POSITIONS_REGION_FLOOR;
        before = after;
    }
}

/* Where a label is: how many pixels, their sums, and the one of them nearest to the centroid. */
typedef struct label_place {
    int64_t count, sum_y, sum_x;
    double nearest;
    int y, x;
} label_place;

static void find_labels(label_place place[LABELS], const uint8_t *labels, int height, int width)
{
    memset(place, 0, LABELS * sizeof *place);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            label_place *at = &place[labels[(size_t)y * width + x]];
            at->count++;
            at->sum_y += y;
            at->sum_x += x;
        }
    for (int k = 0; k < LABELS; k++)
        place[k].nearest = INFINITY;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            label_place *at = &place[labels[(size_t)y * width + x]];
            double dy = y - (double)at->sum_y / (double)at->count, dx = x - (double)at->sum_x / (double)at->count;
            if (dy * dy + dx * dx < at->nearest) {
                at->nearest = dy * dy + dx * dx;
                at->y = y;
                at->x = x;
            }
        }
}

/* The pixel nearest to (y, x) whose label has others; -1 when every label is down to one. */
static int64_t spare_pixel(int y, int x, const uint8_t *labels, int height, int width, const int64_t count[LABELS])
{
    int64_t best = -1, nearest = INT64_MAX;
    for (int i = 0; i < height; i++)
        for (int j = 0; j < width; j++) {
            int64_t at = (int64_t)i * width + j, dy = i - y, dx = j - x;
            if (count[labels[at]] > 1 && dy * dy + dx * dx < nearest) {
                nearest = dy * dy + dx * dx;
                best = at;
            }
        }
    return best;
}

void regions_resize(uint8_t *out, int height, int width, const uint8_t *in, int in_height, int in_width)
{
    label_place painted[LABELS];
    int64_t left[LABELS];
    resize_labels(out, height, width, in, in_height, in_width);
    find_labels(painted, in, in_height, in_width);
    count_labels(left, out, height, width);
    for (int k = 0; k < LABELS; k++) {
        if (!painted[k].count || left[k])
            continue;
        int y = (int)((2 * (int64_t)painted[k].y + 1) * height / (2 * (int64_t)in_height));
        int x = (int)((2 * (int64_t)painted[k].x + 1) * width / (2 * (int64_t)in_width));
        int64_t at = spare_pixel(y, x, out, height, width, left);
        if (at < 0)
            return;
        left[out[at]]--;
        left[k]++;
        out[at] = (uint8_t)k;
    }
}
