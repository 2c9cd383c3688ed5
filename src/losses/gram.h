/* SPDX-License-Identifier: MIT
 *
 * The matrix [n][n] between output columns, through which some terms look at them, and the way back. It is first the
 * Gram matrix G, then the sum Q of what those terms add:
 *
 *     G = X X^T,   Q symmetric with dX = Q X,   dZ_k += B_k^T Q B_k Z_k
 *
 * Both lie in the same place. gram_whole hands out G to the one term that reads all of it and leaves its Q there;
 * gram_gradient hands out Q, all 0 if no term has read G.
 */
#ifndef GRAM_H
#define GRAM_H

#include "base/exec.h"
#include "features/hypercolumn.h"

typedef struct gram {
    int n;
    float *matrix;       /* [n][n] */
    int is_gradient;     /* whether it is Q by now */
    float *inverse_norm; /* [n] 1 / |X_i|, 0 for a zero column */
} gram;

void gram_layout(gram *gram, arena *arena, int n);
/* What gram_forward and gram_backward take and give back. */
void gram_scratch(arena *plan, int n, int workers);
/* G, and from it inverse_norm. */
void gram_forward(gram *gram, const columns *x, const exec *exec);
/* G [n][n] to be turned into a Q in place. Asserts that no other term has had it. */
float *gram_whole(gram *gram);
/* Q [n][n] to be added to. */
float *gram_gradient(gram *gram);
void gram_backward(float *const dz[VGG16_LEVELS], gram *gram, const columns *x, const exec *exec);

/* G alone, and inverse[n] = 1 / |X_i| from it. */
void gram_product(float *g, const columns *x, const exec *exec);
void gram_inverse_norms(float *inverse, const float *g, int n);

#endif
