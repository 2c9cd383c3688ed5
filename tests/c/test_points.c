/* SPDX-License-Identifier: MIT
 *
 * Points in whole runs: where they are looked at; the term in every iteration's values, falling; the same bytes for any
 * number of threads, with regions too, and after a saved state; points of no weight left out; states of other points
 * and points that are impossible refused in words; the estimate.
 */
#include "small_run.h"
#include "values.h"

#include "features/positions.h"

static picture content, style;

static const strotss_point pair[2] = {{10, 12, 40, 9, 1}, {70, 50, 5, 66, 2}};

static strotss_run *make_run(strotss_engine *engine, const strotss_point *point, int count,
                             const strotss_regions *regions)
{
    const strotss_options options = short_options();
    const strotss_points points = {count, point};
    strotss_inputs inputs = strotss_inputs_of(&content.image, &style.image);
    strotss_run *run = NULL;
    inputs.regions = regions;
    inputs.points = &points;
    CHECK(strotss_run_create(&run, engine, &options, &inputs) == STROTSS_OK);
    return run;
}

static uint64_t whole_run(strotss_engine *engine, const strotss_point *point, int count,
                          const strotss_regions *regions)
{
    strotss_run *run = make_run(engine, point, count, regions);
    const uint64_t hash = finish(run);
    strotss_run_destroy(run);
    return hash;
}

static void check_around(double y, double x, int height, int width, const position wanted[POSITIONS_PER_POINT])
{
    position found[POSITIONS_PER_POINT];
    positions_around(found, y, x, height, width);
    CHECK(memcmp(found, wanted, sizeof found) == 0);
}

static void test_places(void)
{
    /* At 512 px they are 5.12 apart, at 64 px .64. */
    check_around(200.5 / 384, 100.5 / 512, 384, 512, (const position[]){
        {195, 95}, {195, 100}, {195, 105}, {200, 95}, {200, 100}, {200, 105}, {205, 95}, {205, 100}, {205, 105}});
    check_around(.5 / 64, 47.5 / 48, 64, 48, (const position[]){
        {0, 46}, {0, 47}, {0, 47}, {0, 46}, {0, 47}, {0, 47}, {1, 46}, {1, 47}, {1, 47}});
    check_around(.999, .001, 1024, 2, (const position[]){
        {1012, 0}, {1012, 0}, {1012, 1}, {1022, 0}, {1022, 0}, {1022, 1}, {1023, 0}, {1023, 0}, {1023, 1}});
}

/* The term stands in every iteration's values and in the total, and falls. */
static void test_term(strotss_engine *engine)
{
    strotss_options options = short_options();
    options.iterations[0] = 8;
    const strotss_points points = {2, pair};
    strotss_inputs inputs = strotss_inputs_of(&content.image, &style.image);
    inputs.points = &points;
    double first[2] = {0}, last[2] = {0}, totals[2] = {0};
    for (int heavy = 0; heavy < 2; heavy++) {
        strotss_run *run = NULL;
        strotss_progress p;
        CHECK(strotss_options_set(&options, "points", heavy ? 3 : 1));
        CHECK(strotss_run_create(&run, engine, &options, &inputs) == STROTSS_OK);
        do
            CHECK(strotss_run_step(run, &p) == STROTSS_OK);
        while (p.iteration < 1);
        first[heavy] = value_of(&p.terms, "points");
        totals[heavy] = p.terms.total;
        while (p.iteration < 8)
            CHECK(strotss_run_step(run, &p) == STROTSS_OK);
        last[heavy] = value_of(&p.terms, "points");
        strotss_run_destroy(run);
    }
    const double share = 1 / (16 * options.content_weight + 2);
    CHECK(first[0] > 0 && first[0] == first[1]);
    CHECK_CLOSE(totals[1] - totals[0], 2 * share * first[0], 1e-9);
    CHECK(last[0] < .9 * first[0] && last[1] < last[0]);
}

static void test_state(strotss_engine *one, strotss_engine *three, uint64_t expected)
{
    strotss_run *run = make_run(one, pair, 2, NULL);
    strotss_progress p;
    for (int i = 0; i < 3; i++)
        CHECK(strotss_run_step(run, &p) == STROTSS_OK);
    const size_t size = strotss_run_state_bytes(run);
    uint8_t *state = malloc(size);
    strotss_run_save(run, state);
    strotss_run_destroy(run);
    run = make_run(three, pair, 2, NULL);
    CHECK(strotss_run_restore(run, state, size) == STROTSS_OK);
    CHECK(finish(run) == expected);
    strotss_run_destroy(run);

    for (int field = 0; field <= 5; field++) {
        strotss_point other[2] = {pair[0], pair[1]};
        int *place[4] = {&other[1].content_x, &other[1].content_y, &other[1].style_x, &other[1].style_y};
        if (field < 4)
            ++*place[field];
        else
            other[0].weight = 2;
        run = make_run(one, other, field == 5 ? 1 : 2, NULL);
        CHECK(strotss_run_restore(run, state, size) == STROTSS_BAD_STATE);
        CHECK(strstr(strotss_engine_error(one), "of other pictures, points, regions") != NULL);
        strotss_run_destroy(run);
    }
    free(state);
}

