/* SPDX-License-Identifier: MIT
 *
 * Plans for a graphics card (src/gpu), looked at as words: whatever is bound lies inside its buffer and within the
 * device's limits, bands of rows cover their maps, the lists of an iteration are the adjoint of the sampling, and what
 * is read back becomes terms. What the kernels compute, tests/gpu sees.
 */
#include <math.h>

#include "gpu/scale.h"
#include "gpu/weights.h"
#include "small_run.h"

enum { MOST_GROUPS = 65535 };

typedef struct bound { uint32_t buffer, offset, bytes; } bound;
typedef struct dispatch {
    uint32_t kernel, x, y, millions, ranges, params;
    bound range[16];
    uint32_t param[64];
} dispatch;

typedef void look(void *context, const dispatch *d, gpu_list list);

/* Hands every dispatch of a plan to `look`, after checking it against the buffers. */
static void read_plan(const gpu_scale *s, look *look, void *context)
{
    size_t count;
    const uint32_t *words = gpu_scale_plan(s, &count), *at = words;
    const uint32_t buffers = *at++;
    const uint32_t *bytes = at;
    at += buffers;
    const uint32_t uploads = *at++;
    for (uint32_t u = 0; u < uploads; u++, at += 4) {
        CHECK(at[0] >= GPU_WEIGHTS_COUNT && at[0] < buffers);
        CHECK(at[1] % 4 == 0 && at[3] % 4 == 0 && (uint64_t)at[1] + at[3] <= bytes[at[0]]);
    }
    for (int list = 0; list < GPU_LIST_COUNT; list++)
        for (uint32_t left = *at++; left; left--) {
            dispatch d = {at[0], at[1], at[2], at[3], at[4], 0, {{0}}, {0}};
            at += 5;
            CHECK(d.kernel < GPU_KERNEL_COUNT && d.x >= 1 && d.x <= MOST_GROUPS && d.y >= 1 && d.y <= MOST_GROUPS);
            for (uint32_t r = 0; r < d.ranges; r++, at += 3) {
                d.range[r] = (bound){at[0], at[1], at[2]};
                const uint64_t whole = at[0] < GPU_WEIGHTS_COUNT ? UINT32_MAX : bytes[at[0]];
                CHECK(at[0] < buffers && at[1] % GPU_ALIGN == 0 && at[2] > 0 && (uint64_t)at[1] + at[2] <= whole);
                CHECK(at[2] <= s->limits.binding_bytes);
            }
            d.params = *at++;
            memcpy(d.param, at, d.params * sizeof *at);
            at += d.params;
            look(context, &d, (gpu_list)list);
        }
    CHECK(at == words + count);
}

/* Work of the convolutions of one list, and the most in one dispatch. */
typedef struct work { double rows, most; int dispatches; } work;

static void add_work(void *context, const dispatch *d, gpu_list list)
{
    work *w = context;
    if (list != GPU_ITERATE)
        return;
    w->dispatches++;
    if (d->kernel != GPU_CONV && d->kernel != GPU_CONV_BACKWARD)
        return;
    w->rows += (double)d->param[5] * d->param[1] * d->param[2] * d->param[3];
    w->most = d->param[5] > 2 && d->millions > w->most ? d->millions : w->most;
}

static strotss_run *make_run(strotss_engine *engine, const strotss_regions *regions)
{
    static picture content, style;
    strotss_options options = short_options();
    strotss_run *run = NULL;
    paint(&content, 64, 40, 60);
    paint(&style, 50, 64, 200);
    options.style_draws = 1;
    CHECK(start_run(&run, engine, &options, &content.image, &style.image, regions) == STROTSS_OK);
    CHECK(strotss_run_step(run, NULL) == STROTSS_OK); /* the style */
    return run;
}

