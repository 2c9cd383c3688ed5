/* SPDX-License-Identifier: MIT
 *
 * Saved states. A run that is killed anywhere and goes on from its last state, with any number of threads, ends with
 * the bytes of an uninterrupted one. A state that is cut, altered (each field, with and without its digest put right),
 * or of another version, other pictures, regions, options or weights is refused with its reason, and the run that
 * refused it goes on as if nothing had been.
 */
#include "small_run.h"

#include "base/digest.h"
#include "base/rng.h"

enum { ENGINES = 3, KILLS = 20, DIGEST = 8 };

static picture content, style;

static strotss_run *make_run(strotss_engine *engine)
{
    const strotss_options options = short_options();
    strotss_run *run = NULL;
    CHECK(start_run(&run, engine, &options, &content.image, &style.image, NULL) == STROTSS_OK);
    return run;
}

static uint8_t *save(size_t *size, const strotss_run *run)
{
    *size = strotss_run_state_bytes(run);
    uint8_t *state = malloc(*size);
    strotss_run_save(run, state);
    return state;
}

static void advance(strotss_run *run, int steps)
{
    strotss_progress progress;
    for (int i = 0; i < steps; i++)
        CHECK(strotss_run_step(run, &progress) == STROTSS_OK);
}

static int steps_in_all(strotss_engine *engine)
{
    strotss_run *run = make_run(engine);
    strotss_progress progress = {0};
    int steps = 0;
    for (; progress.phase != STROTSS_DONE; steps++)
        CHECK(strotss_run_step(run, &progress) == STROTSS_OK);
    strotss_run_destroy(run);
    return steps;
}

/* Killed after the state was saved and some steps more were done; twice in one run, with other threads each time. */
static void test_kills(strotss_engine *engines[ENGINES], uint64_t expected)
{
    const int steps = steps_in_all(engines[0]);
    rng r = rng_stream(7, 0, 0, 0);
    for (int kill = 0; kill < KILLS; kill += 2) {
        const int first = (int)rng_below(&r, (uint32_t)steps + 1), lost = (int)rng_below(&r, 3);
        size_t size;
        strotss_run *run = make_run(engines[rng_below(&r, ENGINES)]);
        advance(run, first);
        uint8_t *state = save(&size, run);
        advance(run, lost);
        strotss_run_destroy(run);

        run = make_run(engines[rng_below(&r, ENGINES)]);
        CHECK(strotss_run_restore(run, state, size) == STROTSS_OK);
        free(state);
        advance(run, (int)rng_below(&r, 4));
        state = save(&size, run);
        strotss_run_destroy(run);

        run = make_run(engines[rng_below(&r, ENGINES)]);
        CHECK(strotss_run_restore(run, state, size) == STROTSS_OK);
        CHECK(finish(run) == expected);
        strotss_run_destroy(run);
        free(state);
    }
}

static int refused(strotss_run *run, strotss_engine *engine, const uint8_t *state, size_t size, const char *reason)
{
    const strotss_status status = strotss_run_restore(run, state, size);
    if (status == STROTSS_BAD_STATE && strstr(strotss_engine_error(engine), reason))
        return 1;
    printf("wanted a reason with \"%s\", got %s: %s\n", reason,
           strotss_status_name(status), strotss_engine_error(engine));
    return 0;
}

/* With four bytes changed; sealed: the digest put right again. */
static int refused_changed(strotss_run *run, strotss_engine *engine, const uint8_t *state, size_t size,
                           size_t at, uint32_t value, int sealed, const char *reason)
{
    uint8_t *changed = malloc(size);
    memcpy(changed, state, size);
    memcpy(changed + at, &value, sizeof value);
    if (sealed) {
        const uint64_t digest = digest_add(DIGEST_START, changed, size - DIGEST);
        memcpy(changed + size - DIGEST, &digest, DIGEST);
    }
    const int result = refused(run, engine, changed, size, reason);
    free(changed);
    return result;
}

/* What stands before the pyramid: place, total and values. */
static size_t header_bytes(void)
{
    return 24 + sizeof(double) * (1 + (size_t)strotss_value_count());
}

