/* SPDX-License-Identifier: MIT
 *
 * Decoding every format and depth we claim (tests/golden/image.*: the picture (30 x, 40 y, 100)), orientations,
 * refusals and their sentences, every file cut at every length, files that leave pixels, tables or colours out (what
 * they must give is what Chromium gives), random damage; encoding there and back.
 */
#include "base/rng.h"
#include "decoding.h"

/* ---- what must decode ------------------------------------------------------------------------------ */

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

static void test_formats(void)
{
    static const struct { const char *name; look *wanted; int tolerance, scale; } cases[] = {
        { "rgb.png", colours, 0, 1 }, { "rgba.png", colours_alpha, 0, 1 }, { "grey.png", greys, 0, 1 },
        { "palette.png", colours, 0, 1 }, { "bit.png", two_greys, 0, 1 }, { "interlaced.png", colours, 0, 1 },
        { "deep.png", colours, 0, 1 }, { "baseline.jpg", colours, 4, 1 }, { "progressive.jpg", colours, 4, 1 },
        { "grey.jpg", greys, 3, 1 }, { "cmyk.jpg", colours_black, 5, 1 }, { "halved.jpg", colours_large, 40, 4 },
        { "rgb.bmp", colours, 0, 1 }, { "rgb.tga", colours, 0, 1 }, { "rle.tga", colours, 0, 1 },
        { "rgb.ppm", colours, 0, 1 }, { "grey.pgm", greys, 0, 1 }, { "still.gif", colours, 0, 1 },
        { "animated.gif", colours, 0, 1 }, { "deep.ppm", colours, 0, 1 }, { "restart.jpg", colours_large, 8, 4 },
        { "separate.jpg", colours, 6, 1 },
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
        { 0, 6, "0 x 6 pixels is too small" }, { 0x7fffffff, 0x7fffffff, "too large" },
        { 0x80000008, 6, "2147483647 x 6 pixels is too large" },
        { 8, 7, "damaged" }, { 9, 6, "damaged" },
    };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        set_png_size(png, sizes[i].width, sizes[i].height);
        CHECK(refused(png.data, png.size, sizes[i].words));
    }
    free(png.data);

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
    for (size_t i = 0; i + 8 < large.size; i++)
        if (large.data[i] == 0xff && large.data[i + 1] == 0xc0)
            memset(large.data + i + 5, 0, 2);
    CHECK(refused(large.data, large.size, "65535 x 0 pixels is too small"));
    free(large.data);
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
        { "rle.tga", 26 }, { "rgb.ppm", 0 }, { "deep.ppm", 0 }, { "restart.jpg", 0 }, { "separate.jpg", 0 },
        { "still.gif", 2 },
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

/* ---- what is left out ------------------------------------------------------------------------------- */

enum { SCAN = 0xda, END = 0xd9, TABLES = 0xc4, QUANTIZATION = 0xdb, FRAME = 0xc0, RESTART = 0xd0 };

/* Where the nth (from 0) marker of a kind is; the file's size where there is none. */
static size_t marker(bytes file, int kind, int nth)
{
    for (size_t i = 0; i + 1 < file.size; i++)
        if (file.data[i] == 0xff && file.data[i + 1] == kind && nth-- == 0)
            return i;
    return file.size;
}

/* A copy with [from, to) replaced. */
static bytes with(bytes file, size_t from, size_t to, const char *new, size_t new_size)
{
    bytes out = { malloc(file.size + new_size), file.size - (to - from) + new_size };
    memcpy(out.data, file.data, from);
    memcpy(out.data + from, new, new_size);
    memcpy(out.data + from + new_size, file.data + to, file.size - to);
    return out;
}

static bytes without(bytes file, size_t from, size_t to)
{
    return with(file, from, to, "", 0);
}

static int is_same(bytes file, bytes other)
{
    strotss_image a = { 0 }, b = { 0 };
    const int same = decode(&a, file.data, file.size) == STROTSS_OK &&
                     decode(&b, other.data, other.size) == STROTSS_OK && a.width == b.width && a.height == b.height &&
                     memcmp(a.rgba, b.rgba, 4 * (size_t)a.width * a.height) == 0;
    if (!same)
        printf("not the same: %s\n", error);
    image_free(&a);
    image_free(&b);
    return same;
}

/* Each frees what it is given. */
static int decodes_as(bytes file, bytes other)
{
    const int same = is_same(file, other);
    free(file.data);
    return same;
}

