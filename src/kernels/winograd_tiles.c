/* SPDX-License-Identifier: MIT
 *
 * See winograd_tiles.h.
 */
#include "kernels/winograd_tiles.h"

#include <string.h>

#include "base/sizes.h"
#include "kernels/gemm_kernels.h"
#include "kernels/winograd_transform.h"

static size_t plane(int tiles, int channels)
{
    return (size_t)tiles * channels + WINOGRAD_LINE;
}

size_t winograd_block_floats(int room, int cin, int cout)
{
    return WINOGRAD_ELEMENTS * (plane(room, cin) + plane(room, cout));
}

winograd_block winograd_block_in(float *memory, int room, int cin)
{
    return (winograd_block){.V = memory, .M = memory + WINOGRAD_ELEMENTS * plane(room, cin), .room = room};
}

/* ---- filters ----------------------------------------------------------------------------------------------------- */

void winograd_filters(float *U, const float *filters, int panel, int cin, int cout)
{
    const size_t of_output = (size_t)cin * 9;
    for (int i = 0; i < cin; i++) {
        float u[WINOGRAD_ELEMENTS][GEMM_PANEL];
        for (int o = 0; o < GEMM_PANEL; o += 4) {
            const float *g = filters + (size_t)(panel * GEMM_PANEL + o) * of_output + (size_t)i * 9;
            f32x4 half[6][3];
            for (int x = 0; x < 3; x++) {
                f32x4 column[3], transformed[6];
                for (int y = 0; y < 3; y++) {
                    const float *tap = g + 3 * y + x;
                    column[y] = (f32x4){tap[0], tap[of_output], tap[2 * of_output], tap[3 * of_output]};
                }
                winograd_filter(transformed, column);
                for (int y = 0; y < 6; y++)
                    half[y][x] = transformed[y];
            }
            for (int y = 0; y < 6; y++) {
                f32x4 row[6];
                winograd_filter(row, half[y]);
                for (int x = 0; x < 6; x++)
                    f32x4_store(&u[6 * y + x][o], row[x]);
            }
        }
        for (int e = 0; e < WINOGRAD_ELEMENTS; e++)
            memcpy(U + ((size_t)e * cout + panel * GEMM_PANEL) * cin + i * GEMM_PANEL, u[e], sizeof u[e]);
    }
}

/* ---- forward ----------------------------------------------------------------------------------------------------- */

void winograd_tiles_input(const winograd_layer *l, const winograd_block *b, int tile, int tile_end,
                          int channel, int channel_end)
{
    const size_t stride = plane(b->room, l->cin);
    for (; tile < tile_end; tile++) {
        const int top = (b->first + tile) / l->columns * 4 - 1, left = (b->first + tile) % l->columns * 4 - 1;
        const float *pixel[6][6];
        for (int y = 0; y < 6; y++)
            for (int x = 0; x < 6; x++) {
                const int inside = top + y >= 0 && top + y < l->height && left + x >= 0 && left + x < l->width;
                pixel[x][y] = inside ? l->in + ((size_t)(top + y) * l->width + (left + x)) * l->cin : l->zeros;
            }
        float *out = b->V + (size_t)tile * l->cin;
        for (int c = channel; c < channel_end; c += 4) {
            f32x4 half[6][6];
            for (int x = 0; x < 6; x++) {
                f32x4 column[6], transformed[6];
                for (int y = 0; y < 6; y++)
                    column[y] = f32x4_load(pixel[x][y] + c);
                winograd_input(transformed, column);
                for (int y = 0; y < 6; y++)
                    half[y][x] = transformed[y];
            }
            for (int y = 0; y < 6; y++) {
                f32x4 row[6];
                winograd_input(row, half[y]);
                for (int x = 0; x < 6; x++)
                    f32x4_store(out + (size_t)(6 * y + x) * stride + c, row[x]);
            }
        }
    }
}

void winograd_tiles_product(const winograd_layer *l, const winograd_block *b, int element, int channel, int channel_end)
{
    const float *V = b->V + (size_t)element * plane(b->room, l->cin);
    float *M = b->M + (size_t)element * plane(b->room, l->cout);
    const float *U = l->U + (size_t)element * l->cin * l->cout;
    for (int c = channel; c < channel_end; c += GEMM_PANEL)
        for (int k = 0; k < l->cin; k += GEMM_DEPTH)
            gemm_panel(M + c, l->cout, V + k, l->cin, U + (size_t)c * l->cin + (size_t)k * GEMM_PANEL, b->count,
                       at_most(l->cin - k, GEMM_DEPTH), k > 0);
}

