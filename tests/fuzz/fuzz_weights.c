/* SPDX-License-Identifier: MIT
 *
 * libFuzzer on weights files. The input is tried as a file, and then as a change of the file that we ship, so that what
 * lies behind 14 MB and a checksum is reached too:
 *
 *     offset  size  what
 *          0     1  bit 0: the checksum is put right afterwards; the other bits: a layer to read
 *          1     4  bytes of the file that are given, counted from its end
 *          5   8 n  changes: an offset and four bytes
 *
 * A file is refused with a sentence, or every number of it can be read.
 */
#include <sanitizer/asan_interface.h>

#include "base/digest.h"
#include "fuzz.h"
#include "network/weights.h"

enum { HEAD = 5, CHANGE = 8, MOST_CHANGES = 16, CHECKSUM = 8 };

static uint8_t *file;
static size_t file_size;
static float filters[512 * 512 * 9], bias[512];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    file = fuzz_file(&file_size, "weights/vgg16.q8.bin");
    return 0;
}

static void check(const uint8_t *bytes, size_t size, int layer)
{
    const char *fault = weights_check(bytes, size);
    if (fault)
        DEMAND(is_sentence(fault));
    else
        weights_layer(filters, bias, bytes, layer);
}

/* Changes the file, or puts back what was there. */
static void swap(uint8_t kept[MOST_CHANGES][4], const uint8_t *changes, int count, int back)
{
    for (int c = 0; c < count; c++) {
        const int i = back ? count - 1 - c : c;
        uint8_t *at = file + fuzz_u32(changes + CHANGE * i) % (file_size - 4);
        if (!back)
            memcpy(kept[i], at, 4);
        memcpy(at, back ? kept[i] : changes + CHANGE * i + 4, 4);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size, 0);
    if (size < HEAD)
        return 0;
    const size_t room = (size - HEAD) / CHANGE, missing = fuzz_u32(data + 1) % (file_size + 1),
                 given = file_size - missing;
    const int count = room > MOST_CHANGES ? MOST_CHANGES : (int)room;
    uint8_t kept[MOST_CHANGES][4], sum[CHECKSUM];
    memcpy(sum, file + file_size - CHECKSUM, CHECKSUM);
    swap(kept, data + HEAD, count, 0);
    if (data[0] & 1) {
        const uint64_t digest = digest_add(DIGEST_START, file, file_size - CHECKSUM);
        memcpy(file + file_size - CHECKSUM, &digest, CHECKSUM);
    }
    ASAN_POISON_MEMORY_REGION(file + given, missing);
    check(file, given, (data[0] >> 1) % VGG16_LAYERS);
    ASAN_UNPOISON_MEMORY_REGION(file + given, missing);
    memcpy(file + file_size - CHECKSUM, sum, CHECKSUM);
    swap(kept, data + HEAD, count, 1);
    return 0;
}
