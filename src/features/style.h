/* SPDX-License-Identifier: MIT
 *
 * The style's hypercolumns for one scale and everything about them that stays constant: distinct vectors a level
 * (style positions are taken by nearest index, so pixels share their deep vectors), multiplicities of repeated draws,
 * norms, mean and covariance. Level k's distinct vector u belongs to parent[k][u] of level k + 1 (halving nests), and
 * vectors stand in the order of their parents: what descends from one vector is one stretch at every finer level.
 */
#ifndef STYLE_H
#define STYLE_H

#include "features/hypercolumn.h"

/* A covariance matrix [2180][2180] as panels of its upper triangle: panel p holds columns first to end - 1, all of one
 * level, and rows 0 to end - 1: [end][end - first], one panel after another. */
enum { MOMENT_PANELS = 9, MOMENT_PANEL_WIDTH = 256 };
typedef struct moment_panel { int level, first, end; } moment_panel;
extern const moment_panel moment_panels[MOMENT_PANELS];
size_t moment_covariance_floats(void);

/* The rotation of rgb that sets grey apart: the palette is compared after it. */
extern const float palette_rotation[3][3];

typedef struct style {
    int height, width;                /* of the style image */
    int draws;                        /* m: all draws, repeats counted */
    int distinct[VGG16_LEVELS];       /* U_k */
    float *y[VGG16_LEVELS];           /* [U_k][level_stride] */
    int32_t *where[VGG16_LEVELS];     /* [U_k] index y * width + x in level k's map */
    int32_t *parent[VGG16_LEVELS];    /* [U_k], none at the last level */
    float *count;                     /* [U_0] how often each distinct pixel was drawn */
    float *norm;                      /* [U_0] |B_j| over all 2179 */
    float *mean;                      /* [HYPERCOLUMN_STRIDE] */
    float *covariance;                /* the panels, one after another */
    int shares_covariance;            /* its room serves other styles too */
    float *palette;                   /* [3][U_0] rotated rgb */
} style;

enum { STYLE_DRAWS = 5, STYLE_DRAW_SIZE = 1000 };

/* shared: where the covariance lies, or NULL for room of its own. */
void style_layout(style *s, arena *arena, int height, int width, int draws, float *const *shared);
/* Finds the distinct vectors of `draws` positions; draws may be 0. */
void style_place(style *s, const position *at, int draws, int height, int width);
/* Takes over tap's map, gains applied. */
void style_gather(style *s, int tap, const float *map, vgg16_rows rows);
/* Norms, mean, covariance, palette, once all taps are gathered; draws must not be 0. A covariance that shares its room
 * is left out: style_covariance before each use. Scratch: style_scratch_bytes(). */
size_t style_scratch_bytes(int draws, int workers);
void style_finish(style *s, const exec *exec);
void style_covariance(const style *s, const exec *exec);

#endif
