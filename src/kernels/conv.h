/* SPDX-License-Identifier: MIT
 *
 * The network's operators on maps [height][width][channels]: 3x3 convolution (stride 1, zero padding) with bias and
 * ReLU, 2x2 max pooling (floor), and their exact adjoints. Weights are frozen, so nothing but signs is kept for the way
 * back: `sign` holds a byte per four channels (bit c set where output channel 4 q + c is positive), `argmax` a byte per
 * four channels (which of the window's pixels 00 01 10 11 won, the first one on ties, the last that is not a number;
 * two bits per channel, laid out in maxpool.c). Channels are multiples of 16 but for the first layer's three input
 * channels. A map may have any size and may be empty. conv_reference.c has the plain loops that define what is correct.
 */
#ifndef CONV_H
#define CONV_H

#include <stddef.h>
#include <stdint.h>
#include "base/threads.h"

/* A layer's filters as Winograd F(4x4,3x3) wants them (layout: winograd_tiles.h), one copy for both directions. */
size_t conv_filter_floats(int cin, int cout);
/* filters: OIHW [cout][cin][3][3]; writes conv_filter_floats(cin, cout) floats. */
void conv_filter_transform(threads *threads, float *U, const float *filters, int cin, int cout);

size_t conv_scratch_floats(int height, int width, int cin, int cout, int workers);

/* out[h][w][cout] = relu(in * filters + bias), where what is not a number stays so; sign (may be NULL) gets
 * h * w * cout / 4 bytes. */
void conv_forward(threads *threads, float *out, uint8_t *sign, const float *in, const float *U, const float *bias,
                  int height, int width, int cin, int cout, float *scratch);
/* din = conv^T (dout where sign is set). Overwrites din. dout is left as it is. */
void conv_backward(threads *threads, float *din, const float *dout, const uint8_t *sign, const float *U,
                   int height, int width, int cin, int cout, float *scratch);

/* The first layer, on the image: in [h][w][3], filters [64][3][3][3] OIHW, direct. Padding is zero *after* the input's
 * normalisation z = (rgb - mean) / 0.226, which the caller has applied. */
void conv_first_forward(threads *threads, float *out, uint8_t *sign, const float *in, const float *filters,
                        const float *bias, int height, int width);
void conv_first_backward(threads *threads, float *din, const float *dout, const uint8_t *sign, const float *filters,
                         int height, int width);

/* out[h/2][w/2][c]; argmax (may be NULL) gets (h/2) * (w/2) * c / 4 bytes. Backward overwrites din[h][w][c]. */
void maxpool_forward(threads *threads, float *out, uint8_t *argmax, const float *in,
                     int height, int width, int channels);
void maxpool_backward(threads *threads, float *din, const float *dout, const uint8_t *argmax,
                      int height, int width, int channels);

/* The definition of correct, for tests only: filters OIHW, signs and winners a byte a channel. */
void conv_reference_forward(float *out, uint8_t *positive, const float *in, const float *filters, const float *bias,
                            int height, int width, int cin, int cout);
void conv_reference_backward(float *din, const float *dout, const uint8_t *positive, const float *filters,
                             int height, int width, int cin, int cout);
void maxpool_reference_forward(float *out, uint8_t *winner, const float *in, int height, int width, int channels);
void maxpool_reference_backward(float *din, const float *dout, const uint8_t *winner,
                                int height, int width, int channels);

#endif
