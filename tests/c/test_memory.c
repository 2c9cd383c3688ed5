/* SPDX-License-Identifier: MIT
 *
 * Memory and threads that are refused. Every allocation of every public call fails in turn: OUT_OF_MEMORY with a
 * sentence, all of it given back, and the same call succeeds as soon as it may. A run that was created needs no more:
 * it steps, saves, goes on and shows itself without an allocation.
 * And the estimate made beforehand is never below what the run takes.
 *
 * Linked with --wrap (emscripten.mk): the allocations of the engine, stb's among them, pass through here.
 *
 *   test_memory [folder of image.*] [weights file]
 */
#include <limits.h>
#include <pthread.h>

#include "small_run.h"

/* ---- allocations, counted and refused ------------------------------------------------------------ */

static int allowed = INT_MAX; /* allocations that still succeed */
static long held;             /* blocks taken and not given back */
static int threads_allowed = INT_MAX;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
void __real_free(void *block);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);

static int granted(void)
{
    return allowed > 0 && allowed-- > 0;
}

static void *counted(void *block)
{
    held += block != NULL;
    return block;
}

void *__wrap_malloc(size_t bytes)
{
    return granted() ? counted(__real_malloc(bytes)) : NULL;
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return granted() ? counted(__real_calloc(count, bytes)) : NULL;
}

void *__wrap_realloc(void *old, size_t bytes)
{
    void *block = granted() ? __real_realloc(old, bytes) : NULL;
    held += block && !old;
    return block;
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    return granted() ? counted(__real_aligned_alloc(alignment, bytes)) : NULL;
}

void __wrap_free(void *block)
{
    held -= block != NULL;
    __real_free(block);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    enum { NO_MORE_THREADS = 11 };
    return threads_allowed-- > 0 ? __real_pthread_create(thread, attributes, start, argument) : NO_MORE_THREADS;
}

/* ---- each call with 0, 1, 2... allocations, until it succeeds ------------------------------------- */

enum { MOST = 1000 };

static strotss_engine *engine;
static picture content, style;
static uint8_t file[4096];
static size_t file_size;
static int quality;

/* A call keeps nothing of what it was given. */
static void starve(const char *name, strotss_status (*call)(void))
{
    strotss_status status = STROTSS_OUT_OF_MEMORY;
    int limit = 0;
    for (; limit < MOST && status != STROTSS_OK; limit++) {
        const long before = held;
        allowed = limit;
        status = call();
        allowed = INT_MAX;
        const int told = status == STROTSS_OUT_OF_MEMORY && (!engine || strstr(strotss_engine_error(engine), "memory"));
        CHECK(status == STROTSS_OK || told);
        CHECK(held == before);
    }
    CHECK(status == STROTSS_OK && limit > 1);
    if (status != STROTSS_OK)
        printf("%s: %s after %d allocations\n", name, strotss_status_name(status), limit);
}

static strotss_status create_engine(void)
{
    strotss_engine *made = NULL;
    const strotss_status status = strotss_engine_create(&made, 1);
    strotss_engine_destroy(made);
    return status;
}

static strotss_status estimate(void)
{
    size_t bytes;
    const strotss_options options = short_options();
    return strotss_estimate(&bytes, &options, &(strotss_sizes){80, 60, 50, 70, 3, 5, 80, 60, 2});
}

static strotss_status create_run(void)
{
    const uint8_t labels[4] = {0, 1, 2, 0};
    const strotss_regions regions = {2, 2, labels, 2, 2, labels, {1, 1, 1}};
    const strotss_options options = short_options();
    strotss_run *run = NULL;
    const strotss_status status = start_run(&run, engine, &options, &content.image, &style.image, &regions);
    strotss_run_destroy(run);
    return status;
}

static strotss_status evaluate(void)
{
    strotss_terms terms;
    return strotss_evaluate(&terms, engine, &content.image, &style.image, &content.image, 1, 1, 0);
}

static strotss_status distances(void)
{
    strotss_distance result[STROTSS_DISTANCES];
    return strotss_distances(result, engine, &content.image, &style.image, 64, 16, 0);
}

static strotss_status hypercolumns(void)
{
    static float column[STROTSS_HYPERCOLUMN];
    return strotss_hypercolumns(column, engine, &content.image, (const int[]){3, 5}, 1);
}

static strotss_status decode(void)
{
    strotss_image image = {0};
    const strotss_status status = strotss_image_decode(&image, engine, file, file_size);
    CHECK((status == STROTSS_OK) == (image.rgba != NULL));
    strotss_image_free(&image);
    return status;
}

static strotss_status encode(void)
{
    uint8_t *bytes = NULL;
    size_t size;
    const strotss_status status = strotss_image_encode(&bytes, &size, engine, &content.image, quality);
    CHECK((status == STROTSS_OK) == (bytes != NULL));
    strotss_bytes_free(bytes);
    return status;
}

