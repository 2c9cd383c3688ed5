/* SPDX-License-Identifier: MIT
 *
 * The engine's seconds, as one line of JSON, each the fastest of REPEATS:
 *
 *     engine forward WEIGHTS SIZE THREADS REPEATS                  VGG-16 forward to relu5_3 on a SIZE x SIZE picture
 *     engine iterate WEIGHTS CONTENT STYLE SIZE THREADS REPEATS    an iteration at SIZE, whole and by phase
 *
 * forward's picture is value(i) = (i * 7919 mod 1009) / 1008 in [height][width][3], so that others can run on the same;
 * "sum" is the sum of relu5_3. iterate's "seconds" are those of strotss_run_step where the candidates stay;
 * "content" is what drawing them anew costs, every tenth iteration. The phases repeat what run_scale_gradient does,
 * part by part.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "losses/terms.h"
#include "engine/optimizer.h"
#include "picture/pyramid.h"
#include "engine/run.h"
#include "engine/schedule.h"

typedef enum phase {
    WHOLE, CONTENT, FORWARD, CONTENT_COLUMNS, GRAM, SELF_SIMILARITY, REMD, GRAM_BACK, MOMENT, PALETTE, BACKWARD,
    PYRAMID, PHASES
} phase;

static const char *const phase_name[PHASES] = {
    "seconds", "content", "forward", "content_columns", "gram", "self_similarity", "remd", "gram_back", "moment",
    "palette", "backward", "pyramid",
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void keep_fastest(double *best, double begin)
{
    const double taken = now() - begin;
    if (*best == 0 || taken < *best)
        *best = taken;
}

static void *read_file(size_t *size, const char *path)
{
    FILE *file = fopen(path, "rb");
    void *bytes = NULL;
    if (file && fseek(file, 0, SEEK_END) == 0) {
        *size = (size_t)ftell(file);
        rewind(file);
        bytes = malloc(*size);
        if (bytes && fread(bytes, 1, *size, file) != *size) {
            free(bytes);
            bytes = NULL;
        }
    }
    if (file)
        fclose(file);
    return bytes;
}

static strotss_status open_engine(strotss_engine **engine, const char *weights, int count)
{
    size_t size = 0;
    void *bytes = read_file(&size, weights);
    strotss_status status = strotss_engine_create(engine, count);
    if (status == STROTSS_OK)
        status = strotss_engine_load_weights(*engine, bytes, size);
    free(bytes);
    return status;
}

/* ---- forward --------------------------------------------------------------------------------------------------- */

static void sum_last(void *context, int tap, const float *map, vgg16_rows rows)
{
    if (tap != VGG16_TAPS - 1)
        return;
    double sum = 0;
    for (size_t i = 0; i < (size_t)rows.count * rows.width * 512; i++)
        sum += map[i];
    *(double *)context = sum;
}

static int forward(char **argv)
{
    const int size = atoi(argv[1]), count = atoi(argv[2]), repeats = atoi(argv[3]);
    strotss_engine *engine;
    if (open_engine(&engine, argv[0], count) != STROTSS_OK)
        return 1;
    float *image = malloc(sizeof(float) * 3 * (size_t)size * size);
    arena shared = {.size = vgg16_scratch_bytes(size, size, count)};
    shared.base = aligned_alloc(64, shared.size);
    for (int i = 0; i < 3 * size * size; i++)
        image[i] = (float)(i * 7919LL % 1009) / 1008.0f;
    double best = 0, sum = 0;
    for (int r = 0; r <= repeats; r++) {
        const double begin = now();
        vgg16_forward(&engine->net, &(exec){engine->threads, &shared}, NULL, image, size, size, VGG16_TAPS - 1,
                      sum_last, &sum);
        if (r > 0)
            keep_fastest(&best, begin);
    }
    printf("{\"seconds\": %.6f, \"sum\": %.6f}\n", best, sum);
    free(shared.base);
    free(image);
    strotss_engine_destroy(engine);
    return 0;
}

/* ---- iterate --------------------------------------------------------------------------------------------------- */

static void time_term(double *best, const char *name, const loss_pass *pass)
{
    double value[STROTSS_MAX_VALUES];
    for (int t = 0; t < loss_term_count(); t++) {
        const double begin = now();
        if (strcmp(loss_term_at(t)->name, name))
            continue;
        loss_term_at(t)->take(value, pass, 1);
        keep_fastest(best, begin);
    }
}

