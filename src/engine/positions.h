/* SPDX-License-Identifier: MIT
 *
 * Which pixels the losses look at (method.md section 7 and 9). Output and content: a grid of stride max(1, ceil(sqrt(HW) / 128)) with a random offset, shuffled, (y, x) drawn
 * together, restricted to a region's label. Style: draws of up to 1000 pixels without replacement inside the label's region.
 */
#ifndef POSITIONS_H
#define POSITIONS_H

#include <stdint.h>
#include "hypercolumn.h"
#include "rng.h"

enum { POSITIONS_PER_ITERATION = 1024, POSITIONS_REGION_FLOOR = 64 };

int positions_stride(int height, int width);
/* Up to `count` grid positions (all of the grid when it has fewer) whose label is in `wanted` (256 flags; labels NULL: everywhere); sampled with replacement when the region has fewer than
 * POSITIONS_REGION_FLOOR grid points, falling back to the region's pixels off the grid when the grid misses it. Returns how many were written.
 * scratch: height * width positions. */
int positions_draw(position *out, int count, rng *r, int height, int width, int stride, int offset_y, int offset_x,
                   const uint8_t *labels, const uint8_t *wanted, position *scratch);
/* draws * min(1000, pixels) style positions. */
int positions_draw_style(position *out, int draws, int per_draw, rng *r, int height, int width,
                         const uint8_t *labels, const uint8_t *wanted, position *scratch);

#endif
