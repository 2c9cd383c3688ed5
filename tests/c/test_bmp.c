/* SPDX-License-Identifier: MIT
 *
 * Every sort of BMP that we claim, cut at every length, and the refusals. What pixels must be is what Chromium 156
 * gives for the same bytes.
 */
#include "base/rng.h"
#include "decoding.h"

enum { PLAIN, RLE8, RLE4, MASKS, RLE24, ALPHA_MASKS = 6 };

static void set(uint8_t *at, int32_t value, int count)
{
    for (int i = 0; i < count; i++)
        at[i] = (uint8_t)((uint32_t)value >> 8 * i);
}

/* One BMP of w x h; colour i of its table is (10 i, 20 i, 200 - i). */
typedef struct recipe {
    int header, width, height, bits, compression, colours;
    const char *pixels;
    size_t size;
    uint32_t mask[4];
} recipe;

static bytes bake(recipe r)
{
    const int header = r.header ? r.header : 40, entry = header == 12 ? 3 : 4;
    const int masks = r.compression == ALPHA_MASKS ? 4 : r.compression == MASKS ? 3 : 0;
    const int behind = header == 40 ? 4 * masks : 0, at = 14 + header + behind, offset = at + entry * r.colours;
    bytes file = { calloc(1, (size_t)offset + r.size), (size_t)offset + r.size };
    memcpy(file.data, "BM", 2);
    set(file.data + 10, offset, 4);
    set(file.data + 14, header, 4);
    const int side = header == 12 ? 2 : 4;
    set(file.data + 18, r.width, side);
    set(file.data + 18 + side, r.height, side);
    set(file.data + 18 + 2 * side, 1, 2);
    set(file.data + 20 + 2 * side, r.bits, 2);
    if (header >= 40) {
        set(file.data + 30, r.compression, 4);
        set(file.data + 46, r.colours, 4);
    }
    for (int c = 0; c < 4 && 4 * c + 40 < header + behind; c++)
        set(file.data + 54 + 4 * c, (int32_t)r.mask[c], 4);
    for (int i = 0; i < r.colours; i++) {
        uint8_t *bgr = file.data + at + entry * i;
        bgr[0] = (uint8_t)(200 - i);
        bgr[1] = (uint8_t)(20 * i);
        bgr[2] = (uint8_t)(10 * i);
    }
    memcpy(file.data + offset, r.pixels, r.size);
    return file;
}

/* Whether the picture's rows, top first, are of the colours that the digits name; a dot is black. */
static int shows(recipe r, const char *rows)
{
    bytes file = bake(r);
    strotss_image image = { 0 };
    int right = decode(&image, file.data, file.size) == STROTSS_OK && image.width == r.width &&
                image.height == abs(r.height);
    for (int i = 0; right && i < image.width * image.height; i++) {
        const int k = rows[i] == '.' ? 20 : rows[i] - '0';
        const uint8_t wanted[4] = { (uint8_t)(k == 20 ? 0 : 10 * k), (uint8_t)(k == 20 ? 0 : 20 * k),
                                    (uint8_t)(k == 20 ? 0 : 200 - k), 255 };
        right = memcmp(image.rgba + 4 * i, wanted, 4) == 0;
        if (!right)
            printf("pixel %d of %s: %d, %d, %d, %d\n", i, rows, image.rgba[4 * i], image.rgba[4 * i + 1],
                   image.rgba[4 * i + 2], image.rgba[4 * i + 3]);
    }
    if (!right)
        printf("%s: %s\n", rows, error);
    image_free(&image);
    free(file.data);
    return right;
}

#define BYTES(text) .pixels = (text), .size = sizeof(text) - 1

