/* SPDX-License-Identifier: MIT
 *
 * The objective of one pair of regions (the paper's Style Loss and Content Loss), its terms and gradients towards the
 * output's basis vectors:
 *
 *     L = (alpha l_C + l_r + l_m + l_p / max(alpha, 1)) / (alpha + 2)
 *
 * Each term's weight is its own file's to say (terms.h).
 */
#ifndef OBJECTIVE_H
#define OBJECTIVE_H

#include "strotss.h"
#include "features/style.h"

typedef struct loss_options {
    float factor[STROTSS_MAX_TERMS]; /* ablation */
    strotss_transport transport;
    strotss_similarity similarity;
} loss_options;

/* As strotss_evaluate measures: each term's own factor, and the method's own choices. */
loss_options loss_defaults(void);

/* What output columns are to look like, each in its place. */
typedef struct loss_points {
    const columns *style; /* as many as the output's */
    const float *weight;  /* [n] adding up to 1 */
} loss_points;

/* Of one call: up to n output columns and `draws` style draws; `points`: n of a call that has points, or 0. */
typedef struct loss_sizes { int n, draws, points, workers; strotss_transport transport; } loss_sizes;
size_t objective_scratch_bytes(const loss_sizes *sizes);

/* x: output columns, c: the content's at the same positions, s: the style, p: the points. Without c (NULL) the content
 * term is left out, without p that of the points, without s all others: 0, in the total too. dz may be NULL: the terms
 * only. dz has the shapes of x's z and is accumulated: the caller zeroes. The gradient is that of scale * L, each term
 * in L multiplied by its factor. alpha is the content weight of the objective, 16 W / (side / 64). */
void objective(strotss_terms *terms, float *const dz[VGG16_LEVELS], float scale, const columns *x, const columns *c,
               const style *s, const loss_points *p, float alpha, const loss_options *options, const exec *exec);

#endif