static void starve_decoder(const char *folder)
{
    static const char *names[] = {"rgb.png", "palette.png", "deep.png", "interlaced.png", "grey.png",
                                  "baseline.jpg", "progressive.jpg", "cmyk.jpg", "grey.jpg",
                                  "rgb.bmp", "rgb.tga", "rle.tga", "rgb.ppm", "grey.pgm", "still.gif"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/image.%s", folder, names[i]);
        FILE *opened = fopen(path, "rb");
        CHECK(opened != NULL);
        file_size = fread(file, 1, sizeof file, opened);
        fclose(opened);
        starve(names[i], decode);
    }
}

static void load_weights(void)
{
    for (int limit = 0; limit < 2; limit++) {
        const long before = held;
        allowed = limit;
        CHECK(strotss_engine_load_weights(engine, weights_bytes, weights_size) == STROTSS_OUT_OF_MEMORY);
        allowed = INT_MAX;
        CHECK(strstr(strotss_engine_error(engine), "memory") && held == before);
        CHECK(create_run() == STROTSS_BAD_WEIGHTS);
    }
    CHECK(strotss_engine_load_weights(engine, weights_bytes, weights_size) == STROTSS_OK);
}

static void threads_refused(void)
{
    enum { THREADS = 4 };
    for (int limit = 0; limit < THREADS - 1; limit++) {
        strotss_engine *made = NULL;
        threads_allowed = limit;
        CHECK(strotss_engine_create(&made, THREADS) == STROTSS_OUT_OF_MEMORY && !made);
        threads_allowed = INT_MAX;
    }
}

/* ---- after creation nothing can fail ----------------------------------------------------------------- */

static void run_without_allocations(void)
{
    const strotss_options options = short_options();
    strotss_run *run = NULL;
    CHECK(start_run(&run, engine, &options, &content.image, &style.image, NULL) == STROTSS_OK);
    static uint8_t state[1 << 20], rgba[4 * 72 * 72];
    strotss_progress progress = {0};
    size_t size = 0;
    allowed = 0;
    while (progress.phase != STROTSS_DONE) {
        CHECK(strotss_run_step(run, &progress) == STROTSS_OK);
        strotss_run_snapshot(run, rgba);
        size = strotss_run_state_bytes(run);
        CHECK(size <= sizeof state);
        strotss_run_save(run, state);
    }
    CHECK(size == strotss_largest_state_bytes(&options, content.image.width, content.image.height));
    CHECK(strotss_run_restore(run, state, size) == STROTSS_OK);
    allowed = INT_MAX;
    strotss_run_destroy(run);
}

/* ---- what was estimated suffices ------------------------------------------------------------------------ */

/* Regions in stripes a pixel column wide, the rest shared by the first `large` of them. */
static void estimate_suffices(int size, int width, int height, int pairs, int large)
{
    static uint8_t labels[96 * 96], pixels[4 * 96 * 96];
    const strotss_image image = {width, height, pixels}, turned = {height, width, pixels};
    memset(pixels, 255, sizeof pixels); /* opaque: of what is not seen there is no region */
    for (int i = 0; i < width * height; i++)
        labels[i] = (uint8_t)(i % width < pairs ? i % width : i % width % large);
    strotss_regions regions = {width, height, labels, width, height, labels, {0}};
    for (int label = 0; label < pairs; label++)
        regions.weight[label] = 1;
    strotss_options options = short_options();
    options.size = size;
    size_t bytes = 0;
    strotss_run *run = NULL;
    const strotss_sizes sizes = {width, height, height, width, pairs, 0, 0, 0, 1};
    CHECK(strotss_estimate(&bytes, &options, &sizes) == STROTSS_OK);
    CHECK(start_run(&run, engine, &options, &image, &turned, pairs > 1 ? &regions : NULL) == STROTSS_OK);
    if (run && strotss_run_bytes(run) > bytes)
        printf("%d px of %d x %d, %d pairs: %zu bytes, %zu were estimated\n", size, width, height, pairs,
               strotss_run_bytes(run), bytes);
    CHECK(run && strotss_run_bytes(run) <= bytes && strotss_run_bytes(run) >= bytes / 2);
    strotss_run_destroy(run);
}

static void estimates(void)
{
    static const int sizes[] = {64, 65, 130}, sides[][2] = {{96, 96}, {61, 90}, {96, 5}}, pairs[] = {1, 2, 8, 40};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t j = 0; j < sizeof sides / sizeof *sides; j++)
            for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
                for (int large = 1; large <= pairs[k]; large *= 2)
                    estimate_suffices(sizes[i], sides[j][0], sides[j][1], pairs[k], large);
}

int main(int argc, char **argv)
{
    read_weights(argc, argv);
    paint(&content, 60, 20, 30);
    paint(&style, 24, 50, 130);
    starve("engine", create_engine);
    starve("estimate", estimate);
    threads_refused();
    CHECK(strotss_engine_create(&engine, 1) == STROTSS_OK);
    load_weights();
    free(weights_bytes);
    starve("run", create_run);
    starve("evaluate", evaluate);
    starve("distances", distances);
    starve("hypercolumns", hypercolumns);
    starve_decoder(argc > 1 ? argv[1] : "tests/golden");
    for (quality = 0; quality <= 90; quality += 45)
        starve("encode", encode);
    run_without_allocations();
    estimates();
    strotss_engine_destroy(engine);
    return check_report();
}