static void test_jpeg_tables(void)
{
    bytes file = load("baseline.jpg"), progressive = load("progressive.jpg");
    const size_t tables = marker(file, TABLES, 0), scan = marker(file, SCAN, 0), end = marker(file, END, 0);
    static const char junk[] = "\0\1 no marker at all \xff\0 nor here";

    /* Passed over: what belongs to no segment, and markers that say nothing. */
    CHECK(decodes_as(with(file, tables, tables, junk, sizeof junk - 1), file));
    CHECK(decodes_as(with(file, scan, scan, "\xff\x01\xff\xd3\xff\xcc\0\4ab\xff\xdc\0\4\0\7", 16), file));
    CHECK(decodes_as(with(file, end, end, junk, sizeof junk - 1), file));
    const size_t second = marker(progressive, SCAN, 1);
    CHECK(decodes_as(with(progressive, second, second, junk, sizeof junk - 1), progressive));
    /* The standard tables where there are none, or one's marker is damaged; not for a progressive file. */
    CHECK(decodes_as(without(file, tables, scan), file));
    CHECK(decodes_as(with(file, tables, tables + 1, "\x7f", 1), file));
    const size_t first = marker(progressive, TABLES, 0);
    CHECK(is_refused(without(progressive, first, marker(progressive, SCAN, 0)), "a Huffman table is missing"));
    const size_t steps = marker(file, QUANTIZATION, 0);
    CHECK(is_refused(without(file, steps, marker(file, FRAME, 0)), "a quantization table is missing"));
    /* Markers that no JPEG has, before and behind the scan; a scan of a channel that is none. */
    CHECK(is_refused(with(file, scan, scan, "\xff\x02\0\4ab", 6), "damaged"));
    CHECK(is_refused(with(file, end, end, "\xff\xbf\0\4ab", 6), "damaged"));
    CHECK(is_refused(with(file, scan + 5, scan + 6, "\7", 1), "the file is damaged (Corrupt JPEG)"));
    /* Sorts that are not read. */
    const size_t frame = marker(file, FRAME, 0);
    CHECK(is_refused(with(file, frame + 1, frame + 2, "\xc3", 1), "a lossless or hierarchical JPEG"));
    CHECK(is_refused(with(file, frame + 1, frame + 2, "\xc9", 1),
                     "a JPEG with arithmetic coding, which this decoder does not read; save it again as an ordinary"));
    CHECK(is_refused(with(file, frame + 1, frame + 5, "\xc1\0\x11\x0c", 4),
                     "a JPEG of more than 8 bits per sample, which this decoder does not read; save it again"));
    free(file.data);
    free(progressive.data);
}

/* Y, Cb and Cr of (30 x, 40 y, 100), one of them grey. */
static void check_without_channel(const strotss_image *image, int lost)
{
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        const double r = 30 * (i % WIDTH), g = 40 * (i / WIDTH), b = 100;
        double y = .299 * r + .587 * g + .114 * b, cb = (b - y) / 1.772, cr = (r - y) / 1.402;
        y = lost == 0 ? 128 : y;
        cb = lost == 1 ? 0 : cb;
        cr = lost == 2 ? 0 : cr;
        const double wanted[3] = { y + 1.402 * cr, y - .344136 * cb - .714136 * cr, y + 1.772 * cb };
        for (int c = 0; c < 3; c++)
            CHECK_CLOSE(image->rgba[4 * i + c], fmin(fmax(wanted[c], 0), 255), 8);
    }
}

