/* SPDX-License-Identifier: MIT
 *
 * Entropic optimal transport between n rows and m columns whose weights a and b each add up to 1:
 *
 *     W = min over P of <P, C> + SINKHORN_EPSILON sum_ij P_ij log(P_ij / (a_i b_j)),   P's row sums a, column sums b
 *
 * dW/dC is P. The exact distance <= <P, C> <= W. Costs are meant to be of the order of 1, as cosine distances are.
 */
#ifndef SINKHORN_H
#define SINKHORN_H

#include "kernels/simd.h"
#include "base/arena.h"
#include "base/threads.h"

#define SINKHORN_EPSILON 0.01f

typedef struct sinkhorn {
    int n, m, stride;     /* stride: m rounded up to 4 */
    float *cost;          /* [n][stride] C; what lies past m is without weight but must be finite */
    float *log_a, *log_b; /* [n], [stride] of the weights, none 0 */
    float *u, *v;         /* [n], [stride] P_ij = exp(u_i + v_j - C_ij / SINKHORN_EPSILON) */
    double *part;         /* [n] of a sum over rows */
} sinkhorn;

void sinkhorn_layout(sinkhorn *w, arena *arena, int n, int m);
/* With cost, log_a and log_b filled: finds u and v, returns W. */
double sinkhorn_solve(sinkhorn *w, threads *threads);
/* <P, C> */
double sinkhorn_cost(sinkhorn *w, threads *threads);

/* P_ij to P_i,j+3, j a multiple of 4. */
static inline f32x4 sinkhorn_plan(const sinkhorn *w, int i, int j)
{
    const f32x4 cost = f32x4_load(w->cost + (size_t)i * w->stride + j);
    return f32x4_exp(f32x4_load(w->v + j) - cost * (1 / SINKHORN_EPSILON) + w->u[i]);
}

#endif
