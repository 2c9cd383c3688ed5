/* SPDX-License-Identifier: MIT
 *
 * The network's filters and biases as the kernels want them: GPU_FILTERS holds [9][cin][cout] of one layer after the
 * other, GPU_FILTERS_BACKWARD [9][cout][cin] turned over (of the first layer [9][3][64], too), GPU_BIAS the biases.
 */
#ifndef GPU_WEIGHTS_H
#define GPU_WEIGHTS_H

#include "gpu/plan.h"

gpu_range gpu_filters(int layer);
gpu_range gpu_filters_backward(int layer);
gpu_range gpu_bias(int layer);

#endif
