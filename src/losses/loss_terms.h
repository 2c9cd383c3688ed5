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

#include "losses/objective.h"

/* ---- gram.c: G and the way back through Q ------------------------------------------------------ */

void gram_scratch(arena *plan, int n, int workers);
/* inverse[n] = 1 / |X_i|, 0 for a zero column. */
void gram_inverse_norms(float *inverse, const float *g, int n);
void gram_forward(float *g, const columns *x, threads *threads, arena *scratch);
void gram_backward(float *const dz[VGG16_LEVELS], const float *q, const columns *x, threads *threads, arena *scratch);

/* ---- similarity.c: distances D between one picture's own columns, for the content term --------------- */

typedef struct similarity {
    strotss_similarity kind;
    int n;
    float *square, *inverse; /* [n] |X_i|^2 and 1 / its root, 0 for a zero column */
    float *mean;             /* [n] of rows, for centring */
} similarity;

void similarity_layout(similarity *similarity, arena *arena, int n, strotss_similarity kind);
/* Prepares g [n][n] so that its rows can be turned to distances, in any order and side by side: similarity_row turns
 * row i from G to D and returns its sum. dd[n] = dl/dD_ij + dl/dD_ji turns it from D to Q, which similarity_end
 * completes once all rows are turned. */
void similarity_begin(similarity *similarity, float *g, threads *threads);
double similarity_row(float *row, const similarity *similarity, int i);
void similarity_row_backward(float *row, const float *dd, const similarity *similarity, int i);
void similarity_end(const similarity *similarity, float *q, threads *threads);

/* ---- dots.c: dot products of output columns i with the style's distinct ones u, by blocks of rows -------- */

enum { DOTS_BLOCK = 256 };

/* n: output columns; rows[k]: of the small maps' bases, 0 for the others; distinct[k]: style vectors. */
typedef struct dots_sizes { int n, rows[VGG16_LEVELS], distinct[VGG16_LEVELS]; } dots_sizes;

typedef struct dots {
    const columns *x;
    const style *s;
    float *product[VGG16_LEVELS]; /* [rows][U_k] Z_k Y_k^T of a small map */
    float *rows;                  /* [DOTS_BLOCK][U_0] the block's dots */
    float *coarse;                /* [DOTS_BLOCK][U_k] at the level above */
    int level, first, count;      /* which dots are being worked on: output rows first to first + count - 1 */
    const float *inverse_norm;    /* [n] 1 / |A_i|, 0 for a zero column */
    float *inverse_style;         /* [U_0] 1 / |B_u|, likewise */
    float *gemm;
} dots;

/* For up to n columns and `draws` style draws; of what is at hand. */
dots_sizes dots_sizes_at_most(int n, int draws);
dots_sizes dots_sizes_of(const columns *x, const style *s);
void dots_layout(dots *dots, arena *arena, const dots_sizes *sizes, int workers);
void dots_begin(dots *dots, const columns *x, const float *inverse_norm, const style *s, threads *threads);
/* Fills `rows` with the dots of output columns `first` and following. */
void dots_block(dots *dots, int first, threads *threads);
/* cost[count] = 1 - cos of the block's row i and of style vectors `first` and following. */
void dots_costs(float *cost, const dots *dots, int i, int first, int count);

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

/* q: G on entry; on return factor * d l_C / d G as Q if `backward`, else undefined. */
void content_scratch(arena *plan, int n, int workers);
double loss_content(float *q, const columns *c, strotss_similarity kind, float factor, int backward, threads *threads,
                    arena *scratch);

/* Fills remd, remd_x_to_style and remd_style_to_x. Adds to dz directly and to q's diagonal. */
void remd_scratch(arena *plan, int n, int draws, int workers);
void loss_remd(strotss_terms *terms, float *const dz[VGG16_LEVELS], float *q, const float *inverse_norm,
               const columns *x, const style *s, float factor, threads *threads, arena *scratch);

/* The same by entropic transport: all three are its value. */
void sinkhorn_scratch(arena *plan, int n, int draws, int workers);
void loss_sinkhorn(strotss_terms *terms, float *const dz[VGG16_LEVELS], float *q, const float *inverse_norm,
                   const columns *x, const style *s, float factor, threads *threads, arena *scratch);

/* Fills moment, moment_mean and moment_cov. */
void moment_scratch(arena *plan, int n, int workers);
void loss_moment(strotss_terms *terms, float *const dz[VGG16_LEVELS], const columns *x, const style *s, float factor,
                 threads *threads, arena *scratch);

void palette_scratch(arena *plan, int n, int draws);
double loss_palette(float *const dz[VGG16_LEVELS], const columns *x, const style *s, float factor, threads *threads,
                    arena *scratch);

#endif
