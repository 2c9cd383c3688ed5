/* SPDX-License-Identifier: MIT
 *
 * Resizing of [height][width][channels] pictures. Bilinear with half-pixel centres (align_corners = false), without
 * antialiasing, and its adjoint: the pyramid's up and down. Antialiased (triangle filter widened by the scale, as
 * PyTorch's antialias=True) for pictures entering a scale. Nearest neighbour for labels.
 */
#ifndef RESIZE_H
#define RESIZE_H

#include <stdint.h>
#include "strotss.h"

/* out[h][w][channels] = resized in[ih][iw][channels]; accumulate 1 adds to out, -1 subtracts from it. */
void resize_bilinear(float *out, int height, int width, const float *in, int in_height, int in_width, int channels,
                     int accumulate);
/* din += resize^T dout. */
void resize_bilinear_adjoint(float *din, int in_height, int in_width, const float *dout, int height, int width,
                             int channels);

/* rgb[h][w][3] in [0,1] (and alpha[h][w] if not NULL) from 8-bit rgba. Colours are weighted by alpha: what
 * is wholly transparent has no influence, and where nothing is seen there is the mean colour of what is.
 * scratch: resize_scratch_floats floats. */
size_t resize_scratch_floats(int height, int width, int in_height, int in_width);
void resize_antialiased(float *rgb, float *alpha, int height, int width, const strotss_image *in, float *scratch);

/* The label at each output pixel's centre. */
void resize_labels(uint8_t *out, int height, int width, const uint8_t *in, int in_height, int in_width);

/* The size with long side `size`, the aspect kept, no side below STROTSS_MIN_SIDE: round to nearest. */
void resize_fit(int *height, int *width, int in_height, int in_width, int size);

#endif
