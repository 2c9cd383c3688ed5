/* SPDX-License-Identifier: MIT
 *
 * What objective.c and the loss_*.c share. Each loss returns its term and, with dz not NULL, adds factor * d term / d
 * Z_k to dz[k] (the shapes of x's z). Content and REMD look at the output through dot products of its columns: their
 * gradients flow back through the Gram matrix together,
 *
 *     G = X X^T [n][n],   Q symmetric [n][n] with dX = Q X,   dZ_k += B_k^T Q B_k Z_k.
 *
 * Each loss's _scratch plans what its call takes from the arena and gives back.
 */
#ifndef LOSS_TERMS_H
#define LOSS_TERMS_H

#include "loss.h"

/* ---- gram.c: G and the way back through Q ------------------------------------------------------ */

void gram_scratch(arena *plan, int n, int workers);
/* inverse[n] = 1 / |X_i|, 0 for a zero column. */
void gram_inverse_norms(float *inverse, const float *g, int n);
void gram_forward(float *g, const columns *x, threads *threads, arena *scratch);
void gram_backward(float *const dz[VGG16_LEVELS], const float *q, const columns *x, threads *threads, arena *scratch);

/* ---- matches.c: both sides' nearest neighbours, of REMD and palette ------------------------------- */

enum { MATCH_STRIPE = 256 }; /* style columns a chunk looks at */

/* Costs C_ij of n output columns and m style columns arrive by stripes of MATCH_STRIPE columns, row after row. */
typedef struct matches {
    int n, m, stripes;
    float *row_cost;         /* [stripes][n] lowest so far */
    int32_t *row_winner;     /* [stripes][n] its column */
    float *column_cost;      /* [stripes * MATCH_STRIPE] */
    int32_t *column_winner;
    /* matches_finish: */
    double x_to_style, style_to_x; /* mean over rows, weighted mean over columns */
    int pairs;                     /* winning pairs of the larger side: n or m */
    int32_t *row, *column;         /* [pairs] */
    float *weight, *cost;          /* [pairs] share of the mean, C_ij */
} matches;

void matches_layout(matches *matches, arena *arena, int n, int m);
/* cost[MATCH_STRIPE]: row i's costs in a stripe; entries past m are ignored. Rows of a stripe come in order; stripes
 * may run in parallel. The lowest index wins a tie. */
void matches_row(matches *matches, int i, int stripe, float *cost);
/* weight[m] of the columns, adding up to total. */
void matches_finish(matches *matches, const float *weight, double total);

/* ---- the terms ----------------------------------------------------------------------------------- */

/* q: G on entry; on return factor * d l_C / d G as Q if `backward`, else undefined. inverse_norm[n] as from
 * gram_inverse_norms. */
void content_scratch(arena *plan, int n, int workers);
double loss_content(float *q, const float *inverse_norm, const columns *c, float factor, int backward, threads *threads,
                    arena *scratch);

/* Fills remd, remd_x_to_style and remd_style_to_x. Adds to dz directly and to q's diagonal. */
void remd_scratch(arena *plan, int n, int draws, int workers);
void loss_remd(strotss_terms *terms, float *const dz[VGG16_LEVELS], float *q, const float *inverse_norm,
               const columns *x, const style *s, float factor, threads *threads, arena *scratch);

/* Fills moment, moment_mean and moment_cov. */
void moment_scratch(arena *plan, int n, int workers);
void loss_moment(strotss_terms *terms, float *const dz[VGG16_LEVELS], const columns *x, const style *s, float factor,
                 threads *threads, arena *scratch);

void palette_scratch(arena *plan, int n, int draws);
double loss_palette(float *const dz[VGG16_LEVELS], const columns *x, const style *s, float factor, threads *threads,
                    arena *scratch);

/* The colour rotation of method.md section 4. */
extern const float palette_rotation[3][3];

/* A covariance matrix [2180][2180] as panels of its upper triangle: panel p holds columns first to end - 1, all of one
 * level, and rows 0 to end - 1: [end][end - first], one panel after another. */
enum { MOMENT_PANELS = 9, MOMENT_PANEL_WIDTH = 256 };
typedef struct moment_panel { int level, first, end; } moment_panel;
extern const moment_panel moment_panels[MOMENT_PANELS];
size_t moment_covariance_floats(void);

#endif