static void test_plans(strotss_engine *engine)
{
    strotss_run *run = make_run(engine, NULL);
    gpu_scale *scale = NULL;
    work whole = {0}, banded = {0};
    CHECK(gpu_scale_create(&scale, run, 1e9, 4e9, 1e6) == STROTSS_OK);
    read_plan(scale, add_work, &whole);
    gpu_scale_destroy(scale);
    CHECK(gpu_scale_create(&scale, run, 128 << 20, 256 << 20, 20) == STROTSS_OK);
    read_plan(scale, add_work, &banded);
    gpu_scale_destroy(scale);
    double pixels = 0;
    for (int k = 1; k < VGG16_LAYERS; k++) {
        const vgg16_layer *l = &vgg16_layers[k];
        pixels += 2.0 * (64 >> l->level) * (40 >> l->level) * l->cin * l->cout;
    }
    CHECK_CLOSE(whole.rows / pixels, 1, 1e-12);
    CHECK_CLOSE(banded.rows / pixels, 1, 1e-12);
    CHECK(banded.dispatches > whole.dispatches);
    CHECK(banded.most <= 21);
    CHECK(run->scale.content.draw == -1 && run->progress.phase == STROTSS_CONTENT);

    CHECK(gpu_scale_create(&scale, run, 1 << 20, 1 << 30, 1e6) == STROTSS_OUT_OF_MEMORY);
    CHECK(strstr(strotss_engine_error(engine), "the graphics card allows buffers of 1074 MB and 1 MB of them") != NULL);
    strotss_run_destroy(run);
}

/* <gather(map), dx> = <map, scatter(dx)> on one channel. */
static void check_lists(const gpu_scale *s, int level)
{
    const int height = s->height >> level, width = s->width >> level;
    const uint32_t room = (uint32_t)s->list_room[level];
    const uint32_t *list = s->words + s->lists[level].offset / 4, *pixels = list + 1;
    const uint32_t *starts = pixels + room, *rows = starts + room + 1, *shares = rows + s->sample_rows;
    double there = 0, back = 0;
    for (int i = 0; i < s->sample_count; i++)
        for (int j = 0; j < s->sample[i].of->n; j++) {
            int32_t tap[4];
            float weight[4];
            hypercolumn_taps(tap, weight, s->sample[i].of->at[j], level, height, width);
            for (int t = 0; t < 4; t++)
                there += (double)weight[t] * sin(tap[t]) * cos((double)s->sample[i].first + j);
        }
    CHECK(list[0] > 0 && list[0] <= room && starts[0] == 0);
    for (uint32_t e = 0; e < list[0]; e++) {
        CHECK(e == 0 || pixels[e] > pixels[e - 1]);
        CHECK(pixels[e] < (uint32_t)(height * width));
        for (uint32_t k = starts[e]; k < starts[e + 1]; k++) {
            float share;
            memcpy(&share, &shares[k], sizeof share);
            back += (double)share * sin(pixels[e]) * cos(rows[k]);
        }
    }
    CHECK_CLOSE(back, there, 1e-9 * fabs(there) + 1e-9);
}

