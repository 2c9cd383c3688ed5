/* SPDX-License-Identifier: MIT
 *
 * Element by element, in single precision and in PyTorch's order of operations:
 *
 *     RMSprop  s = .99 s + .01 g^2                          v -= step g / (sqrt(s) + 1e-8)
 *     Adam     m += .3 (g - m),  s = .9 s + .1 g^2          v -= step / (1 - .7^t) m / (sqrt(s' / (1 - .9^t)) + 1e-8)
 *
 * where s' = s + damping^2 (mean of s).
 */
#include "engine/optimizer.h"

#include <assert.h>
#include <math.h>

static const float epsilon = 1e-8f;

void rmsprop_step(float *restrict v, float *restrict square, const float *restrict dv, size_t count, float step)
{
    for (size_t i = 0; i < count; i++) {
        square[i] = 0.99f * square[i] + 0.01f * dv[i] * dv[i];
        v[i] -= step * dv[i] / (sqrtf(square[i]) + epsilon);
    }
}

void adam_step(float *restrict v, float *restrict mean, float *restrict square, const float *restrict dv, size_t count,
               float step, float damping, int t)
{
    assert(t >= 1 && count > 0);
    float rate = (float)(step / (1 - pow(0.7, t)));
    float root = (float)sqrt(1 - pow(0.9, t));
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        mean[i] += 0.3f * (dv[i] - mean[i]);
        square[i] = 0.9f * square[i] + 0.1f * dv[i] * dv[i];
        sum += square[i];
    }
    float floor = damping * damping * (float)(sum / (double)count);
    for (size_t i = 0; i < count; i++)
        v[i] -= rate * mean[i] / (sqrtf(square[i] + floor) / root + epsilon);
}
