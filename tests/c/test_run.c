/* SPDX-License-Identifier: MIT
 *
 * The state machine of strotss.h end to end at 64 px: phases and sizes, the same bytes for any number of threads and
 * after save and restore, the plan kept to the byte, refusals that name their reason, numbers that are not finite,
 * regions and extreme pictures.
 */
#include "small_run.h"

#include "base/digest.h"

static uint64_t whole_run(int threads, const picture *content, const picture *style, const strotss_regions *regions)
{
    strotss_engine *engine = make_engine(threads);
    const strotss_options options = short_options();
    strotss_run *run = NULL;
    CHECK(strotss_run_create(&run, engine, &options, &content->image, &style->image, regions) == STROTSS_OK);
    const uint64_t hash = run ? finish(run) : 0;
    strotss_run_destroy(run);
    strotss_engine_destroy(engine);
    return hash;
}

static void test_phases_and_state(const picture *content, const picture *style, uint64_t expected)
{
    strotss_engine *engine = make_engine(2);
    const strotss_options options = short_options();
    strotss_run *run = NULL;
    strotss_progress p;
    CHECK(strotss_run_create(&run, engine, &options, &content->image, &style->image, NULL) == STROTSS_OK);
    size_t planned = 0;
    CHECK(strotss_estimate(&planned, &options, content->image.width, content->image.height, style->image.width,
                           style->image.height, 1, 2) == STROTSS_OK);
    CHECK(planned == strotss_run_bytes(run));
    strotss_run_progress(run, &p);
    CHECK(p.phase == STROTSS_STYLE && p.scale == 0 && p.scales == 2 && p.width == 64 &&
          p.iteration == 0 && p.iterations == 2);
    CHECK(strotss_run_step(run, &p) == STROTSS_OK && p.phase == STROTSS_CONTENT);
    CHECK(strotss_run_step(run, &p) == STROTSS_OK && p.phase == STROTSS_ITERATE);
    CHECK(strotss_run_step(run, &p) == STROTSS_OK && p.phase == STROTSS_ITERATE && p.iteration == 1);
    CHECK(p.terms.total > 0);
    for (int v = 0; v < strotss_value_count(); v++)
        CHECK(p.terms.value[v] > 0 || (p.terms.value[v] == 0 && !strcmp(strotss_value_name(v), "content")));

    const size_t size = strotss_run_state_bytes(run);
    uint8_t *state = malloc(size);
    strotss_run_save(run, state);
    CHECK(strotss_run_step(run, &p) == STROTSS_OK && p.phase == STROTSS_STYLE && p.iteration == 2 && p.scale == 0);

    strotss_run *other = NULL;
    CHECK(strotss_run_create(&other, engine, &options, &content->image, &style->image, NULL) == STROTSS_OK);
    CHECK(strotss_run_restore(other, state, size - 1) == STROTSS_BAD_STATE);
    state[size / 2] ^= 1;
    CHECK(strotss_run_restore(other, state, size) == STROTSS_BAD_STATE);
    CHECK(strstr(strotss_engine_error(engine), "altered") != NULL);
    state[size / 2] ^= 1;
    CHECK(strotss_run_restore(other, state, size) == STROTSS_OK);
    CHECK(finish(other) == expected);
    CHECK(finish(run) == expected);
    CHECK(strotss_run_step(run, &p) == STROTSS_OK && p.phase == STROTSS_DONE);
    strotss_run_destroy(other);

    strotss_options others[4] = {options, options, options, options};
    others[0].seed = 7;
    others[1].similarity = STROTSS_CENTRED;
    others[2].content_across_regions = 1;
    others[3].transport = STROTSS_SINKHORN;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CHECK(strotss_run_create(&other, engine, &others[i], &content->image, &style->image, NULL) == STROTSS_OK);
        CHECK(strotss_run_restore(other, state, size) == STROTSS_BAD_STATE);
        CHECK(strstr(strotss_engine_error(engine), "other pictures") != NULL);
        strotss_run_destroy(other);
    }
    strotss_run_destroy(run);
    free(state);
    strotss_engine_destroy(engine);
}

static void test_refusals(const picture *content, const picture *style)
{
    strotss_engine *engine = NULL;
    strotss_run *run = NULL;
    strotss_options options = short_options();
    CHECK(strotss_engine_create(&engine, 0) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_engine_create(&engine, 1) == STROTSS_OK);
    CHECK(strotss_run_create(&run, engine, &options, &content->image, &style->image, NULL) == STROTSS_BAD_WEIGHTS);
    CHECK(strotss_engine_load_weights(engine, weights_bytes, weights_size / 2) == STROTSS_BAD_WEIGHTS);
    CHECK(strotss_engine_load_weights(engine, weights_bytes, weights_size) == STROTSS_OK);
    options.size = 63;
    CHECK(strotss_run_create(&run, engine, &options, &content->image, &style->image, NULL) == STROTSS_BAD_ARGUMENT);
    CHECK(strstr(strotss_engine_error(engine), "size") != NULL);
    options = short_options();
    options.iterations[1] = 0;
    CHECK(strotss_run_create(&run, engine, &options, &content->image, &style->image, NULL) == STROTSS_BAD_ARGUMENT);
    options = short_options();
    options.similarity = (strotss_similarity)3;
    CHECK(strotss_run_create(&run, engine, &options, &content->image, &style->image, NULL) == STROTSS_BAD_ARGUMENT);
    CHECK(strstr(strotss_engine_error(engine), "self-similarity") != NULL);
    options = short_options();
    const strotss_image pixel = {1, 1, content->image.rgba};
    CHECK(strotss_run_create(&run, engine, &options, &pixel, &style->image, NULL) == STROTSS_BAD_IMAGE);
    CHECK(strstr(strotss_engine_error(engine), "content") != NULL);
    const uint8_t ones[4] = {1, 1, 1, 1}, twos[4] = {2, 2, 2, 2};
    strotss_regions regions = {2, 2, ones, 2, 2, twos, {0}};
    regions.weight[1] = regions.weight[2] = 1;
    CHECK(strotss_run_create(&run, engine, &options, &content->image, &style->image, &regions) == STROTSS_BAD_REGIONS);
    CHECK(run == NULL);
    strotss_engine_destroy(engine);
}

