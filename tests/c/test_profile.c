/* SPDX-License-Identifier: MIT
 *
 * Colours under a profile against Little CMS (tests/golden/profile_make.py); profiles that are cut or altered anywhere
 * are none or give other colours, and never read past their end (ASan) nor refuse the picture; results carry sRGB's
 * tag.
 */
#include "base/rng.h"
#include "decoding.h"
#include "picture/profile.h"
#include "picture/segments.h"

static strotss_image decoded(const char *name)
{
    const bytes file = load_of("profile_", name);
    strotss_image image = {0};
    CHECK(image_decode(&image, error, sizeof error, file.data, file.size) == STROTSS_OK);
    free(file.data);
    return image;
}

static int largest_difference(const strotss_image *a, const strotss_image *b)
{
    int largest = a->width == b->width && a->height == b->height && a->rgba && b->rgba ? 0 : 256;
    for (int i = 0; largest < 256 && i < 4 * a->width * a->height; i++) {
        const int difference = abs(a->rgba[i] - b->rgba[i]);
        largest = difference > largest ? difference : largest;
    }
    return largest;
}

/* Little CMS rounds in 16 bits on its way, and a JPEG's pixels differ by one among decoders, which a dark colour under
 * a steep curve multiplies. */
static void test_colours(void)
{
    static const struct { const char *name, *wanted; int tolerance, moved; } cases[] = {
        {"p3.png", "p3_wanted.png", 1, 30}, {"adobe.jpg", "adobe_wanted.png", 3, 30},
        {"prophoto.png", "prophoto_wanted.png", 1, 80}, {"srgb.png", "srgb_wanted.png", 1, 0},
    };
    strotss_image plain = decoded("srgb.png");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        strotss_image image = decoded(cases[i].name), wanted = decoded(cases[i].wanted);
        const int difference = largest_difference(&image, &wanted), moved = largest_difference(&image, &plain);
        CHECK_CLOSE(difference, 0, cases[i].tolerance);
        CHECK(cases[i].moved ? moved >= cases[i].moved : moved == 0);
        image_free(&image);
        image_free(&wanted);
    }
    image_free(&plain);
}

/* Pixels under a profile whose bytes end exactly at the block's end. */
static void convert(uint8_t rgba[8], const uint8_t *icc, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);
    memcpy(exact, icc, size);
    memcpy(rgba, (uint8_t[]){0, 255, 0, 7, 200, 30, 90, 255}, 8);
    CHECK(profile_to_srgb(rgba, 2, exact, size));
    CHECK(rgba[3] == 7 && rgba[7] == 255);
    free(exact);
}

static void test_damage(void)
{
    const bytes file = load_of("profile_", "adobe.jpg");
    uint8_t *icc, rgba[8], whole[8];
    size_t size;
    CHECK(profile_of_jpeg(&icc, &size, file.data, file.size) && icc);
    convert(whole, icc, size);
    CHECK(whole[0] == 0 && whole[1] == 255 && whole[4] > 205);
    for (size_t cut = 0; cut < size - 4; cut++) { /* the last four bytes are padding at most */
        convert(rgba, icc, cut);
        CHECK(rgba[4] == 200 || !memcmp(rgba, whole, 8));
    }
    rng r = rng_stream(1, RNG_POSITIONS, 0, 0);
    for (int i = 0; i < 3000; i++) {
        const size_t at = rng_below(&r, (uint32_t)size);
        const uint8_t was = icc[at];
        icc[at] = (uint8_t)rng_below(&r, 256);
        convert(rgba, icc, size);
        icc[at] = was;
    }
    free(icc);

    /* a piece that never comes: no profile */
    uint8_t *second = file.data + 2;
    CHECK(second[1] == 0xe2 && second[16] == 2);
    second[16] = 3;
    CHECK(profile_of_jpeg(&icc, &size, file.data, file.size) && !icc);
    free(file.data);
}

static void test_tags(void)
{
    uint8_t pixels[4 * 16 * 16];
    memset(pixels, 255, sizeof pixels);
    const strotss_image image = {16, 16, pixels};
    for (int quality = 0; quality <= 90; quality += 90) {
        bytes file;
        CHECK(image_encode(&file.data, &file.size, error, sizeof error, &image, quality) == STROTSS_OK);
        int tags = 0;
        for (segment s = {0}; png_segment(&s, file.data, file.size);)
            tags += s.kind == 0x73524742 && s.size == 1; /* sRGB */
        for (segment s = {0}; jpeg_segment(&s, file.data, file.size);)
            tags += s.kind == 0xe1 && s.size == 50 && !memcmp(s.data, "Exif\0\0II*\0", 10);
        CHECK(tags == 1);
        strotss_image back = {0};
        CHECK(image_decode(&back, error, sizeof error, file.data, file.size) == STROTSS_OK);
        CHECK(largest_difference(&back, &image) <= 1);
        image_free(&back);
        free(file.data);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1)
        golden = argv[1];
    test_colours();
    test_damage();
    test_tags();
    return check_report();
}
