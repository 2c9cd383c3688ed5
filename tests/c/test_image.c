/* SPDX-License-Identifier: MIT
 *
 * Decoding every format and depth we claim (tests/golden/image.*: the picture (30 x, 40 y, 100)), orientations,
 * refusals and their sentences, every file cut at every length, random damage; encoding there and back.
 */
#include <stdlib.h>

#include "check.h"
#include "picture/image.h"
#include "base/rng.h"

enum { WIDTH = 8, HEIGHT = 6 };

static const char *golden;
static char error[256];

typedef struct bytes {
    uint8_t *data;
    size_t size;
} bytes;

static bytes load(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/image.%s", golden, name);
    FILE *file = fopen(path, "rb");
    bytes b = { malloc(4096), 0 };
    if (file) {
        b.size = fread(b.data, 1, 4096, file);
        fclose(file);
    }
    if (b.size == 0 || b.size == 4096) {
        printf("%s: missing or not small\n", path);
        exit(2);
    }
    return b;
}

/* In a block of exactly its size, so that ASan sees a read past the end. */
static strotss_status decode(strotss_image *image, const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);
    memcpy(exact, data, size);
    strcpy(error, "?");
    strotss_status status = image_decode(image, error, sizeof error, exact, size);
    free(exact);
    return status;
}

static int refused(const uint8_t *data, size_t size, const char *words)
{
    strotss_image image = { 0 };
    strotss_status status = decode(&image, data, size);
    int as_said = status == STROTSS_BAD_IMAGE && strstr(error, words) && !image.rgba && !strchr(error, '\n');
    if (!as_said)
        printf("status %d, \"%s\", wanted \"%s\"\n", status, error, words);
    image_free(&image);
    return as_said;
}

/* ---- what must decode ------------------------------------------------------------------------------ */

typedef void look(int pixel[4], int x, int y);

static void colours(int pixel[4], int x, int y)
{
    memcpy(pixel, (int[]){ 30 * x, 40 * y, 100, 255 }, sizeof(int[4]));
}

static void colours_alpha(int pixel[4], int x, int y)
{
    memcpy(pixel, (int[]){ 30 * x, 40 * y, 100, 255 - 20 * x - 5 * y }, sizeof(int[4]));
}

static void colours_black(int pixel[4], int x, int y)
{
    memcpy(pixel, (int[]){ 30 * x * 215 / 255, 40 * y * 215 / 255, 100 * 215 / 255, 255 }, sizeof(int[4]));
}

static void colours_large(int pixel[4], int x, int y)
{
    colours(pixel, x / 4, y / 4);
}

static void greys(int pixel[4], int x, int y)
{
    int g = 30 * x + 5 * y;
    memcpy(pixel, (int[]){ g, g, g, 255 }, sizeof(int[4]));
}

static void two_greys(int pixel[4], int x, int y)
{
    int g = 30 * x + 5 * y > 128 ? 255 : 0;
    memcpy(pixel, (int[]){ g, g, g, 255 }, sizeof(int[4]));
}

static void check_pixels(const strotss_image *image, int width, int height, look *wanted, int tolerance)
{
    CHECK(image->width == width && image->height == height);
    for (int i = 0; i < 4 * width * height; i++) {
        int pixel[4];
        wanted(pixel, i / 4 % width, i / 4 / width);
        CHECK_CLOSE(image->rgba[i], pixel[i % 4], i % 4 == 3 ? 0 : tolerance);
    }
}

