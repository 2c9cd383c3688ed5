/* SPDX-License-Identifier: MIT
 *
 * The steps of a 3x3 convolution by Winograd's F(4x4,3x3), each on some tiles of a block and some channels, and their
 * exact transposes. A tile is 4x4 outputs and reads a window of 6x6 inputs d; e counts the 36 elements of a transformed
 * window:
 *
 *   forward   V = B^T d B       M_e[tile][cout] = V_e[tile][cin] U_e[cin][cout]       out = relu(A^T M A + bias)
 *   backward  dM = A dout A^T   dV_e[tile][cin] = dM_e[tile][cout] U_e[cin][cout]^T   din = B dV B^T, windows added up
 *
 *   U  [36][cout/16][cin][16]   panels (gemm_kernels.h) that both directions read
 *   V  [36][plane]              a plane is [tiles of the block][channels] and a cache line more, so that the planes
 *   M  [36][plane]              do not fall on one another in the cache
 */
#ifndef WINOGRAD_TILES_H
#define WINOGRAD_TILES_H

#include <stddef.h>
#include <stdint.h>

enum { WINOGRAD_ELEMENTS = 36, WINOGRAD_LINE = 16 /* floats of a cache line */ };

typedef struct winograd_layer {
    int height, width, cin, cout;
    int rows, columns;     /* of tiles, in row-major order */
    const float *U, *bias; /* bias: forward */
    const float *in;       /* backward: dout */
    float *out;            /* backward: din */
    uint8_t *sign;         /* forward: to be written, or NULL */
    const uint8_t *signs;  /* backward: to be read, or NULL */
    const float *zeros;    /* as many as the wider side has channels: a pixel outside the map */
} winograd_layer;

/* Tiles first to first + count - 1 of the map; room for so many. Steps number tiles from the block's first. */
typedef struct winograd_block {
    float *V, *M;
    int room, first, count;
} winograd_block;

size_t winograd_block_floats(int room, int cin, int cout);
winograd_block winograd_block_in(float *memory, int room, int cin);

/* One panel of U: 16 output channels. */
void winograd_filters(float *U, const float *filters, int panel, int cin, int cout);

typedef void winograd_transform(const winograd_layer *l, const winograd_block *b, int tile, int tile_end,
                                int channel, int channel_end);
typedef void winograd_product(const winograd_layer *l, const winograd_block *b, int element,
                              int channel, int channel_end);

winograd_transform winograd_tiles_input, winograd_tiles_output, winograd_tiles_output_transposed;
winograd_product winograd_tiles_product, winograd_tiles_product_transposed;

/* Windows overlap by two rows and columns. Tiles come in order, so a window's first two columns were written before by
 * the tile to its left; its first two rows by the tile above, in tile rows from `upper` on; its last two rows by the
 * tile below, in tile rows from `lower` on. There it adds, elsewhere it is the first and overwrites. */
void winograd_tiles_input_transposed(const winograd_layer *l, const winograd_block *b, int tile, int tile_end,
                                     int channel, int channel_end, int upper, int lower);

#endif
