/* SPDX-License-Identifier: MIT
 *
 * PNG and JPEG out, by stb_image_write. A PNG without transparency is RGB. The PNG writer does not survive a failed
 * realloc, so it draws on one block taken beforehand, large enough for the worst picture of that size:
 *
 *     pixels           at most 3 bytes each, when alpha is left out
 *     filtered rows    raw = (4 width + 1) height bytes
 *     packed data      at most 9 bits a byte (fixed codes), in a buffer that grows by doubling: 4 times that for all
 *                      its lives, once more for the file around it
 *     match table      16384 buckets; a bucket's lives are 2, 5, 11 and 23 pointers
 *
 * Its JPEG writer allocates nothing; what it writes is gathered in a growing buffer. JPEG has no transparency: the
 * picture is laid over white.
 *
 * Both carry a tag that their colours are sRGB's: a PNG the chunk sRGB behind its header, a JPEG the EXIF number
 * ColorSpace behind JFIF's segment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "picture/image.h"

enum { ALIGN = 16, BUCKETS = 16384, BUCKET_BYTES = 512, SLACK = 4096 };

/* stb's hooks carry no context. */
static _Thread_local struct {
    uint8_t *base;
    size_t size, used;
} pool;

static void *pool_malloc(size_t bytes)
{
    const size_t taken = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (taken > pool.size - pool.used)
        return NULL;
    void *piece = pool.base + pool.used;
    pool.used += taken;
    return piece;
}

static void *pool_realloc(void *old, size_t old_bytes, size_t bytes)
{
    void *piece = pool_malloc(bytes);
    if (piece && old)
        memcpy(piece, old, old_bytes);
    return piece;
}

#if defined(__clang__) /* stb shifts signed bit buffers past the sign, which C leaves open and compilers do not mind */
#pragma clang attribute push(__attribute__((no_sanitize("shift"))), apply_to = function)
#endif
#if defined(__GNUC__) && !defined(__clang__) /* stb declares more than it defines without stdio */
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_MALLOC(bytes) pool_malloc(bytes)
#define STBIW_REALLOC_SIZED(old, old_bytes, bytes) pool_realloc(old, old_bytes, bytes)
#define STBIW_FREE(block) ((void)(block))
#include <stb_image_write.h>
#if defined(__clang__)
#pragma clang attribute pop
#endif

static strotss_status refuse(char *error, size_t error_size, strotss_status status, const char *sentence)
{
    snprintf(error, error_size, "%s", sentence);
    return status;
}

static int is_opaque(const strotss_image *image, size_t pixels)
{
    size_t p = 0;
    while (p < pixels && image->rgba[4 * p + 3] == 255)
        p++;
    return p == pixels;
}

/* ---- tags: what they hold, and where in stb's file they stand ---------------------------------------- */

typedef struct tag {
    size_t at, size;
    const char *bytes;
} tag;

/* intent 0 (perceptual), then the checksum */
static const tag png_tag = {33, 13, "\0\0\0\x01sRGB\0\xae\xce\x1c\xe9"};

/* two directories of one entry: the first leads to EXIF's own at 26, which says 0xa001 = 1 */
static const tag jpeg_tag = {20, 54, "\xff\xe1\0\x34" "Exif\0\0" "II*\0\x08\0\0\0"
    "\x01\0" "\x69\x87\x04\0\x01\0\0\0\x1a\0\0\0" "\0\0\0\0"
    "\x01\0" "\x01\xa0\x03\0\x01\0\0\0\x01\0\0\0" "\0\0\0\0"};

/* The file with the tag in it, malloc's; NULL without memory. */
static uint8_t *with_tag(const uint8_t *file, size_t size, const tag *tag)
{
    uint8_t *tagged = malloc(size + tag->size);
    if (!tagged)
        return NULL;
    memcpy(tagged, file, tag->at);
    memcpy(tagged + tag->at, tag->bytes, tag->size);
    memcpy(tagged + tag->at + tag->size, file + tag->at, size - tag->at);
    return tagged;
}

/* ---- PNG ----------------------------------------------------------------------------------------------- */

/* The file, inside the pool. */
static const uint8_t *write_png(int *length, const strotss_image *image, size_t pixels)
{
    if (!is_opaque(image, pixels))
        return stbi_write_png_to_mem(image->rgba, 4 * image->width, image->width, image->height, 4, length);
    uint8_t *rgb = pool_malloc(3 * pixels);
    for (size_t p = 0; p < pixels; p++)
        memcpy(rgb + 3 * p, image->rgba + 4 * p, 3);
    return stbi_write_png_to_mem(rgb, 3 * image->width, image->width, image->height, 3, length);
}

