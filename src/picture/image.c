/* SPDX-License-Identifier: MIT
 *
 * Decoding is stb_image's but for BMP (bmp.c) and PNM (pnm.c). stb trusts its input more than we do. Around it:
 *
 *   cut files    stb reads zeros past the end and gives a half-grey picture. It reads through file_read, which notes
 *                that more was asked for than there is.
 *   bombs        limited_realloc bounds every allocation by the size the header claims; a file too short for its claim
 *                (beyond deflate's best ratio) is refused unread.
 *   depth        16-bit pictures are rounded, not cut.
 *   sorts        what stb does not read of JPEG is refused by its name. A JPEG of four components is converted if
 *                Adobe's marker says how, else refused: stb would drop the black.
 *
 * What a damaged file leaves out is never memory's old contents: src/vendor/README.md.
 *
 * Colours of a profile become sRGB's (profile.c). The way out is encode.c.
 */
#include "picture/image.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "picture/bmp.h"
#include "picture/exif.h"
#include "picture/png.h"
#include "picture/pnm.h"
#include "picture/profile.h"
#include "picture/segments.h"

/* ---- stb, its memory bounded --------------------------------------------------------------------- */

/* stb's hooks carry no context, and its own failure reason is kept the same way. */
static _Thread_local struct {
    size_t limit; /* bytes for any one allocation */
    enum { MEMORY_GIVEN, MEMORY_REFUSED, MEMORY_LACKING } outcome;
} stb_memory;

static void *limited_realloc(void *old, size_t bytes)
{
    void *block = bytes <= stb_memory.limit ? realloc(old, bytes) : NULL;
    if (!block)
        stb_memory.outcome = bytes <= stb_memory.limit ? MEMORY_LACKING : MEMORY_REFUSED;
    return block;
}

static void *limited_malloc(size_t bytes)
{
    return limited_realloc(NULL, bytes);
}

/* stb copies 0 bytes to NULL when a PNG begins with an empty chunk of data. */
static void *careful_memcpy(void *to, const void *from, size_t bytes)
{
    return bytes ? memcpy(to, from, bytes) : to;
}

#if defined(__clang__) /* what stb is known to do and gets away with: src/vendor/README.md */
#pragma clang attribute push(__attribute__((no_sanitize("shift", "signed-integer-overflow", "pointer-overflow"))), \
                             apply_to = function)
#endif
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_NO_STDIO
#define STBI_NO_SIMD /* the same pixels from every build */
#define STBI_NO_BMP
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_PIC
#define STBI_NO_PSD
#define STBI_NO_PNM
#define STBI_FAILURE_USERMSG
#define STBI_MALLOC(bytes) limited_malloc(bytes)
#define STBI_REALLOC(old, bytes) limited_realloc(old, bytes)
#define STBI_FREE(block) free(block)
#define memcpy careful_memcpy
#include <stb_image.h>
#undef memcpy
#if defined(__clang__)
#pragma clang attribute pop
#endif

/* ---- failing ------------------------------------------------------------------------------------- */

typedef struct sentence {
    char *text;
    size_t size;
} sentence;

__attribute__((format(printf, 3, 4)))
static strotss_status fail(sentence error, strotss_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error.text, error.size, format, arguments);
    va_end(arguments);
    return status;
}

static strotss_status check_size(sentence error, int width, int height)
{
    if (width < STROTSS_MIN_SIDE || height < STROTSS_MIN_SIDE)
        return fail(error, STROTSS_BAD_IMAGE, "%d x %d pixels is too small; at least %d x %d", width, height,
                    STROTSS_MIN_SIDE, STROTSS_MIN_SIDE);
    if (width > STROTSS_MAX_SIDE || height > STROTSS_MAX_SIDE || (int64_t)width * height > STROTSS_MAX_PIXELS)
        return fail(error, STROTSS_BAD_IMAGE, "%d x %d pixels is too large; at most %d a side and %d million in all",
                    width, height, STROTSS_MAX_SIDE, STROTSS_MAX_PIXELS / 1000000);
    return STROTSS_OK;
}

/* ---- before decoding ----------------------------------------------------------------------------- */

typedef struct file {
    const uint8_t *bytes;
    size_t size, at;
    int cut; /* more was asked for than there is */
} file;

static const char *file_kind(const file *f)
{
    static const struct { const char *name, *magic; } kinds[] = {
        { "PNG", "\x89PNG" }, { "JPEG", "\xff\xd8\xff" }, { "GIF", "GIF8" },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t length = strlen(kinds[i].magic);
        if (f->size >= length && memcmp(f->bytes, kinds[i].magic, length) == 0)
            return kinds[i].name;
    }
    return NULL;
}

