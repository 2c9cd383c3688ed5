/* SPDX-License-Identifier: MIT
 *
 * Pairing (both sides, one side, rest, no rest, weights), budgets (sum, floor, share), and label maps that keep every
 * label when they shrink.
 */
#include <stdlib.h>

#include "check.h"
#include "features/positions.h"
#include "features/regions.h"
#include "base/rng.h"

enum { SIDE = 10 };

/* A 10 x 10 map: `runs` of (label, pixels), the remainder label 0. */
static void paint(uint8_t map[SIDE * SIDE], const int (*runs)[2], int count)
{
    memset(map, 0, SIDE * SIDE);
    for (int i = 0, at = 0; i < count; i++)
        for (int k = 0; k < runs[i][1]; k++)
            map[at++] = (uint8_t)runs[i][0];
}

static strotss_regions regions_of(const uint8_t *content, const uint8_t *style)
{
    strotss_regions r = { .content_width = SIDE, .content_height = SIDE, .content_labels = content,
                          .style_width = SIDE, .style_height = SIDE, .style_labels = style };
    for (int k = 0; k <= STROTSS_MAX_REGIONS; k++)
        r.weight[k] = 1;
    return r;
}

static int flags(const uint8_t *flag)
{
    int sum = 0;
    for (int k = 0; k < 256; k++)
        sum += flag[k];
    return sum;
}

static region_pair pairs[STROTSS_MAX_REGIONS + 1];

static void test_pairs(void)
{
    uint8_t content[SIDE * SIDE], style[SIDE * SIDE];
    const char *why = NULL;
    CHECK(regions_pair(pairs, &why, NULL) == 1);
    CHECK(flags(pairs[0].content) == 256 && flags(pairs[0].style) == 256 && pairs[0].weight == 1 && pairs[0].area == 1);

    /* 1 and 255 on both sides, 2 on the content only, 3 on the style only, a rest on both. */
    paint(content, (const int[][2]){ { 1, 30 }, { 2, 10 }, { 255, 5 } }, 3);
    paint(style, (const int[][2]){ { 1, 1 }, { 3, 20 }, { 255, 60 } }, 3);
    strotss_regions r = regions_of(content, style);
    r.weight[1] = 2;
    CHECK(regions_pair(pairs, &why, &r) == 3);
    CHECK(pairs[0].content[1] && flags(pairs[0].content) == 1 && pairs[0].style[1] && flags(pairs[0].style) == 1);
    CHECK(pairs[1].content[255] && flags(pairs[1].content) == 1 && pairs[1].style[255] && flags(pairs[1].style) == 1);
    CHECK(pairs[2].content[0] && pairs[2].content[2] && !pairs[2].content[1] && !pairs[2].content[255]);
    CHECK(pairs[2].style[0] && pairs[2].style[3] && !pairs[2].style[1] && !pairs[2].style[255]);
    CHECK_CLOSE(pairs[0].weight, 0.5, 1e-7);
    CHECK_CLOSE(pairs[1].weight, 0.25, 1e-7);
    CHECK_CLOSE(pairs[0].area, 0.3, 1e-6);
    CHECK_CLOSE(pairs[1].area, 0.05, 1e-6);
    CHECK_CLOSE(pairs[2].area, 0.65, 1e-6);

    /* No rest on the style: the content's rest looks at the whole style. */
    paint(style, (const int[][2]){ { 1, 50 }, { 255, 50 } }, 2);
    r = regions_of(content, style);
    CHECK(regions_pair(pairs, &why, &r) == 3 && flags(pairs[2].style) == 256 && pairs[2].content[0]);

    /* No rest on the content: no pair for it. A label of the style alone is then nobody's. */
    paint(content, (const int[][2]){ { 1, 100 } }, 1);
    CHECK(regions_pair(pairs, &why, &r) == 1 && pairs[0].content[1] && pairs[0].weight == 1);

    /* Weight 0 drops the pair, the rest's too; its labels do not join the rest. */
    paint(content, (const int[][2]){ { 1, 40 }, { 255, 40 } }, 2);
    r.weight[1] = 0;
    CHECK(regions_pair(pairs, &why, &r) == 2 && pairs[0].content[255] && !pairs[1].content[1]);
    r.weight[0] = 0;
    CHECK(regions_pair(pairs, &why, &r) == 1 && pairs[0].content[255]);

    /* Nothing painted at all is one pair of rests. */
    memset(content, 0, sizeof content);
    memset(style, 0, sizeof style);
    r = regions_of(content, style);
    CHECK(regions_pair(pairs, &why, &r) == 1 && pairs[0].content[0] && pairs[0].style[0]);
}

