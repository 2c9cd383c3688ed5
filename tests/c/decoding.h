/* SPDX-License-Identifier: MIT
 *
 * What tests of picture files share: the golden files, decoding with an eye on every read, refusals and their words,
 * and the golden picture (30 x, 40 y, 100).
 */
#ifndef DECODING_H
#define DECODING_H

#include <stdlib.h>

#include "check.h"
#include "picture/image.h"

enum { WIDTH = 8, HEIGHT = 6 };

static const char *golden = "tests/golden";
static char error[256];

typedef struct bytes {
    uint8_t *data;
    size_t size;
} bytes;

/* Of the golden folder: "image.", "rgb.png". */
static inline bytes load_of(const char *kind, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s%s", golden, kind, name);
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

static inline bytes load(const char *name)
{
    return load_of("image.", name);
}

/* Gives the chunks of a PNG, altered as it may be, their checksums. */
static inline void seal(uint8_t *data, size_t size)
{
    if (size < 8 || memcmp(data, "\x89PNG", 4))
        return;
    for (size_t at = 8; size - at >= 12;) {
        size_t length = 0;
        for (int i = 0; i < 4; i++)
            length = length << 8 | data[at + (size_t)i];
        if (length > size - at - 12)
            return;
        uint32_t sum = ~0u;
        for (size_t i = at + 4; i < at + 8 + length; i++) {
            sum ^= data[i];
            for (int bit = 0; bit < 8; bit++)
                sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
        }
        for (int i = 0; i < 4; i++)
            data[at + 8 + length + (size_t)i] = (uint8_t)(~sum >> (24 - 8 * i));
        at += 12 + length;
    }
}

/* In a block of exactly its size, so that ASan sees a read past the end. */
static inline strotss_status decode(strotss_image *image, const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);
    memcpy(exact, data, size);
    seal(exact, size);
    strcpy(error, "?");
    strotss_status status = image_decode(image, error, sizeof error, exact, size);
    free(exact);
    return status;
}

static inline int refused(const uint8_t *data, size_t size, const char *words)
{
    strotss_image image = { 0 };
    strotss_status status = decode(&image, data, size);
    int as_said = status == STROTSS_BAD_IMAGE && strstr(error, words) && !image.rgba && !strchr(error, '\n');
    if (!as_said)
        printf("status %d, \"%s\", wanted \"%s\"\n", status, error, words);
    image_free(&image);
    return as_said;
}

typedef void look(int pixel[4], int x, int y);

static inline void colours(int pixel[4], int x, int y)
{
    memcpy(pixel, (int[]){ 30 * x, 40 * y, 100, 255 }, sizeof(int[4]));
}

static inline void check_pixels(const strotss_image *image, int width, int height, look *wanted, int tolerance)
{
    CHECK(image->width == width && image->height == height);
    for (int i = 0; i < 4 * width * height; i++) {
        int pixel[4];
        wanted(pixel, i / 4 % width, i / 4 / width);
        CHECK_CLOSE(image->rgba[i], pixel[i % 4], i % 4 == 3 ? 0 : tolerance);
    }
}

/* Frees what it is given. */
static inline int is_refused(bytes file, const char *words)
{
    const int as_said = refused(file.data, file.size, words);
    free(file.data);
    return as_said;
}

#endif
