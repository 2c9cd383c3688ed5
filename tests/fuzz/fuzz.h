/* SPDX-License-Identifier: MIT
 *
 * What the fuzz targets share: demands, which stop the fuzzer, and the shape of a refusal.
 *
 *     make -f emscripten.mk fuzz                 every target for ten seconds
 *     make -f emscripten.mk fuzz SECONDS=600     for ten minutes each
 *
 * What is found lies in build/fuzz, with the inputs that reached new code.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEMAND(condition)                                                             \
    do {                                                                              \
        if (!(condition)) {                                                           \
            fprintf(stderr, "%s:%d: demanded: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                  \
        }                                                                             \
    } while (0)

/* What every refusal leaves: one line of some words. */
static inline int is_sentence(const char *text)
{
    return text && text[0] && strlen(text) < 200 && !strchr(text, '\n');
}

/* A whole file; freed by nobody. */
static inline uint8_t *fuzz_file(size_t *size, const char *path)
{
    FILE *file = fopen(path, "rb");
    DEMAND(file && fseek(file, 0, SEEK_END) == 0);
    *size = (size_t)ftell(file);
    uint8_t *bytes = malloc(*size);
    rewind(file);
    DEMAND(bytes && fread(bytes, 1, *size, file) == *size);
    fclose(file);
    return bytes;
}

static inline uint32_t fuzz_u32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

#endif
