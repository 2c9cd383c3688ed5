/* SPDX-License-Identifier: MIT
 *
 * The state machine of strotss.h end to end at 64 px: phases and sizes, the same bytes for any number of threads and
 * after save and restore, the plan kept to the byte, refusals that name their reason, numbers that are not finite,
 * regions, transparent and extreme pictures.
 */
#include "small_run.h"

#include "base/digest.h"
#include "picture/pyramid.h"
#include "engine/run.h"
#include "engine/schedule.h"

static uint64_t whole_run(int threads, const picture *content, const picture *style, const strotss_regions *regions)
{
    strotss_engine *engine = make_engine(threads);
    const strotss_options options = short_options();
    strotss_run *run = NULL;
    CHECK(start_run(&run, engine, &options, &content->image, &style->image, regions) == STROTSS_OK);
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
    CHECK(start_run(&run, engine, &options, &content->image, &style->image, NULL) == STROTSS_OK);
    size_t planned = 0;
    const strotss_sizes sizes = {content->image.width, content->image.height, style->image.width, style->image.height,
                                 1, 0, 2};
    CHECK(strotss_estimate(&planned, &options, &sizes) == STROTSS_OK);
    CHECK(planned == strotss_run_bytes(run));
    strotss_run_progress(run, &p);
    CHECK(p.phase == STROTSS_STYLE && p.scale == 0 && p.scales == 2 && p.width == 64 &&
          p.iteration == 0 && p.iterations == 2);
    CHECK(strotss_run_step(run, &p) == STROTSS_OK && p.phase == STROTSS_CONTENT);
    CHECK(strotss_run_step(run, &p) == STROTSS_OK && p.phase == STROTSS_ITERATE);
    CHECK(strotss_run_step(run, &p) == STROTSS_OK && p.phase == STROTSS_ITERATE && p.iteration == 1);
    CHECK(p.terms.total > 0);
    for (int v = 0; v < strotss_value_count(); v++)
        CHECK(p.terms.value[v] > 0 || (p.terms.value[v] == 0 && (!strcmp(strotss_value_name(v), "content") ||
                                                                 !strcmp(strotss_value_name(v), "points"))));

    const size_t size = strotss_run_state_bytes(run);
    uint8_t *state = malloc(size);
    strotss_run_save(run, state);
    CHECK(strotss_run_step(run, &p) == STROTSS_OK && p.phase == STROTSS_STYLE && p.iteration == 2 && p.scale == 0);

    strotss_run *other = NULL;
    CHECK(start_run(&other, engine, &options, &content->image, &style->image, NULL) == STROTSS_OK);
    CHECK(strotss_run_restore(other, NULL, size) == STROTSS_BAD_STATE);
    CHECK(strotss_run_restore(other, state, size - 1) == STROTSS_BAD_STATE);
    state[size / 2] ^= 1;
    CHECK(strotss_run_restore(other, state, size) == STROTSS_BAD_STATE);
    CHECK(strstr(strotss_engine_error(engine), "altered") != NULL);
    state[size / 2] ^= 1;
    CHECK(strotss_run_restore(other, state, size) == STROTSS_OK);
    CHECK(finish(other) == expected);
    CHECK(finish(run) == expected);
    CHECK(strotss_run_step(run, &p) == STROTSS_OK && p.phase == STROTSS_DONE);
    CHECK(strotss_run_step(run, NULL) == STROTSS_OK);
    strotss_run_destroy(other);

    strotss_options others[4] = {options, options, options, options};
    others[0].seed = 7;
    others[1].similarity = STROTSS_CENTRED;
    others[2].content_across_regions = 1;
    others[3].transport = STROTSS_SINKHORN;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CHECK(start_run(&other, engine, &others[i], &content->image, &style->image, NULL) == STROTSS_OK);
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
    CHECK(start_run(&run, engine, &options, &content->image, &style->image, NULL) == STROTSS_BAD_WEIGHTS);
    CHECK(strotss_engine_load_weights(engine, weights_bytes, weights_size / 2) == STROTSS_BAD_WEIGHTS);
    CHECK(strotss_engine_load_weights(engine, weights_bytes, weights_size) == STROTSS_OK);
    options.size = 63;
    CHECK(start_run(&run, engine, &options, &content->image, &style->image, NULL) == STROTSS_BAD_ARGUMENT);
    CHECK(strstr(strotss_engine_error(engine), "size") != NULL);
    options = short_options();
    options.iterations[1] = 0;
    CHECK(start_run(&run, engine, &options, &content->image, &style->image, NULL) == STROTSS_BAD_ARGUMENT);
    options = short_options();
    options.similarity = (strotss_similarity)3;
    CHECK(start_run(&run, engine, &options, &content->image, &style->image, NULL) == STROTSS_BAD_ARGUMENT);
    CHECK(strstr(strotss_engine_error(engine), "self-similarity") != NULL);
    options = short_options();
    const strotss_image pixel = {1, 1, content->image.rgba};
    CHECK(start_run(&run, engine, &options, &pixel, &style->image, NULL) == STROTSS_BAD_IMAGE);
    CHECK(strstr(strotss_engine_error(engine), "content") != NULL);
    const uint8_t ones[4] = {1, 1, 1, 1}, twos[4] = {2, 2, 2, 2};
    strotss_regions regions = {2, 2, ones, 2, 2, twos, {0}};
    regions.weight[1] = regions.weight[2] = 1;
    CHECK(start_run(&run, engine, &options, &content->image, &style->image, &regions) == STROTSS_BAD_REGIONS);
    CHECK(run == NULL);
    CHECK(start_run(NULL, engine, &options, &content->image, &style->image, NULL) == STROTSS_BAD_ARGUMENT);
    CHECK(start_run(&run, engine, NULL, &content->image, &style->image, NULL) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_run_create(&run, engine, &options, NULL) == STROTSS_BAD_ARGUMENT);
    CHECK(start_run(&run, engine, &options, NULL, &style->image, NULL) == STROTSS_BAD_IMAGE);
    CHECK(run == NULL);
    strotss_engine_destroy(engine);
}

