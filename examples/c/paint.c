/* SPDX-License-Identifier: MIT
 *
 * Paints CONTENT in the manner of STYLE and writes a PNG; SIZE is the long side in pixels, 256 unless given.
 * It is C and C++ alike. docs/c.md says how to build it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strotss.h>

/* The whole file; its size goes to *size. */
static void *read_file(const char *name, size_t *size)
{
    FILE *file = fopen(name, "rb");
    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    void *bytes = malloc(*size);
    if (bytes && fread(bytes, 1, *size, file) != *size)
        *size = 0;
    fclose(file);
    return bytes;
}

/* Ends the program with the engine's sentence about what went wrong. */
static void check(strotss_status status, const strotss_engine *engine)
{
    if (status == STROTSS_OK)
        return;
    fprintf(stderr, "%s: %s\n", strotss_status_name(status), engine ? strotss_engine_error(engine) : "");
    exit(1);
}

static strotss_image read_image(strotss_engine *engine, const char *name)
{
    size_t size = 0;
    void *bytes = read_file(name, &size);
    strotss_image image = {0, 0, NULL};
    check(strotss_image_decode(&image, engine, bytes, bytes ? size : 0), engine);
    free(bytes);
    return image;
}

int main(int count, char **words) /* paint WEIGHTS CONTENT STYLE OUT.png [SIZE] */
{
    if (count < 5 || count > 6) {
        fprintf(stderr, "usage: %s WEIGHTS CONTENT STYLE OUT.png [SIZE]\n", words[0]);
        return 2;
    }
    strotss_engine *engine = NULL;
    check(strotss_engine_create(&engine, 2), NULL);
    size_t size = 0;
    void *weights = read_file(words[1], &size);
    check(strotss_engine_load_weights(engine, weights, weights ? size : 0), engine);
    free(weights);

    strotss_image content = read_image(engine, words[2]), style = read_image(engine, words[3]);
    strotss_options options = strotss_preset_options(STROTSS_STANDARD, count > 5 ? atoi(words[5]) : 256);
    strotss_inputs inputs = strotss_inputs_of(&content, &style);
    strotss_run *run = NULL;
    check(strotss_run_create(&run, engine, &options, &inputs), engine);

    strotss_progress progress;
    do {
        check(strotss_run_step(run, &progress), engine);
        fprintf(stderr, "\rscale %d of %d, iteration %d of %d ", progress.scale + 1, progress.scales,
                progress.iteration, progress.iterations);
    } while (progress.phase != STROTSS_DONE);

    strotss_image result = {progress.width, progress.height, NULL};
    result.rgba = (uint8_t *)malloc(4 * (size_t)result.width * (size_t)result.height);
    if (!result.rgba)
        return 1;
    strotss_run_snapshot(run, result.rgba);
    uint8_t *png = NULL;
    check(strotss_image_encode(&png, &size, engine, &result, 0), engine);
    FILE *out = fopen(words[4], "wb");
    if (!out || fwrite(png, 1, size, out) != size || fclose(out))
        return 1;

    strotss_bytes_free(png);
    free(result.rgba);
    strotss_run_destroy(run);
    strotss_image_free(&content);
    strotss_image_free(&style);
    strotss_engine_destroy(engine);
    return 0;
}
