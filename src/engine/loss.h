/* SPDX-License-Identifier: MIT
 *
 * The objective of one pair of regions (method.md sections 2 to 6), its terms and gradients towards the output's basis vectors:
 *
 *     L = (alpha l_C + l_r + l_m + l_p / max(alpha, 1)) / (alpha + 2)
 *
 * Each loss_*.c adds factor * d term / d Z_k to dz[k] (shapes of x's z) and returns the term; what all share is formed once:
 * G[n][n] = X X^T, the norms, and Q[n][n], the gradient towards G, through which content and REMD flow back together: dZ_k += B_k^T (Q + Q^T) B_k Z_k.
 */
#ifndef LOSS_H
#define LOSS_H

#include "strotss.h"
#include "style.h"

typedef struct loss_factors { float content, remd, moment, palette; } loss_factors; /* ablation, 1 each */

/* Scratch for objective() with up to n output columns and up to `distinct` style vectors a level. */
size_t objective_scratch_bytes(int n, int draws, const int rows[VGG16_LEVELS], int workers);

/* x: output columns, c: the content's at the same positions, s: the style. dz may be NULL: the terms only. dz is accumulated: the caller zeroes.
 * The gradient is that of `scale * L`. alpha is the content weight of method.md section 6. */
void objective(strotss_terms *terms, float *const dz[VGG16_LEVELS], float scale, const columns *x, const columns *c, const style *s,
               float alpha, const loss_factors *factors, threads *threads, arena *scratch);

#endif
