/* SPDX-License-Identifier: MIT
 *
 * libFuzzer on picture files: whatever the bytes, image_decode gives a picture within our limits or a sentence, and
 * what it gives survives the way through PNG and, near enough, JPEG.
 */
#include "fuzz.h"
#include "picture/image.h"

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
    char error[256] = "";
    strotss_image image = { 0 };
    strotss_status status = image_decode(&image, error, sizeof error, data, size);
    if (status != STROTSS_OK) {
        DEMAND(!image.rgba && is_sentence(error));
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
