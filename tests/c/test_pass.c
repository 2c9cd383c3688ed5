/* SPDX-License-Identifier: MIT
 *
 * Passes through a network of random filters: several gathers at once give what each gives alone, to the last bit;
 * pixels are what columns give there; kept levels are left alone; the way back of two gathers is the sum of both; all
 * scratch is given back. A picture too small for the deep taps leaves what they would have filled.
 */
#include "check.h"
#include "fake_maps.h"
#include "features/pass.h"

enum { COLUMNS = 70, DRAWS = 60, PIXELS = 9, WORKERS = 2 };

typedef struct bench {
    int height, width;
    arena memory, scratch;
    threads *threads;
    vgg16 net;
    vgg16_trace trace;
    float *image, *dimage;
    position *at;
    int32_t *row;
    columns all, alone, kept;
    style style, style_alone;
    float *rows, *rows_alone; /* of pixels */
} bench;

static void lay_out(bench *b, arena *arena)
{
    const size_t floats = (size_t)b->height * b->width * 3;
    vgg16_layout(&b->net, arena);
    vgg16_trace_layout(&b->trace, arena, b->height, b->width);
    b->image = arena_take(arena, floats, sizeof(float));
    b->dimage = arena_take(arena, 3 * floats, sizeof(float));
    b->at = arena_take(arena, COLUMNS, sizeof(position));
    b->row = arena_take(arena, PIXELS, sizeof(int32_t));
    columns *sets[] = {&b->all, &b->alone, &b->kept};
    for (int i = 0; i < 3; i++)
        columns_layout(sets[i], arena, b->height, b->width, COLUMNS);
    style_layout(&b->style, arena, b->height, b->width, DRAWS, NULL);
    style_layout(&b->style_alone, arena, b->height, b->width, DRAWS, NULL);
    b->rows = arena_take(arena, PIXELS, FULL * sizeof(float));
    b->rows_alone = arena_take(arena, PIXELS, FULL * sizeof(float));
    b->scratch = (struct arena){.size = vgg16_scratch_bytes(b->height, b->width, WORKERS)};
    b->scratch.base = arena_take(arena, b->scratch.size, 1);
}

/* Whatever stands in the filters' places is a network. */
static void fill(bench *b, arena *plan)
{
    rng r = rng_stream(1, 0, 0, 0);
    b->memory = arena_begin(plan->high);
    lay_out(b, &b->memory);
    for (int k = 0, cin = 3; k < VGG16_LAYERS; k++) {
        static const int channels[VGG16_LAYERS] = {64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512};
        const size_t count = (size_t)(k ? 36 : 9) * cin * channels[k];
        for (size_t i = 0; i < count; i++)
            b->net.filter[k][i] = (random_unit(&r) - .45f) / sqrtf((float)cin);
        for (int c = 0; c < channels[k]; c++)
            b->net.bias[k][c] = random_unit(&r) - .3f;
        cin = channels[k];
    }
    for (int i = 0; i < b->height * b->width * 3; i++)
        b->image[i] = random_unit(&r);
    features_positions(b->at, COLUMNS, b->height, b->width, 2);
    for (int i = 0; i < PIXELS; i++)
        b->row[i] = PIXELS - 1 - i;
    memset(b->rows, 0, PIXELS * FULL * sizeof(float));
    memset(b->rows_alone, 0, PIXELS * FULL * sizeof(float));
}

static pass pass_of(const bench *b, vgg16_trace *trace, const gather *gathers, int count)
{
    return (pass){b->image, b->height, b->width, trace, gathers, count};
}

static void go(bench *b, vgg16_trace *trace, const gather *gathers, int count)
{
    const pass pass = pass_of(b, trace, gathers, count);
    pass_forward(&pass, &b->net, &(exec){b->threads, &b->scratch});
    CHECK(b->scratch.used == 0);
}

static int same_level(const columns *a, const columns *b, int k)
{
    return !memcmp(a->level[k].z, b->level[k].z, sizeof(float) * (size_t)a->level[k].rows * level_stride[k]);
}

