/* SPDX-License-Identifier: MIT
 *
 * libFuzzer on saved states, in a run of a few rows at 64 and 72 px. A state is refused with a sentence, and then the
 * run stands where it stood; or the run stands where the state says, goes on to finite numbers or stops with
 * NOT_FINITE, and saves what it was given.
 *
 * Inputs grow from the run's own states at every step;
 * mostly their checksum is put right, since behind it lies the rest.
 */
#include "base/digest.h"
#include "fuzz.h"
#include "strotss.h"

enum { LONG = 40, SHORT = 2, STEPS = 9, CHECKSUM = 8, MOST_STEPS = 3 };

static strotss_engine *engine;
static strotss_run *run;
static struct { uint8_t *bytes; size_t size; } own[STEPS];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    size_t size;
    uint8_t *weights = fuzz_file(&size, "weights/vgg16.q8.bin");
    uint8_t pixels[4 * LONG * SHORT];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * i >> 3);
    const strotss_image content = { LONG, SHORT, pixels }, style = { SHORT, LONG, pixels };
    strotss_options options = strotss_preset_options(STROTSS_STANDARD, 72);
    options.iterations[0] = options.iterations[1] = 2;
    DEMAND(strotss_engine_create(&engine, 1) == STROTSS_OK);
    DEMAND(strotss_engine_load_weights(engine, weights, size) == STROTSS_OK);
    free(weights);
    const strotss_inputs inputs = strotss_inputs_of(&content, &style);
    DEMAND(strotss_run_create(&run, engine, &options, &inputs) == STROTSS_OK);
    strotss_progress progress = { 0 };
    for (int step = 0; step < STEPS; step++) {
        own[step].size = strotss_run_state_bytes(run);
        own[step].bytes = malloc(own[step].size);
        strotss_run_save(run, own[step].bytes);
        DEMAND(strotss_run_step(run, &progress) == STROTSS_OK);
    }
    DEMAND(progress.phase == STROTSS_DONE);
    return 0;
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
    const int step = (int)(seed / 64 % STEPS);
    if ((seed % 8 == 0 || size <= CHECKSUM) && own[step].size <= most) {
        size = own[step].size;
        memcpy(data, own[step].bytes, size);
    }
    size = LLVMFuzzerMutate(data, size, most);
    if (seed / 8 % 8 != 0 && size > CHECKSUM) {
        const uint64_t digest = digest_add(DIGEST_START, data, size - CHECKSUM);
        memcpy(data + size - CHECKSUM, &digest, CHECKSUM);
    }
    return size;
}

/* The run's state; freed by the caller. */
static uint8_t *save(size_t *size)
{
    *size = strotss_run_state_bytes(run);
    uint8_t *state = malloc(*size);
    strotss_run_save(run, state);
    return state;
}

static void go_on(void)
{
    strotss_progress progress;
    strotss_run_progress(run, &progress);
    for (int step = 0; step < MOST_STEPS && progress.phase != STROTSS_DONE; step++) {
        const strotss_status status = strotss_run_step(run, &progress);
        DEMAND(status == STROTSS_OK || status == STROTSS_NOT_FINITE);
        if (status == STROTSS_NOT_FINITE) {
            DEMAND(is_sentence(strotss_engine_error(engine)));
            break;
        }
    }
    uint8_t *rgba = malloc(4 * (size_t)progress.width * (size_t)progress.height);
    strotss_run_snapshot(run, rgba);
    free(rgba);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t before_size, after_size;
    uint8_t *before = save(&before_size);
    const strotss_status status = strotss_run_restore(run, data, size);
    DEMAND(status == STROTSS_OK || status == STROTSS_BAD_STATE);
    uint8_t *after = save(&after_size);
    if (status == STROTSS_OK) {
        DEMAND(after_size == size && memcmp(after, data, size) == 0);
        go_on();
    } else {
        DEMAND(is_sentence(strotss_engine_error(engine)));
        DEMAND(after_size == before_size && memcmp(after, before, after_size) == 0);
    }
    free(before);
    free(after);
    return 0;
}