static void test_damage(strotss_engine *engine, uint64_t expected)
{
    const size_t header = header_bytes();
    enum { MAGIC = 7, INPUTS = 8, SCALE = 16, ITERATION = 20, TERMS = 24,
           NOT_A_NUMBER = 0x7fc00000, MINUS_ONE = 0xbf800000 };
    strotss_run *run = make_run(engine);
    advance(run, 3);
    size_t size;
    uint8_t *state = save(&size, run);
    const size_t block = (size - header - DIGEST) / 3;
    const size_t cuts[] = {0, 7, 8, header, header + DIGEST - 1, header + DIGEST};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        CHECK(refused(run, engine, state, cuts[i], "cut short"));
    CHECK(refused(run, engine, state, size / 2, "cut short"));
    CHECK(refused(run, engine, state, size - 1, "cut short"));
    const size_t fields[] = {INPUTS, SCALE, ITERATION, TERMS,
                             header, header + block, header + 2 * block, size - DIGEST};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        CHECK(refused_changed(run, engine, state, size, fields[i], 0x12345678, 0, "altered"));

    CHECK(refused_changed(run, engine, state, size, MAGIC - 3, 0x30535354, 1, "another version"));
    CHECK(refused_changed(run, engine, state, size, INPUTS, 0, 1, "of other pictures"));
    CHECK(refused_changed(run, engine, state, size, SCALE, 2, 1, "place"));
    CHECK(refused_changed(run, engine, state, size, SCALE, UINT32_MAX, 1, "place"));
    CHECK(refused_changed(run, engine, state, size, SCALE, 1, 1, "size does not fit"));
    CHECK(refused_changed(run, engine, state, size, ITERATION, 3, 1, "place"));
    CHECK(refused_changed(run, engine, state, size, ITERATION, UINT32_MAX, 1, "place"));
    for (int part = 0; part < 3; part++)
        CHECK(refused_changed(run, engine, state, size, header + (size_t)part * block, NOT_A_NUMBER, 1, "impossible"));
    CHECK(refused_changed(run, engine, state, size, header + 2 * block, MINUS_ONE, 1, "impossible"));

    CHECK(finish(run) == expected);
    strotss_run_destroy(run);
    free(state);
}

/* A run that differs in one thing refuses the state. */
static int other_run_refuses(strotss_engine *engine, const strotss_options *options, const picture *c, const picture *s,
                             const strotss_regions *regions, const uint8_t *state, size_t size)
{
    strotss_run *run = NULL;
    CHECK(start_run(&run, engine, options, &c->image, &s->image, regions) == STROTSS_OK);
    const int result = refused(run, engine, state, size, "of other pictures, points, regions, settings");
    strotss_run_destroy(run);
    return result;
}

static void test_others(strotss_engine *engine)
{
    strotss_run *run = make_run(engine);
    size_t size;
    uint8_t *state = save(&size, run);
    strotss_run_destroy(run);

    const strotss_options options = short_options();
    strotss_options others[4];
    for (int i = 0; i < 4; i++)
        others[i] = options;
    others[0].size = 96;
    others[1].size = 71;
    others[2].iterations[1]++;
    others[3].seed = UINT64_C(1) << 40;
    for (int i = 0; i < 4; i++)
        CHECK(other_run_refuses(engine, &others[i], &content, &style, NULL, state, size));
    for (int i = 0; i < strotss_option_count(); i++) {
        const strotss_option o = strotss_option_at(i);
        strotss_options other = options;
        if (!strcmp(o.name, "size") || !strcmp(o.name, "seed"))
            continue;
        strotss_options_set(&other, o.name, o.highest);
        if (!memcmp(&other, &options, sizeof options))
            strotss_options_set(&other, o.name, o.lowest);
        CHECK(memcmp(&other, &options, sizeof options) != 0);
        CHECK(other_run_refuses(engine, &other, &content, &style, NULL, state, size));
    }

    static picture changed;
    changed = content;
    changed.image.rgba = changed.pixels;
    changed.pixels[100] ^= 1;
    CHECK(other_run_refuses(engine, &options, &changed, &style, NULL, state, size));
    CHECK(other_run_refuses(engine, &options, &content, &content, NULL, state, size));
    const uint8_t labels[4] = {0, 1, 0, 1};
    const strotss_regions regions = {2, 2, labels, 2, 2, labels, {1, 1}};
    CHECK(other_run_refuses(engine, &options, &content, &style, &regions, state, size));

    /* Weights that differ in one bit of one number. */
    uint8_t *altered = malloc(weights_size);
    memcpy(altered, weights_bytes, weights_size);
    altered[weights_size / 2] ^= 1;
    const uint64_t digest = digest_add(DIGEST_START, altered, weights_size - DIGEST);
    memcpy(altered + weights_size - DIGEST, &digest, DIGEST);
    strotss_engine *other = NULL;
    CHECK(strotss_engine_create(&other, 1) == STROTSS_OK);
    CHECK(strotss_engine_load_weights(other, altered, weights_size) == STROTSS_OK);
    CHECK(other_run_refuses(other, &options, &content, &style, NULL, state, size));
    strotss_engine_destroy(other);
    free(altered);
    free(state);
}

int main(int argc, char **argv)
{
    read_weights(argc, argv);
    paint(&content, 64, 8, 30);
    paint(&style, 10, 60, 130);
    strotss_engine *engines[ENGINES];
    for (int i = 0; i < ENGINES; i++)
        engines[i] = make_engine(i + 1);
    strotss_run *run = make_run(engines[0]);
    const uint64_t expected = finish(run);
    strotss_run_destroy(run);

    test_kills(engines, expected);
    test_damage(engines[1], expected);
    for (int i = 0; i < ENGINES - 1; i++)
        strotss_engine_destroy(engines[i]);
    test_others(engines[ENGINES - 1]);
    strotss_engine_destroy(engines[ENGINES - 1]);
    free(weights_bytes);
    return check_report();
}
