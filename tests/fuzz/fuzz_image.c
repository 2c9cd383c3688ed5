/* SPDX-License-Identifier: MIT
 *
 * libFuzzer on picture files: whatever the bytes, image_decode gives a picture within our limits or a sentence, and
 * what it gives survives the way through PNG and, near enough, JPEG. Every input is decoded twice, fresh memory and the
 * stack filled with one byte and then with another: both times must end alike, for no pixel and no refusal may come
 * from what the file did not say. malloc and realloc pass through here (emscripten.mk).
 */
#include <malloc.h>

#include "fuzz.h"
#include "picture/image.h"

static uint8_t fill;

void *__real_malloc(size_t bytes);
void *__real_realloc(void *old, size_t bytes);

static void *filled(void *block, size_t from, size_t to)
{
    enum { MOST = 1 << 20 }; /* of a large block its beginning is enough */
    if (block && to > from)
        memset((uint8_t *)block + from, fill, to - from < MOST ? to - from : MOST);
    return block;
}

void *__wrap_malloc(size_t bytes)
{
    return filled(__real_malloc(bytes), 0, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
    const size_t kept = old ? malloc_usable_size(old) : 0;
    return filled(__real_realloc(old, bytes), kept, bytes);
}

/* What the next call finds where its variables will be. */
__attribute__((noinline)) static void fill_stack(void)
{
    volatile uint8_t room[1 << 16];
    for (size_t i = 0; i < sizeof room; i++)
        room[i] = fill;
}

typedef struct outcome {
    strotss_status status;
    strotss_image image;
    char error[256];
} outcome;

static void decode(outcome *o, uint8_t byte, const uint8_t *data, size_t size)
{
    fill = byte;
    fill_stack();
    o->status = image_decode(&o->image, o->error, sizeof o->error, data, size);
}

static size_t rgba_bytes(const strotss_image *image)
{
    return 4 * (size_t)image->width * (size_t)image->height;
}

static void there_and_back(const strotss_image *image, int quality)
{
    char error[256];
    uint8_t *bytes = NULL;
    size_t size = 0;
    strotss_image back = { 0 };
    DEMAND(image_encode(&bytes, &size, error, sizeof error, image, quality) == STROTSS_OK);
    DEMAND(image_decode(&back, error, sizeof error, bytes, size) == STROTSS_OK);
    DEMAND(back.width == image->width && back.height == image->height);
    DEMAND(quality || memcmp(back.rgba, image->rgba, rgba_bytes(image)) == 0);
    image_free(&back);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    outcome one = { 0 }, other = { 0 };
    decode(&one, 0x00, data, size);
    decode(&other, 0xa5, data, size);
    DEMAND(one.status == other.status && strcmp(one.error, other.error) == 0);
    if (one.status != STROTSS_OK) {
        DEMAND(!one.image.rgba && !other.image.rgba && is_sentence(one.error));
        return 0;
    }
    const strotss_image *image = &one.image;
    DEMAND(image->width == other.image.width && image->height == other.image.height);
    DEMAND(memcmp(image->rgba, other.image.rgba, rgba_bytes(image)) == 0);
    DEMAND(image->width >= STROTSS_MIN_SIDE && image->width <= STROTSS_MAX_SIDE);
    DEMAND(image->height >= STROTSS_MIN_SIDE && image->height <= STROTSS_MAX_SIDE);
    if ((int64_t)image->width * image->height < 4096) {
        there_and_back(image, 0);
        there_and_back(image, 1 + data[size - 1] % 100);
    }
    image_free(&one.image);
    image_free(&other.image);
    return 0;
}