static void test_formats(void)
{
    static const struct { const char *name; look *wanted; int tolerance, scale; } cases[] = {
        { "rgb.png", colours, 0, 1 }, { "rgba.png", colours_alpha, 0, 1 }, { "grey.png", greys, 0, 1 },
        { "palette.png", colours, 0, 1 }, { "bit.png", two_greys, 0, 1 }, { "interlaced.png", colours, 0, 1 },
        { "deep.png", colours, 0, 1 }, { "baseline.jpg", colours, 4, 1 }, { "progressive.jpg", colours, 4, 1 },
        { "grey.jpg", greys, 3, 1 }, { "cmyk.jpg", colours_black, 5, 1 }, { "halved.jpg", colours_large, 40, 4 },
        { "rgb.bmp", colours, 0, 1 }, { "rgb.tga", colours, 0, 1 }, { "rle.tga", colours, 0, 1 },
        { "rgb.ppm", colours, 0, 1 }, { "grey.pgm", greys, 0, 1 }, { "still.gif", colours, 0, 1 },
        { "animated.gif", colours, 0, 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes file = load(cases[i].name);
        strotss_image image = { 0 };
        long failed = check_counts.failed;
        CHECK(decode(&image, file.data, file.size) == STROTSS_OK);
        if (image.rgba)
            check_pixels(&image, WIDTH * cases[i].scale, HEIGHT * cases[i].scale, cases[i].wanted, cases[i].tolerance);
        if (check_counts.failed > failed)
            printf("in %s: %s\n", cases[i].name, error);
        image_free(&image);
        free(file.data);
    }
}

/* ---- orientation ----------------------------------------------------------------------------------- */

/* Where (x, y) of the upright picture lies in the stored one, by the EXIF standard's table. */
static void stored_place(int orientation, int x, int y, int *sx, int *sy)
{
    int right = WIDTH - 1, bottom = HEIGHT - 1;
    int place[9][2] = { { 0 }, { x, y }, { right - x, y }, { right - x, bottom - y }, { x, bottom - y },
                        { y, x }, { y, bottom - x }, { right - y, bottom - x }, { right - y, x } };
    *sx = place[orientation][0];
    *sy = place[orientation][1];
}

/* A TIFF directory with another tag first, then the orientation. */
static size_t make_exif(uint8_t *out, int little, int orientation)
{
    static const uint8_t big[] =
        "MM\0*\0\0\0\x08\0\x02\x01\x0f\0\x02\0\0\0\x04\x41\x42\x43\0\x01\x12\0\x03\0\0\0\x01\0?\0\0\0\0\0";
    static const uint8_t small[] =
        "II*\0\x08\0\0\0\x02\0\x0f\x01\x02\0\x04\0\0\0\x41\x42\x43\0\x12\x01\x03\0\x01\0\0\0?\0\0\0\0\0\0";
    size_t size = sizeof big - 1;
    memcpy(out, little ? small : big, size);
    out[little ? 30 : 31] = (uint8_t)orientation;
    return size;
}

/* The file with EXIF put after the JPEG's start mark or the PNG's header. */
static bytes with_exif(bytes file, int png, const uint8_t *exif, size_t size)
{
    size_t at = png ? 33 : 2, extra = png ? 12 : 10;
    bytes out = { malloc(file.size + size + extra), file.size + size + extra };
    memcpy(out.data, file.data, at);
    uint8_t *to = out.data + at;
    memset(to, 0, extra);
    if (png) {
        to[3] = (uint8_t)size;
        memcpy(to + 4, "eXIf", 4);
        memcpy(to + 8, exif, size);
    } else {
        memcpy(to, (uint8_t[]){ 0xff, 0xe1, 0, (uint8_t)(size + 8), 'E', 'x', 'i', 'f', 0, 0 }, 10);
        memcpy(to + 10, exif, size);
    }
    memcpy(to + extra + size, file.data + at, file.size - at);
    return out;
}

static void check_orientation(bytes file, int png, int little, int orientation)
{
    uint8_t exif[64];
    size_t exif_size = make_exif(exif, little, orientation);
    bytes turned = with_exif(file, png, exif, exif_size);
    strotss_image image = { 0 };
    CHECK(decode(&image, turned.data, turned.size) == STROTSS_OK);
    if (orientation < 1 || orientation > 8)
        orientation = 1;
    int width = orientation < 5 ? WIDTH : HEIGHT, height = orientation < 5 ? HEIGHT : WIDTH;
    CHECK(image.width == width && image.height == height);
    for (int i = 0; i < width * height; i++) {
        int x, y;
        stored_place(orientation, i % width, i / width, &x, &y);
        CHECK_CLOSE(image.rgba[4 * i], 30 * x, png ? 0 : 4);
        CHECK_CLOSE(image.rgba[4 * i + 1], 40 * y, png ? 0 : 4);
    }
    image_free(&image);
    free(turned.data);
}

static void test_orientation(void)
{
    bytes jpeg = load("baseline.jpg"), png = load("rgb.png");
    for (int orientation = 0; orientation <= 9; orientation++)
        for (int little = 0; little < 2; little++) {
            check_orientation(jpeg, 0, little, orientation);
            check_orientation(png, 1, little, orientation);
        }
    /* EXIF cut anywhere is no reason to refuse the picture. */
    uint8_t exif[64];
    size_t size = make_exif(exif, 1, 6);
    for (size_t cut = 0; cut < size; cut++) {
        bytes turned = with_exif(jpeg, 0, exif, cut);
        strotss_image image = { 0 };
        CHECK(decode(&image, turned.data, turned.size) == STROTSS_OK);
        image_free(&image);
        free(turned.data);
    }
    free(jpeg.data);
    free(png.data);
}

/* ---- what must be refused --------------------------------------------------------------------------- */

static void set_png_size(bytes file, uint32_t width, uint32_t height)
{
    for (int i = 0; i < 4; i++) {
        file.data[16 + i] = (uint8_t)(width >> (24 - 8 * i));
        file.data[20 + i] = (uint8_t)(height >> (24 - 8 * i));
    }
}

static void test_refusals(void)
{
    CHECK(refused((const uint8_t *)"", 0, "empty"));
    CHECK(refused((const uint8_t *)"Dear reader, this is no picture at all.", 39, "not a picture this decoder knows"));
    CHECK(refused((const uint8_t *)"RIFF\x24\0\0\0WEBPVP8 ", 16, "not a picture this decoder knows"));

    bytes png = load("rgb.png");
    static const struct { uint32_t width, height; const char *words; } sizes[] = {
        { 1, 1, "1 x 1 pixels is too small; at least 2 x 2" }, { 1, 6, "1 x 6 pixels is too small" },
        { 20000, 20000, "20000 x 20000 pixels is too large; at most 16384 a side and 100 million in all" },
        { 12000, 12000, "12000 x 12000 pixels is too large" }, { 10000, 9000, "cut short" },
        { 0, 6, "a PNG file cut short, damaged" }, { 0x7fffffff, 0x7fffffff, "too large" },
        { 8, 7, "damaged" }, { 9, 6, "damaged" },
    };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        set_png_size(png, sizes[i].width, sizes[i].height);
        CHECK(refused(png.data, png.size, sizes[i].words));
    }
    free(png.data);

    bytes deep = load("deep.ppm");
    CHECK(refused(deep.data, deep.size, "a PNM whose largest value is not 255"));
    free(deep.data);

    bytes cmyk = load("cmyk.jpg");
    for (size_t i = 0; i + 5 < cmyk.size; i++)
        if (memcmp(cmyk.data + i, "Adobe", 5) == 0)
            cmyk.data[i] = 'a';
    CHECK(refused(cmyk.data, cmyk.size, "a CMYK JPEG without Adobe's marker"));
    free(cmyk.data);

    /* A size that stb itself finds too large to tell. */
    bytes large = load("baseline.jpg");
    for (size_t i = 0; i + 8 < large.size; i++)
        if (large.data[i] == 0xff && large.data[i + 1] == 0xc0)
            memset(large.data + i + 5, 0xff, 4);
    CHECK(refused(large.data, large.size, "65535 x 65535 pixels is too large"));
    free(large.data);

    /* 300 scans: the first one's header again and again. */
    bytes jpeg = load("baseline.jpg");
    uint8_t *many = calloc(1, jpeg.size + 600);
    memcpy(many, jpeg.data, jpeg.size);
    for (int i = 0; i < 300; i++)
        memcpy(many + jpeg.size + 2 * i, "\xff\xda", 2);
    CHECK(refused(many, jpeg.size + 600, "too many scans"));
    free(many);
    free(jpeg.data);
}

