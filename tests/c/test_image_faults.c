/* SPDX-License-Identifier: MIT
 *
 * Memory that cannot be had, at each allocation of decoding and encoding in turn: OUT_OF_MEMORY with a sentence,
 * nothing leaked (LeakSanitizer), and the next call works. The codec is compiled in here a second time with failing
 * allocators.
 */
#include <stdlib.h>

#include "check.h"

static int allowed; /* allocations that still succeed */

static void *scarce_malloc(size_t bytes)
{
    return allowed-- > 0 ? malloc(bytes) : NULL;
}

static void *scarce_realloc(void *old, size_t bytes)
{
    return allowed-- > 0 ? realloc(old, bytes) : NULL;
}

#define malloc scarce_malloc
#define realloc scarce_realloc
#define image_decode scarce_decode
#define image_encode scarce_encode
#define image_free scarce_free
#include "../../src/engine/image.c"
#include "../../src/engine/encode.c"
#undef malloc
#undef realloc

enum { ENOUGH = 1000 };

static size_t load(uint8_t *data, size_t room, const char *golden, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/image.%s", golden, name);
    FILE *opened = fopen(path, "rb");
    size_t size = opened ? fread(data, 1, room, opened) : 0;
    if (opened)
        fclose(opened);
    return size;
}

int main(int argc, char **argv)
{
    static const char *names[] = { "rgb.png", "palette.png", "deep.png", "interlaced.png", "grey.png", "baseline.jpg",
                                   "progressive.jpg", "cmyk.jpg", "grey.jpg", "rgb.bmp", "rgb.tga", "rle.tga",
                                   "rgb.ppm", "grey.pgm", "still.gif" };
    char error[256];
    uint8_t data[4096];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t size = load(data, sizeof data, argc > 1 ? argv[1] : "tests/golden", names[i]);
        strotss_status status = STROTSS_OUT_OF_MEMORY;
        for (int limit = 0; limit < ENOUGH && status != STROTSS_OK; limit++) {
            strotss_image image = { 0 };
            allowed = limit;
            error[0] = 0;
            status = scarce_decode(&image, error, sizeof error, data, size);
            int clean = status == STROTSS_OK || (status == STROTSS_OUT_OF_MEMORY && strstr(error, "no memory"));
            CHECK(clean && (status == STROTSS_OK) == (image.rgba != NULL));
            if (!clean)
                printf("%s, %d allocations: %d \"%s\"\n", names[i], limit, status, error);
            scarce_free(&image);
        }
        CHECK(status == STROTSS_OK);
    }

    uint8_t rgba[4 * 64 * 64];
    for (size_t i = 0; i < sizeof rgba; i++)
        rgba[i] = (uint8_t)(i * i >> 3);
    strotss_image image = { 64, 64, rgba };
    for (int quality = 0; quality <= 90; quality += 45) {
        strotss_status status = STROTSS_OUT_OF_MEMORY;
        for (int limit = 0; limit < ENOUGH && status != STROTSS_OK; limit++) {
            uint8_t *bytes = NULL;
            size_t size;
            allowed = limit;
            status = scarce_encode(&bytes, &size, error, sizeof error, &image, quality);
            CHECK(status == STROTSS_OK || (status == STROTSS_OUT_OF_MEMORY && !bytes));
            free(bytes);
        }
        CHECK(status == STROTSS_OK);
    }
    return check_report();
}
