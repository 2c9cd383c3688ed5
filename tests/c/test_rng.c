/* SPDX-License-Identifier: MIT
 *
 * The same stream for the same (seed, purpose, a, b) on every machine, another for any other; bounds kept; evenly
 * spread by chi-square (fixed seeds, so it either holds or not).
 */
#include "check.h"
#include "base/rng.h"

static double chi_square(rng r, uint32_t bins, int draws)
{
    int count[128] = { 0 };
    for (int i = 0; i < draws; i++)
        count[rng_below(&r, bins)]++;
    double expected = (double)draws / bins, sum = 0;
    for (uint32_t b = 0; b < bins; b++)
        sum += (count[b] - expected) * (count[b] - expected) / expected;
    return sum;
}

int main(void)
{
    /* Written down once: a change here changes every picture made with a seed. */
    rng r = rng_stream(42, RNG_POSITIONS, 3, 17);
    uint32_t first = rng_below(&r, UINT32_MAX), second = rng_below(&r, 1000), third = rng_below(&r, 1000);
    CHECK(first == 2090357225u);
    CHECK(second == 280u);
    CHECK(third == 839u);

    rng streams[] = { rng_stream(0, 0, 0, 0), rng_stream(1, 0, 0, 0), rng_stream(0, 1, 0, 0), rng_stream(0, 0, 1, 0),
                      rng_stream(0, 0, 0, 1), rng_stream(0, 0, -1, 0), rng_stream(UINT64_C(1) << 63, 0, 0, 0) };
    enum { STREAMS = sizeof streams / sizeof streams[0] };
    for (int i = 0; i < STREAMS; i++)
        for (int j = 0; j < i; j++)
            CHECK(streams[i].state != streams[j].state);

    for (int i = 0; i < 1000; i++) {
        CHECK(rng_below(&r, 1) == 0);
        CHECK(rng_below(&r, 3) < 3);
        CHECK(rng_below(&r, UINT32_C(0x80000001)) <= UINT32_C(0x80000000));
    }

    /* 99.9 % quantiles of chi-square with 6, 99, 127 degrees of freedom. */
    CHECK(chi_square(rng_stream(1, RNG_STYLE, 0, 0), 7, 100000) < 22.5);
    CHECK(chi_square(rng_stream(2, RNG_STYLE, 0, 0), 100, 100000) < 148.3);
    CHECK(chi_square(rng_stream(3, RNG_STYLE, 0, 0), 128, 100000) < 181.9);

    /* First numbers of neighbouring streams are spread as well: iterations do not resemble each other. */
    int count[16] = { 0 };
    for (int i = 0; i < 16000; i++) {
        rng s = rng_stream(9, RNG_CANDIDATES, 0, i);
        count[rng_below(&s, 16)]++;
    }
    double sum = 0;
    for (int b = 0; b < 16; b++)
        sum += (count[b] - 1000) * (count[b] - 1000) / 1000.0;
    CHECK(sum < 37.7);
    return check_report();
}