static void test_iteration(strotss_engine *engine)
{
    static uint8_t content[64 * 40], style[50 * 64];
    for (int i = 0; i < 64 * 40; i++)
        content[i] = i % 64 < 20;
    for (int i = 0; i < 50 * 64; i++)
        style[i] = i % 50 < 30;
    strotss_regions regions = {64, 40, content, 50, 64, style, {1, 2}};
    strotss_run *run = make_run(engine, &regions);
    gpu_scale *s = NULL;
    CHECK(gpu_scale_create(&s, run, 1e9, 4e9, 1e6) == STROTSS_OK);
    CHECK(gpu_iteration(s, 0) == 1);
    CHECK(gpu_iteration(s, 1) == 0); /* the same candidates */
    CHECK(s->sample_count == 2);
    const uint32_t *at = s->words + s->at.offset / 4;
    for (int i = 0; i < s->sample_count; i++) {
        const uint32_t *block = s->words + s->sample[i].block.offset / 4;
        const int n = run->pairs[i].sample.n;
        CHECK(n > 0 && block[GPU_N] == (uint32_t)n);
        CHECK(block[GPU_WEIGHT] == gpu_bits(run->pairs[i].weight));
        for (size_t j = 0; j < s->sample[i].rows; j++) {
            const uint32_t *position = at + 2 * (s->sample[i].first + j);
            if (j < (size_t)n)
                CHECK(position[0] < 40 && position[1] < 64 && (position[1] < 20) == (content[position[1]] == 1));
            else
                CHECK(position[0] == GPU_NOWHERE);
        }
    }
    for (int k = 0; k < VGG16_LEVELS; k++)
        check_lists(s, k);

    /* Terms from what a device might give. */
    float results[GPU_RESULTS + 2 * GPU_TERMS] = {0};
    for (int i = 0; i < 2; i++) {
        float *sums = results + GPU_RESULTS + i * GPU_TERMS;
        const float given[GPU_TERMS] = {0.2f * run->pairs[i].sample.n, 0.3f, 0.4f, 217.9f, 0, 0.6f, 0.5f};
        memcpy(sums, given, sizeof given);
    }
    const uint32_t *blocks = s->words + s->blocks.offset / 4;
    strotss_terms terms;
    CHECK(gpu_terms(&terms, s, blocks, results, 0) == STROTSS_OK);
    const double alpha = 8, wanted = (alpha * 0.2 + 0.4 + 0.1 + 0.6 / alpha) / (alpha + 2);
    CHECK_CLOSE(terms.total, wanted, 1e-6);
    results[0] = 1; /* any bits but 0 */
    CHECK(gpu_terms(&terms, s, blocks, results, 4) == STROTSS_NOT_FINITE);
    CHECK(strstr(strotss_engine_error(engine), "64 px, iteration 5; the run is stopped") != NULL);
    gpu_scale_destroy(s);
    strotss_run_destroy(run);
}

static void test_refusals(void)
{
    strotss_options options = strotss_preset_options(STROTSS_DRAFT, 64);
    CHECK(gpu_refusal(&options, 1) == NULL);
    CHECK(gpu_refusal(&options, 33) != NULL);
    options.transport = STROTSS_SINKHORN;
    CHECK(gpu_refusal(&options, 1) != NULL);
    options.transport = STROTSS_REMD;
    options.similarity = STROTSS_CENTRED;
    CHECK(gpu_refusal(&options, 1) != NULL);
}

/* Layer 1's filters of both directions, and the first layer's in the order of rgb. */
static void test_weights(void)
{
    const size_t floats = gpu_weights_floats(1);
    float *stored = malloc(4 * floats * sizeof *stored), *filters = stored + floats, *backward = filters + floats;
    float *scratch = backward + floats, bias[512], stored_bias[512];
    weights_layer(stored, stored_bias, weights_bytes, 1);
    gpu_weights_layer(filters, backward, bias, scratch, weights_bytes, 1);
    for (int tap = 0; tap < 9; tap += 4)
        for (int i = 0; i < 64; i += 21)
            for (int o = 0; o < 64; o += 9) {
                const float value = stored[(o * 64 + i) * 9 + tap];
                CHECK(filters[(tap * 64 + i) * 64 + o] == value);
                CHECK(backward[((8 - tap) * 64 + o) * 64 + i] == value);
            }
    CHECK_CLOSE(bias[5] * 255 * vgg16_spread, stored_bias[5], 1e-6);
    weights_layer(stored, stored_bias, weights_bytes, 0);
    gpu_weights_layer(filters, backward, bias, scratch, weights_bytes, 0);
    CHECK(filters[(4 * 3 + 0) * 64 + 7] == stored[(7 * 3 + 2) * 9 + 4]);
    CHECK(backward[(2 * 3 + 1) * 64 + 7] == stored[(7 * 3 + 1) * 9 + 6]);
    CHECK(gpu_bias(1).offset == 256 && gpu_filters(1).offset == 9 * 3 * 64 * 4);
    CHECK(gpu_kernel_file(0) != NULL && gpu_kernel_file(GPU_KERNEL_COUNT) == NULL);
    free(stored);
}

int main(int argc, char **argv)
{
    read_weights(argc, argv);
    strotss_engine *engine = make_engine(2);
    test_plans(engine);
    test_iteration(engine);
    test_refusals();
    test_weights();
    strotss_engine_destroy(engine);
    free(weights_bytes);
    return check_report();
}
