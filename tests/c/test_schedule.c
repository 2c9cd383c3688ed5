/* SPDX-License-Identifier: MIT
 *
 * The sizes, the weight of the content, the iterations and the steps of a run, against the paper's and those that
 * schedule.c and strotss.h tell.
 */
#include "check.h"
#include "engine/options.h"
#include "engine/schedule.h"

static void test_sizes(void)
{
    static const struct { int size, count, sides[STROTSS_MAX_SCALES]; } expected[] = {
        {64, 1, {64}}, {65, 2, {64, 65}}, {128, 2, {64, 128}}, {300, 4, {64, 128, 256, 300}},
        {1024, 5, {64, 128, 256, 512, 1024}}, {2048, 6, {64, 128, 256, 512, 1024, 2048}},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        int sides[STROTSS_MAX_SCALES];
        CHECK(schedule_sizes(sides, expected[i].size) == expected[i].count);
        CHECK(memcmp(sides, expected[i].sides, sizeof(int) * (size_t)expected[i].count) == 0);
    }
}

static void test_presets(void)
{
    const strotss_options fine = strotss_preset_options(STROTSS_FINE, 300);
    const strotss_options standard = strotss_preset_options(STROTSS_STANDARD, 512);
    const strotss_options draft = strotss_preset_options(STROTSS_DRAFT, 256);
    static const int of_standard[] = {12, 20, 28, 108}, of_draft[] = {10, 13, 28};
    for (int s = 0; s < 4; s++) {
        CHECK(fine.iterations[s] == 200);
        CHECK(schedule_alpha(&fine, s) == 8.0f / (float)(1 << s));
    }
    CHECK(memcmp(standard.iterations, of_standard, sizeof of_standard) == 0);
    CHECK(memcmp(draft.iterations, of_draft, sizeof of_draft) == 0);
    for (int quality = STROTSS_DRAFT; quality <= STROTSS_FINE; quality++)
        for (int size = STROTSS_MIN_SIZE; size <= STROTSS_MAX_SIZE; size += 40) {
            const strotss_options options = strotss_preset_options((strotss_quality)quality, size);
            char sentence[OPTIONS_SENTENCE];
            CHECK(options_check(sentence, &options));
        }
}

static void test_steps(void)
{
    const strotss_options fine = strotss_preset_options(STROTSS_FINE, 256);
    CHECK(schedule_step(&fine, 0, 3, 0) == 2e-3f && schedule_step(&fine, 1, 3, 199) == 2e-3f);
    CHECK(schedule_step(&fine, 2, 3, 0) == 1e-3f);
    strotss_options adam = strotss_preset_options(STROTSS_STANDARD, 512);
    CHECK_CLOSE(schedule_step(&adam, 1, 4, 0), 2e-2, 1e-8);
    CHECK_CLOSE(schedule_step(&adam, 3, 4, 0), 1e-2, 1e-8);
    adam.iterations[3] = 100;
    CHECK_CLOSE(schedule_step(&adam, 3, 4, 50), 1e-2 * (0.05 + 0.95 / 2), 1e-8);
    adam.step = 0.5f;
    CHECK_CLOSE(schedule_step(&adam, 3, 4, 0), 0.5, 1e-7);
}

/* Smaller steps for the two finest bands of large pictures, with Adam. */
static void test_bands(void)
{
    static const struct { int size; float finest, next; } expected[] = {
        {64, 1, 1}, {128, 1, 1}, {256, 0.5f, 1}, {300, 128.0f / 300, 0.9237604f}, {512, 0.25f, 0.7071068f},
        {1024, 0.125f, 0.5f},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const strotss_options adam = strotss_preset_options(STROTSS_STANDARD, expected[i].size);
        const strotss_options fine = strotss_preset_options(STROTSS_FINE, expected[i].size);
        int sides[STROTSS_MAX_SCALES];
        const int last = schedule_sizes(sides, expected[i].size) - 1;
        CHECK_CLOSE(schedule_band(&adam, last, 0), expected[i].finest, 1e-7);
        CHECK_CLOSE(schedule_band(&adam, last, 1), expected[i].next, 1e-7);
        CHECK(schedule_band(&adam, 0, 0) == 1);
        for (int level = 0; level < 6; level++) {
            CHECK(level < 2 || schedule_band(&adam, last, level) == 1);
            CHECK(schedule_band(&fine, last, level) == 1);
        }
    }
}

int main(void)
{
    test_bands();
    test_sizes();
    test_presets();
    test_steps();
    return check_report();
}
