/* SPDX-License-Identifier: MIT
 *
 * Blocks of up to TOKENS tokens, each with its own Huffman codes (RFC 1951 section 3.2.7). A token is a byte, or a
 * match: `length` bytes seen `distance` before, found through one table of the last place of every hash of four bytes.
 * Codes longer than 15 bits are avoided by flattening the counts. Code lengths are sent plainly, four bits each.
 *
 * Room: a flat code would cost at most 9/8 of a byte for each and the best code costs no more, so a quarter over is
 * safe for any input.
 */
#include "deflate.h"

#include <assert.h>
#include <string.h>

enum {
    TOKENS = 1 << 15, HASH_BITS = 15, WINDOW = 1 << 15,
    MATCH_LEAST = 4, MATCH_MOST = 258, END = 256, LITERALS = 286, DISTANCES = 30, LONGEST = 15
};

typedef struct token {
    uint16_t length, distance; /* distance 0: length is a byte; WINDOW fits as it is 32768 */
} token;

struct deflate_work {
    int32_t last[1 << HASH_BITS];
    token tokens[TOKENS];
};

static const uint16_t length_base[29] = {
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
};
static const uint8_t length_extra[29] = {
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
};
static const uint16_t distance_base[30] = {
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
    8193, 12289, 16385, 24577,
};

static int distance_extra(int slot)
{
    return slot < 4 ? 0 : slot / 2 - 1;
}

/* The last slot whose base is not above the value. */
static int slot_of(const uint16_t *base, int slots, int value)
{
    int low = 0;
    for (int high = slots; high - low > 1;) {
        int middle = (low + high) / 2;
        if (base[middle] <= value)
            low = middle;
        else
            high = middle;
    }
    return low;
}

size_t deflate_work_bytes(void)
{
    return sizeof(deflate_work);
}

size_t zlib_room(size_t size)
{
    return size + size / 4 + 512;
}

/* ---- bits and codes ------------------------------------------------------------------------------ */

typedef struct bits {
    uint8_t *out;
    size_t count;
    uint64_t held;
    int holding;
} bits;

static void put(bits *b, uint32_t value, int count)
{
    b->held |= (uint64_t)value << b->holding;
    for (b->holding += count; b->holding >= 8; b->holding -= 8, b->held >>= 8)
        b->out[b->count++] = (uint8_t)b->held;
}

typedef struct code {
    uint16_t word[LITERALS]; /* as sent: first bit lowest */
    uint8_t length[LITERALS];
} code;

/* Huffman's algorithm on the symbols that occur; returns the longest length. */
static int code_lengths(uint8_t *length, const uint32_t *count, int symbols)
{
    uint32_t weight[2 * LITERALS];
    int parent[2 * LITERALS], nodes = symbols, longest = 0;
    for (int i = 0; i < symbols; i++)
        weight[i] = count[i];
    for (;;) {
        int least = -1, next = -1; /* the two lightest nodes without a parent; weight 0 is none */
        for (int i = 0; i < nodes; i++) {
            if (weight[i] == 0)
                continue;
            if (least < 0 || weight[i] < weight[least]) {
                next = least;
                least = i;
            } else if (next < 0 || weight[i] < weight[next]) {
                next = i;
            }
        }
        if (next < 0)
            break;
        weight[nodes] = weight[least] + weight[next];
        weight[least] = weight[next] = 0;
        parent[least] = parent[next] = nodes++;
    }
    for (int i = 0; i < symbols; i++) {
        length[i] = 0;
        for (int node = i; count[i] && node != nodes - 1; node = parent[node])
            length[i]++;
        longest = length[i] > longest ? length[i] : longest;
    }
    return longest;
}

/* At least two symbols must occur. Uses up the counts. */
static void code_make(code *c, uint32_t *count, int symbols)
{
    memset(c, 0, sizeof *c);
    while (code_lengths(c->length, count, symbols) > LONGEST)
        for (int i = 0; i < symbols; i++)
            count[i] = (count[i] + 1) / 2;
    uint32_t word = 0;
    for (int length = 1; length <= LONGEST; length++, word <<= 1)
        for (int i = 0; i < symbols; i++)
            if (c->length[i] == length) {
                for (int bit = 0; bit < length; bit++)
                    c->word[i] |= (uint16_t)((word >> bit & 1) << (length - 1 - bit));
                word++;
            }
}

