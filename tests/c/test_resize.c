/* SPDX-License-Identifier: MIT
 *
 * Resizing: antialiased against PyTorch (tests/golden/resize_*.npy), bilinear against its definition in double, the
 * adjoint by <R x, y> = <x, R^T y>, transparency, labels, sizes.
 */
#include "check.h"
#include "npy.h"
#include "picture/resize.h"
#include "base/rng.h"

static void fill(float *out, size_t count, int stream)
{
    rng r = rng_stream(5, stream, 0, 0);
    for (size_t i = 0; i < count; i++)
        out[i] = (float)rng_below(&r, 20001) / 10000 - 1;
}

static double dot(const float *a, const float *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

static strotss_image image_of(int height, int width)
{
    return (strotss_image){ .width = width, .height = height, .rgba = calloc(4, (size_t)height * width) };
}

static void resize(float *rgb, float *alpha, int height, int width, const strotss_image *in)
{
    float *scratch = malloc(sizeof *scratch * resize_scratch_floats(height, width, in->height, in->width));
    resize_antialiased(rgb, alpha, height, width, in, scratch);
    free(scratch);
}

static void test_antialiased(const char *golden)
{
    static const int size[][2] = { { 5, 8 }, { 16, 23 }, { 29, 60 }, { 40, 50 } };
    npy in = npy_read(golden, "resize_in.npy");
    strotss_image image = image_of(in.shape[0], in.shape[1]);
    for (size_t p = 0; p < in.count / 3; p++) {
        for (int c = 0; c < 3; c++)
            image.rgba[4 * p + c] = (uint8_t)in.floats[3 * p + c];
        image.rgba[4 * p + 3] = 255;
    }
    for (int i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof name, "resize_%dx%d.npy", size[i][0], size[i][1]);
        npy want = npy_read(golden, name);
        float *rgb = malloc(want.count * sizeof *rgb), *alpha = malloc(want.count / 3 * sizeof *alpha);
        resize(rgb, alpha, size[i][0], size[i][1], &image);
        for (size_t k = 0; k < want.count; k++)
            CHECK_CLOSE(rgb[k], want.floats[k], 2e-6);
        for (size_t k = 0; k < want.count / 3; k++)
            CHECK_CLOSE(alpha[k], 1, 1e-6);
        free(rgb);
        free(alpha);
        npy_free(&want);
    }
    free(image.rgba);
    npy_free(&in);
}

/* Left half green and opaque; right half transparent, of any colour: green everywhere. */
static void test_alpha(void)
{
    strotss_image image = image_of(8, 16);
    for (int p = 0; p < 8 * 16; p++) {
        uint8_t *pixel = image.rgba + 4 * p;
        pixel[p % 16 < 8 ? 1 : 0] = 200;
        pixel[3] = p % 16 < 8 ? 255 : 0;
    }
    float rgb[4 * 6 * 3], alpha[4 * 6];
    resize(rgb, alpha, 4, 6, &image);
    for (int p = 0; p < 4 * 6; p++) {
        int x = p % 6;
        CHECK(rgb[3 * p] == 0 && rgb[3 * p + 2] == 0);
        CHECK_CLOSE(rgb[3 * p + 1], 200.0 / 255, 1e-6);
        CHECK_CLOSE(alpha[p], x < 2 ? 1 : x > 3 ? 0 : alpha[p], 1e-5);
        CHECK(lrintf(255 * alpha[0]) == 255 && lrintf(255 * alpha[5]) == 0);
    }
    float blue[4 * 6 * 3];
    for (int p = 0; p < 8 * 16; p++)
        if (p % 16 >= 8)
            image.rgba[4 * p] = (uint8_t)(7 * p), image.rgba[4 * p + 2] = 255;
    resize(blue, NULL, 4, 6, &image);
    CHECK(memcmp(blue, rgb, sizeof rgb) == 0);

    /* The mean counts each colour as far as it is seen: a quarter as much red. Of nothing, it is grey. */
    memset(image.rgba, 0, 4 * 8 * 16);
    memcpy(image.rgba + 4 * (16 * 1 + 1), (uint8_t[]){ 0, 200, 0, 200 }, 4);
    memcpy(image.rgba + 4 * (16 * 5 + 6), (uint8_t[]){ 200, 0, 0, 50 }, 4);
    float same[8 * 16 * 3];
    resize(same, NULL, 8, 16, &image);
    CHECK_CLOSE(same[3 * 127], 40.0 / 255, 1e-6);
    CHECK_CLOSE(same[3 * 127 + 1], 160.0 / 255, 1e-6);
    for (int p = 0; p < 8 * 16; p++)
        image.rgba[4 * p + 3] = 0;
    resize(same, NULL, 8, 16, &image);
    for (int i = 0; i < 8 * 16 * 3; i++)
        CHECK(same[i] == 0.5f);
    free(image.rgba);
}

