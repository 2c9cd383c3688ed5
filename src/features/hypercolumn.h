/* SPDX-License-Identifier: MIT
 *
 * Hypercolumns in factored form (the paper's Feature Extraction). The ten taps lie on five levels, level k halved k
 * times; the taps of a level share positions, so a level's columns are one matrix X_k[n][channels_k] with the gains
 * applied. A level's sampled columns are few distinct vectors, mixed: X_k = B_k Z_k.
 *
 *   Z_k[rows][stride]  the basis: either all positions of a small map (rows = height * width < n), or X_k itself
 *                      (rows = n)
 *   B_k                four taps a sample (bilinear), or the identity (tap NULL)
 *
 * Bilinear weights sum to 1. The losses work on Z_k and B_k and never on a 2179-wide matrix more than they must.
 * A row's stride is its channels rounded up to 4, the padding being zero: 132, 256, 768, 512, 512 (sum 2180).
 * A picture less than 2^k pixels high or wide has no map at level k: its columns are zero there.
 */
#ifndef HYPERCOLUMN_H
#define HYPERCOLUMN_H

#include <stdint.h>
#include "base/arena.h"
#include "network/vgg16.h"

enum { HYPERCOLUMN_STRIDE = 2180 };          /* all levels side by side, level k at level_offset[k] */
extern const int level_stride[VGG16_LEVELS]; /* 132, 256, 768, 512, 512 */
extern const int level_offset[VGG16_LEVELS]; /* 0, 132, 388, 1156, 1668 */

typedef struct position { int32_t y, x; } position; /* pixel of the full-size image */

typedef struct column_level {
    int height, width;     /* of this level's map */
    int rows;              /* of z; never more for fewer columns */
    float *z;              /* [rows][level_stride] */
    int32_t (*tap)[4];     /* [n][4]: rows of z, NULL for the identity */
    float (*weight)[4];    /* [n][4] */
    int32_t *first;        /* [rows + 1] B_k by rows of z: row r's samples are sample[first[r]] up to first[r + 1] */
    int32_t *sample;       /* [4 n] */
    float *share;          /* [4 n] their weights, none zero */
    int32_t (*tap_room)[4]; /* tap, while it is not NULL */
} column_level;

/* n output (or content) columns. */
typedef struct columns { int n; column_level level[VGG16_LEVELS]; } columns;

/* Rows of a level's map that the sample at `at` mixes, and their weights; height and width are the map's, 1 or more. */
void hypercolumn_taps(int32_t tap[4], float weight[4], position at, int level, int height, int width);

/* Room for up to n columns of an image height x width. */
void columns_layout(columns *c, arena *arena, int height, int width, int n);
/* Fixes the sampled positions (count <= n of the layout): decides per level between basis and identity and fills B. */
void columns_place(columns *c, const position *at, int count, int height, int width);
/* Gathers rows of tap's map into z, gains applied; the first rows begin it anew. */
void columns_gather(columns *c, const position *at, int tap, const float *map, vgg16_rows rows);
/* The adjoint: dmap += d z / d map ^T dz at these rows; dz has the shapes of c's z, one matrix per level. */
void columns_scatter(float *dmap, const columns *c, float *const dz[VGG16_LEVELS], const position *at, int tap,
                     vgg16_rows rows);

/* Whole hypercolumns of single pixels, no factors and no padding: a row holds the taps' channels one after another. */
typedef struct pixels {
    float *columns;     /* rows of STROTSS_HYPERCOLUMN numbers */
    const position *at; /* [count] */
    const int32_t *row; /* [count] pixel i's row */
    int count;
} pixels;
/* Gathers rows of tap's map, gains applied when the last have come. */
void pixels_gather(const pixels *pixels, int tap, const float *map, vgg16_rows rows);

/* out[n][ldo] = B_k in[rows][ldi], `width` columns of any kind; accumulate adds. */
void columns_expand(threads *threads, float *out, int ldo, const float *in, int ldi, const columns *c, int level,
                    int width, int accumulate);
/* The adjoint: din[rows][ldi] (+)= B_k^T dout[n][ldo]. */
void columns_contract(threads *threads, float *din, int ldi, const float *dout, int ldo, const columns *c, int level,
                      int width, int accumulate);

#endif