/* A PNG of 64 x 64 whose data unpack to 4 MiB. */
static void test_bomb(void)
{
    enum { SIDE = 1024 };
    strotss_image large = { SIDE, SIDE, calloc(4, (size_t)SIDE * SIDE) };
    large.rgba[3] = 1; /* not opaque: four channels */
    bytes file = { 0 };
    CHECK(image_encode(&file.data, &file.size, error, sizeof error, &large, 0) == STROTSS_OK);
    set_png_size(file, 64, 64);
    CHECK(refused(file.data, file.size, "more data than its size of 64 x 64 pixels allows"));
    image_free(&large);
    free(file.data);
}

/* No prefix passes for the whole, but for what follows the last pixel. */
static void test_cut(void)
{
    static const struct { const char *name; size_t spare; } cases[] = {
        { "rgb.png", 0 }, { "palette.png", 0 }, { "deep.png", 0 }, { "interlaced.png", 0 }, { "baseline.jpg", 0 },
        { "progressive.jpg", 0 }, { "cmyk.jpg", 0 }, { "grey.jpg", 0 }, { "rgb.bmp", 0 }, { "rgb.tga", 26 },
        { "rle.tga", 26 }, { "rgb.ppm", 0 }, { "still.gif", 2 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes file = load(cases[i].name);
        for (size_t size = 0; size + cases[i].spare < file.size; size++) {
            strotss_image image = { 0 };
            int bad = decode(&image, file.data, size) == STROTSS_BAD_IMAGE;
            CHECK(bad);
            if (!bad)
                printf("%s passed with %zu of %zu bytes\n", cases[i].name, size, file.size);
            image_free(&image);
        }
        free(file.data);
    }
}

/* Damage of any sort: decoded or refused, never worse (ASan and UBSan watch). */
static void test_damage(void)
{
    static const char *names[] = { "rgb.png", "palette.png", "interlaced.png", "baseline.jpg", "progressive.jpg",
                                   "cmyk.jpg", "rgb.bmp", "rle.tga", "animated.gif", "grey.pgm" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        bytes file = load(names[i]), copy = { malloc(file.size), file.size };
        rng r = rng_stream(4, RNG_POSITIONS, (int)i, 0);
        for (int round = 0; round < 200; round++) {
            memcpy(copy.data, file.data, file.size);
            for (int k = 0; k < 1 + round % 4; k++)
                copy.data[rng_below(&r, (uint32_t)file.size)] = (uint8_t)rng_below(&r, 256);
            strotss_image image = { 0 };
            strotss_status status = decode(&image, copy.data, copy.size);
            CHECK(status == STROTSS_OK ? image.rgba != NULL : status == STROTSS_BAD_IMAGE && !image.rgba);
            image_free(&image);
        }
        free(file.data);
        free(copy.data);
    }
}

/* ---- encoding --------------------------------------------------------------------------------------- */

/* 0: noise, 1: smooth, 2: flat, 3: few colours in stripes. */
static strotss_image make_image(int width, int height, int sort, int opaque)
{
    strotss_image image = { width, height, malloc(4 * (size_t)width * height) };
    rng r = rng_stream(8, RNG_STYLE, sort, width);
    for (int i = 0; i < 4 * width * height; i++) {
        int x = i / 4 % width, y = i / 4 / width, c = i % 4;
        image.rgba[i] = (uint8_t)(sort == 0 ? (int)rng_below(&r, 256) : sort == 1 ? 3 * x + 2 * y * (c + 1)
                                  : sort == 2 ? 90 : x / 5 % 3 * 80 + c);
        if (opaque && c == 3)
            image.rgba[i] = 255;
    }
    return image;
}

static void test_png(void)
{
    static const int size[][2] = { { 1, 1 }, { 2, 2 }, { 5, 3 }, { 300, 7 }, { 131, 400 } };
    for (int i = 0; i < 5; i++)
        for (int sort = 0; sort < 4; sort++)
            for (int opaque = 0; opaque < 2; opaque++) {
                strotss_image image = make_image(size[i][0], size[i][1], sort, opaque), back = { 0 };
                bytes file;
                CHECK(image_encode(&file.data, &file.size, error, sizeof error, &image, 0) == STROTSS_OK);
                CHECK(file.data[25] == (opaque ? 2 : 6)); /* colour type */
                size_t pixels = (size_t)image.width * image.height;
                CHECK(file.size < pixels * (opaque ? 3 : 4) * 9 / 8 + 400);
                if (sort == 2 && pixels > 10000)
                    CHECK(file.size < 3000);
                if (image.width > 1) {
                    CHECK(decode(&back, file.data, file.size) == STROTSS_OK);
                    CHECK(back.width == image.width && back.height == image.height);
                    CHECK(memcmp(back.rgba, image.rgba, 4 * pixels) == 0);
                }
                image_free(&image);
                image_free(&back);
                free(file.data);
            }
}

static void test_jpeg(void)
{
    strotss_image image = make_image(67, 41, 2, 1), back = { 0 };
    size_t sizes[2];
    for (int i = 0; i < 67 * 41; i++)
        image.rgba[4 * i] = (uint8_t)(i % 67 * 3);
    for (int i = 0; i < 2; i++) {
        bytes file;
        CHECK(image_encode(&file.data, &file.size, error, sizeof error, &image, i ? 95 : 30) == STROTSS_OK);
        CHECK(decode(&back, file.data, file.size) == STROTSS_OK);
        double sum = 0;
        for (int k = 0; k < 4 * 67 * 41; k++)
            sum += abs(back.rgba[k] - image.rgba[k]);
        CHECK(back.width == 67 && back.height == 41 && sum / (4 * 67 * 41) < (i ? 1 : 3));
        sizes[i] = file.size;
        image_free(&back);
        free(file.data);
    }
    CHECK(sizes[0] < sizes[1]);

    bytes file = { 0 };
    for (int i = 0; i < 67 * 41; i++) {
        image.rgba[4 * i + 3] = (uint8_t)(i % 67 < 32 ? 0 : 255);
        image.rgba[4 * i + 1] = 20;
    }
    CHECK(image_encode(&file.data, &file.size, error, sizeof error, &image, 95) == STROTSS_OK);
    CHECK(decode(&back, file.data, file.size) == STROTSS_OK);
    CHECK(back.rgba[4 * 67 * 20 + 1] > 250 && back.rgba[4 * (67 * 20 + 60) + 1] < 40);
    image_free(&back);
    free(file.data);
    file = (bytes){ 0 };
    CHECK(image_encode(&file.data, &file.size, error, sizeof error, &image, 101) == STROTSS_BAD_ARGUMENT);
    CHECK(strstr(error, "quality"));
    CHECK(image_encode(&file.data, &file.size, error, sizeof error, &image, -1) == STROTSS_BAD_ARGUMENT);
    image.width = 0;
    CHECK(image_encode(&file.data, &file.size, error, sizeof error, &image, 0) == STROTSS_BAD_ARGUMENT && !file.data);
    CHECK(image_encode(&file.data, &file.size, error, sizeof error, NULL, 0) == STROTSS_BAD_ARGUMENT);
    image_free(&image);
    image_free(&image);
}

int main(int argc, char **argv)
{
    golden = argc > 1 ? argv[1] : "tests/golden";
    test_formats();
    test_orientation();
    test_refusals();
    test_bomb();
    test_cut();
    test_damage();
    test_png();
    test_jpeg();
    return check_report();
}
