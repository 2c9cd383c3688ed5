/* SPDX-License-Identifier: MIT
 *
 * The definition of correct for the operators of conv.h: plain loops, summed in double. Signs and winners take
 * one byte per channel, and the filters are OIHW as stored. This file is built into tests only.
 *
 *   out[y][x][o] = max(0, bias[o] + sum over i, ky, kx of in[y + ky - 1][x + kx - 1][i] filters[o][i][ky][kx])
 *   din[y][x][i] = sum over o, ky, kx, where out is positive, of dout[y - ky + 1][x - kx + 1][o] filters[o][i][ky][kx]
 */
#include "kernels/conv.h"

static int inside(int y, int x, int height, int width)
{
    return y >= 0 && y < height && x >= 0 && x < width;
}

void conv_reference_forward(float *out, uint8_t *positive, const float *in, const float *filters, const float *bias,
                            int height, int width, int cin, int cout)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int o = 0; o < cout; o++) {
                double sum = bias[o];
                for (int ky = 0; ky < 3; ky++)
                    for (int kx = 0; kx < 3; kx++) {
                        if (!inside(y + ky - 1, x + kx - 1, height, width))
                            continue;
                        const float *pixel = in + ((size_t)(y + ky - 1) * width + (x + kx - 1)) * cin;
                        for (int i = 0; i < cin; i++)
                            sum += (double)pixel[i] * filters[((size_t)o * cin + i) * 9 + 3 * ky + kx];
                    }
                const size_t at = ((size_t)y * width + x) * cout + o;
                out[at] = sum < 0 ? 0 : (float)sum;
                positive[at] = sum > 0;
            }
}

void conv_reference_backward(float *din, const float *dout, const uint8_t *positive, const float *filters,
                             int height, int width, int cin, int cout)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int i = 0; i < cin; i++) {
                double sum = 0;
                for (int ky = 0; ky < 3; ky++)
                    for (int kx = 0; kx < 3; kx++) {
                        if (!inside(y - ky + 1, x - kx + 1, height, width))
                            continue;
                        const size_t pixel = ((size_t)(y - ky + 1) * width + (x - kx + 1)) * cout;
                        for (int o = 0; o < cout; o++)
                            if (!positive || positive[pixel + o])
                                sum += (double)dout[pixel + o] * filters[((size_t)o * cin + i) * 9 + 3 * ky + kx];
                    }
                din[((size_t)y * width + x) * cin + i] = (float)sum;
            }
}

/* winner[y][x][c]: 2 * row + column in the window, the first of equals. */
void maxpool_reference_forward(float *out, uint8_t *winner, const float *in, int height, int width, int channels)
{
    for (int y = 0; y < height / 2; y++)
        for (int x = 0; x < width / 2; x++)
            for (int c = 0; c < channels; c++) {
                const size_t at = ((size_t)y * (width / 2) + x) * channels + c;
                winner[at] = 0;
                for (int k = 0; k < 4; k++) {
                    const float value = in[((size_t)(2 * y + k / 2) * width + (2 * x + k % 2)) * channels + c];
                    if (k == 0 || value > out[at] || value != value) {
                        out[at] = value;
                        winner[at] = (uint8_t)k;
                    }
                }
            }
}

void maxpool_reference_backward(float *din, const float *dout, const uint8_t *winner,
                                int height, int width, int channels)
{
    for (size_t i = 0; i < (size_t)height * width * channels; i++)
        din[i] = 0;
    for (int y = 0; y < height / 2; y++)
        for (int x = 0; x < width / 2; x++)
            for (int c = 0; c < channels; c++) {
                const size_t at = ((size_t)y * (width / 2) + x) * channels + c;
                din[((size_t)(2 * y + winner[at] / 2) * width + (2 * x + winner[at] % 2)) * channels + c] = dout[at];
            }
}
