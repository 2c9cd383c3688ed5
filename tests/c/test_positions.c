/* SPDX-License-Identifier: MIT
 *
 * Positions: one a cell, inside their region, (y, x) together, never twice where drawn without replacement, evenly
 * spread (chi-square with fixed seeds), tiny and empty regions, repeatable.
 */
#include <stdlib.h>

#include "check.h"
#include "features/positions.h"

enum { H = 60, W = 90 };

static uint8_t everywhere[256];

static int inside(position p, int height, int width)
{
    return p.y >= 0 && p.y < height && p.x >= 0 && p.x < width;
}

static void test_stride(void)
{
    CHECK(positions_stride(64, 64) == 1 && positions_stride(128, 128) == 1 && positions_stride(128, 129) == 2);
    CHECK(positions_stride(512, 512) == 4 && positions_stride(1024, 1024) == 8 && positions_stride(2, 2) == 1);
    CHECK(positions_stride(1024, 683) == 7);
}

/* One pixel a cell, in the cells' order; all pixels alike often, those at the cut edges too (chi-square); the same for
 * the same numbers. */
static void test_cells(void)
{
    enum { HEIGHT = 151, WIDTH = 343, STRIDE = 2, ROUNDS = 400 };
    static position at[HEIGHT * WIDTH], again[HEIGHT * WIDTH];
    static int seen[HEIGHT * WIDTH];
    const int room = positions_candidates_room(HEIGHT, WIDTH, 1);
    CHECK(positions_stride(HEIGHT, WIDTH) == STRIDE && room == 76 * 172);
    CHECK(positions_candidates_room(H, W, 1) == H * W);
    for (int round = 0; round < ROUNDS; round++) {
        const rng r = rng_stream(12, RNG_CANDIDATES, 0, round);
        const int n = positions_candidates(at, HEIGHT, WIDTH, r, NULL, NULL);
        int last = -1, in_order = n <= room;
        for (int i = 0; i < n; i++) {
            const int cell = at[i].y / STRIDE * 172 + at[i].x / STRIDE;
            in_order = in_order && inside(at[i], HEIGHT, WIDTH) && cell > last;
            last = cell;
            seen[at[i].y * WIDTH + at[i].x]++;
        }
        CHECK(in_order);
        CHECK(positions_candidates(again, HEIGHT, WIDTH, r, NULL, NULL) == n && memcmp(at, again, sizeof *at * n) == 0);
    }
    const double expected = (double)ROUNDS / (STRIDE * STRIDE), pixels = HEIGHT * WIDTH;
    double sum = 0;
    for (int p = 0; p < HEIGHT * WIDTH; p++)
        sum += (seen[p] - expected) * (seen[p] - expected) / expected / (1 - 1.0 / (STRIDE * STRIDE));
    CHECK_CLOSE(sum / pixels, 1, 5 * sqrt(2 / pixels)); /* pixels of one cell depend on each other: a wide bound */
    CHECK(positions_candidates(at, H, W, rng_stream(12, RNG_CANDIDATES, 0, 0), NULL, NULL) == H * W);
    CHECK(at[W].y == 1 && at[W].x == 0);
}

/* No residue of the stride is favoured: a grid as a whole would have all its pixels on one. */
static void test_residues(void)
{
    static position at[512 * 512];
    const int n = positions_candidates(at, 512, 512, rng_stream(3, RNG_CANDIDATES, 3, 0), NULL, NULL);
    int count[16] = { 0 };
    CHECK(n == 128 * 128);
    for (int i = 0; i < n; i++)
        count[at[i].y % 4 * 4 + at[i].x % 4]++;
    for (int i = 0; i < 16; i++)
        CHECK_CLOSE(count[i], n / 16.0, 0.15 * n / 16);

    /* Disjoint regions share one draw. */
    static uint8_t labels[512 * 512];
    static position part[512 * 512];
    for (int p = 0; p < 512 * 512; p++)
        labels[p] = p % 512 >= 200;
    int together = 0;
    for (int label = 0; label < 2; label++) {
        uint8_t wanted[256] = { 0 };
        wanted[label] = 1;
        const int own = positions_candidates(part, 512, 512, rng_stream(3, RNG_CANDIDATES, 3, 0), labels, wanted);
        together += own;
        int found = 0;
        for (int i = 0; i < n && found < own; i++)
            found += at[i].y == part[found].y && at[i].x == part[found].x;
        CHECK(found == own);
    }
    CHECK(together == n);
}

