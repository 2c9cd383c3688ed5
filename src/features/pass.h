/* SPDX-License-Identifier: MIT
 *
 * One pass of a picture [height][width][3] through the network: these rows of these taps at these positions, with the
 * taps' gains, and the way back. What is looked at is listed beforehand, so that a pass is a whole and nobody outside
 * sees a map. The network goes no deeper than the gathers need. A tap that has no map, as the deep ones of a small
 * picture, is left out: what it would have filled stays as it was.
 */
#ifndef PASS_H
#define PASS_H

#include "base/exec.h"
#include "features/style.h"

typedef enum gather_kind { GATHER_COLUMNS, GATHER_STYLE, GATHER_PIXELS } gather_kind;
typedef struct gather {
    gather_kind kind;
    union {
        columns *columns;     /* bilinear samples, placed (columns_place) at `at` */
        style *style;         /* nearest pixels, placed (style_place) */
        const pixels *pixels; /* bilinear samples, each a whole hypercolumn */
    };
    const position *at;       /* of columns */
    const int *kept;          /* [VGG16_LEVELS] of columns: the level is there already; NULL: none is */
} gather;

typedef struct pass {
    const float *image;
    int height, width;
    vgg16_trace *trace;      /* NULL: no way back */
    const gather *gathers;
    int count;
} pass;

/* Each takes vgg16_scratch_bytes() from the scratch. */
void pass_forward(const pass *pass, const vgg16 *net, const exec *exec);
/* Overwrites dimage [height][width][3]. Every gather is of columns, whose z holds the gradient towards z. */
void pass_backward(float *dimage, const pass *pass, const vgg16 *net, const exec *exec);

#endif