static void put_symbol(bits *b, const code *c, int symbol)
{
    put(b, c->word[symbol], c->length[symbol]);
}

/* ---- blocks -------------------------------------------------------------------------------------- */

static void put_codes(bits *b, const code *literals, const code *distances)
{
    /* The code of the code lengths: sixteen words of four bits for 0 to 15, and none for the repeats 16 to 18, which
     * come first in the order of sending. */
    put(b, LITERALS - 257, 5);
    put(b, DISTANCES - 1, 5);
    put(b, 19 - 4, 4);
    for (int i = 0; i < 19; i++)
        put(b, i < 3 ? 0 : 4, 3);
    for (int i = 0; i < LITERALS + DISTANCES; i++) {
        uint32_t length = i < LITERALS ? literals->length[i] : distances->length[i - LITERALS];
        put(b, (length & 1) << 3 | (length & 2) << 1 | (length & 4) >> 1 | length >> 3, 4);
    }
}

static void put_block(bits *b, const token *tokens, int count, int final)
{
    uint32_t literal_count[LITERALS] = { [END] = 1, [0] = 1 }, distance_count[DISTANCES] = { 1, 1 };
    for (int i = 0; i < count; i++) {
        if (!tokens[i].distance) {
            literal_count[tokens[i].length]++;
            continue;
        }
        literal_count[257 + slot_of(length_base, 29, tokens[i].length)]++;
        distance_count[slot_of(distance_base, DISTANCES, tokens[i].distance)]++;
    }
    code literals, distances;
    code_make(&literals, literal_count, LITERALS);
    code_make(&distances, distance_count, DISTANCES);

    put(b, (uint32_t)final, 1);
    put(b, 2, 2);
    put_codes(b, &literals, &distances);
    for (int i = 0; i < count; i++) {
        if (!tokens[i].distance) {
            put_symbol(b, &literals, tokens[i].length);
            continue;
        }
        int slot = slot_of(length_base, 29, tokens[i].length);
        put_symbol(b, &literals, 257 + slot);
        put(b, (uint32_t)(tokens[i].length - length_base[slot]), length_extra[slot]);
        slot = slot_of(distance_base, DISTANCES, tokens[i].distance);
        put_symbol(b, &distances, slot);
        put(b, (uint32_t)(tokens[i].distance - distance_base[slot]), distance_extra(slot));
    }
    put_symbol(b, &literals, END);
}

/* ---- matches ------------------------------------------------------------------------------------- */

/* The match at `at` through the table, or the byte there. */
static token next_token(const uint8_t *in, size_t size, size_t at, int32_t *last)
{
    token byte = { in[at], 0 };
    if (size - at < MATCH_LEAST)
        return byte;
    uint32_t four;
    memcpy(&four, in + at, 4);
    int32_t *place = &last[four * UINT32_C(2654435761) >> (32 - HASH_BITS)];
    size_t from = (size_t)*place, most = size - at < MATCH_MOST ? size - at : MATCH_MOST, length = 0;
    int known = *place >= 0 && at - from <= WINDOW;
    *place = (int32_t)at;
    while (known && length < most && in[from + length] == in[at + length])
        length++;
    return length >= MATCH_LEAST ? (token){ (uint16_t)length, (uint16_t)(at - from) } : byte;
}

static uint32_t adler32(const uint8_t *in, size_t size)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < size; i++) {
        a = (a + in[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

size_t zlib_compress(uint8_t *out, const uint8_t *in, size_t size, deflate_work *work)
{
    assert(size <= INT32_MAX);
    bits b = { .out = out };
    put(&b, 0x78, 8);
    put(&b, 0x01, 8);
    memset(work->last, -1, sizeof work->last);
    size_t at = 0;
    do {
        int count = 0;
        for (; count < TOKENS && at < size; count++) {
            token t = next_token(in, size, at, work->last);
            work->tokens[count] = t;
            at += t.distance ? t.length : 1;
        }
        put_block(&b, work->tokens, count, at == size);
    } while (at < size);
    put(&b, 0, (8 - b.holding) % 8);
    uint32_t check = adler32(in, size);
    for (int shift = 24; shift >= 0; shift -= 8)
        put(&b, check >> shift & 255, 8);
    assert(b.count <= zlib_room(size));
    return b.count;
}