static void test_region(void)
{
    static uint8_t labels[H * W];
    uint8_t wanted[256] = { 0 };
    wanted[3] = wanted[5] = 1;
    for (int p = 0; p < H * W; p++)
        labels[p] = p / W < 20 ? 3 : p % W < 30 ? 4 : 5;
    position at[H * W];
    int n = positions_candidates(at, H, W, rng_stream(1, RNG_CANDIDATES, 0, 0), labels, wanted), want = 0;
    for (int p = 0; p < H * W; p++)
        want += wanted[labels[p]];
    CHECK(n == want);
    for (int i = 0; i < n; i++)
        CHECK(inside(at[i], H, W) && wanted[labels[at[i].y * W + at[i].x]]);

    /* Three pixels; then none. */
    memset(labels, 0, sizeof labels);
    labels[10 * W + 11] = labels[10 * W + 13] = labels[58 * W + 89] = 3;
    n = positions_candidates(at, H, W, rng_stream(1, RNG_CANDIDATES, 0, 0), labels, wanted);
    CHECK(n == 3 && at[0].y == 10 && at[0].x == 11 && at[2].y == 58 && at[2].x == 89);
    wanted[3] = 0;
    CHECK(positions_candidates(at, H, W, rng_stream(1, RNG_CANDIDATES, 0, 0), labels, wanted) == 0);
}

/* A region of many pixels in few cells is thinned, evenly, to POSITIONS_OFF_GRID of its own pixels. */
static void test_thinned(void)
{
    enum { SIDE = 1024 };
    uint8_t *labels = calloc(SIDE, SIDE), wanted[256] = { 0, 1 };
    for (int y = 0; y < SIDE; y++)
        for (int x = 1; x < 3; x++)
            labels[y * SIDE + x] = 1;
    position *at = malloc(sizeof *at * (size_t)positions_candidates_room(SIDE, SIDE, 2));
    int n = positions_candidates(at, SIDE, SIDE, rng_stream(1, RNG_CANDIDATES, 4, 0), labels, wanted), top = 0;
    CHECK(n == POSITIONS_OFF_GRID);
    for (int i = 0; i < n; i++) {
        CHECK(inside(at[i], SIDE, SIDE) && labels[at[i].y * SIDE + at[i].x] == 1);
        CHECK(i == 0 || at[i].y * SIDE + at[i].x > at[i - 1].y * SIDE + at[i - 1].x);
        top += at[i].y < SIDE / 2;
    }
    CHECK(abs(top - n / 2) <= 1);
    free(labels);
    free(at);
}

static void test_pick(void)
{
    enum { N = 200, TAKE = 50, ROUNDS = 4000 };
    int32_t index[N + 10], scratch[N];
    int count[N] = { 0 }, first[N] = { 0 };
    for (int round = 0; round < ROUNDS; round++) {
        rng r = rng_stream(11, RNG_POSITIONS, 0, round);
        positions_pick(index, TAKE, &r, N, scratch);
        uint8_t seen[N] = { 0 };
        for (int i = 0; i < TAKE; i++) {
            CHECK(index[i] >= 0 && index[i] < N && !seen[index[i]]++);
            count[index[i]]++;
        }
        first[index[0]]++;
    }
    double sum = 0, sum_first = 0;
    for (int k = 0; k < N; k++) {
        double expected = (double)ROUNDS * TAKE / N, one = (double)ROUNDS / N;
        sum += (count[k] - expected) * (count[k] - expected) / expected / (1 - (double)TAKE / N);
        sum_first += (first[k] - one) * (first[k] - one) / one;
    }
    CHECK(sum < 268 && sum > 140); /* 99.9 % and 0.1 % of chi-square, 199 degrees of freedom */
    CHECK(sum_first < 268 && sum_first > 140);

    rng r = rng_stream(12, RNG_POSITIONS, 0, 0), again = r;
    positions_pick(index, N, &r, N, scratch); /* all of them, shuffled */
    uint8_t seen[N] = { 0 };
    int moved = 0;
    for (int i = 0; i < N; i++) {
        CHECK(!seen[index[i]]++);
        moved += index[i] != i;
    }
    CHECK(moved > N / 2);
    int32_t repeat[N];
    positions_pick(repeat, N, &again, N, scratch);
    CHECK(memcmp(repeat, index, sizeof repeat) == 0);

    positions_pick(index, N + 10, &r, 3, scratch); /* with replacement */
    int hit[3] = { 0 };
    for (int i = 0; i < N + 10; i++) {
        CHECK(index[i] >= 0 && index[i] < 3);
        hit[index[i] % 3]++;
    }
    CHECK(hit[0] > 40 && hit[1] > 40 && hit[2] > 40);
}