static strotss_status encode_png(uint8_t **bytes, size_t *size, char *error, size_t error_size,
                                 const strotss_image *image)
{
    const size_t pixels = (size_t)image->width * (size_t)image->height, raw = 4 * pixels + (size_t)image->height;
    const size_t packed = raw / 8 * 9 + SLACK, table = BUCKETS * (sizeof(void *) + BUCKET_BYTES);
    pool.size = 3 * pixels + raw + 4 * (size_t)image->width + table + 5 * packed + SLACK;
    pool.used = 0;
    pool.base = malloc(pool.size);
    uint8_t *file = NULL;
    if (pool.base) {
        int length = 0;
        const uint8_t *written = write_png(&length, image, pixels);
        file = written ? with_tag(written, (size_t)length, &png_tag) : NULL;
        if (file) {
            *bytes = file;
            *size = (size_t)length + png_tag.size;
        }
        free(pool.base);
    }
    return file ? STROTSS_OK : refuse(error, error_size, STROTSS_OUT_OF_MEMORY, "no memory to encode the picture");
}

/* ---- JPEG ---------------------------------------------------------------------------------------------- */

typedef struct sink {
    uint8_t *bytes;
    size_t size, room;
    int lacking;
} sink;

static void sink_write(void *context, void *data, int size)
{
    sink *s = context;
    if (s->lacking)
        return;
    if (s->room - s->size < (size_t)size) {
        size_t room = 2 * s->room + (size_t)size;
        uint8_t *bytes = realloc(s->bytes, room);
        if (!bytes) {
            s->lacking = 1;
            return;
        }
        s->bytes = bytes;
        s->room = room;
    }
    memcpy(s->bytes + s->size, data, (size_t)size);
    s->size += (size_t)size;
}

/* rgba, [pixels][4]; the caller frees it. NULL without memory. */
static uint8_t *over_white(const strotss_image *image, size_t pixels)
{
    uint8_t *rgba = malloc(4 * pixels);
    if (!rgba)
        return NULL;
    for (size_t i = 0; i < 4 * pixels; i++) {
        const int a = image->rgba[i | 3];
        rgba[i] = (uint8_t)((image->rgba[i] * a + 255 * (255 - a) + 127) / 255);
    }
    return rgba;
}

static strotss_status encode_jpeg(uint8_t **bytes, size_t *size, char *error, size_t error_size,
                                  const strotss_image *image, int quality)
{
    uint8_t *rgba = over_white(image, (size_t)image->width * (size_t)image->height);
    sink s = { .lacking = !rgba };
    const int done = rgba && stbi_write_jpg_to_func(sink_write, &s, image->width, image->height, 4, rgba, quality);
    free(rgba);
    uint8_t *file = done && !s.lacking ? with_tag(s.bytes, s.size, &jpeg_tag) : NULL;
    free(s.bytes);
    if (file) {
        *bytes = file;
        *size = s.size + jpeg_tag.size;
        return STROTSS_OK;
    }
    return done || s.lacking ? refuse(error, error_size, STROTSS_OUT_OF_MEMORY, "no memory to encode the picture")
                     : refuse(error, error_size, STROTSS_CANNOT_ENCODE, "the picture cannot be encoded as a JPEG");
}

strotss_status image_encode(uint8_t **bytes, size_t *size, char *error, size_t error_size, const strotss_image *image,
                            int quality)
{
    if (!image || !image->rgba || image->width < 1 || image->height < 1 || image->width > STROTSS_MAX_SIDE ||
        image->height > STROTSS_MAX_SIDE || (int64_t)image->width * image->height > STROTSS_MAX_PIXELS)
        return refuse(error, error_size, STROTSS_BAD_ARGUMENT, "there is no picture, or its size is out of range");
    if (quality < 0 || quality > 100)
        return refuse(error, error_size, STROTSS_BAD_ARGUMENT, "quality must be 0 (PNG) or 1 to 100 (JPEG)");
    return quality == 0 ? encode_png(bytes, size, error, error_size, image)
                        : encode_jpeg(bytes, size, error, error_size, image, quality);
}
