/* SPDX-License-Identifier: MIT
 *
 * The one-dimensional transforms of Winograd's F(4,3) (Lavin and Gray, arXiv 1509.09308) and their transposes, four
 * channels at a time. Four outputs of a three-tap filter g over six inputs d are A^T ((G g) * (B^T d)). The
 * interpolation points are 0, s, -s, 2s, -2s and infinity with s = 1/sqrt(2): the products of the points' squares are
 * then 1, and the result is three times closer than with 0, 1, -1, 2, -2.
 *
 *         1   0  -5/2   0   1   0            1    0     0                1  1   1    1   1   0
 *         0 -2s   -2    s   1   0          -2/3 -2s/3 -1/3               0  s  -s   2s -2s   0
 *   B^T = 0  2s   -2   -s   1   0     G =  -2/3  2s/3 -1/3         A^T = 0 1/2 1/2   2   2   0
 *         0  -s  -1/2  2s   1   0           1/6  s/3   1/3               0 s/2 -s/2 4s -4s   1
 *         0   s  -1/2 -2s   1   0           1/6 -s/3   1/3
 *         0   1    0  -5/2  0   1            0    0     1
 */
#ifndef WINOGRAD_TRANSFORM_H
#define WINOGRAD_TRANSFORM_H

#include "kernels/simd.h"

#define WINOGRAD_S 0.70710678118654752440f

/* v = B^T d */
static inline void winograd_input(f32x4 v[6], const f32x4 d[6])
{
    const f32x4 s = f32x4_splat(WINOGRAD_S), half = f32x4_splat(-0.5f), two = f32x4_splat(-2), mid = f32x4_splat(-2.5f);
    const f32x4 even1 = d[4] + two * d[2], odd1 = s * (d[3] + two * d[1]);
    const f32x4 even2 = d[4] + half * d[2], odd2 = (s + s) * (d[3] + half * d[1]);
    v[0] = d[0] + d[4] + mid * d[2];
    v[1] = even1 + odd1;
    v[2] = even1 - odd1;
    v[3] = even2 + odd2;
    v[4] = even2 - odd2;
    v[5] = d[1] + d[5] + mid * d[3];
}

/* d = B v */
static inline void winograd_input_transposed(f32x4 d[6], const f32x4 v[6])
{
    const f32x4 s = f32x4_splat(WINOGRAD_S), half = f32x4_splat(-0.5f), two = f32x4_splat(-2), mid = f32x4_splat(-2.5f);
    const f32x4 even1 = v[1] + v[2], odd1 = s * (v[1] - v[2]);
    const f32x4 even2 = v[3] + v[4], odd2 = (s + s) * (v[3] - v[4]);
    d[0] = v[0];
    d[1] = v[5] + two * odd1 + half * odd2;
    d[2] = mid * v[0] + two * even1 + half * even2;
    d[3] = odd1 + odd2 + mid * v[5];
    d[4] = v[0] + even1 + even2;
    d[5] = v[5];
}

/* u = G g */
static inline void winograd_filter(f32x4 u[6], const f32x4 g[3])
{
    const f32x4 s = f32x4_splat(WINOGRAD_S), third = f32x4_splat(1.0f / 3), half = f32x4_splat(0.5f);
    const f32x4 even1 = -third * (g[0] + g[0] + g[2]), odd1 = -third * (s + s) * g[1];
    const f32x4 even2 = third * (half * g[0] + g[2]), odd2 = third * s * g[1];
    u[0] = g[0];
    u[1] = even1 + odd1;
    u[2] = even1 - odd1;
    u[3] = even2 + odd2;
    u[4] = even2 - odd2;
    u[5] = g[2];
}

/* y = A^T m */
static inline void winograd_output(f32x4 y[4], const f32x4 m[6])
{
    const f32x4 s = f32x4_splat(WINOGRAD_S), half = f32x4_splat(0.5f), two = f32x4_splat(2), four = f32x4_splat(4);
    const f32x4 even1 = m[1] + m[2], odd1 = s * (m[1] - m[2]);
    const f32x4 even2 = m[3] + m[4], odd2 = s * (m[3] - m[4]);
    y[0] = m[0] + even1 + even2;
    y[1] = odd1 + two * odd2;
    y[2] = half * even1 + two * even2;
    y[3] = m[5] + half * odd1 + four * odd2;
}

/* m = A y */
static inline void winograd_output_transposed(f32x4 m[6], const f32x4 y[4])
{
    const f32x4 s = f32x4_splat(WINOGRAD_S), half = f32x4_splat(0.5f), two = f32x4_splat(2);
    const f32x4 even1 = y[0] + half * y[2], odd1 = s * (y[1] + half * y[3]);
    const f32x4 even2 = y[0] + two * y[2], odd2 = (s + s) * (y[1] + two * y[3]);
    m[0] = y[0];
    m[1] = even1 + odd1;
    m[2] = even1 - odd1;
    m[3] = even2 + odd2;
    m[4] = even2 - odd2;
    m[5] = y[3];
}

#endif