/* precision:1 height:2 width:2 components:1, of the kinds stb decodes */
static int is_jpeg_frame(const segment *s)
{
    return s->kind >= 0xc0 && s->kind <= 0xc2 && s->size >= 6;
}

/* stb does not tell the sizes of a picture that it finds empty or too large. 0 where there is no such header. */
static int header_size(int *width, int *height, const file *f)
{
    enum { PNG_HEADER = 0x49484452 };
    int found = 0;
    segment s = { 0 };
    if (png_segment(&s, f->bytes, f->size) && s.kind == PNG_HEADER && s.size >= 8) {
        uint32_t sides[2] = { 0 };
        for (int i = 0; i < 8; i++)
            sides[i / 4] = sides[i / 4] << 8 | s.data[i];
        *width = (int)(sides[0] < INT32_MAX ? sides[0] : INT32_MAX);
        *height = (int)(sides[1] < INT32_MAX ? sides[1] : INT32_MAX);
        found = 1;
    }
    for (s = (segment){ 0 }; jpeg_segment(&s, f->bytes, f->size);)
        if (is_jpeg_frame(&s)) {
            *height = s.data[1] << 8 | s.data[2];
            *width = s.data[3] << 8 | s.data[4];
            found = 1;
        }
    return found;
}

#define SAVE_AGAIN ", which this decoder does not read; save it again as an ordinary JPEG or PNG"

/* SOF3 and on, but for DHT, JPG and DAC, which lie among them. */
static const char *unread_jpeg_frame(uint32_t kind)
{
    if (kind < 0xc3 || kind > 0xcf || kind == 0xc4 || kind == 0xc8 || kind == 0xcc)
        return NULL;
    return kind < 0xc9 ? "a lossless or hierarchical JPEG" SAVE_AGAIN : "a JPEG with arithmetic coding" SAVE_AGAIN;
}

static const char *refuse_jpeg(const file *f)
{
    enum { ADOBE = 0xee };
    int components = 0, adobe = 0;
    for (segment s = { 0 }; jpeg_segment(&s, f->bytes, f->size);) {
        const char *why = unread_jpeg_frame(s.kind);
        if (why)
            return why;
        if (is_jpeg_frame(&s)) {
            if (s.data[0] != 8)
                return "a JPEG of more than 8 bits per sample" SAVE_AGAIN;
            components = s.data[5];
        }
        adobe |= s.kind == ADOBE && s.size >= 12 && memcmp(s.data, "Adobe", 5) == 0;
    }
    return components == 4 && !adobe ? "a CMYK JPEG without Adobe's marker, so what its inks mean is unknown" : NULL;
}

/* Sorts of file that are known and not read; NULL for others. */
static const char *refuse_sort(const file *f, const char *kind)
{
    if (kind && strcmp(kind, "JPEG") == 0)
        return refuse_jpeg(f);
    if (f->size >= 3 && f->bytes[0] == 'P' && strchr("7Ff", f->bytes[1]) && f->bytes[2] == '\n')
        return "a PAM or PFM picture, which this decoder does not read; save it as PNG or PPM";
    return NULL;
}

/* Whether the file is too short for its size, however it is packed. */
static int is_bomb(const file *f, int width, int height)
{
    enum { PIXELS_PER_BYTE = 8 * 1032 }; /* deflate's best on 1-bit pictures; no other format comes near */
    return (int64_t)width * height / PIXELS_PER_BYTE > (int64_t)f->size;
}

/* ---- decoding ------------------------------------------------------------------------------------ */

static int file_read(void *context, char *data, int wanted)
{
    static const int refill = sizeof ((stbi__context *)0)->buffer_start; /* of stb's buffer, may run short */
    file *f = context;
    size_t left = f->size - f->at, given = (size_t)wanted < left ? (size_t)wanted : left;
    f->cut |= given < (size_t)wanted && (given == 0 || wanted != refill);
    memcpy(data, f->bytes + f->at, given);
    f->at += given;
    return (int)given;
}

static void file_skip(void *context, int bytes)
{
    file *f = context;
    size_t left = f->size - f->at, step = bytes < 0 ? 0 : (size_t)bytes;
    f->cut |= step > left;
    f->at += step < left ? step : left;
}

static int file_ended(void *context)
{
    file *f = context;
    return f->at == f->size;
}

