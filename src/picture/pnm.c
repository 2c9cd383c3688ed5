/* SPDX-License-Identifier: MIT
 *
 * The header is numbers in decimal, apart by white space and comments (# to the line's end): width, height and, but for
 * bits, the largest value. One white space ends it. Plain pixels are numbers too, plain bits need nothing between them;
 * packed ones are one byte, two (big end first) where the largest value is above 255, or bits in rows of whole bytes.
 * Values are scaled to 0..255 and rounded. Refused: a header that is no such thing, a value above the largest.
 */
#include "picture/pnm.h"

#include <string.h>

static const char CUT[] = "the file is cut short", NO_NUMBER[] = "a PNM with something else where a number should be";

static int is_plain(const pnm *p)
{
    return p->kind <= 3;
}

static int is_bits(const pnm *p)
{
    return p->kind == 1 || p->kind == 4;
}

static int channels(const pnm *p)
{
    return p->kind == 3 || p->kind == 6 ? 3 : 1;
}

static int is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static size_t skip_comment(const uint8_t *bytes, size_t size, size_t at)
{
    while (at < size && bytes[at] != '\n' && bytes[at] != '\r')
        at++;
    return at;
}

static size_t skip_space(const uint8_t *bytes, size_t size, size_t at)
{
    while (at < size && (is_space(bytes[at]) || bytes[at] == '#'))
        at = bytes[at] == '#' ? skip_comment(bytes, size, at) : at + 1;
    return at;
}

/* The number after white space, of up to `digits` digits, held at ten million; moves *at on. */
static const char *read_number(int *value, size_t *at, const uint8_t *bytes, size_t size, int digits)
{
    enum { MOST = 10 * 1000 * 1000 };
    *at = skip_space(bytes, size, *at);
    if (*at == size)
        return CUT;
    if (bytes[*at] < '0' || bytes[*at] > '9')
        return NO_NUMBER;
    *value = 0;
    for (; *at < size && bytes[*at] >= '0' && bytes[*at] <= '9' && digits > 0; ++*at, digits--)
        *value = *value < MOST ? 10 * *value + (bytes[*at] - '0') : MOST;
    return NULL;
}

int pnm_is(const uint8_t *bytes, size_t size)
{
    return size >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
           (is_space(bytes[2]) || bytes[2] == '#');
}

const char *pnm_header(pnm *p, const uint8_t *bytes, size_t size)
{
    *p = (pnm){ .kind = bytes[1] - '0', .largest = 1, .at = 2 };
    int *number[3] = { &p->width, &p->height, &p->largest };
    for (int i = 0; i < (is_bits(p) ? 2 : 3); i++) {
        const char *why = read_number(number[i], &p->at, bytes, size, INT32_MAX);
        if (why)
            return why;
    }
    if (p->largest < 1 || p->largest > 65535)
        return "a PNM whose largest value is not from 1 to 65535";
    if (p->at < size && bytes[p->at] == '#')
        p->at = skip_comment(bytes, size, p->at);
    if (p->at == size)
        return CUT;
    if (!is_space(bytes[p->at]))
        return NO_NUMBER;
    p->at++;
    return NULL;
}

int pnm_is_whole(const pnm *p, size_t size)
{
    const uint64_t width = (uint64_t)p->width, height = (uint64_t)p->height, samples = width * height * channels(p);
    const uint64_t least = p->kind == 4    ? (width + 7) / 8 * height
                           : p->kind == 1  ? samples
                           : is_plain(p)   ? 2 * samples - 1
                           : p->largest > 255 ? 2 * samples
                                              : samples;
    return size - p->at >= least;
}

const char *pnm_pixels(uint8_t *rgba, const pnm *p, const uint8_t *bytes, size_t size)
{
    size_t at = p->at;
    for (int y = 0; y < p->height; y++) {
        for (int x = 0; x < p->width; x++, rgba += 4) {
            for (int c = 0; c < channels(p); c++) {
                int value = 0;
                if (is_plain(p)) {
                    const char *why = read_number(&value, &at, bytes, size, is_bits(p) ? 1 : INT32_MAX);
                    if (why)
                        return why;
                } else if (is_bits(p)) {
                    value = bytes[at + (size_t)x / 8] >> (7 - x % 8) & 1;
                } else {
                    value = bytes[at++];
                    if (p->largest > 255)
                        value = value << 8 | bytes[at++];
                }
                if (value > p->largest)
                    return "a PNM with a value above the largest that its header names";
                if (is_bits(p))
                    value = 1 - value; /* 1 is black */
                rgba[c] = (uint8_t)((value * 255 + p->largest / 2) / p->largest);
            }
            if (channels(p) == 1)
                rgba[1] = rgba[2] = rgba[0];
            rgba[3] = 255;
        }
        if (p->kind == 4)
            at += ((size_t)p->width + 7) / 8;
    }
    return NULL;
}
