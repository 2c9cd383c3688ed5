/* SPDX-License-Identifier: MIT
 *
 * Reads a .npy file (version 1, C order, little-endian float32 '<f4' or int32 '<i4') into one malloc'ed block:
 *
 *     npy x = npy_read(folder, "cat64.x.npy");     x.floats or x.ints, x.shape[0 .. x.dims - 1], x.count
 *     npy_free(&x);
 *
 * Anything else, a missing file included, prints why and ends the test: there is nothing to go on with.
 */
#ifndef NPY_H
#define NPY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct npy {
    int dims, shape[4];
    size_t count;
    float *floats; /* one of the two is NULL */
    int32_t *ints;
} npy;

static inline void npy_fail(const char *path, const char *why)
{
    printf("%s: %s\n", path, why);
    exit(2);
}

static inline npy npy_read(const char *folder, const char *name)
{
    char path[512], header[512];
    unsigned char lead[10];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        npy_fail(path, "cannot be opened");
    if (fread(lead, 1, 10, file) != 10 || memcmp(lead, "\x93NUMPY\x01", 7) != 0)
        npy_fail(path, "is not a version 1 .npy file");
    size_t length = lead[8] | (size_t)lead[9] << 8;
    if (length >= sizeof header || fread(header, 1, length, file) != length)
        npy_fail(path, "has a broken header");
    header[length] = 0;
    const char *shape = strchr(header, '(');
    int is_float = strstr(header, "'<f4'") != NULL, is_int = strstr(header, "'<i4'") != NULL;
    if (!shape || strstr(header, "'fortran_order': True") || is_float == is_int)
        npy_fail(path, "is not C-order float32 or int32");
    npy n = { .count = 1 };
    for (char *at = (char *)shape + 1; *at && *at != ')' && n.dims < 4; at += strspn(at, ", ")) {
        n.shape[n.dims] = (int)strtol(at, &at, 10);
        n.count *= (size_t)n.shape[n.dims++];
    }
    void *data = malloc(n.count * 4 + 1);
    if (!data || fread(data, 4, n.count, file) != n.count)
        npy_fail(path, "is cut short");
    fclose(file);
    n.floats = is_float ? data : NULL;
    n.ints = is_int ? data : NULL;
    return n;
}

static inline void npy_free(npy *n)
{
    free(n->floats);
    free(n->ints);
    *n = (npy){ 0 };
}

#endif