/* RGBA in a block of its own, NULL with stb's reason. */
static uint8_t *decode_pixels(file *f, int *width, int *height)
{
    static const stbi_io_callbacks callbacks = { file_read, file_skip, file_ended };
    int channels;
    if (!stbi_is_16_bit_from_memory(f->bytes, (int)f->size))
        return stbi_load_from_callbacks(&callbacks, f, width, height, &channels, 4);
    uint16_t *deep = stbi_load_16_from_callbacks(&callbacks, f, width, height, &channels, 4);
    uint8_t *pixels = (uint8_t *)deep; /* in place: a sample's byte never lies past the sample */
    for (size_t i = 0; deep && i < 4 * (size_t)*width * (size_t)*height; i++) {
        uint16_t sample = deep[i];
        pixels[i] = (uint8_t)((sample * 255u + 32767) / 65535);
    }
    return pixels;
}

/* Turns and mirrors as the EXIF orientation says; takes the pixels over. NULL without memory. */
static uint8_t *upright(uint8_t *pixels, int *width, int *height, int orientation)
{
    if (orientation == 1)
        return pixels;
    /* Source pixel of the result's (y, x): from + down y + right x. */
    ptrdiff_t w = *width, h = *height, last_row = (h - 1) * w;
    const struct { ptrdiff_t from, down, right; } walk[9] = {
        [2] = { w - 1, w, -1 }, [3] = { last_row + w - 1, -w, -1 }, [4] = { last_row, -w, 1 }, [5] = { 0, 1, w },
        [6] = { last_row, 1, -w }, [7] = { last_row + w - 1, -1, -w }, [8] = { w - 1, -1, w },
    };
    if (orientation >= 5) {
        *width = (int)h;
        *height = (int)w;
    }
    uint8_t *turned = malloc(4 * (size_t)w * (size_t)h), *to = turned;
    for (ptrdiff_t y = 0; turned && y < *height; y++)
        for (ptrdiff_t x = 0; x < *width; x++, to += 4)
            memcpy(to, pixels + 4 * (walk[orientation].from + y * walk[orientation].down +
                                     x * walk[orientation].right), 4);
    free(pixels);
    return turned;
}

/* By the file's own profile, if it has one that is read. Returns 0 without memory, else 1. */
static int to_srgb(uint8_t *rgba, size_t pixels, const file *f)
{
    uint8_t *icc;
    size_t icc_size, packed_size;
    if (!profile_of_jpeg(&icc, &icc_size, f->bytes, f->size))
        return 0;
    const uint8_t *packed = profile_of_png(&packed_size, f->bytes, f->size);
    if (packed) {
        int unpacked_size = 0;
        icc = (uint8_t *)stbi_zlib_decode_malloc((const char *)packed, (int)packed_size, &unpacked_size);
        icc_size = (size_t)unpacked_size;
    }
    const int done = icc ? profile_to_srgb(rgba, pixels, icc, icc_size) : stb_memory.outcome != MEMORY_LACKING;
    free(icc);
    return done;
}

/* Checks the sizes, and that the file can hold such a picture, before room is taken for it. */
static strotss_status take_pixels(strotss_image *out, sentence error, int width, int height, int is_whole)
{
    const strotss_status status = check_size(error, width, height);
    if (status != STROTSS_OK)
        return status;
    if (!is_whole)
        return fail(error, STROTSS_BAD_IMAGE, "the file is cut short");
    uint8_t *rgba = malloc(4 * (size_t)width * (size_t)height);
    if (!rgba)
        return fail(error, STROTSS_OUT_OF_MEMORY, "no memory for %d x %d pixels", width, height);
    *out = (strotss_image){ .width = width, .height = height, .rgba = rgba };
    return STROTSS_OK;
}

/* With what was wrong with the pixels, or NULL. */
static strotss_status keep_pixels(strotss_image *out, sentence error, const char *why)
{
    if (!why)
        return STROTSS_OK;
    image_free(out);
    return fail(error, STROTSS_BAD_IMAGE, "%s", why);
}

static strotss_status decode_pnm(strotss_image *out, sentence error, const file *f)
{
    pnm header;
    const char *why = pnm_header(&header, f->bytes, f->size);
    if (why)
        return fail(error, STROTSS_BAD_IMAGE, "%s", why);
    const strotss_status status =
        take_pixels(out, error, header.width, header.height, pnm_is_whole(&header, f->size));
    return status ? status : keep_pixels(out, error, pnm_pixels(out->rgba, &header, f->bytes, f->size));
}