static void test_refusals(strotss_engine *engine)
{
    static const struct { strotss_point point; const char *words; } cases[] = {
        {{-1, 0, 0, 0, 1}, "points: number 2 lies outside the content"},
        {{80, 0, 0, 0, 1}, "points: number 2 lies outside the content"},
        {{0, 60, 0, 0, 1}, "points: number 2 lies outside the content"},
        {{0, 0, 50, 0, 1}, "points: number 2 lies outside the style"},
        {{0, 0, 0, -7, 1}, "points: number 2 lies outside the style"},
        {{0, 0, 0, 0, -1}, "points: the weight of number 2"},
        {{0, 0, 0, 0, NAN}, "points: the weight of number 2"},
        {{0, 0, 0, 0, INFINITY}, "points: the weight of number 2"},
        {{0, 0, 49, 69, 1}, "points: number 2 lies where the style is transparent"},
        {{0, 0, 0, 0, 0}, "points: every point's weight is 0"},
    };
    const strotss_options options = short_options();
    strotss_inputs inputs = strotss_inputs_of(&content.image, &style.image);
    strotss_run *run = NULL;
    uint8_t *corner = style.pixels + 4 * (50 * 70 - 1) + 3;
    *corner = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const strotss_point two[2] = {{1, 1, 1, 1, cases[i].point.weight == 0 ? 0 : 1}, cases[i].point};
        inputs.points = &(strotss_points){2, two};
        CHECK(strotss_run_create(&run, engine, &options, &inputs) == STROTSS_BAD_ARGUMENT && !run);
        CHECK(strstr(strotss_engine_error(engine), cases[i].words) != NULL);
    }
    *corner = 255;
    const strotss_points impossible[] = {{-1, pair}, {STROTSS_MAX_POINTS + 1, pair}, {1, NULL}};
    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
        inputs.points = &impossible[i];
        CHECK(strotss_run_create(&run, engine, &options, &inputs) == STROTSS_BAD_ARGUMENT && !run);
        CHECK(strstr(strotss_engine_error(engine), "points: there may be up to 64") != NULL);
    }
}

static void test_estimate(strotss_engine *engine)
{
    strotss_point many[STROTSS_MAX_POINTS];
    const strotss_options options = short_options();
    for (int i = 0; i < STROTSS_MAX_POINTS; i++)
        many[i] = (strotss_point){i, i / 2, i / 2, i, 1};
    for (int count = 0; count <= STROTSS_MAX_POINTS; count += 32) {
        strotss_run *run = make_run(engine, many, count, NULL);
        size_t bytes = 0;
        CHECK(strotss_estimate(&bytes, &options, &(strotss_sizes){80, 60, 50, 70, 1, count, 1}) == STROTSS_OK);
        CHECK(bytes == strotss_run_bytes(run));
        strotss_run_destroy(run);
    }
}

int main(int argc, char **argv)
{
    read_weights(argc, argv);
    paint(&content, 80, 60, 30);
    paint(&style, 50, 70, 130);
    strotss_engine *one = make_engine(1), *three = make_engine(3);
    static const uint8_t labels[4] = {0, 1, 0, 1};
    const strotss_regions regions = {2, 2, labels, 2, 2, labels, {1, 1}};
    const uint64_t expected = whole_run(one, pair, 2, NULL), without = whole_run(one, NULL, 0, NULL);
    CHECK(whole_run(three, pair, 2, NULL) == expected && expected != without);
    const uint64_t in_regions = whole_run(one, pair, 2, &regions);
    CHECK(whole_run(three, pair, 2, &regions) == in_regions && in_regions != whole_run(one, NULL, 0, &regions));
    const strotss_point idle[3] = {pair[0], {3, 3, 3, 3, 0}, pair[1]};
    CHECK(whole_run(one, idle, 3, NULL) == expected);
    test_places();
    test_term(one);
    test_state(one, three, expected);
    test_refusals(one);
    test_estimate(one);
    strotss_engine_destroy(one);
    strotss_engine_destroy(three);
    free(weights_bytes);
    return check_report();
}
