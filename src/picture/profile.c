/* SPDX-License-Identifier: MIT
 *
 * With t_c the tone curve of channel c and P the primaries as columns, in XYZ under D50,
 *
 *     XYZ = P t(rgb),   out = s(M XYZ)
 *
 * where M takes XYZ to linear sRGB and s is sRGB's curve. What lies outside of sRGB is clamped. All per pixel is in
 * integers, so that every build gives the same numbers: light is counted in steps of 1 / ONE.
 *
 *     profile:  size:4 .. "RGB " at 16, "XYZ " at 20, "acsp" at 36, tags:4 at 128, then each  name:4 offset:4 size:4
 *
 * All offsets are untrusted.
 */
#include "picture/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "picture/segments.h"

enum { HEADER = 128, TAG = 12, CHANNELS = 3, ONE = 65535, MATRIX_BITS = 16 };

/* XYZ under D50 to linear sRGB (IEC 61966-2-1, Bradford's adaptation). */
static const double to_linear_srgb[3][3] = {
    {3.1338561, -1.6168667, -0.4906146}, {-0.9787684, 1.9161415, 0.0334540}, {0.0719453, -0.2289914, 1.4052427},
};

typedef struct transform {
    int32_t light[CHANNELS][256];       /* the channel's curve */
    int64_t matrix[CHANNELS][CHANNELS]; /* light to linear sRGB, times 1 << MATRIX_BITS */
    uint8_t encoded[ONE + 1];           /* sRGB's curve */
} transform;

/* ---- finding it ----------------------------------------------------------------------------------- */

static const char jpeg_mark[12] = "ICC_PROFILE"; /* and a zero, then the piece's number from 1 and their count */

/* Piece `number` of `of`; NULL where it is missing. */
static const uint8_t *jpeg_piece(size_t *piece_size, const uint8_t *bytes, size_t size, int number, int *of)
{
    enum { APP2 = 0xe2, MARK = sizeof jpeg_mark + 2 };
    for (segment s = {0}; jpeg_segment(&s, bytes, size);)
        if (s.kind == APP2 && s.size > MARK && !memcmp(s.data, jpeg_mark, sizeof jpeg_mark) &&
            s.data[sizeof jpeg_mark] == number) {
            *of = s.data[sizeof jpeg_mark + 1];
            *piece_size = s.size - MARK;
            return s.data + MARK;
        }
    return NULL;
}

int profile_of_jpeg(uint8_t **icc, size_t *icc_size, const uint8_t *bytes, size_t size)
{
    *icc = NULL;
    *icc_size = 0;
    int of = 0;
    size_t total = 0, piece_size;
    if (!jpeg_piece(&piece_size, bytes, size, 1, &of))
        return 1;
    const int count = of;
    for (int i = 1; i <= count; i++) {
        if (!jpeg_piece(&piece_size, bytes, size, i, &of))
            return 1;
        total += piece_size;
    }
    uint8_t *whole = total ? malloc(total) : NULL;
    if (!whole)
        return total == 0;
    size_t at = 0;
    for (int i = 1; i <= count; i++) {
        const uint8_t *piece = jpeg_piece(&piece_size, bytes, size, i, &of);
        memcpy(whole + at, piece, piece_size);
        at += piece_size;
    }
    *icc = whole;
    *icc_size = total;
    return 1;
}

const uint8_t *profile_of_png(size_t *packed_size, const uint8_t *bytes, size_t size)
{
    enum { ICCP = 0x69434350, IDAT = 0x49444154 };
    for (segment s = {0}; png_segment(&s, bytes, size) && s.kind != IDAT;) {
        if (s.kind != ICCP)
            continue;
        const uint8_t *name_end = memchr(s.data, 0, s.size); /* then the method of compression, 0, and the data */
        const size_t head = name_end ? (size_t)(name_end - s.data) + 2 : s.size;
        if (head >= s.size || s.data[head - 1] != 0)
            return NULL;
        *packed_size = s.size - head;
        return s.data + head;
    }
    return NULL;
}

/* ---- reading it ----------------------------------------------------------------------------------- */

static double fixed(const uint8_t *b) /* s15Fixed16 */
{
    return (double)(int32_t)big_endian(b) / 65536;
}

/* A tag's data of at least `least` bytes; NULL where it is missing or does not lie inside the profile. */
static const uint8_t *find_tag(size_t *size, const uint8_t *icc, size_t icc_size, const char *name, size_t least)
{
    const uint32_t count = big_endian(icc + HEADER);
    for (size_t at = HEADER + 4, i = 0; i < count && icc_size - at >= TAG; i++, at += TAG) {
        if (memcmp(icc + at, name, 4) != 0)
            continue;
        const size_t offset = big_endian(icc + at + 4);
        *size = big_endian(icc + at + 8);
        const int lies_inside = offset <= icc_size && *size <= icc_size - offset && *size >= least;
        return lies_inside ? icc + offset : NULL;
    }
    return NULL;
}