static void test_colour_tables(void)
{
    static const char eight[] = "\1\2\3\4\5\0\0\0\0\1\2\3\4\0\0\0";
    static const int headers[] = { 12, 40, 44, 52, 56, 60, 64, 108, 124 };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        CHECK(shows((recipe){ headers[i], 5, 2, 8, PLAIN, 6, BYTES(eight) }, "0123412345"));
    CHECK(shows((recipe){ 16, 5, 2, 8, PLAIN, 6, BYTES(eight) }, "0123412345"));
    CHECK(shows((recipe){ 0, 5, -2, 8, PLAIN, 6, BYTES(eight) }, "1234501234"));
    CHECK(shows((recipe){ 0, 5, 2, 4, PLAIN, 6, BYTES("\x12\x34\x50\0\x01\x23\x40\0") }, "0123412345"));
    CHECK(shows((recipe){ 0, 5, 2, 2, PLAIN, 4, BYTES("\x1b\x40\0\0\xe4\x80\0\0") }, "3210201231"));
    CHECK(shows((recipe){ 0, 5, 2, 1, PLAIN, 2, BYTES("\xa8\0\0\0\x50\0\0\0") }, "0101010101"));
    /* Colours that the table does not have are black. */
    CHECK(shows((recipe){ 0, 5, 2, 8, PLAIN, 3, BYTES(eight) }, "012..12..."));
}

static void test_run_lengths(void)
{
    recipe r = { 0, 4, 3, 8, RLE8, 8, BYTES("\4\1\0\0\0\3\2\3\4\0\1\5\0\0\2\6\2\7\0\1") };
    CHECK(shows(r, "667723451111"));
    r.height = -3;
    CHECK(shows(r, "111123456677"));
    r.height = 3;
    for (int header = 44; header <= 124; header += 4) {
        r.header = header;
        CHECK((header > 64 && header != 108 && header != 124) || shows(r, "667723451111"));
    }
    /* What is skipped is black: by moving, by rows and by a picture that end early. */
#define RLE8_SHOWS(text, rows) CHECK(shows((recipe){ 0, 4, 3, 8, RLE8, 8, BYTES(text) }, rows))
    RLE8_SHOWS("\1\1\0\2\1\1\1\2\0\0\4\3\0\1", "3333..2.1...");
    RLE8_SHOWS("\2\1\0\0\4\2\0\0\3\3\0\1", "333.222211..");
    RLE8_SHOWS("\4\1\0\1", "........1111");
    RLE8_SHOWS("\0\1", "............");
    /* No row runs into the next, and nothing runs out of the picture. */
    RLE8_SHOWS("\6\1\0\0\4\2\0\0\4\3\0\1", "333322221111");
    RLE8_SHOWS("\0\6\1\2\3\4\5\6\0\0\4\2\0\0\4\3\0\1", "333322221234");
    RLE8_SHOWS("\3\1\3\2\0\0\4\3\0\1", "....33331112");
    RLE8_SHOWS("\4\1\0\0\0\2\11\0\4\2\0\0\4\3\0\1", "3333....1111");
    RLE8_SHOWS("\4\1\0\0\0\2\0\11\4\2\0\1", "........1111");
    RLE8_SHOWS("\2\1\0\2\0\0\2\2\0\0\4\2\0\0\4\3\0\1", "333322221122");
    RLE8_SHOWS("\4\1\0\0\4\2\0\0\4\3\0\0\4\4\0\1", "333322221111");
    RLE8_SHOWS("\4\1\0\0\0\4\2\3\11\12\0\0\4\77\0\1", "....23..1111");

    CHECK(shows((recipe){ 0, 5, 3, 4, RLE4, 9, BYTES("\5\x12\0\0\0\5\x12\x34\x50\0\0\0\3\x67\2\x81\0\1") },
                "676811234512121"));
    CHECK(shows((recipe){ 0, 5, 3, 4, RLE4, 9, BYTES("\0\7\x12\x34\x56\x70\0\0\5\x11\0\0\5\x22\0\1") },
                "222221111112345"));

    /* Blue, green, red: colours 3 to 5 copied, then 1 repeated. */
    CHECK(shows((recipe){ 64, 4, 2, 24, RLE24, 0,
                          BYTES("\0\3\xc5\x3c\x1e\xc4\x50\x28\xc3\x64\x32\0\1\xc6\x28\x14\0\0\4\xc7\x14\xa\0\1") },
                "11113452"));
}