static void test_refusals(void)
{
    uint8_t content[SIDE * SIDE], style[SIDE * SIDE];
    const char *why = NULL;
    paint(content, (const int[][2]){ { 1, 30 } }, 1);
    paint(style, (const int[][2]){ { 2, 30 } }, 1);
    strotss_regions r = regions_of(content, style);
    CHECK(regions_pair(pairs, &why, &r) == 0 && strstr(why, "no region common"));
    paint(style, (const int[][2]){ { 1, 30 } }, 1);
    r.weight[0] = r.weight[1] = 0;
    CHECK(regions_pair(pairs, &why, &r) == 0 && strstr(why, "weight is 0"));
    r.weight[7] = -1;
    CHECK(regions_pair(pairs, &why, &r) == 0 && strstr(why, "negative"));
    r.weight[7] = NAN;
    CHECK(regions_pair(pairs, &why, &r) == 0 && strstr(why, "not a number"));
}

static void test_budget(void)
{
    region_pair p[4] = { { .area = 0.5f }, { .area = 0.25f }, { .area = 0.2f }, { .area = 0.05f } };
    int budget[4];
    regions_budget(budget, p, 1, 1024);
    CHECK(budget[0] == 1024);
    regions_budget(budget, p, 3, 1024);
    CHECK(budget[0] + budget[1] + budget[2] == 1024);
    CHECK(abs(budget[0] - 539) <= 1 && abs(budget[1] - 269) <= 1 && abs(budget[2] - 216) <= 1);
    regions_budget(budget, p, 4, 1024);
    CHECK(budget[3] == POSITIONS_REGION_FLOOR && budget[0] + budget[1] + budget[2] + budget[3] >= 1024);
    p[0].area = 1e-7f;
    regions_budget(budget, p, 2, 1024);
    CHECK(budget[0] == POSITIONS_REGION_FLOOR && budget[1] == 1024);
}

static void test_resize(void)
{
    enum { IN = 400, OUT = 64, DOTS = 200 };
    static uint8_t in[IN * IN], out[OUT * OUT];
    rng r = rng_stream(3, RNG_POSITIONS, 0, 0);
    for (int k = 1; k <= DOTS; k++)
        in[rng_below(&r, IN * IN)] = (uint8_t)k; /* most fall between the sampled pixels */
    int painted[256] = { 0 }, kept[256] = { 0 };
    for (int p = 0; p < IN * IN; p++)
        painted[in[p]]++;
    regions_resize(out, OUT, OUT, in, IN, IN);
    for (int p = 0; p < OUT * OUT; p++)
        kept[out[p]]++;
    for (int k = 0; k < 256; k++)
        CHECK((painted[k] > 0) == (kept[k] > 0));

    /* A single dot goes where it was; a ring keeps one of its own pixels' places. */
    memset(in, 0, sizeof in);
    in[201 * IN + 99] = 9;
    regions_resize(out, OUT, OUT, in, IN, IN);
    CHECK(out[201 * OUT / IN * OUT + 99 * OUT / IN] == 9);

    /* More labels than pixels: no crash, no endless loop, no label lost that had a pixel. */
    for (int p = 0; p < IN * IN; p++)
        in[p] = (uint8_t)(p % 256);
    regions_resize(out, 2, 3, in, IN, IN);
    for (int p = 1; p < 6; p++)
        CHECK(out[p] != out[p - 1]);
    /* Same size: untouched. */
    static uint8_t same[IN * IN];
    regions_resize(same, IN, IN, in, IN, IN);
    CHECK(memcmp(same, in, sizeof in) == 0);
}

/* A label counts where the style is seen, whichever of map and style has more pixels. */
static void test_seen(void)
{
    const uint8_t painted[4 * 6] = { 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 0, 0, 0, 3, 3, 3, 0, 0, 0, 3, 3, 3 };
    const strotss_regions r = { .style_width = 6, .style_height = 4, .style_labels = painted };
    uint8_t pixels[4 * 24 * 16] = { 0 }, labels[4 * 6];
    for (int side = 2; side <= 16; side *= 2) {
        const strotss_image style = { side, side, pixels };
        memset(pixels, 0, sizeof pixels);
        pixels[4 * (side * (side - 1) + side - 1) + 3] = 1; /* one pixel, at the end */
        regions_seen(labels, &r, &style);
        for (int p = 0; p < 4 * 6; p++)
            CHECK(labels[p] == 3);
        for (int p = 0; p < side * side; p++)
            pixels[4 * p + 3] = p / side < side / 2 ? 255 : 0;
        regions_seen(labels, &r, &style);
        for (int p = 0; p < 4 * 6; p++)
            CHECK(labels[p] == (p < 12 ? painted[p] : 1));
        memset(pixels, 255, sizeof pixels);
        regions_seen(labels, &r, &style);
        CHECK(memcmp(labels, painted, sizeof painted) == 0);
    }
}

int main(void)
{
    test_pairs();
    test_seen();
    test_refusals();
    test_budget();
    test_resize();
    return check_report();
}