/* Values of a flat picture stay, whatever the sizes: weights sum to one, and scratch suffices (ASan). */
static void test_sizes(void)
{
    static const int side[] = { 2, 3, 7, 64, 129 };
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++) {
            strotss_image image = image_of(side[i], side[4 - i]);
            memset(image.rgba, 77, 4 * (size_t)side[i] * side[4 - i]);
            float *rgb = malloc(sizeof *rgb * 3 * (size_t)side[j] * side[i]);
            resize(rgb, NULL, side[j], side[i], &image);
            for (int k = 0; k < 3 * side[j] * side[i]; k++)
                CHECK_CLOSE(rgb[k], 77.0 / 255, 1e-6);
            free(rgb);
            free(image.rgba);
        }
}

static double bilinear(const float *in, int ih, int iw, int channels, int c, double y, double x)
{
    y = fmax(y, 0);
    x = fmax(x, 0);
    int y0 = (int)y, x0 = (int)x, y1 = y0 + 1 < ih ? y0 + 1 : y0, x1 = x0 + 1 < iw ? x0 + 1 : x0;
    double fy = y - y0, fx = x - x0;
#define AT(yy, xx) (double)in[((size_t)(yy) * iw + (xx)) * channels + c]
    return (1 - fy) * ((1 - fx) * AT(y0, x0) + fx * AT(y0, x1)) + fy * ((1 - fx) * AT(y1, x0) + fx * AT(y1, x1));
#undef AT
}

static void test_bilinear(int ih, int iw, int h, int w, int channels)
{
    size_t in_count = (size_t)ih * iw * channels, count = (size_t)h * w * channels;
    float *x = malloc(in_count * sizeof *x), *back = malloc(in_count * sizeof *back);
    float *y = malloc(count * sizeof *y), *out = malloc(count * sizeof *out), *twice = malloc(count * sizeof *twice);
    fill(x, in_count, 0);
    fill(y, count, 1);

    resize_bilinear(out, h, w, x, ih, iw, channels, 0);
    for (size_t i = 0; i < count; i++) {
        int c = (int)(i % channels), px = (int)(i / channels % w), py = (int)(i / channels / w);
        double want = bilinear(x, ih, iw, channels, c, (py + .5) * ih / h - .5, (px + .5) * iw / w - .5);
        CHECK_CLOSE(out[i], want, 1e-6);
    }

    memcpy(twice, out, count * sizeof *out);
    resize_bilinear(twice, h, w, x, ih, iw, channels, 1);
    for (size_t i = 0; i < count; i += 3)
        CHECK_CLOSE(twice[i], 2 * out[i], 1e-6);
    resize_bilinear(twice, h, w, x, ih, iw, channels, -1);
    for (size_t i = 0; i < count; i += 3)
        CHECK_CLOSE(twice[i], out[i], 1e-6);

    fill(back, in_count, 2);
    double before = dot(x, back, in_count);
    resize_bilinear_adjoint(back, ih, iw, y, h, w, channels);
    CHECK_CLOSE(dot(out, y, count), dot(x, back, in_count) - before, 2e-5 * (double)(count + in_count) / 100 + 1e-6);
    free(x);
    free(back);
    free(y);
    free(out);
    free(twice);
}

static void test_labels(void)
{
    uint8_t in[6] = { 1, 2, 3, 4, 5, 6 }, out[24];
    resize_labels(out, 4, 6, in, 2, 3);
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 6; x++)
            CHECK(out[6 * y + x] == in[y / 2 * 3 + x / 2]);
    resize_labels(out, 1, 1, in, 2, 3);
    CHECK(out[0] == 5);
    resize_labels(out, 2, 3, in, 2, 3);
    CHECK(memcmp(out, in, 6) == 0);
}

static void test_fit(void)
{
    static const struct { int ih, iw, size, h, w; } cases[] = {
        { 300, 451, 64, 43, 64 }, { 451, 300, 64, 64, 43 }, { 7, 7, 512, 512, 512 }, { 10, 10000, 64, 2, 64 },
        { 16384, 2, 1024, 1024, 2 }, { 3, 4, 1024, 768, 1024 }, { 427, 640, 97, 65, 97 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int h, w;
        resize_fit(&h, &w, cases[i].ih, cases[i].iw, cases[i].size);
        CHECK(h == cases[i].h && w == cases[i].w);
    }
}

int main(int argc, char **argv)
{
    test_antialiased(argc > 1 ? argv[1] : "tests/golden");
    test_alpha();
    test_sizes();
    static const int side[] = { 1, 2, 3, 10, 65 };
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++)
            test_bilinear(side[i], side[j], side[j], side[(i + j) % 5], 1 + i % 3);
    test_bilinear(64, 150, 32, 75, 3);
    test_bilinear(32, 75, 64, 150, 3);
    test_bilinear(33, 70, 67, 141, 3);
    test_labels();
    test_fit();
    return check_report();
}