/* The first row's rgba. */
static void check_row(recipe r, const int wanted[][4])
{
    bytes file = bake(r);
    strotss_image image = { 0 };
    CHECK(decode(&image, file.data, file.size) == STROTSS_OK);
    for (int i = 0; image.rgba && i < 4 * image.width; i++)
        CHECK_CLOSE(image.rgba[i], wanted[i / 4][i % 4], 0);
    image_free(&image);
    free(file.data);
}

static void test_masks(void)
{
    static const uint8_t words[] = { 0x1f, 0, 0x7e, 0x10, 0x1f, 0, 0x7e, 0x10 }; /* 0x001f, 0x107e */
    recipe r = { 0, 2, 2, 16, PLAIN, 0, (const char *)words, sizeof words, { 0 } };
    check_row(r, (const int[][4]){ { 0, 0, 255, 255 }, { 33, 25, 247, 255 } });
    r.compression = MASKS;
    memcpy(r.mask, (uint32_t[]){ 0xf800, 0x7e0, 0x1f, 0 }, sizeof r.mask);
    check_row(r, (const int[][4]){ { 0, 0, 255, 255 }, { 16, 12, 247, 255 } });
    memcpy(r.mask, (uint32_t[]){ 0xf00, 0xf0, 0xf, 0xf000 }, sizeof r.mask);
    r.header = 56;
    check_row(r, (const int[][4]){ { 0, 17, 255, 0 }, { 0, 119, 238, 17 } });
    r.header = 0;
    r.compression = ALPHA_MASKS;
    check_row(r, (const int[][4]){ { 0, 17, 255, 0 }, { 0, 119, 238, 17 } });

    /* A fourth byte is alpha only where a mask says so. */
    static const uint8_t four[] = { 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8 };
    r = (recipe){ 0, 2, 2, 32, PLAIN, 0, (const char *)four, sizeof four, { 0xff0000, 0xff00, 0xff, 0xff000000 } };
    check_row(r, (const int[][4]){ { 3, 2, 1, 255 }, { 7, 6, 5, 255 } });
    r.header = 52;
    check_row(r, (const int[][4]){ { 3, 2, 1, 255 }, { 7, 6, 5, 255 } });
    r.header = 124;
    check_row(r, (const int[][4]){ { 3, 2, 1, 4 }, { 7, 6, 5, 8 } });
    r.compression = MASKS;
    check_row(r, (const int[][4]){ { 3, 2, 1, 4 }, { 7, 6, 5, 8 } });
    /* Of more than 8 bits the highest count; a channel without a mask is 0. */
    memcpy(r.mask, (uint32_t[]){ 0x3ff00000, 0, 0xfff, 0 }, sizeof r.mask);
    check_row(r, (const int[][4]){ { 0x40 >> 2, 0, 0x20, 255 }, { 0x80 >> 2, 0, 0x60, 255 } });
    r.mask[1] = 0x5000;
    CHECK(is_refused(bake(r), "a BMP with a mask of scattered bits"));
}

static void upside_down(int pixel[4], int x, int y)
{
    colours(pixel, x, HEIGHT - 1 - y);
}

static void test_sizes(void)
{
    bytes file = load("rgb.bmp");
    strotss_image image = { 0 };
    set(file.data + 22, -HEIGHT, 4);
    CHECK(decode(&image, file.data, file.size) == STROTSS_OK);
    if (image.rgba)
        check_pixels(&image, WIDTH, HEIGHT, upside_down, 0);
    image_free(&image);
    static const struct { int32_t width, height; const char *words; } sizes[] = {
        { 8, INT32_MIN, "8 x 2147483647 pixels is too large" }, { 8, -1, "8 x 1 pixels is too small" },
        { 8, 0, "8 x 0 pixels is too small" }, { 0, 6, "0 x 6 pixels is too small" },
        { -8, 6, "a BMP whose width is negative" }, { INT32_MIN, 6, "a BMP whose width is negative" },
        { 20000, 6, "20000 x 6 pixels is too large" }, { 8, 7, "cut short" }, { 9, 6, "cut short" },
    };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        set(file.data + 18, sizes[i].width, 4);
        set(file.data + 22, sizes[i].height, 4);
        CHECK(refused(file.data, file.size, sizes[i].words));
    }
    free(file.data);
    /* A few bytes do not claim a picture of black. */
    CHECK(is_refused(bake((recipe){ 0, 10000, 10000, 8, RLE8, 8, BYTES("\4\1\0\1") }), "cut short"));
}

