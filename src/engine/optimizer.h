/* SPDX-License-Identifier: MIT
 *
 * Step rules on the pyramid's coefficients. RMSprop as PyTorch's (decay .99, eps 1e-8 outside the root, no momentum).
 * Adam (0.7, 0.9, eps 1e-8, bias corrected), which damping keeps from stepping as far along a gradient that is tiny
 * beside the others as along the rest.
 */
#ifndef OPTIMIZER_H
#define OPTIMIZER_H

#include <stddef.h>

void rmsprop_step(float *v, float *square, const float *dv, size_t count, float step);
/* t: this step's number, from 1. damping: in root mean squares of the gradient over all `count`; 0 is plain Adam. */
void adam_step(float *v, float *mean, float *square, const float *dv, size_t count, float step, float damping, int t);

#endif
