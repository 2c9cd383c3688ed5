/* SPDX-License-Identifier: MIT
 *
 * Sampling against its definition, its adjoint against the inner product, the mixing against both; odd, tiny and
 * empty maps, fewer columns than planned.
 */
#include "check.h"
#include "fake_maps.h"

static void check_gather(int height, int width, int planned, int n)
{
    features f = features_make(height, width, 1);
    arena memory = arena_begin(columns_bytes(height, width, planned));
    position *at = malloc(sizeof *at * (size_t)n);
    features_positions(at, n, height, width, 2);
    if (n > 1)
        at[0] = (position){0, 0}, at[1] = (position){height - 1, width - 1};
    columns c;
    columns_layout(&c, &memory, height, width, planned);
    CHECK(memory.used == memory.high);
    columns_place(&c, at, n, height, width);
    for (int t = 0; t < VGG16_TAPS; t++)
        columns_gather(&c, at, t, f.map[t], whole_map(height, width, t));
    threads *one = threads_create(1);
    float *x = malloc(sizeof(float) * (size_t)n * HYPERCOLUMN_STRIDE);
    for (int k = 0; k < VGG16_LEVELS; k++) {
        const int pixels = (height >> k) * (width >> k);
        CHECK(c.level[k].rows == (pixels == 0 ? 1 : pixels < n ? pixels : n));
        CHECK((c.level[k].tap != NULL) == (c.level[k].rows < n));
        const int stride = level_stride[k];
        columns_expand(one, x + level_offset[k], HYPERCOLUMN_STRIDE, c.level[k].z, stride, &c, k, stride, 0);
    }
    double expected[FULL], full[FULL], worst = 0;
    for (int i = 0; i < n; i++) {
        features_hypercolumn(expected, &f, at[i], 1);
        unpad(full, x + (size_t)i * HYPERCOLUMN_STRIDE);
        CHECK(x[(size_t)i * HYPERCOLUMN_STRIDE + 131] == 0);
        for (int j = 0; j < FULL; j++)
            worst = fmax(worst, fabs(full[j] - expected[j]));
    }
    CHECK_CLOSE(worst, 0, 2e-6);
    free(x);
    free(at);
    threads_destroy(one);
    arena_end(&memory);
    features_free(&f);
}

/* <gather map, dz> = <map, scatter dz> for every tap. */
static void check_scatter(int height, int width, int n)
{
    features f = features_make(height, width, 3);
    arena memory = arena_begin(columns_bytes(height, width, n));
    position *at = malloc(sizeof *at * (size_t)n);
    features_positions(at, n, height, width, 4);
    columns c = features_columns(&memory, &f, at, n);
    rng r = rng_stream(5, 0, 0, 0);
    float *dz[VGG16_LEVELS];
    for (int k = 0; k < VGG16_LEVELS; k++) {
        const size_t count = (size_t)c.level[k].rows * level_stride[k];
        dz[k] = malloc(sizeof(float) * count);
        for (size_t i = 0; i < count; i++)
            dz[k][i] = random_unit(&r) - .5f;
    }
    for (int t = 0; t < VGG16_TAPS; t++) {
        const vgg16_tap_info *info = &vgg16_taps[t];
        const int k = info->level;
        const size_t count = (size_t)(height >> k) * (width >> k) * info->channels;
        float *dmap = calloc(count + 1, sizeof(float));
        columns_scatter(dmap, &c, dz, at, t, whole_map(height, width, t));
        double left = 0, right = 0, size = 0;
        for (int i = 0; i < c.level[k].rows; i++)
            for (int j = 0; j < info->channels; j++) {
                const size_t at_z = (size_t)i * level_stride[k] + info->offset + j;
                left += (double)c.level[k].z[at_z] * dz[k][at_z];
                size += fabs((double)c.level[k].z[at_z] * dz[k][at_z]);
            }
        for (size_t i = 0; i < count; i++)
            right += (double)f.map[t][i] * dmap[i];
        CHECK_CLOSE(left, right, 1e-6 * (size + 1e-6));
        free(dmap);
    }
    for (int k = 0; k < VGG16_LEVELS; k++)
        free(dz[k]);
    free(at);
    arena_end(&memory);
    features_free(&f);
}

/* <B in, dout> = <in, B^T dout>, on widths that fill no stripe, and the same bytes for any number of threads. */
static void check_mixing(int height, int width, int n, int columns_wide)
{
    const int ld = columns_wide + 3;
    arena memory = arena_begin(columns_bytes(height, width, n));
    position *at = malloc(sizeof *at * (size_t)n);
    features_positions(at, n, height, width, 6);
    columns c;
    columns_layout(&c, &memory, height, width, n);
    columns_place(&c, at, n, height, width);
    rng r = rng_stream(7, 0, 0, 0);
    const size_t floats = (size_t)n * ld;
    float *in = malloc(sizeof(float) * floats), *out = malloc(sizeof(float) * floats);
    float *din = malloc(sizeof(float) * floats), *dout = malloc(sizeof(float) * floats);
    float *first = malloc(sizeof(float) * 2 * floats);
    for (int k = 0; k < VGG16_LEVELS; k++)
        for (int count = 1; count <= 3; count++) {
            threads *threads = threads_create(count);
            r = rng_stream(7, k, 0, 0);
            for (size_t i = 0; i < floats; i++) {
                in[i] = random_unit(&r) - .5f;
                dout[i] = random_unit(&r) - .5f;
                out[i] = din[i] = .25f;
            }
            columns_expand(threads, out, ld, in, ld, &c, k, columns_wide, 1);
            columns_contract(threads, din, ld, dout, ld, &c, k, columns_wide, 1);
            if (count == 1) {
                double left = 0, right = 0;
                int outside = 0;
                for (int i = 0; i < n; i++)
                    for (int j = 0; j < ld; j++) {
                        const size_t e = (size_t)i * ld + j;
                        left += j < columns_wide ? (double)(out[e] - .25f) * dout[e] : 0;
                        outside += j >= columns_wide && (out[e] != .25f || din[e] != .25f);
                        if (i < c.level[k].rows)
                            right += j < columns_wide ? (double)in[e] * (din[e] - .25f) : 0;
                        else
                            outside += din[e] != .25f;
                    }
                CHECK_CLOSE(left, right, 2e-4);
                CHECK(outside == 0);
                memcpy(first, out, sizeof(float) * floats);
                memcpy(first + floats, din, sizeof(float) * floats);
            }
            CHECK(!memcmp(first, out, sizeof(float) * floats) && !memcmp(first + floats, din, sizeof(float) * floats));
            threads_destroy(threads);
        }
    free(in), free(out), free(din), free(dout), free(first), free(at);
    arena_end(&memory);
}

int main(void)
{
    static const int sizes[][4] = {
        {43, 64, 100, 100}, {43, 64, 100, 7}, {33, 47, 64, 64}, {16, 16, 64, 64}, {9, 70, 20, 20}, {2, 64, 64, 40},
        {1, 1, 1, 1}, {64, 2, 3, 3}, {17, 5, 30, 30}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        check_gather(sizes[s][0], sizes[s][1], sizes[s][2], sizes[s][3]);
        check_scatter(sizes[s][0], sizes[s][1], sizes[s][3]);
    }
    check_mixing(43, 64, 70, 5);
    check_mixing(32, 32, 100, 131);
    return check_report();
}