static void check_together(bench *b)
{
    const pixels pixels = {b->rows, b->at, b->row, PIXELS}, pixels_alone = {b->rows_alone, b->at, b->row, PIXELS};
    columns_place(&b->all, b->at, COLUMNS, b->height, b->width);
    columns_place(&b->alone, b->at, COLUMNS, b->height, b->width);
    style_place(&b->style, b->at, DRAWS, b->height, b->width);
    style_place(&b->style_alone, b->at, DRAWS, b->height, b->width);
    const gather together[] = {{GATHER_COLUMNS, .columns = &b->all, .at = b->at}, {GATHER_STYLE, .style = &b->style},
                               {GATHER_PIXELS, .pixels = &pixels}};
    const gather alone[] = {{GATHER_COLUMNS, .columns = &b->alone, .at = b->at},
                            {GATHER_STYLE, .style = &b->style_alone}, {GATHER_PIXELS, .pixels = &pixels_alone}};
    go(b, &b->trace, together, 3);
    for (int i = 0; i < 3; i++)
        go(b, NULL, &alone[i], 1);
    for (int k = 0; k < VGG16_LEVELS; k++) {
        CHECK(same_level(&b->all, &b->alone, k));
        CHECK(!memcmp(b->style.y[k], b->style_alone.y[k],
                      sizeof(float) * (size_t)b->style.distinct[k] * level_stride[k]));
    }
    CHECK(!memcmp(b->rows, b->rows_alone, PIXELS * FULL * sizeof(float)));

    float *x = malloc(sizeof(float) * COLUMNS * HYPERCOLUMN_STRIDE);
    for (int k = 0; k < VGG16_LEVELS; k++)
        columns_expand(b->threads, x + level_offset[k], HYPERCOLUMN_STRIDE, b->all.level[k].z, level_stride[k], &b->all,
                       k, level_stride[k], 0);
    double worst = 0, largest = 0;
    for (int i = 0; i < PIXELS; i++) {
        double full[FULL];
        unpad(full, x + (size_t)i * HYPERCOLUMN_STRIDE);
        for (int j = 0; j < FULL; j++) {
            worst = fmax(worst, fabs(full[j] - b->rows[(size_t)b->row[i] * FULL + j]));
            largest = fmax(largest, fabs(full[j]));
        }
    }
    CHECK(largest > 0 && worst < 1e-5 * largest);
    free(x);
}

/* Whichever levels are kept: the others are gathered as before. */
static void check_kept(bench *b)
{
    for (int mask = 0; mask < 1 << VGG16_LEVELS; mask++) {
        int kept[VGG16_LEVELS];
        columns_place(&b->kept, b->at, COLUMNS, b->height, b->width);
        for (int k = 0; k < VGG16_LEVELS; k++) {
            kept[k] = mask >> k & 1;
            memset(b->kept.level[k].z, kept[k] ? 1 : 0,
                   sizeof(float) * (size_t)b->kept.level[k].rows * level_stride[k]);
        }
        go(b, NULL, &(gather){GATHER_COLUMNS, .columns = &b->kept, .at = b->at, .kept = kept}, 1);
        for (int k = 0; k < VGG16_LEVELS; k++) {
            const unsigned char *z = (const unsigned char *)b->kept.level[k].z;
            CHECK(kept[k] ? z[0] == 1 && !memcmp(z, z + 1, sizeof(float) * (size_t)b->kept.level[k].rows *
                                                 level_stride[k] - 1) : same_level(&b->all, &b->kept, k));
        }
    }
}

/* The gradients stand in z. */
static void check_back(bench *b)
{
    rng r = rng_stream(3, 0, 0, 0);
    const gather both[] = {{GATHER_COLUMNS, .columns = &b->all, .at = b->at},
                           {GATHER_COLUMNS, .columns = &b->alone, .at = b->at}};
    const size_t floats = (size_t)b->height * b->width * 3;
    go(b, &b->trace, both, 2);
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < VGG16_LEVELS; k++)
            for (int j = 0; j < both[i].columns->level[k].rows * level_stride[k]; j++)
                both[i].columns->level[k].z[j] = random_unit(&r) - .5f;
    for (int i = 0; i < 3; i++) {
        const pass pass = pass_of(b, &b->trace, i == 2 ? both : &both[i], i == 2 ? 2 : 1);
        pass_backward(b->dimage + i * floats, &pass, &b->net, &(exec){b->threads, &b->scratch});
        CHECK(b->scratch.used == 0);
    }
    double worst = 0, largest = 0;
    for (size_t i = 0; i < floats; i++) {
        const double sum = (double)b->dimage[i] + b->dimage[floats + i];
        worst = fmax(worst, fabs(sum - b->dimage[2 * floats + i]));
        largest = fmax(largest, fabs(sum));
    }
    CHECK(largest > 0 && worst < 1e-5 * largest);
}

static void check_size(int height, int width, threads *threads)
{
    arena plan = {0};
    bench b = {.height = height, .width = width, .threads = threads};
    lay_out(&b, &plan);
    fill(&b, &plan);
    check_together(&b);
    check_kept(&b);
    check_back(&b);
    arena_end(&b.memory);
}

int main(void)
{
    threads *threads = threads_create(WORKERS);
    check_size(33, 47, threads);
    check_size(16, 40, threads);
    check_size(9, 12, threads); /* no map at the deepest level */
    threads_destroy(threads);
    return check_report();
}
