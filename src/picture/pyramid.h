/* SPDX-License-Identifier: MIT
 *
 * Laplacian pyramid of five bands and a residual (the paper's Implementation Details): band = t - up(down(t)), t =
 * down(t), sizes floor-halved, never below 1. The image is folded from coarse to fine. Coefficients lie one level after
 * another in one vector, finest first, [h][w][3] each.
 */
#ifndef PYRAMID_H
#define PYRAMID_H

#include <stddef.h>

enum { PYRAMID_LEVELS = 6 }; /* five bands and the residual */

size_t pyramid_floats(int height, int width);              /* of all levels together */
size_t pyramid_level_floats(int height, int width, int level); /* levels lie one behind the other, finest first */
size_t pyramid_scratch_floats(int height, int width);
void pyramid_split(float *levels, const float *image, int height, int width);
void pyramid_fold(float *image, const float *levels, int height, int width, float *scratch);
/* dlevels = fold^T dimage, overwritten. */
void pyramid_fold_backward(float *dlevels, const float *dimage, int height, int width);
/* The finest band alone: image - up(down(image)). */
void pyramid_finest_band(float *band, const float *image, int height, int width, float *scratch);

#endif