/* Every measurement refuses numbers out of range, and what is not there. */
static void test_measuring_refusals(const picture *content, const picture *style)
{
    strotss_engine *engine = make_engine(1);
    const strotss_image *c = &content->image, *s = &style->image, negative = {-80, 60, content->image.rgba};
    strotss_terms terms;
    strotss_distance distances[STROTSS_DISTANCES];
    strotss_image image;
    uint8_t *bytes;
    size_t size;
    CHECK(strotss_engine_create(NULL, 1) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_engine_load_weights(engine, NULL, 8) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_evaluate(NULL, engine, c, s, c, 1, 1, 0) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_evaluate(&terms, engine, c, NULL, c, 1, 1, 0) == STROTSS_BAD_IMAGE);
    CHECK(strotss_evaluate(&terms, engine, c, s, &negative, 1, 1, 0) == STROTSS_BAD_IMAGE);
    const float alphas[] = {-1, 2e6f, INFINITY, NAN};
    const int draws[] = {INT32_MIN, -1, 0, 1001}, counts[] = {INT32_MIN, -1, 0, STROTSS_MAX_COUNT + 1},
              sizes[] = {INT32_MIN, -64, 0, 63, STROTSS_MAX_SIZE + 1};
    for (int i = 0; i < 4; i++) {
        CHECK(strotss_evaluate(&terms, engine, c, s, c, alphas[i], 1, 0) == STROTSS_BAD_ARGUMENT);
        CHECK(strotss_evaluate(&terms, engine, c, s, c, 1, draws[i], 0) == STROTSS_BAD_ARGUMENT);
        CHECK(strotss_distances(distances, engine, c, s, 64, counts[i], 0) == STROTSS_BAD_ARGUMENT);
    }
    for (int i = 0; i < 5; i++)
        CHECK(strotss_distances(distances, engine, c, s, sizes[i], 16, 0) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_distances(NULL, engine, c, s, 64, 16, 0) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_distances(distances, engine, NULL, s, 64, 16, 0) == STROTSS_BAD_IMAGE);
    CHECK(strotss_image_decode(NULL, engine, "P", 1) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_image_decode(&image, engine, NULL, 1) == STROTSS_BAD_IMAGE);
    CHECK(strotss_image_encode(NULL, &size, engine, c, 0) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_image_encode(&bytes, NULL, engine, c, 0) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_image_encode(&bytes, &size, engine, &negative, 0) == STROTSS_BAD_ARGUMENT);
    CHECK(strotss_image_encode(&bytes, &size, engine, c, -1) == STROTSS_BAD_ARGUMENT);
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
    CHECK(start_run(&run, engine, &options, &content->image, &style->image, NULL) == STROTSS_OK);
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
    strotss_distance distances[STROTSS_DISTANCES] = {{7, 7, 7}};
    CHECK(strotss_distances(distances, engine, &content->image, &style->image, 64, 16, 0) == STROTSS_NOT_FINITE);
    CHECK(strstr(strotss_engine_error(engine), "not finite") != NULL && distances[0].emd == 7);
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

/* Leaves the left `columns` columns to be seen; the rest is transparent and of one shade. */
static void hide(picture *p, int columns, int shade)
{
    for (int i = 0; i < p->image.width * p->image.height; i++)
        if (i % p->image.width >= columns) {
            memset(p->pixels + 4 * i, shade, 3);
            p->pixels[4 * i + 3] = 0;
        }
}

/* What an iteration makes of a style of which the left columns are seen, and what measuring says of it. */
static uint64_t with_hidden(strotss_engine *engine, int columns, int shade, int hide_content,
                            const strotss_regions *regions)
{
    static picture content, style;
    static uint8_t rgba[4 * 64 * 64];
    paint(&content, 80, 60, 30);
    paint(&style, 50, 70, 130);
    hide(hide_content ? &content : &style, columns, shade);
    strotss_options options = strotss_preset_options(STROTSS_STANDARD, 64);
    options.iterations[0] = 1;
    strotss_run *run = NULL;
    strotss_progress p = {0};
    CHECK(start_run(&run, engine, &options, &content.image, &style.image, regions) == STROTSS_OK);
    while (run && p.phase != STROTSS_DONE && strotss_run_step(run, &p) == STROTSS_OK)
        continue;
    CHECK(p.phase == STROTSS_DONE);
    strotss_run_snapshot(run, rgba);
    strotss_run_destroy(run);
    uint64_t hash = digest_add(DIGEST_START, rgba, (size_t)4 * p.width * p.height);
    if (regions)
        return hash;

    strotss_terms terms;
    strotss_distance distances[STROTSS_DISTANCES];
    CHECK(strotss_evaluate(&terms, engine, &content.image, &style.image, &content.image, 1, 1, 0) == STROTSS_OK);
    hash = digest_add(hash, &terms, sizeof terms);
    CHECK(strotss_distances(distances, engine, &content.image, &style.image, 64, 100, 0) == STROTSS_OK);
    for (int d = 0; d < STROTSS_DISTANCES; d++)
        CHECK(distances[d].remd <= distances[d].emd + 1e-6);
    return digest_add(hash, distances, sizeof distances);
}

/* Colours that nobody sees have no influence, and there must be something to see. */
static void test_transparency(const picture *content)
{
    static picture style;
    strotss_engine *engine = make_engine(2);
    const uint64_t black = with_hidden(engine, 20, 0, 0, NULL);
    CHECK(black == with_hidden(engine, 20, 255, 0, NULL));
    CHECK(black != with_hidden(engine, 50, 0, 0, NULL));
    /* Fewer pixels than are drawn, and a column that is nowhere of half alpha. */
    CHECK(with_hidden(engine, 1, 0, 0, NULL) == with_hidden(engine, 1, 255, 0, NULL));
    CHECK(with_hidden(engine, 30, 0, 1, NULL) == with_hidden(engine, 30, 255, 1, NULL));

    /* Region 2's style is hidden: it joins the rest, as if it had not been painted there. Region 1 is cut. */
    static uint8_t content_labels[64 * 64], style_labels[64 * 64], bare[64 * 64];
    for (int i = 0; i < 64 * 64; i++) {
        content_labels[i] = (uint8_t)(i % 64 / 22);
        style_labels[i] = i % 64 < 10 ? 0 : i % 64 < 40 ? 1 : 2;
        bare[i] = i % 64 < 10 ? 0 : 1;
    }
    strotss_regions regions = {64, 64, content_labels, 64, 64, style_labels, {1, 1, 1}};
    const uint64_t hidden = with_hidden(engine, 20, 0, 0, &regions);
    CHECK(hidden == with_hidden(engine, 20, 255, 0, &regions));
    regions.style_labels = bare;
    CHECK(hidden == with_hidden(engine, 20, 0, 0, &regions));

    const strotss_options options = short_options();
    strotss_run *run = NULL;
    strotss_terms terms;
    strotss_distance distances[STROTSS_DISTANCES];
    paint(&style, 50, 70, 130);
    hide(&style, 0, 90);
    CHECK(start_run(&run, engine, &options, &content->image, &style.image, NULL) == STROTSS_BAD_IMAGE);
    CHECK(strstr(strotss_engine_error(engine), "style: the picture is wholly transparent") != NULL);
    CHECK(strotss_evaluate(&terms, engine, &content->image, &style.image, &content->image, 1, 1, 0) ==
          STROTSS_BAD_IMAGE);
    CHECK(strotss_distances(distances, engine, &content->image, &style.image, 64, 500, 0) == STROTSS_BAD_IMAGE);
    CHECK(strstr(strotss_engine_error(engine), "second picture") != NULL);
    strotss_engine_destroy(engine);
}

/* Adam's first step is the level's step times g / (sqrt(g^2 + damping^2 mean of g^2) + 1e-8); square is then .1 g^2. */
static void test_steps_of_bands(const picture *content, const picture *style)
{
    strotss_engine *engine = make_engine(2);
    strotss_options options = strotss_preset_options(STROTSS_STANDARD, 144);
    for (int s = 0; s < STROTSS_MAX_SCALES; s++)
        options.iterations[s] = 1;
    strotss_run *run = NULL;
    strotss_progress p;
    CHECK(start_run(&run, engine, &options, &content->image, &style->image, NULL) == STROTSS_OK);
    do
        CHECK(strotss_run_step(run, &p) == STROTSS_OK);
    while (p.scale < 2 || p.phase != STROTSS_ITERATE);
    float *before = malloc(sizeof(float) * run->coefficients);
    memcpy(before, run->pyramid, sizeof(float) * run->coefficients);
    CHECK(strotss_run_step(run, &p) == STROTSS_OK);
    const float step = schedule_step(&options, 2, 3, 0);
    size_t at = 0;
    for (int level = 0; level < PYRAMID_LEVELS; level++) {
        const size_t count = pyramid_level_floats(p.height, p.width, level), end = at + count;
        const double own = step * (level == 0 ? 128.0 / 144 : 1);
        double sum = 0, apart = 0;
        for (size_t i = at; i < end; i++)
            sum += run->square[i];
        for (; at < end; at++) {
            const double damped = run->square[at] + SCHEDULE_DAMPING * SCHEDULE_DAMPING * sum / (double)count;
            const double wanted = sqrt(10 * run->square[at]) / (sqrt(10 * damped) + 1e-8);
            apart = fmax(apart, fabs(fabs(run->pyramid[at] - before[at]) / own - wanted));
        }
        CHECK_CLOSE(apart, 0, 1e-4);
    }
    CHECK(at == run->coefficients);
    free(before);
    strotss_run_destroy(run);
    strotss_engine_destroy(engine);
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
    test_measuring_refusals(&content, &style);
    test_not_finite(&content, &style);
    test_steps_of_bands(&content, &style);
    test_regions(&content, &style);
    test_transparency(&content);
    test_extremes(&content, &style);
    free(weights_bytes);
    return check_report();
}
