/* SPDX-License-Identifier: MIT
 *
 * Which pixels the losses look at (the paper's Implementation Details and User Control). Output and content: a random
 * pixel of every square cell of stride max(1, ceil(sqrt(HW) / 128)), restricted to a region's labels; the style: draws
 * without replacement inside the region, of what is not transparent. A region they hardly meet is looked at pixel by
 * pixel, so that none is lost, however small. (The published code moves one grid of that stride as a whole: in a run of
 * few iterations its pixels stand out as a texture of that period.)
 */
#ifndef POSITIONS_H
#define POSITIONS_H

#include <stdint.h>
#include "features/hypercolumn.h"
#include "base/rng.h"

enum {
    POSITIONS_PER_ITERATION = 1024,
    POSITIONS_REGION_FLOOR = 64,   /* fewest positions a region is given */
    POSITIONS_OFF_GRID = 1024      /* most pixels taken of a region with fewer than the floor */
};

/* 3 x 3 pixels around the place (y, x), which is in shares of the sides: 1 % of the long side apart, held inside. */
enum { POSITIONS_PER_POINT = 9 };
void positions_around(position out[POSITIONS_PER_POINT], double y, double x, int height, int width);

int positions_stride(int height, int width);

/* Room that positions_candidates needs for `regions` disjoint regions together. */
int positions_candidates_room(int height, int width, int regions);

/* Of the pixels that r draws, one a cell, row by row of cells, those whose label is flagged in wanted[256];
 * labels[height][width] may be NULL: everywhere. The same r gives disjoint regions parts of the same draw. Where these
 * are fewer than POSITIONS_REGION_FLOOR: the region's own pixels, row-major, thinned evenly to POSITIONS_OFF_GRID.
 * Returns how many, 0 for an empty region. */
int positions_candidates(position *out, int height, int width, rng r, const uint8_t *labels, const uint8_t *wanted);

/* index[count] into `candidates` candidates: shuffled without replacement when there are enough, with
 * replacement otherwise. scratch[candidates]. */
void positions_pick(int32_t *index, int count, rng *r, int candidates, int32_t *scratch);

/* The region's pixels that are seen: of at least half alpha, or, where that is none, of its largest; none where all are
 * wholly transparent. alpha[count] in [0,1]. Returns how many; out[count]. */
int positions_seen(int32_t *out, size_t count, const float *alpha, const uint8_t *labels, const uint8_t *wanted);

/* STYLE_DRAWS-like repeated draws: draws times min(per_draw, seen pixels of the region) pixels, without replacement
 * within a draw. Returns how many in all. scratch[height * width]. */
int positions_draw_style(position *out, int draws, int per_draw, rng *r, int height, int width, const float *alpha,
                         const uint8_t *labels, const uint8_t *wanted, int32_t *scratch);

#endif