/* Y = a function of five kinds in g, a, b, c, d, e, f, of which kind k has the first `numbers[k]`. */
static double parametric(const double p[7], int kind, double x)
{
    const double g = p[0], a = p[1], b = p[2], c = p[3], d = p[4], e = p[5], f = p[6];
    switch (kind) {
    case 0: return pow(x, g);
    case 1: return a * x + b >= 0 ? pow(a * x + b, g) : 0;
    case 2: return a * x + b >= 0 ? pow(a * x + b, g) + c : c;
    case 3: return x >= d ? pow(a * x + b, g) : c * x;
    default: return x >= d ? pow(a * x + b, g) + e : c * x + f;
    }
}

/* The light of 0 to 255 by a curve tag; 0 where it is of another kind or cut. */
static int read_curve(int32_t light[256], const uint8_t *tag, size_t size)
{
    static const int numbers[5] = {1, 3, 4, 5, 7};
    const int is_table = !memcmp(tag, "curv", 4), is_formula = !memcmp(tag, "para", 4);
    const uint32_t count = big_endian(tag + 8), kind = count >> 16;
    double p[7] = {1};
    if (is_table ? count > (size - 12) / 2
                 : !is_formula || kind >= 5 || size < 12 + 4 * (size_t)numbers[kind < 5 ? kind : 0])
        return 0;
    if (is_table && count == 1)
        p[0] = (tag[12] << 8 | tag[13]) / 256.0;
    for (int i = 0; is_formula && i < numbers[kind]; i++)
        p[i] = fixed(tag + 12 + 4 * i);
    for (int v = 0; v < 256; v++) {
        double y;
        if (is_table && count > 1) {
            const double at = v / 255.0 * (count - 1);
            const uint32_t i = at < count - 1 ? (uint32_t)at : count - 2;
            const uint8_t *low = tag + 12 + 2 * (size_t)i;
            y = ((low[0] << 8 | low[1]) * (i + 1 - at) + (low[2] << 8 | low[3]) * (at - i)) / 65535;
        } else
            y = parametric(p, is_table ? 0 : (int)kind, v / 255.0);
        light[v] = y > 0 ? (y < 1 ? (int32_t)(y * ONE + .5) : ONE) : 0; /* a NaN is 0 */
    }
    return 1;
}

static int read_transform(transform *t, const uint8_t *icc, size_t icc_size)
{
    static const char *const primaries[CHANNELS] = {"rXYZ", "gXYZ", "bXYZ"}, *const curves[] = {"rTRC", "gTRC", "bTRC"};
    if (icc_size < HEADER + 4 || memcmp(icc + 16, "RGB XYZ ", 8) != 0 || memcmp(icc + 36, "acsp", 4) != 0)
        return 0;
    size_t size;
    for (int c = 0; c < CHANNELS; c++) {
        const uint8_t *curve = find_tag(&size, icc, icc_size, curves[c], 14);
        if (!curve || !read_curve(t->light[c], curve, size))
            return 0;
        const uint8_t *xyz = find_tag(&size, icc, icc_size, primaries[c], 20);
        if (!xyz || memcmp(xyz, "XYZ ", 4) != 0)
            return 0;
        for (int row = 0; row < CHANNELS; row++) {
            double sum = 0;
            for (int k = 0; k < 3; k++)
                sum += to_linear_srgb[row][k] * fixed(xyz + 8 + 4 * k);
            t->matrix[row][c] = (int64_t)(sum * (1 << MATRIX_BITS));
        }
    }
    for (int i = 0; i <= ONE; i++) {
        const double y = (double)i / ONE;
        t->encoded[i] = (uint8_t)(255 * (y <= .0031308 ? 12.92 * y : 1.055 * pow(y, 1 / 2.4) - .055) + .5);
    }
    return 1;
}

/* ---- using it ------------------------------------------------------------------------------------- */

static void convert(uint8_t out[CHANNELS], const transform *t, const uint8_t in[CHANNELS])
{
    int64_t light[CHANNELS];
    for (int c = 0; c < CHANNELS; c++)
        light[c] = t->light[c][in[c]];
    for (int row = 0; row < CHANNELS; row++) {
        const int64_t *m = t->matrix[row];
        const int64_t y = m[0] * light[0] + m[1] * light[1] + m[2] * light[2] + (1 << (MATRIX_BITS - 1));
        out[row] = t->encoded[y <= 0 ? 0 : y >> MATRIX_BITS > ONE ? ONE : y >> MATRIX_BITS];
    }
}

/* No colour of a coarse grid moves by more than a step. */
static int is_srgb(const transform *t)
{
    for (int i = 0; i < 18 * 18 * 18; i++) {
        const uint8_t in[CHANNELS] = {(uint8_t)(i % 18 * 15), (uint8_t)(i / 18 % 18 * 15), (uint8_t)(i / 324 * 15)};
        uint8_t out[CHANNELS];
        convert(out, t, in);
        for (int c = 0; c < CHANNELS; c++)
            if (abs(out[c] - in[c]) > 1)
                return 0;
    }
    return 1;
}

int profile_to_srgb(uint8_t *rgba, size_t pixels, const uint8_t *icc, size_t icc_size)
{
    transform *t = malloc(sizeof *t);
    if (!t)
        return 0;
    if (read_transform(t, icc, icc_size) && !is_srgb(t))
        for (size_t p = 0; p < pixels; p++) {
            uint8_t out[CHANNELS];
            convert(out, t, rgba + 4 * p);
            memcpy(rgba + 4 * p, out, CHANNELS);
        }
    free(t);
    return 1;
}