/* A channel without a scan is grey; a picture without any is refused. */
static void test_jpeg_scans(void)
{
    bytes file = load("baseline.jpg"), separate = load("separate.jpg"), progressive = load("progressive.jpg");
    CHECK(is_refused(without(file, marker(file, SCAN, 0), marker(file, END, 0)), "every scan is missing"));
    CHECK(is_refused(without(progressive, marker(progressive, SCAN, 0), marker(progressive, END, 0)),
                     "every scan is missing"));
    for (int lost = 0; lost < 3; lost++) {
        const size_t next = lost < 2 ? marker(separate, SCAN, lost + 1) : marker(separate, END, 0);
        bytes two = without(separate, marker(separate, SCAN, lost), next);
        strotss_image image = { 0 };
        CHECK(decode(&image, two.data, two.size) == STROTSS_OK);
        if (image.rgba)
            check_without_channel(&image, lost);
        image_free(&image);
        free(two.data);
    }
    /* The progressive file's first scan is the block's mean, the two rows below the picture counted: one colour. */
    size_t behind = marker(progressive, SCAN, 0);
    while (progressive.data[behind] != 0xff || progressive.data[behind + 1] != TABLES)
        behind++;
    bytes first = without(progressive, behind, marker(progressive, END, 0));
    strotss_image image = { 0 };
    CHECK(decode(&image, first.data, first.size) == STROTSS_OK);
    for (int i = 0; image.rgba && i < 4 * WIDTH * HEIGHT; i++) {
        CHECK(image.rgba[i] == image.rgba[i % 4]);
        CHECK_CLOSE(image.rgba[i], ((int[]){ 105, 125, 100, 255 })[i % 4], 6);
    }
    image_free(&image);
    free(first.data);

    /* As many scans as there are bytes for; what follows the end is none. */
    const size_t scan = marker(file, SCAN, 0), end = marker(file, END, 0);
    bytes many = { malloc(file.size + 300 * (end - scan)), 0 };
    memcpy(many.data, file.data, many.size = end);
    for (int i = 0; i < 300; i++, many.size += end - scan)
        memcpy(many.data + many.size, file.data + scan, end - scan);
    memcpy(many.data + many.size, "\xff\xd9", 2);
    many.size += 2;
    CHECK(is_refused(many, "too many scans"));
    bytes video = { malloc(file.size + 600), file.size + 600 };
    memcpy(video.data, file.data, file.size);
    for (int i = 0; i < 300; i++)
        memcpy(video.data + file.size + 2 * i, "\xff\xda", 2);
    CHECK(decodes_as(video, file));
    free(file.data);
    free(separate.data);
    free(progressive.data);
}

/* The picture of 4 x 3 blocks, right but for those from `grey` on, of which there are `count`. */
static int is_right_but_for(bytes file, int grey, int count)
{
    strotss_image image = { 0 };
    int right = decode(&image, file.data, file.size) == STROTSS_OK && image.width == 32 && image.height == 24;
    for (int i = 0; right && i < 4 * 32 * 24; i++) {
        const int x = i / 4 % 32, y = i / 4 / 32, block = 4 * (y / 8) + x / 8;
        int pixel[4];
        colours_large(pixel, x, y);
        const int lost = block >= grey && block < grey + count && i % 4 != 3;
        right = abs(image.rgba[i] - (lost ? 128 : pixel[i % 4])) <= (lost ? 0 : 8);
        if (!right)
            printf("block %d: %d\n", block, image.rgba[i]);
    }
    if (!right)
        printf("blocks from %d, %d of them: %s\n", grey, count, error);
    image_free(&image);
    free(file.data);
    return right;
}

/* Restart markers damaged, lost, out of turn: what came is where it belongs, and what did not is grey. */
static void test_jpeg_restarts(void)
{
    bytes file = load("restart.jpg");
    const size_t third = marker(file, RESTART + 2, 0), fourth = marker(file, RESTART + 3, 0);
    const size_t end = marker(file, END, 0);
    CHECK(is_right_but_for(with(file, third, third, "\x12\x34", 2), 12, 0));
    CHECK(is_right_but_for(with(file, third + 1, third + 2, "\x02", 1), 3, 1));
    CHECK(is_right_but_for(with(file, third, third + 1, "\x02", 1), 3, 1));
    CHECK(is_right_but_for(without(file, third, fourth), 3, 1));
    CHECK(is_right_but_for(without(file, third, third + 2), 3, 1));
    CHECK(is_right_but_for(with(file, third + 1, third + 2, "\xd6", 1), 12, 0));
    CHECK(is_right_but_for(without(file, third, end), 3, 9));
    CHECK(is_right_but_for(without(file, third + 2, end), 3, 9));
    free(file.data);
}

static bytes packed(const char *header, const char *pixels, size_t size)
{
    bytes file = { malloc(strlen(header) + size), strlen(header) + size };
    memcpy(file.data, header, strlen(header));
    memcpy(file.data + strlen(header), pixels, size);
    return file;
}

static bytes text(const char *words)
{
    return packed(words, "", 0);
}

/* 2 x 2 pixels as the words say, grey. */
static int gives(bytes file, const int grey[4])
{
    strotss_image image = { 0 };
    int right = decode(&image, file.data, file.size) == STROTSS_OK && image.width == 2 && image.height == 2;
    for (int i = 0; right && i < 16; i++)
        right = image.rgba[i] == (i % 4 == 3 ? 255 : grey[i / 4]);
    if (!right)
        printf("status: %s\n", error);
    image_free(&image);
    free(file.data);
    return right;
}