static strotss_status decode_bmp(strotss_image *out, sentence error, const file *f)
{
    bmp header;
    const char *why = bmp_header(&header, f->bytes, f->size);
    if (why)
        return fail(error, STROTSS_BAD_IMAGE, "%s", why);
    const int is_whole = bmp_is_whole(&header, f->size) && !is_bomb(f, header.width, header.height);
    const strotss_status status = take_pixels(out, error, header.width, header.height, is_whole);
    return status ? status : keep_pixels(out, error, bmp_pixels(out->rgba, &header, f->bytes, f->size));
}

strotss_status image_decode(strotss_image *out, char *error, size_t error_size, const void *bytes, size_t size)
{
    sentence why = { error, error_size };
    file f = { .bytes = bytes, .size = size };
    if (size > INT32_MAX)
        return fail(why, STROTSS_BAD_IMAGE, "the file is larger than 2 GiB");
    if (!bytes || size == 0)
        return fail(why, STROTSS_BAD_IMAGE, "the file is empty");

    if (pnm_is(f.bytes, size))
        return decode_pnm(out, why, &f);
    if (bmp_is(f.bytes, size))
        return decode_bmp(out, why, &f);

    int width, height, channels;
    const char *kind = file_kind(&f), *refusal = refuse_sort(&f, kind);
    if (refusal)
        return fail(why, STROTSS_BAD_IMAGE, "%s", refusal);
    strotss_status status = header_size(&width, &height, &f) ? check_size(why, width, height) : STROTSS_OK;
    if (status != STROTSS_OK)
        return status;
    stb_memory.limit = 1 << 20;
    stb_memory.outcome = MEMORY_GIVEN;
    if (!stbi_info_from_memory(bytes, (int)size, &width, &height, &channels)) {
        if (stb_memory.outcome == MEMORY_LACKING)
            return fail(why, STROTSS_OUT_OF_MEMORY, "no memory to read the picture");
        if (kind)
            return fail(why, STROTSS_BAD_IMAGE, "a %s file cut short, damaged, or of an unsupported sort", kind);
        return fail(why, STROTSS_BAD_IMAGE, "not a picture this decoder knows (PNG, JPEG, BMP, GIF, TGA, PNM)");
    }
    status = check_size(why, width, height);
    if (status != STROTSS_OK)
        return status;
    if (is_bomb(&f, width, height))
        return fail(why, STROTSS_BAD_IMAGE, "the file is cut short");
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION /* a fuzzer hardly ever finds a checksum */
    if (!png_checksums_hold(bytes, size))
        return fail(why, STROTSS_BAD_IMAGE, "the file is damaged (a checksum is wrong)");
#endif
    /* 16-bit RGBA is 8 bytes a pixel; twice that for stb's growing by doubling, and blocks of JPEGs stand over. */
    stb_memory.limit = 16 * (size_t)(width + 64) * (size_t)(height + 64) + 2 * size + (1 << 20);
    int decoded_width = 0, decoded_height = 0;
    uint8_t *pixels = decode_pixels(&f, &decoded_width, &decoded_height);
    if (pixels && !f.cut && decoded_width == width && decoded_height == height) {
        const int converted = to_srgb(pixels, (size_t)width * (size_t)height, &f);
        pixels = upright(pixels, &width, &height, exif_orientation(bytes, size));
        if (!pixels || !converted) {
            free(pixels);
            return fail(why, STROTSS_OUT_OF_MEMORY, "no memory for %d x %d pixels", width, height);
        }
        *out = (strotss_image){ .width = width, .height = height, .rgba = pixels };
        return STROTSS_OK;
    }
    free(pixels);
    if (stb_memory.outcome == MEMORY_LACKING)
        return fail(why, STROTSS_OUT_OF_MEMORY, "no memory for %d x %d pixels", width, height);
    if (stb_memory.outcome == MEMORY_REFUSED)
        return fail(why, STROTSS_BAD_IMAGE, "the file holds more data than its size of %d x %d pixels allows", width,
                    height);
    if (f.cut)
        return fail(why, STROTSS_BAD_IMAGE, "the file is cut short");
    const char *reason = pixels ? "its sizes differ" : stbi_failure_reason();
    return fail(why, STROTSS_BAD_IMAGE, "the file is damaged (%s)", *reason ? reason : "its parts do not fit together");
}

void image_free(strotss_image *image)
{
    free(image->rgba);
    *image = (strotss_image){ 0 };
}
