/* SPDX-License-Identifier: MIT
 *
 * A run between two steps as bytes.
 * Everything else (positions, hypercolumns, statistics) follows from these and the inputs.
 *
 *     offset  size  what, little-endian
 *          0     8  "STROTSS2"
 *          8     8  digest of options, inputs and weights
 *         16     4  scale
 *         20     4  iterations done at it
 *         24   8+8v  the last terms, float64: total, then the v values (strotss_value_count)
 *          .  3*4*n  pyramid, mean, square: n float32 each, n from the scale's size
 *          .     8  digest of all bytes before
 *
 * Refuses what is cut, altered, of another version, or of other inputs, options or weights, and numbers that no run has
 * (the digest is no signature); then leaves the run as it was.
 */
#include "engine/run.h"

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/digest.h"
#include "engine/options.h"
#include "engine/schedule.h"
#include "picture/pyramid.h"
#include "picture/resize.h"

static const char magic[8] = {'S', 'T', 'R', 'O', 'T', 'S', 'S', '2'};
enum { TERMS = 24, TRAILER = 8 };

_Static_assert(offsetof(strotss_terms, value) == sizeof(double), "the values stand behind the total");

/* Of the terms, total included: strotss_terms has room for more. */
static size_t terms_bytes(void)
{
    return sizeof(double) * (1 + (size_t)strotss_value_count());
}

static size_t header_bytes(void)
{
    return TERMS + terms_bytes();
}

static size_t state_bytes(size_t coefficients)
{
    return header_bytes() + 3 * sizeof(float) * coefficients + TRAILER;
}

size_t strotss_run_state_bytes(const strotss_run *run)
{
    return state_bytes(run->coefficients);
}

size_t strotss_largest_state_bytes(const strotss_options *options, int content_width, int content_height)
{
    int height, width;
    char sentence[OPTIONS_SENTENCE];
    if (!options || !options_check(sentence, options) || !engine_takes_size(content_width, content_height))
        return 0;
    resize_fit(&height, &width, content_height, content_width, options->size);
    return state_bytes(pyramid_floats(height, width));
}

void strotss_run_save(const strotss_run *run, uint8_t *state)
{
    const int32_t where[2] = {run->progress.scale, run->progress.iteration};
    const size_t header = header_bytes(), block = sizeof(float) * run->coefficients, body = header + 3 * block;
    memcpy(state, magic, 8);
    memcpy(state + 8, &run->digest, 8);
    memcpy(state + 16, where, 8);
    memcpy(state + TERMS, &run->progress.terms, terms_bytes());
    memcpy(state + header, run->pyramid, block);
    memcpy(state + header + block, run->mean, block);
    memcpy(state + header + 2 * block, run->square, block);
    const uint64_t digest = digest_add(DIGEST_START, state, body);
    memcpy(state + body, &digest, TRAILER);
}

/* `floats` may lie anywhere. */
static int all_within(const uint8_t *floats, size_t bytes, float lowest)
{
    for (size_t at = 0; at < bytes; at += sizeof(float)) {
        float value;
        memcpy(&value, floats + at, sizeof value);
        if (!isfinite(value) || value < lowest)
            return 0;
    }
    return 1;
}

strotss_status strotss_run_restore(strotss_run *run, const uint8_t *state, size_t size)
{
    strotss_engine *engine = run->engine;
    uint64_t digest;
    int32_t where[2];
    const size_t header = header_bytes();
    if (!state || size < header + TRAILER)
        return engine_fail(engine, STROTSS_BAD_STATE, "saved state: cut short");
    if (memcmp(state, magic, 8))
        return engine_fail(engine, STROTSS_BAD_STATE, "saved state: not one, or of another version");
    memcpy(&digest, state + size - TRAILER, TRAILER);
    if (digest != digest_add(DIGEST_START, state, size - TRAILER))
        return engine_fail(engine, STROTSS_BAD_STATE, "saved state: cut short or altered");
    memcpy(&digest, state + 8, 8);
    if (digest != run->digest)
        return engine_fail(engine, STROTSS_BAD_STATE,
                           "saved state: of other pictures, points, regions, settings or weights");
    memcpy(where, state + 16, 8);
    if (where[0] < 0 || where[0] >= run->scales || where[1] < 0 || where[1] > run->options.iterations[where[0]])
        return engine_fail(engine, STROTSS_BAD_STATE, "saved state: its place in the run does not exist");
    const run_inputs *in = &run->inputs[where[0]];
    const size_t block = sizeof(float) * pyramid_floats(in->height, in->width);
    if (size != header + 3 * block + TRAILER)
        return engine_fail(engine, STROTSS_BAD_STATE, "saved state: its size does not fit its scale");
    if (!all_within(state + header, 2 * block, -FLT_MAX) || !all_within(state + header + 2 * block, block, 0))
        return engine_fail(engine, STROTSS_BAD_STATE, "saved state: a number in it is impossible");

    run_enter_scale(run, where[0]);
    run->progress.iteration = where[1];
    if (where[1] == run->progress.iterations && where[0] == run->scales - 1)
        run->progress.phase = STROTSS_DONE;
    run->progress.terms = (strotss_terms){0};
    memcpy(&run->progress.terms, state + TERMS, terms_bytes());
    memcpy(run->pyramid, state + header, block);
    memcpy(run->mean, state + header + block, block);
    memcpy(run->square, state + header + 2 * block, block);
    run->stopped = 0;
    pyramid_fold(run->image, run->pyramid, in->height, in->width, run->scale.pyramid_scratch);
    return STROTSS_OK;
}