static void test_pnm(void)
{
    static const int ramp[4] = { 0, 85, 170, 255 }, bits[4] = { 0, 255, 255, 0 };
    CHECK(gives(text("P2 2 2 3 0 1 2 3"), ramp));
    CHECK(gives(text("P2 # plain\n2 #wide\n 2\n65535\n0 21845\n# between\n43690 65535 and more"), ramp));
    CHECK(gives(text("P3 2 2 15 0 0 0 5 5 5 10 10 10 15 15 15\n"), ramp));
    CHECK(gives(text("P1\n2 2\n1 0\n0#0\n1"), bits));
    CHECK(gives(text("P1 2 2 1001"), bits));
    CHECK(gives(packed("P4 2 2\n", "\x80\x40", 2), bits));
    CHECK(gives(packed("P5 2 2 255 ", "\0\x55\xaa\xff", 4), ramp));
    CHECK(gives(packed("P5 2 2 3# to here\n", "\0\1\2\3", 4), ramp));
    CHECK(gives(packed("P5 2 2 300\n", "\0\0\0\x64\0\xc8\1\x2c", 8), ramp));
    CHECK(gives(packed("P6 2 2 3\n", "\0\0\0\1\1\1\2\2\2\3\3\3", 12), ramp));

    CHECK(is_refused(text("P2 2 2 3 0 1 2"), "cut short"));
    CHECK(is_refused(text("P2 2 2"), "cut short"));
    CHECK(is_refused(text("P5 2 2 255 abc"), "cut short"));
    CHECK(is_refused(text("P6 2 2 256 abcdefghijklmnopqrstuvw"), "cut short"));
    CHECK(is_refused(text("P4 9 2\nabc"), "cut short"));
    CHECK(is_refused(text("P2 2 2 3 0 1 2 4"), "a value above the largest"));
    CHECK(is_refused(text("P2 2 2 3 0 -1 2 3"), "something else where a number should be"));
    CHECK(is_refused(text("P2 two 2 3 0 1 2 3"), "something else where a number should be"));
    CHECK(is_refused(text("P1 2 2 1002"), "a value above the largest"));
    CHECK(is_refused(text("P5 2 2 0 abcd"), "largest value is not from 1 to 65535"));
    CHECK(is_refused(text("P5 2 2 65536 abcdabcd"), "largest value is not from 1 to 65535"));
    CHECK(is_refused(text("P5 99999999999 2 255 abcd"), "too large"));
    CHECK(is_refused(text("P5 0 2 255 abcd"), "0 x 2 pixels is too small"));
    CHECK(is_refused(text("P7\nWIDTH 2\n"), "a PAM or PFM picture"));
    CHECK(is_refused(text("Pf\n2 2\n-1.0\n"), "a PAM or PFM picture"));
}

/* Altered behind the checksum's back: critical chunks are refused, others passed over. */
static void test_png_checksums(void)
{
    bytes file = load("palette.png");
    strotss_image image = { 0 };
    for (size_t at = 8; at + 12 <= file.size;) {
        const size_t length = (size_t)file.data[at + 2] << 8 | file.data[at + 3], last = at + 8 + length + 3;
        file.data[last] ^= 1;
        const int critical = file.data[at + 4] < 'a';
        strcpy(error, "?");
        const strotss_status status = image_decode(&image, error, sizeof error, file.data, file.size);
        CHECK(status == (critical ? STROTSS_BAD_IMAGE : STROTSS_OK));
        CHECK(!critical || strstr(error, "a checksum is wrong"));
        image_free(&image);
        file.data[last] ^= 1;
        at = last + 1;
    }
    CHECK(image_decode(&image, error, sizeof error, file.data, file.size) == STROTSS_OK);
    image_free(&image);
    free(file.data);
}

