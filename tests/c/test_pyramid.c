/* SPDX-License-Identifier: MIT
 *
 * The pyramid against PyTorch's bands (golden NAME.pyramid.npy, planar), fold(split(x)) = x, and the adjoint
 * <fold v, y> = <v, fold^T y>, at sizes down to 1 by 2.
 */
#include "check.h"
#include "npy.h"
#include "picture/pyramid.h"
#include "base/rng.h"

static void fill(float *out, size_t count, int stream)
{
    rng r = rng_stream(6, stream, 0, 0);
    for (size_t i = 0; i < count; i++)
        out[i] = (float)rng_below(&r, 20001) / 10000 - 1;
}

static float *floats(size_t count)
{
    return malloc(count * sizeof(float));
}

static void test_golden(const char *golden, const char *name)
{
    char file[64];
    snprintf(file, sizeof file, "%s.x.npy", name);
    npy x = npy_read(golden, file);
    snprintf(file, sizeof file, "%s.pyramid.npy", name);
    npy bands = npy_read(golden, file);
    int height = x.shape[1], width = x.shape[2];
    size_t count = pyramid_floats(height, width), pixels = (size_t)height * width;
    CHECK(count == bands.count);
    size_t levels_together = 0;
    for (int k = 0; k < PYRAMID_LEVELS; k++) {
        CHECK(pyramid_level_floats(height, width, k) == 3 * (size_t)(height >> k) * (size_t)(width >> k));
        levels_together += pyramid_level_floats(height, width, k);
    }
    CHECK(levels_together == count);
    float *image = floats(3 * pixels), *levels = floats(count), *finest = floats(3 * pixels);
    float *scratch = floats(pyramid_scratch_floats(height, width));
    for (size_t p = 0; p < pixels; p++)
        for (int c = 0; c < 3; c++)
            image[3 * p + c] = x.floats[c * pixels + p];
    pyramid_split(levels, image, height, width);
    pyramid_finest_band(finest, image, height, width, scratch);
    CHECK(memcmp(finest, levels, 3 * pixels * sizeof *finest) == 0);
    size_t at = 0;
    for (int k = 0; k < PYRAMID_LEVELS; k++) {
        size_t level = (size_t)(height >> k) * (width >> k);
        for (size_t p = 0; p < level; p++)
            for (int c = 0; c < 3; c++)
                CHECK_CLOSE(levels[at + 3 * p + c], bands.floats[at + c * level + p], 5e-6);
        at += 3 * level;
    }
    free(image);
    free(levels);
    free(finest);
    free(scratch);
    npy_free(&x);
    npy_free(&bands);
}

static void test_size(int height, int width)
{
    size_t count = pyramid_floats(height, width), size = 3 * (size_t)height * width;
    float *image = floats(size), *levels = floats(count), *again = floats(size);
    float *y = floats(size), *back = floats(count);
    float *scratch = floats(pyramid_scratch_floats(height, width));
    fill(image, size, 0);
    pyramid_split(levels, image, height, width);
    pyramid_fold(again, levels, height, width, scratch);
    for (size_t i = 0; i < size; i++)
        CHECK_CLOSE(again[i], image[i], 1e-6);

    fill(levels, count, 1);
    fill(y, size, 2);
    pyramid_fold(again, levels, height, width, scratch);
    pyramid_fold_backward(back, y, height, width);
    double forward = 0, backward = 0, scale = 0;
    for (size_t i = 0; i < size; i++)
        forward += (double)again[i] * y[i];
    for (size_t i = 0; i < count; i++) {
        backward += (double)levels[i] * back[i];
        scale += fabs((double)levels[i] * back[i]);
    }
    CHECK_CLOSE(forward, backward, 1e-6 * scale);
    free(image);
    free(levels);
    free(again);
    free(y);
    free(back);
    free(scratch);
}

int main(int argc, char **argv)
{
    const char *golden = argc > 1 ? argv[1] : "tests/golden";
    test_golden(golden, "cat64");
    test_golden(golden, "coffee97");
    static const int size[][2] = { { 64, 64 }, { 63, 65 }, { 3, 64 }, { 2, 2 }, { 1, 2 }, { 97, 31 }, { 5, 127 } };
    for (size_t i = 0; i < sizeof size / sizeof size[0]; i++)
        test_size(size[i][0], size[i][1]);
    return check_report();
}
