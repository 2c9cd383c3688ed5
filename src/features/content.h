/* SPDX-License-Identifier: MIT
 *
 * The content picture's hypercolumns at every candidate position of the current draw. Levels whose map is no
 * larger than the number of candidates are kept whole, once a scale; the others are gathered anew with every draw,
 * so that memory is bounded by the candidates and not by the picture.
 */
#ifndef CONTENT_H
#define CONTENT_H

#include "base/exec.h"
#include "features/hypercolumn.h"

typedef struct content {
    columns kept;   /* at the candidates */
    position *at;   /* [count] the candidates, filled by the caller */
    int count;
    int draw;       /* which draw they are of, -1 before the first */
    int whole[VGG16_LEVELS]; /* the level's map is in kept already */
} content;

void content_layout(content *c, arena *arena, int height, int width, int room);
/* Forward pass of the content image [height][width][3] after `at` and `count` have changed; only as deep as needed. */
void content_extract(content *c, const vgg16 *net, const exec *exec, const float *image, int height, int width);
/* Columns of n of the candidates: out has been placed (columns_place) at at[index[i]].
 * Shares the kept maps where it can. */
void content_select(columns *out, const content *c, const int32_t *index);

#endif