static void test_style(void)
{
    static float alpha[H * W];
    for (int p = 0; p < H * W; p++)
        alpha[p] = 1;
    enum { DRAWS = 5, PER = 1000 };
    static position at[DRAWS * PER];
    static int32_t scratch[H * W];
    static int count[H * W];
    rng r = rng_stream(1, RNG_STYLE, 0, 0);
    for (int round = 0; round < 20; round++) {
        CHECK(positions_draw_style(at, DRAWS, PER, &r, H, W, alpha, NULL, NULL, scratch) == DRAWS * PER);
        for (int d = 0; d < DRAWS; d++) {
            static uint8_t seen[H * W];
            memset(seen, 0, sizeof seen);
            for (int i = 0; i < PER; i++) {
                position p = at[d * PER + i];
                CHECK(inside(p, H, W) && !seen[p.y * W + p.x]++);
                count[p.y * W + p.x]++;
            }
        }
    }
    double sum = 0, expected = 20.0 * DRAWS * PER / (H * W);
    for (int p = 0; p < H * W; p++)
        sum += (count[p] - expected) * (count[p] - expected) / expected / (1 - (double)PER / (H * W));
    CHECK(sum < 5399 + 3.1 * 104 && sum > 5399 - 3.1 * 104); /* mean 5399, deviation 104 */

    static uint8_t labels[H * W];
    uint8_t wanted[256] = { 0 };
    wanted[7] = 1;
    for (int y = 5; y < 12; y++)
        for (int x = 80; x < 90; x++)
            labels[y * W + x] = 7;
    CHECK(positions_draw_style(at, DRAWS, PER, &r, H, W, alpha, labels, wanted, scratch) == DRAWS * 70);
    for (int i = 0; i < DRAWS * 70; i++)
        CHECK(labels[at[i].y * W + at[i].x] == 7);
    wanted[7] = 0;
    CHECK(positions_draw_style(at, DRAWS, PER, &r, H, W, alpha, labels, wanted, scratch) == 0);
    memset(everywhere, 1, sizeof everywhere);
    CHECK(positions_draw_style(at, 1, 30, &r, H, W, alpha, labels, everywhere, scratch) == 30);
}

/* What is half transparent or less so; of what is fainter, the least faint; of nothing, nothing. */
static void test_seen(void)
{
    static float alpha[H * W];
    static uint8_t labels[H * W];
    static int32_t seen[H * W];
    static position at[1000];
    uint8_t wanted[256] = { [1] = 1 };
    for (int p = 0; p < H * W; p++)
        labels[p] = p % 2;
    alpha[10] = 1;
    alpha[31] = .5f;
    alpha[33] = .75f;
    alpha[35] = .4999f;
    CHECK(positions_seen(seen, H * W, alpha, NULL, NULL) == 3 && seen[0] == 10 && seen[1] == 31 && seen[2] == 33);
    CHECK(positions_seen(seen, H * W, alpha, labels, wanted) == 2 && seen[0] == 31 && seen[1] == 33);
    rng r = rng_stream(1, RNG_STYLE, 0, 0);
    CHECK(positions_draw_style(at, 5, 100, &r, H, W, alpha, labels, wanted, seen) == 10);
    for (int i = 0; i < 10; i++)
        CHECK(at[i].y == 0 && (at[i].x == 31 || at[i].x == 33));
    alpha[31] = alpha[33] = 1e-6f;
    CHECK(positions_seen(seen, H * W, alpha, labels, wanted) == 1 && seen[0] == 35);
    alpha[31] = alpha[33] = alpha[35] = 0;
    CHECK(positions_seen(seen, H * W, alpha, labels, wanted) == 0);
    CHECK(positions_draw_style(at, 5, 100, &r, H, W, alpha, labels, wanted, seen) == 0);
}

int main(void)
{
    test_stride();
    test_cells();
    test_residues();
    test_region();
    test_thinned();
    test_pick();
    test_style();
    test_seen();
    return check_report();
}