/* A bias so large that the distances overflow: the run stops, at its last finite picture, and so does measuring. */
static void test_not_finite(const picture *content, const picture *style)
{
    enum { DIGEST = 8, LAST_LAYER = 2 * 4 * 512 + 512 * 512 * 9 };
    uint8_t *bias = weights_bytes + weights_size - DIGEST - LAST_LAYER;
    const float huge = 3e38f;
    uint8_t kept[4 + DIGEST];
    memcpy(kept, bias, 4);
    memcpy(kept + 4, weights_bytes + weights_size - DIGEST, DIGEST);
    memcpy(bias, &huge, sizeof huge);
    const uint64_t digest = digest_add(DIGEST_START, weights_bytes, weights_size - DIGEST);
    memcpy(weights_bytes + weights_size - DIGEST, &digest, DIGEST);
    strotss_engine *engine = make_engine(2);
    memcpy(bias, kept, 4);
    memcpy(weights_bytes + weights_size - DIGEST, kept + 4, DIGEST);

    const strotss_options options = short_options();
    strotss_run *run = NULL;
    strotss_progress p;
    static uint8_t before[4 * 72 * 72], after[4 * 72 * 72];
    CHECK(strotss_run_create(&run, engine, &options, &content->image, &style->image, NULL) == STROTSS_OK);
    strotss_run_snapshot(run, before);
    CHECK(strotss_run_step(run, &p) == STROTSS_OK && strotss_run_step(run, &p) == STROTSS_OK);
    CHECK(strotss_run_step(run, &p) == STROTSS_NOT_FINITE);
    CHECK(strstr(strotss_engine_error(engine), "not finite at 64 px, iteration 1") != NULL);
    CHECK(strotss_run_step(run, &p) == STROTSS_NOT_FINITE);
    strotss_run_snapshot(run, after);
    CHECK(memcmp(before, after, (size_t)4 * p.width * p.height) == 0);
    strotss_run_destroy(run);
    strotss_terms terms;
    CHECK(strotss_evaluate(&terms, engine, &content->image, &style->image, &content->image, 1, 1, 0) ==
          STROTSS_NOT_FINITE);
    strotss_engine_destroy(engine);
}

static void test_regions(const picture *content, const picture *style)
{
    /* Label 2 is a single painted pixel; the rest is everything else. */
    static uint8_t content_labels[64 * 64], style_labels[64 * 64];
    for (int i = 0; i < 64 * 64; i++) {
        content_labels[i] = i % 64 < 20 ? 1 : 0;
        style_labels[i] = i / 64 < 30 ? 1 : 0;
    }
    content_labels[64 * 40 + 50] = style_labels[64 * 50 + 9] = 2;
    strotss_regions regions = {64, 64, content_labels, 64, 64, style_labels, {1, 1, 1}};
    const uint64_t one = whole_run(1, content, style, &regions), three = whole_run(3, content, style, &regions);
    CHECK(one == three);
    CHECK(one != whole_run(2, content, style, NULL));
}

/* One colour, black, white, identical, and a strip less than 16 pixels high: finite to the end. */
static void test_extremes(picture *a, picture *b)
{
    static const uint8_t shades[3] = {0, 255, 128};
    for (int s = 0; s < 3; s++) {
        paint(a, 60, 50, 10);
        paint(b, 50, 60, 90);
        memset(s == 2 ? b->pixels : a->pixels, shades[s], 60 * 50 * 4);
        CHECK(whole_run(2, a, b, NULL) != 0);
    }
    paint(a, 96, 5, 10);
    paint(b, 4, 80, 90);
    CHECK(whole_run(2, a, b, NULL) != 0);
    CHECK(whole_run(2, a, a, NULL) != 0);
}

int main(int argc, char **argv)
{
    read_weights(argc, argv);
    static picture content, style;
    paint(&content, 80, 60, 30);
    paint(&style, 50, 70, 130);
    const uint64_t expected = whole_run(1, &content, &style, NULL);
    CHECK(whole_run(2, &content, &style, NULL) == expected);
    CHECK(whole_run(3, &content, &style, NULL) == expected);
    test_phases_and_state(&content, &style, expected);
    test_refusals(&content, &style);
    test_not_finite(&content, &style);
    test_regions(&content, &style);
    test_extremes(&content, &style);
    free(weights_bytes);
    return check_report();
}