static void test_refusals(void)
{
    const recipe r = { 0, 4, 3, 8, PLAIN, 8, BYTES("\0\1\2\3\4\5\6\7\0\1\2\3") };
    static const struct { int at, value; const char *words; } cases[] = {
        { 10, 30, "its pixels begin inside its header" }, { 10, 54, "its table of colours is missing" },
        { 10, 1 << 30, "cut short" }, { 14, 13, "a BMP whose header is of an unknown kind" },
        { 14, 200, "a BMP whose header is of an unknown kind" }, { 28, 3, "a BMP of a sort" },
        { 30, RLE4, "a BMP of a sort" }, { 30, MASKS, "a BMP of a sort" }, { 30, 5, "a BMP of a sort" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes file = bake(r);
        set(file.data + cases[i].at, cases[i].value, cases[i].at == 28 ? 2 : 4);
        CHECK(is_refused(file, cases[i].words));
    }
}

/* No prefix passes for the whole; random bytes decode or are refused (ASan and UBSan watch). */
static void test_damage(void)
{
    const recipe recipes[] = {
        { 0, 4, 3, 8, RLE8, 8, BYTES("\4\1\0\0\0\3\2\3\4\0\1\5\0\0\1\6\0\2\2\0\1\7\0\1") },
        { 0, 5, 3, 4, RLE4, 9, BYTES("\5\x12\0\0\0\5\x12\x34\x50\0\0\0\3\x67\2\x81\0\1") },
        { 64, 4, 2, 24, RLE24, 0,
          BYTES("\0\3\xc5\x3c\x1e\xc4\x50\x28\xc3\x64\x32\0\1\xc6\x28\x14\0\0\4\xc7\x14\xa\0\1") },
        { 0, 5, 2, 4, PLAIN, 6, BYTES("\x12\x34\x50\0\x01\x23\x40\0") },
        { 124, 2, 2, 32, MASKS, 0, BYTES("0123456789abcdef"), { 0xff0000, 0xff00, 0xff, 0xff000000 } },
    };
    for (size_t i = 0; i < sizeof recipes / sizeof recipes[0]; i++) {
        bytes file = bake(recipes[i]);
        for (size_t size = 0; size < file.size; size++)
            CHECK(refused(file.data, size, size == 0 ? "empty" : size < 2 ? "not a picture" : "cut short"));
        rng r = rng_stream(4, RNG_POSITIONS, (int)i, 0);
        uint8_t *copy = malloc(file.size);
        for (int round = 0; round < 2000; round++) {
            memcpy(copy, file.data, file.size);
            for (int k = 0; k < 1 + round % 4; k++)
                copy[rng_below(&r, (uint32_t)file.size)] = (uint8_t)rng_below(&r, 256);
            strotss_image image = { 0 };
            const strotss_status status = decode(&image, copy, file.size);
            CHECK(status == STROTSS_OK ? image.rgba != NULL : status == STROTSS_BAD_IMAGE && !image.rgba);
            image_free(&image);
        }
        free(copy);
        free(file.data);
    }
}

int main(int argc, char **argv)
{
    golden = argc > 1 ? argv[1] : golden;
    test_colour_tables();
    test_run_lengths();
    test_masks();
    test_sizes();
    test_refusals();
    test_damage();
    return check_report();
}
