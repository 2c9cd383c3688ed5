/* SPDX-License-Identifier: MIT
 *
 * libFuzzer on picture files: whatever the bytes, image_decode gives a picture within our limits or a sentence, and
 * what it gives survives the way through PNG and, near enough, JPEG. From the top of the repository:
 *
 *     clang -std=c11 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
 *         -Isrc/engine -isystem src/vendor tests/fuzz/fuzz_image.c src/engine/{image,encode,exif,segments}.c \
 *         -o build/fuzz_image
 *     build/fuzz_image -max_len=2048 -max_total_time=600 -rss_limit_mb=2048 build/found tests/fuzz/corpus/image
 *
 * (build/found: an empty folder for what it finds.)
 */
#include <stdlib.h>
#include <string.h>

#include "exif.h"
#include "image.h"

#define DEMAND(condition)   \
    do {                    \
        if (!(condition))   \
            abort();        \
    } while (0)

static void there_and_back(const strotss_image *image, int quality)
{
    char error[256];
    uint8_t *bytes = NULL;
    size_t size = 0;
    strotss_image back = { 0 };
    DEMAND(image_encode(&bytes, &size, error, sizeof error, image, quality) == STROTSS_OK);
    DEMAND(image_decode(&back, error, sizeof error, bytes, size) == STROTSS_OK);
    DEMAND(back.width == image->width && back.height == image->height);
    DEMAND(quality || memcmp(back.rgba, image->rgba, 4 * (size_t)image->width * image->height) == 0);
    image_free(&back);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int orientation = exif_orientation(data, size);
    DEMAND(orientation >= 1 && orientation <= 8);

    char error[256] = "";
    strotss_image image = { 0 };
    strotss_status status = image_decode(&image, error, sizeof error, data, size);
    if (status != STROTSS_OK) {
        DEMAND(!image.rgba && error[0] && strlen(error) < 200 && !strchr(error, '\n'));
        return 0;
    }
    DEMAND(image.width >= STROTSS_MIN_SIDE && image.width <= STROTSS_MAX_SIDE);
    DEMAND(image.height >= STROTSS_MIN_SIDE && image.height <= STROTSS_MAX_SIDE);
    if ((int64_t)image.width * image.height < 4096) {
        there_and_back(&image, 0);
        there_and_back(&image, 1 + data[size - 1] % 100);
    }
    image_free(&image);
    return 0;
}