void winograd_tiles_output(const winograd_layer *l, const winograd_block *b, int tile, int tile_end,
                           int channel, int channel_end)
{
    const size_t stride = plane(b->room, l->cout);
    for (; tile < tile_end; tile++) {
        const int top = (b->first + tile) / l->columns * 4, left = (b->first + tile) % l->columns * 4;
        const int rows = at_most(l->height - top, 4), columns = at_most(l->width - left, 4);
        const float *in = b->M + (size_t)tile * l->cout;
        for (int c = channel; c < channel_end; c += 4) {
            const f32x4 bias = f32x4_load(l->bias + c);
            f32x4 half[4][6];
            for (int x = 0; x < 6; x++) {
                f32x4 column[6], transformed[4];
                for (int y = 0; y < 6; y++)
                    column[y] = f32x4_load(in + (size_t)(6 * y + x) * stride + c);
                winograd_output(transformed, column);
                for (int y = 0; y < 4; y++)
                    half[y][x] = transformed[y];
            }
            for (int y = 0; y < rows; y++) {
                f32x4 row[4];
                winograd_output(row, half[y]);
                const size_t at = (((size_t)(top + y) * l->width + left) * l->cout + c);
                for (int x = 0; x < columns; x++) {
                    const f32x4 value = f32x4_max(f32x4_splat(0), row[x] + bias);
                    f32x4_store(l->out + at + (size_t)x * l->cout, value);
                    if (l->sign)
                        l->sign[(at + (size_t)x * l->cout) / 4] = (uint8_t)i32x4_bits(value > f32x4_splat(0));
                }
            }
        }
    }
}

/* ---- backward, each the transpose of one above ------------------------------------------------------------------- */

void winograd_tiles_output_transposed(const winograd_layer *l, const winograd_block *b, int tile, int tile_end,
                                      int channel, int channel_end)
{
    const size_t stride = plane(b->room, l->cout);
    const i32x4 bit = {1, 2, 4, 8};
    for (; tile < tile_end; tile++) {
        const int top = (b->first + tile) / l->columns * 4, left = (b->first + tile) % l->columns * 4;
        const float *pixel[4][4];
        const uint8_t *sign[4][4];
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 4; x++) {
                const int inside = top + y < l->height && left + x < l->width;
                const size_t at = inside ? ((size_t)(top + y) * l->width + (left + x)) * l->cout : 0;
                pixel[x][y] = inside ? l->in + at : l->zeros;
                sign[x][y] = l->signs ? l->signs + at / 4 : NULL;
            }
        float *out = b->M + (size_t)tile * l->cout;
        for (int c = channel; c < channel_end; c += 4) {
            f32x4 half[6][4];
            for (int x = 0; x < 4; x++) {
                f32x4 column[4], transformed[6];
                for (int y = 0; y < 4; y++) {
                    column[y] = f32x4_load(pixel[x][y] + c);
                    if (l->signs) {
                        const int32_t bits = sign[x][y][c / 4];
                        column[y] = (f32x4)((i32x4)column[y] & ((((i32x4){bits, bits, bits, bits}) & bit) == bit));
                    }
                }
                winograd_output_transposed(transformed, column);
                for (int y = 0; y < 6; y++)
                    half[y][x] = transformed[y];
            }
            for (int y = 0; y < 6; y++) {
                f32x4 row[6];
                winograd_output_transposed(row, half[y]);
                for (int x = 0; x < 6; x++)
                    f32x4_store(out + (size_t)(6 * y + x) * stride + c, row[x]);
            }
        }
    }
}

void winograd_tiles_product_transposed(const winograd_layer *l, const winograd_block *b, int element, int channel,
                                       int channel_end)
{
    float *V = b->V + (size_t)element * plane(b->room, l->cin);
    const float *M = b->M + (size_t)element * plane(b->room, l->cout);
    const float *U = l->U + (size_t)element * l->cin * l->cout;
    gemm_panel_transposed(V + channel, l->cin, M, l->cout, U + channel * GEMM_PANEL, (size_t)l->cin * GEMM_PANEL,
                          b->count, channel_end - channel, l->cout, 0);
}

void winograd_tiles_input_transposed(const winograd_layer *l, const winograd_block *b, int tile, int tile_end,
                                     int channel, int channel_end, int upper, int lower)
{
    const size_t stride = plane(b->room, l->cin);
    for (; tile < tile_end; tile++) {
        const int row_of_tile = (b->first + tile) / l->columns, column_of_tile = (b->first + tile) % l->columns;
        const int top = row_of_tile * 4 - 1, left = column_of_tile * 4 - 1;
        const float *in = b->V + (size_t)tile * l->cin;
        for (int c = channel; c < channel_end; c += 4) {
            f32x4 half[6][6];
            for (int x = 0; x < 6; x++) {
                f32x4 column[6], transformed[6];
                for (int y = 0; y < 6; y++)
                    column[y] = f32x4_load(in + (size_t)(6 * y + x) * stride + c);
                winograd_input_transposed(transformed, column);
                for (int y = 0; y < 6; y++)
                    half[y][x] = transformed[y];
            }
            for (int y = 0; y < 6; y++) {
                if (top + y < 0 || top + y >= l->height)
                    continue;
                const int row_written = (y < 2 && row_of_tile >= upper) || (y >= 4 && row_of_tile >= lower);
                f32x4 row[6];
                winograd_input_transposed(row, half[y]);
                float *out = l->out + ((ptrdiff_t)(top + y) * l->width + left) * l->cin + c;
                for (int x = 0; x < 6; x++, out += l->cin) {
                    if (left + x < 0 || left + x >= l->width)
                        continue;
                    const int written = row_written || (x < 2 && column_of_tile > 0);
                    f32x4_store(out, written ? f32x4_load(out) + row[x] : row[x]);
                }
            }
        }
    }
}
