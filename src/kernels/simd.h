/* SPDX-License-Identifier: MIT
 *
 * The one vector vocabulary of the kernels: four floats, on the vector extensions of GCC and clang, so that the same
 * source becomes SSE or NEON natively and SIMD128 in wasm. + - * and the comparisons are the compiler's own.
 * Multiply-adds are written c += a * b and stay two operations in the module; relax.mjs fuses them in the relaxed
 * builds.
 */
#ifndef SIMD_H
#define SIMD_H

#include <stdint.h>
#include <string.h>

typedef float f32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));

/* Before a loop whose accumulators fill the registers. */
#ifdef __clang__
#define NOT_UNROLLED _Pragma("clang loop unroll(disable)")
#else
#define NOT_UNROLLED
#endif

/* Any address. */
static inline f32x4 f32x4_load(const float *from)
{
    f32x4 v;
    memcpy(&v, from, sizeof v);
    return v;
}

static inline void f32x4_store(float *to, f32x4 v)
{
    memcpy(to, &v, sizeof v);
}

static inline f32x4 f32x4_splat(float x)
{
    return (f32x4){x, x, x, x};
}

/* Lane-wise maximum; b where a lane is not a number. */
static inline f32x4 f32x4_max(f32x4 a, f32x4 b)
{
#ifdef __wasm_simd128__
    return __builtin_wasm_pmax_f32x4(b, a);
#else
    i32x4 mask = a > b;
    return (f32x4)(((i32x4)a & mask) | ((i32x4)b & ~mask));
#endif
}

/* e^x to within 3e-7 of itself for x up to 87; below -87, where it is all but nothing, e^-87. x = k log 2 + r with a
 * whole k, which lands in the low bits of x / log 2 + 1.5 * 2^23, and e^r by its series up to r^6. */
static inline f32x4 f32x4_exp(f32x4 x)
{
    x = f32x4_max(x, f32x4_splat(-87));
    const f32x4 shifted = x * 1.44269504f + 12582912.0f, k = shifted - 12582912.0f;
    const f32x4 r = x - k * 0.693359375f + k * 2.12194440e-4f;
    f32x4 series = r * (1.0f / 720) + 1.0f / 120;
    series = series * r + 1.0f / 24;
    series = series * r + 1.0f / 6;
    series = series * r + 0.5f;
    series = series * r + 1;
    series = series * r + 1;
    return (f32x4)((i32x4)series + ((i32x4)shifted << 23));
}

/* Bit i is set where lane i of the mask is. */
static inline int i32x4_bits(i32x4 mask)
{
#ifdef __wasm_simd128__
    return (int)__builtin_wasm_bitmask_i32x4(mask);
#else
    return (mask[0] & 1) | (mask[1] & 2) | (mask[2] & 4) | (mask[3] & 8);
#endif
}

/* The lanes' lowest bytes. */
static inline void i32x4_store_bytes(uint8_t *to, i32x4 v)
{
    typedef uint8_t u8x16 __attribute__((vector_size(16)));
    const u8x16 bytes = __builtin_shufflevector((u8x16)v, (u8x16)v, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
    memcpy(to, &bytes, 4);
}

/* (v0 + v1) + (v2 + v3). */
static inline float f32x4_sum(f32x4 v)
{
    return (v[0] + v[1]) + (v[2] + v[3]);
}

/* Rows to columns: lane j of row i changes places with lane i of row j. */
static inline void f32x4_transpose(f32x4 *r0, f32x4 *r1, f32x4 *r2, f32x4 *r3)
{
    f32x4 a = __builtin_shufflevector(*r0, *r1, 0, 4, 1, 5), b = __builtin_shufflevector(*r0, *r1, 2, 6, 3, 7);
    f32x4 c = __builtin_shufflevector(*r2, *r3, 0, 4, 1, 5), d = __builtin_shufflevector(*r2, *r3, 2, 6, 3, 7);
    *r0 = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    *r1 = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    *r2 = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    *r3 = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

#endif
