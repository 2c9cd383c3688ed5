/* SPDX-License-Identifier: MIT
 *
 * Plans of much memory. All pairs of regions there can be fit at 512 px into what WebAssembly has, network included;
 * what does not fit size_t is refused by the estimate and by the run, in words and before anything is taken; and the
 * pairs whose covariance is not kept give the same picture for any number of threads.
 *
 *   test_plan [unused] [weights file]
 */
#include "small_run.h"

#include "engine/run.h"

enum { PAIRS = STROTSS_MAX_REGIONS + 1, SIDE = 16, FEW = KEPT_COVARIANCES + 3, IS_32_BIT = SIZE_MAX == UINT32_MAX };

static uint8_t labels[SIDE * SIDE];

static strotss_regions every_region(int pairs)
{
    strotss_regions regions = {SIDE, SIDE, labels, SIDE, SIDE, labels, {0}};
    for (int i = 0; i < SIDE * SIDE; i++)
        labels[i] = (uint8_t)(i % pairs);
    for (int label = 0; label < pairs; label++)
        regions.weight[label] = 1;
    return regions;
}

static void test_estimates(void)
{
    for (strotss_quality quality = STROTSS_DRAFT; quality <= STROTSS_FINE; quality++) {
        const strotss_options options = strotss_preset_options(quality, 512);
        size_t bytes = 0;
        const strotss_sizes sizes = {800, 800, 800, 800, PAIRS, 0, STROTSS_MAX_THREADS};
        CHECK(strotss_estimate(&bytes, &options, &sizes) == STROTSS_OK);
        CHECK((double)bytes + (double)strotss_network_bytes() < 0.95 * 4 * 1024 * 1024 * 1024);
    }
    const strotss_options options = strotss_preset_options(STROTSS_FINE, 2048);
    size_t bytes = 0;
    strotss_sizes sizes = {2000, 2000, 2000, 2000, 110, 0, 8};
    CHECK(strotss_estimate(&bytes, &options, &sizes) == STROTSS_OK && bytes > 2e9);
    bytes = 7;
    sizes.pairs = PAIRS;
    const strotss_status status = strotss_estimate(&bytes, &options, &sizes);
    if (IS_32_BIT)
        CHECK(status == STROTSS_OUT_OF_MEMORY && bytes == 7);
    else
        CHECK(status == STROTSS_OK && (double)bytes > 4.0 * 1024 * 1024 * 1024);
}

static void test_estimate_refusals(void)
{
    const strotss_options options = short_options();
    strotss_options wrong = options;
    wrong.size = 63;
    size_t bytes = 0;
    const strotss_sizes sizes = {80, 60, 50, 70, 1, 0, 1};
    CHECK(strotss_estimate(NULL, &options, &sizes) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_estimate(&bytes, NULL, &sizes) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_estimate(&bytes, &options, NULL) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_estimate(&bytes, &wrong, &sizes) == STROTSS_BAD_ARGUMENT);
    static const strotss_sizes outside[] = {
        {1, 60, 50, 70, 1, 0, 1}, {80, -60, 50, 70, 1, 0, 1}, {80, 60, 16385, 70, 1, 0, 1}, {80, 60, 50, 0, 1, 0, 1},
        {80, 60, 50, 70, 0, 0, 1}, {80, 60, 50, 70, 257, 0, 1}, {80, 60, 50, 70, 1, 0, 0}, {80, 60, 50, 70, 1, 0, 99},
        {80, 60, 50, 70, 1, -1, 1}, {80, 60, 50, 70, 1, 65, 1}, {16384, 16384, 50, 70, 1, 0, 1}};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        CHECK(strotss_estimate(&bytes, &options, &outside[i]) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_largest_state_bytes(NULL, 80, 60) == 0 && strotss_largest_state_bytes(&wrong, 80, 60) == 0);
    CHECK(strotss_largest_state_bytes(&options, 0, 0) == 0 && strotss_largest_state_bytes(&options, 80, 60) > 0);
}

/* Takes gigabytes of address space where there are no more than four, and there it costs nothing. */
static void test_all_pairs(strotss_engine *engine, const picture *content, const picture *style)
{
    if (!IS_32_BIT)
        return;
    const strotss_regions regions = every_region(PAIRS);
    strotss_options options = strotss_preset_options(STROTSS_FINE, 2048);
    strotss_run *run = NULL;
    CHECK(start_run(&run, engine, &options, &content->image, &style->image, &regions) ==
          STROTSS_OUT_OF_MEMORY && !run);
    CHECK(strstr(strotss_engine_error(engine), "not enough memory: this run needs ") != NULL);
    CHECK(strstr(strotss_engine_error(engine), "fewer regions") != NULL);
    options = strotss_preset_options(STROTSS_FINE, 512);
    CHECK(start_run(&run, engine, &options, &content->image, &style->image, &regions) == STROTSS_OK);
    if (!run)
        printf("%s\n", strotss_engine_error(engine));
    strotss_run_destroy(run);
}

static uint64_t many_pairs(int threads, const picture *content, const picture *style)
{
    strotss_engine *engine = make_engine(threads);
    const strotss_regions regions = every_region(FEW);
    strotss_options options = strotss_preset_options(STROTSS_DRAFT, 64);
    options.iterations[0] = 2;
    strotss_run *run = NULL;
    CHECK(start_run(&run, engine, &options, &content->image, &style->image, &regions) == STROTSS_OK);
    const uint64_t hash = run ? finish(run) : 0;
    if (threads == 1)
        test_all_pairs(engine, content, style);
    strotss_run_destroy(run);
    strotss_engine_destroy(engine);
    return hash;
}

int main(int argc, char **argv)
{
    static picture content, style;
    read_weights(argc, argv);
    paint(&content, 64, 64, 30);
    paint(&style, 64, 64, 130);
    test_estimates();
    test_estimate_refusals();
    const uint64_t hash = many_pairs(1, &content, &style);
    CHECK(hash != 0 && many_pairs(3, &content, &style) == hash);
    free(weights_bytes);
    return check_report();
}
