/* SPDX-License-Identifier: MIT
 *
 * Runs that take up a picture: they stand at the last scale with just that picture, resized if need be; do that scale's
 * iterations and no others; give the same bytes for any number of threads and after a saved state; refuse a picture of
 * another shape and states of another start; and take what was estimated.
 */
#include "small_run.h"

static picture content, style, finished;

static strotss_run *make_run(strotss_engine *engine, const strotss_image *init)
{
    const strotss_options options = short_options();
    strotss_inputs inputs = strotss_inputs_of(&content.image, &style.image);
    strotss_run *run = NULL;
    inputs.init = init;
    CHECK(strotss_run_create(&run, engine, &options, &inputs) == STROTSS_OK);
    return run;
}

static uint64_t whole_run(strotss_engine *engine, const strotss_image *init)
{
    strotss_run *run = make_run(engine, init);
    const uint64_t hash = finish(run);
    strotss_run_destroy(run);
    return hash;
}

/* Of the last scale's size: 72 x 54. */
static void paint_finished(strotss_engine *engine)
{
    strotss_run *run = make_run(engine, NULL);
    finish(run);
    finished.image = (strotss_image){72, 54, finished.pixels};
    strotss_run_snapshot(run, finished.pixels);
    strotss_run_destroy(run);
}

static void test_start(strotss_engine *engine)
{
    strotss_run *run = make_run(engine, &finished.image);
    strotss_progress p;
    uint8_t *rgba = malloc(4 * 72 * 54);
    strotss_run_progress(run, &p);
    CHECK(p.phase == STROTSS_STYLE && p.scale == 1 && p.scales == 2 && p.iteration == 0 && p.iterations == 2);
    CHECK(p.width == 72 && p.height == 54);
    strotss_run_snapshot(run, rgba);
    CHECK(memcmp(rgba, finished.pixels, 4 * 72 * 54) == 0);
    int steps = 0;
    for (; p.phase != STROTSS_DONE; steps++)
        CHECK(strotss_run_step(run, &p) == STROTSS_OK);
    CHECK(steps == 4);
    free(rgba);
    strotss_run_destroy(run);

    /* Twice as large, of one colour: so it is at the last scale. */
    static uint8_t red[4 * 144 * 108];
    for (size_t i = 0; i < sizeof red; i++)
        red[i] = i % 4 == 0 || i % 4 == 3 ? 255 : 9;
    run = make_run(engine, &(strotss_image){144, 108, red});
    rgba = malloc(4 * 72 * 54);
    strotss_run_snapshot(run, rgba);
    CHECK(memcmp(rgba, red, 4 * 72 * 54) == 0);
    free(rgba);
    strotss_run_destroy(run);
}

static void test_state(strotss_engine *one, strotss_engine *three, uint64_t expected)
{
    strotss_run *run = make_run(one, &finished.image);
    strotss_progress p;
    for (int i = 0; i < 3; i++)
        CHECK(strotss_run_step(run, &p) == STROTSS_OK);
    const size_t size = strotss_run_state_bytes(run);
    uint8_t *state = malloc(size);
    strotss_run_save(run, state);
    strotss_run_destroy(run);
    run = make_run(three, &finished.image);
    CHECK(strotss_run_restore(run, state, size) == STROTSS_OK);
    CHECK(finish(run) == expected);
    strotss_run_destroy(run);
    static picture other;
    other = finished;
    other.image.rgba = other.pixels;
    other.pixels[77] ^= 1;
    const strotss_image *others[2] = {NULL, &other.image};
    for (int i = 0; i < 2; i++) {
        run = make_run(one, others[i]);
        CHECK(strotss_run_restore(run, state, size) == STROTSS_BAD_STATE);
        strotss_run_destroy(run);
    }
    free(state);
}

static void test_refusals(strotss_engine *engine)
{
    const strotss_options options = short_options();
    strotss_inputs inputs = strotss_inputs_of(&content.image, &style.image);
    strotss_run *run = NULL;
    const struct { strotss_image init; const char *words; } cases[] = {
        {{54, 72, finished.pixels}, "init: 54 x 72 pixels is not of the content's shape, 80 x 60"},
        {{72, 51, finished.pixels}, "init: 72 x 51 pixels is not of the content's shape, 80 x 60"},
        {{1, 1, finished.pixels}, "init: "}, {{72, 54, NULL}, "init: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        inputs.init = &cases[i].init;
        CHECK(strotss_run_create(&run, engine, &options, &inputs) == STROTSS_BAD_IMAGE && !run);
        CHECK(strstr(strotss_engine_error(engine), cases[i].words) != NULL);
    }
}

static void test_estimate(strotss_engine *engine)
{
    static uint8_t large[4 * 1600 * 1200];
    const strotss_options options = short_options();
    const strotss_image inits[2] = {finished.image, {1600, 1200, large}};
    for (int i = 0; i < 2; i++) {
        const strotss_sizes sizes = {80, 60, 50, 70, 1, 0, inits[i].width, inits[i].height, 1};
        strotss_run *run = make_run(engine, &inits[i]);
        size_t bytes = 0;
        CHECK(strotss_estimate(&bytes, &options, &sizes) == STROTSS_OK && bytes == strotss_run_bytes(run));
        strotss_run_destroy(run);
    }
}

int main(int argc, char **argv)
{
    read_weights(argc, argv);
    paint(&content, 80, 60, 30);
    paint(&style, 50, 70, 130);
    strotss_engine *one = make_engine(1), *three = make_engine(3);
    paint_finished(one);
    const uint64_t expected = whole_run(one, &finished.image);
    CHECK(whole_run(three, &finished.image) == expected);
    test_start(one);
    test_state(one, three, expected);
    test_refusals(one);
    test_estimate(one);
    strotss_engine_destroy(one);
    strotss_engine_destroy(three);
    free(weights_bytes);
    return check_report();
}