/* Colours beyond a PNG's table are its last. */
static void test_png_palette(void)
{
    static const uint8_t head[] =
        "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\4\0\0\0\2\x8\3\0\0\0....\0\0\0\6PLTE\1\2\3\4\5\6....";
    static const uint8_t data[] = "\0\0\0\x15IDAT\x78\1\1\x0a\0\xf5\xff\0\0\1\2\xff\0\1\0\3\0....\0\0";
    bytes file = { malloc(256), 0 };
    memcpy(file.data, head, sizeof head - 1);
    memcpy(file.data + sizeof head - 1, data, sizeof data - 1);
    file.size = sizeof head + sizeof data - 2;
    memcpy(file.data + file.size, "..\0\0\0\0IEND....", 14);
    file.size += 14;
    strotss_image image = { 0 };
    CHECK(decode(&image, file.data, file.size) == STROTSS_OK);
    static const int index[8] = { 0, 1, 1, 1, 1, 0, 1, 0 };
    for (int i = 0; image.rgba && i < 32; i++)
        CHECK(image.rgba[i] == (i % 4 == 3 ? 255 : 1 + 3 * index[i / 4] + i % 4));
    image_free(&image);
    free(file.data);
}

/* Around a GIF's frame it is transparent, whatever the background; a frame must be whole, and there must be one. */
static void test_gif(void)
{
    bytes file = load("still.gif");
    size_t frame = 13 + 3 * (size_t)(2 << (file.data[10] & 7));
    while (file.data[frame] == 0x21) { /* extensions: kind, then blocks until an empty one */
        for (frame += 2; file.data[frame]; frame += 1 + (size_t)file.data[frame])
            continue;
        frame++;
    }
    CHECK(file.data[frame] == 0x2c);
    file.data[6] = WIDTH + 2;
    file.data[8] = HEIGHT + 3;
    file.data[11] = 2;
    strotss_image image = { 0 };
    CHECK(decode(&image, file.data, file.size) == STROTSS_OK);
    CHECK(image.width == WIDTH + 2 && image.height == HEIGHT + 3);
    for (int i = 0; image.rgba && i < 4 * image.width * image.height; i++) {
        const int x = i / 4 % image.width, y = i / 4 / image.width;
        int pixel[4] = { 0 };
        if (x < WIDTH && y < HEIGHT)
            colours(pixel, x, y);
        CHECK(image.rgba[i] == pixel[i % 4]);
    }
    image_free(&image);

    /* A screen too small for its first frame grows, as in Chromium; one of 0 x 0 is the frame's size. */
    static const struct { uint8_t screen[2], left, top; } screens[] = {
        { { WIDTH, HEIGHT }, 3, 0 }, { { WIDTH, HEIGHT }, 0, 2 }, { { 4, 3 }, 5, 1 }, { { 0, 0 }, 0, 0 },
        { { 0, 0 }, 2, 1 }, { { 0, HEIGHT }, 0, 0 }, { { 2, 2 }, 10, 10 },
    };
    for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++) {
        const int left = file.data[frame + 1] = screens[i].left, top = file.data[frame + 3] = screens[i].top;
        file.data[6] = screens[i].screen[0];
        file.data[8] = screens[i].screen[1];
        CHECK(decode(&image, file.data, file.size) == STROTSS_OK);
        CHECK(image.width == WIDTH + left && image.height == HEIGHT + top);
        for (int k = 0; image.rgba && k < 4 * image.width * image.height; k++) {
            const int x = k / 4 % image.width - left, y = k / 4 / image.width - top;
            int pixel[4] = { 0 };
            if (x >= 0 && y >= 0)
                colours(pixel, x, y);
            CHECK(image.rgba[k] == pixel[k % 4]);
        }
        image_free(&image);
    }
    file.data[frame + 2] = 0x40; /* 16384 pixels to the right */
    CHECK(refused(file.data, file.size, "16402 x 16 pixels is too large"));
    file.data[frame + 2] = 0;
    file.data[frame + 7] = HEIGHT + 2; /* rows for which there are no data */
    CHECK(refused(file.data, file.size, "pixels are missing"));
    file.data[frame] = ';';
    CHECK(is_refused(file, "it has no picture"));
}

/* Damage of any sort: decoded or refused, never worse (ASan and UBSan watch). */
static void test_damage(void)
{
    static const char *names[] = { "rgb.png", "palette.png", "interlaced.png", "baseline.jpg", "progressive.jpg",
                                   "cmyk.jpg", "restart.jpg", "separate.jpg", "rgb.bmp", "rle.tga", "animated.gif",
                                   "grey.pgm", "deep.ppm" };
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
    test_jpeg_tables();
    test_jpeg_scans();
    test_jpeg_restarts();
    test_pnm();
    test_png_palette();
    test_png_checksums();
    test_gif();
    test_damage();
    test_png();
    test_jpeg();
    return check_report();
}
