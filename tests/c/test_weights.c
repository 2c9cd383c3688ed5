/* SPDX-License-Identifier: MIT
 *
 * Weights files made here, of either kind: every number comes back as q * scale or as the half it was; cut, lengthened,
 * altered, foreign, other versions' and not finite files are refused, each with its reason.
 * And the file we ship is good.
 *
 *   test_weights [unused] [weights file]
 */
#include "check.h"

#include <stdlib.h>

#include "base/digest.h"
#include "network/weights.h"

enum { INT8 = 1, FLOAT16 = 2, HEADER = 16 };

static const int channels[VGG16_LAYERS + 1] = {3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512};

static const struct half {
    uint16_t bits;
    float value;
} halves[] = {{0x0000, 0},       {0x3c00, 1},         {0xc000, -2},        {0x7bff, 65504}, {0x0400, 0x1p-14f},
              {0x0001, 0x1p-24f}, {0x83ff, -0x1.ff8p-15f}, {0x3555, 0x1.554p-2f}};
enum { HALVES = sizeof halves / sizeof *halves };

static float bias_of(int layer, int o)
{
    return (float)(layer - o) / 8;
}

static float scale_of(int layer, int o)
{
    return (float)(1 + layer + o % 7) / 1024;
}

static int8_t value_of(int layer, size_t i)
{
    return (int8_t)(i * 31 + (size_t)layer);
}

static void put(unsigned char **at, const void *value, size_t size)
{
    memcpy(*at, value, size);
    *at += size;
}

static void put_u32(unsigned char **at, uint32_t value)
{
    put(at, &value, sizeof value);
}

static void seal(unsigned char *bytes, size_t size)
{
    const uint64_t digest = digest_add(DIGEST_START, bytes, size - 8);
    memcpy(bytes + size - 8, &digest, sizeof digest);
}

static unsigned char *make(size_t *size, int kind)
{
    unsigned char *bytes = malloc(32 << 20), *at = bytes;
    put(&at, "STROTSSW", 8);
    put_u32(&at, 1);
    put_u32(&at, (uint32_t)kind);
    for (int layer = 0; layer < VGG16_LAYERS; layer++) {
        const int cin = channels[layer], cout = channels[layer + 1];
        put_u32(&at, (uint32_t)cin);
        put_u32(&at, (uint32_t)cout);
        for (int o = 0; o < cout; o++)
            put(&at, &(float){bias_of(layer, o)}, 4);
        for (int o = 0; kind == INT8 && o < cout; o++)
            put(&at, &(float){scale_of(layer, o)}, 4);
        for (size_t i = 0; i < (size_t)cin * cout * 9; i++)
            if (kind == INT8)
                put(&at, &(int8_t){value_of(layer, i)}, 1);
            else
                put(&at, &halves[i % HALVES].bits, 2);
    }
    *size = (size_t)(at - bytes) + 8;
    seal(bytes, *size);
    return bytes;
}

static void check_values(const unsigned char *bytes, int kind)
{
    float *filters = malloc(sizeof(float) * 512 * 512 * 9), bias[512];
    for (int layer = 0; layer < VGG16_LAYERS; layer++) {
        const int cin = channels[layer], cout = channels[layer + 1];
        long wrong = 0;
        weights_layer(filters, bias, bytes, layer);
        for (int o = 0; o < cout; o++)
            wrong += bias[o] != bias_of(layer, o);
        for (size_t i = 0; i < (size_t)cin * cout * 9; i++) {
            const int o = (int)(i / ((size_t)cin * 9));
            wrong += filters[i] != (kind == INT8 ? value_of(layer, i) * scale_of(layer, o) : halves[i % HALVES].value);
        }
        CHECK(wrong == 0);
    }
    free(filters);
}

static int refused(const unsigned char *bytes, size_t size, const char *reason)
{
    const char *fault = weights_check(bytes, size);
    if (fault && strstr(fault, reason))
        return 1;
    printf("wanted a reason with \"%s\", got: %s\n", reason, fault ? fault : "none");
    return 0;
}