/* One pass over the phases of an iteration, on the positions the last step drew. */
static void time_phases(double best[PHASES], strotss_run *run)
{
    const run_inputs *in = &run->inputs[run->progress.scale];
    const vgg16 *net = &run->engine->net;
    threads *threads = run->engine->threads;
    run_scale *s = &run->scale;
    run_pair *pair = &run->pairs[0];
    run_sample *sample = &pair->sample;

    for (int k = 0; k < VGG16_LEVELS; k++)
        memset(s->dz[k], 0, sizeof(float) * (size_t)sample->x.level[k].rows * level_stride[k]);
    double begin = now();
    const gather at = {GATHER_COLUMNS, .columns = &sample->x, .at = sample->at};
    const pass look = {run->image, in->height, in->width, &s->trace, &at, 1};
    pass_forward(&look, net, &(exec){threads, &s->shared});
    keep_fastest(&best[FORWARD], begin);

    begin = now();
    columns content = s->content_room;
    columns_place(&content, sample->at, sample->n, in->height, in->width);
    content_select(&content, &s->content, sample->index);
    keep_fastest(&best[CONTENT_COLUMNS], begin);

    arena scratch = s->shared;
    const exec on = {threads, &scratch};
    const loss_options options = loss_defaults();
    gram gram;
    loss_pass pass = {.dz = s->dz, .x = &sample->x, .content = &content, .style = &pair->style, .gram = &gram,
                      .options = &options, .exec = &on};
    gram_layout(&gram, &scratch, sample->n);
    begin = now();
    gram_forward(&gram, &sample->x, &on);
    keep_fastest(&best[GRAM], begin);
    time_term(&best[SELF_SIMILARITY], "content", &pass);
    time_term(&best[REMD], "remd", &pass);
    begin = now();
    gram_backward(s->dz, &gram, &sample->x, &on);
    keep_fastest(&best[GRAM_BACK], begin);
    scratch = s->shared;
    time_term(&best[MOMENT], "moment", &pass);
    time_term(&best[PALETTE], "palette", &pass);

    begin = now();
    pass_backward(run->dimage, &look, net, &(exec){threads, &s->shared});
    keep_fastest(&best[BACKWARD], begin);

    begin = now();
    pyramid_fold_backward(run->dpyramid, run->dimage, in->height, in->width);
    rmsprop_step(run->pyramid, run->square, run->dpyramid, run->coefficients, 0);
    pyramid_fold(run->image, run->pyramid, in->height, in->width, s->pyramid_scratch);
    keep_fastest(&best[PYRAMID], begin);
}

static strotss_status iterate_at(double best[PHASES], strotss_run *run, int repeats)
{
    strotss_progress progress;
    strotss_status status = STROTSS_OK;
    strotss_run_progress(run, &progress);
    while (status == STROTSS_OK && (progress.scale < progress.scales - 1 || progress.phase != STROTSS_ITERATE))
        status = strotss_run_step(run, &progress);
    if (status == STROTSS_OK)
        status = strotss_run_step(run, &progress);
    const int moves = positions_stride(progress.height, progress.width) > 1;
    for (int r = 0; r < repeats && status == STROTSS_OK; r++) {
        double begin = now();
        if (moves) {
            run->scale.content.draw = -1;
            run_scale_content(run, progress.iteration);
            keep_fastest(&best[CONTENT], begin);
        }
        begin = now();
        status = strotss_run_step(run, &progress);
        keep_fastest(&best[WHOLE], begin);
        time_phases(best, run);
    }
    return status;
}

static int iterate(char **argv)
{
    const int count = atoi(argv[4]), repeats = atoi(argv[5]);
    strotss_options options = strotss_preset_options(STROTSS_FINE, atoi(argv[3]));
    for (int s = 0; s < STROTSS_MAX_SCALES; s++)
        options.iterations[s] = 1;
    int sides[STROTSS_MAX_SCALES];
    options.iterations[schedule_sizes(sides, options.size) - 1] = repeats + 2;

    strotss_engine *engine;
    strotss_run *run;
    strotss_image content = {0}, style = {0};
    double best[PHASES] = {0};
    size_t content_size = 0, style_size = 0;
    void *content_bytes = read_file(&content_size, argv[1]), *style_bytes = read_file(&style_size, argv[2]);
    strotss_status status = open_engine(&engine, argv[0], count);
    if (status == STROTSS_OK)
        status = strotss_image_decode(&content, engine, content_bytes, content_size);
    if (status == STROTSS_OK)
        status = strotss_image_decode(&style, engine, style_bytes, style_size);
    const strotss_inputs inputs = strotss_inputs_of(&content, &style);
    if (status == STROTSS_OK)
        status = strotss_run_create(&run, engine, &options, &inputs);
    if (status == STROTSS_OK)
        status = iterate_at(best, run, repeats);
    if (status != STROTSS_OK) {
        fprintf(stderr, "%s: %s\n", strotss_status_name(status), strotss_engine_error(engine));
        return 1;
    }
    printf("{\"bytes\": %zu", strotss_run_bytes(run) + strotss_network_bytes());
    for (int p = 0; p < PHASES; p++)
        printf(", \"%s\": %.6f", phase_name[p], best[p]);
    printf("}\n");
    strotss_run_destroy(run);
    strotss_image_free(&content);
    strotss_image_free(&style);
    free(content_bytes);
    free(style_bytes);
    strotss_engine_destroy(engine);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "forward") == 0)
        return forward(argv + 2);
    if (argc == 8 && strcmp(argv[1], "iterate") == 0)
        return iterate(argv + 2);
    fprintf(stderr, "engine forward WEIGHTS SIZE THREADS REPEATS\n"
                    "engine iterate WEIGHTS CONTENT STYLE SIZE THREADS REPEATS\n");
    return 2;
}