/* With one byte changed; sealed: the digest put right again. */
static int refused_changed(unsigned char *bytes, size_t size, size_t at, int sealed, const char *reason)
{
    unsigned char digest[8];
    memcpy(digest, bytes + size - 8, 8);
    bytes[at] ^= 0x20;
    if (sealed)
        seal(bytes, size);
    const int result = refused(bytes, size, reason);
    bytes[at] ^= 0x20;
    if (sealed)
        memcpy(bytes + size - 8, digest, 8);
    return result;
}

/* With four bytes changed, refused as not finite? */
static int refused_with(unsigned char *bytes, size_t size, size_t at, uint32_t value)
{
    unsigned char kept[4], digest[8];
    memcpy(kept, bytes + at, 4);
    memcpy(digest, bytes + size - 8, 8);
    memcpy(bytes + at, &value, 4);
    seal(bytes, size);
    const char *fault = weights_check(bytes, size);
    memcpy(bytes + at, kept, 4);
    memcpy(bytes + size - 8, digest, 8);
    return fault && strstr(fault, "not finite");
}

static void check_refusals(unsigned char *bytes, size_t size)
{
    CHECK(refused(bytes, 0, "not a STROTSS weights file"));
    CHECK(refused(bytes, 15, "not a STROTSS weights file"));
    CHECK(refused_changed(bytes, size, 0, 1, "not a STROTSS weights file"));
    CHECK(refused_changed(bytes, size, 8, 1, "another version"));
    CHECK(refused_changed(bytes, size, 12, 1, "unknown way"));
    CHECK(refused_changed(bytes, size, HEADER, 1, "another network"));
    CHECK(refused_changed(bytes, size, HEADER + 4, 1, "another network"));
    CHECK(refused(bytes, HEADER, "cut short"));
    CHECK(refused(bytes, HEADER + 4, "cut short"));
    CHECK(refused(bytes, size / 2, "cut short"));
    CHECK(refused(bytes, size - 1, "cut short"));
    CHECK(refused(bytes, size + 1, "longer"));
    CHECK(refused_changed(bytes, size, HEADER + 100, 0, "damaged"));
    CHECK(refused_changed(bytes, size, size / 2, 0, "damaged"));
    CHECK(refused_changed(bytes, size, size - 9, 0, "damaged"));
    CHECK(refused_changed(bytes, size, size - 1, 0, "damaged"));
    /* infinities and NaN, also as pairs of halves */
    const uint32_t not_finite[] = {0x7f800000, 0xff800000, 0x7fc00000};
    for (int i = 0; i < 3; i++) {
        CHECK(refused_with(bytes, size, HEADER + 8, not_finite[i]));
        CHECK(refused_with(bytes, size, size / 2 / 4 * 4, not_finite[i]) == (bytes[12] == FLOAT16));
    }
    CHECK(weights_check(bytes, size) == NULL);
}

int main(int argc, char **argv)
{
    for (int kind = INT8; kind <= FLOAT16; kind++) {
        size_t size;
        unsigned char *bytes = make(&size, kind);
        CHECK(weights_check(bytes, size) == NULL);
        check_values(bytes, kind);
        check_refusals(bytes, size);
        const uint64_t digest = weights_digest(bytes, size);
        bytes[size / 2] ^= 1;
        seal(bytes, size);
        CHECK(weights_digest(bytes, size) != digest);
        free(bytes);
    }

    const char *path = argc > 2 ? argv[2] : "weights/vgg16.q8.bin";
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    if (file) {
        unsigned char *bytes = malloc(16 << 20);
        const size_t size = fread(bytes, 1, 16 << 20, file);
        CHECK(size == 14744384);
        CHECK(weights_check(bytes, size) == NULL);
        fclose(file);
        free(bytes);
    }
    return check_report();
}
