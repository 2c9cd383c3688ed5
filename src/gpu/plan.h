/* SPDX-License-Identifier: MIT
 *
 * A flat plan of what a device shall do, written by C and carried out by executor.js: buffers, what is uploaded into
 * them at the start, and lists of dispatches. In 32-bit words:
 *
 *     B, then B times bytes of a buffer                     buffers 0 to GPU_WEIGHTS_COUNT - 1, of 0 bytes here, are
 *                                                           the network's (weights.c)
 *     U, then U times (buffer, offset, address, bytes)      of the WebAssembly heap
 *     L lists: D, then D times                              in the order of gpu_list
 *         (kernel, x, y workgroups, millions of floating-point operations,
 *          R, then R times (buffer, offset, bytes), P, then P words of parameters)
 *
 * A range's offset is a multiple of GPU_ALIGN. Building fails for want of memory only: `failed` says so at the end.
 */
#ifndef GPU_PLAN_H
#define GPU_PLAN_H

#include <stddef.h>
#include <stdint.h>
#include "gpu/kernels.h"

enum { GPU_ALIGN = 256 };
enum { GPU_FILTERS, GPU_FILTERS_BACKWARD, GPU_BIAS, GPU_WEIGHTS_COUNT };
typedef enum gpu_list { GPU_START, GPU_CONTENT, GPU_ITERATE, GPU_LIST_COUNT } gpu_list;

/* Bytes of a buffer. */
typedef struct gpu_range { uint32_t buffer, offset, bytes; } gpu_range;

typedef struct gpu_words { uint32_t *at; size_t count, room; } gpu_words;

typedef struct gpu_plan {
    gpu_words buffers, uploads, list[GPU_LIST_COUNT];
    uint32_t upload_count, dispatches[GPU_LIST_COUNT];
    gpu_list current;   /* the list that dispatches join */
    double largest, largest_range; /* bytes of the largest buffer, and of what is bound of one at a time */
    double bytes;                  /* of all buffers */
    int failed;
} gpu_plan;

/* What the device allows: bytes of a range that is bound, and of a buffer, and how many millions of operations may be
 * in one dispatch. */
typedef struct gpu_limits { double binding_bytes, buffer_bytes, millions; } gpu_limits;

static inline uint32_t gpu_bits(float value)
{
    union { float value; uint32_t bits; } both = {value};
    return both.bits;
}

static inline size_t gpu_round(size_t count, size_t multiple)
{
    return (count + multiple - 1) / multiple * multiple;
}

void gpu_plan_begin(gpu_plan *plan);
void gpu_plan_free(gpu_plan *plan);

/* The whole of a new buffer, rounded up to GPU_ALIGN; all zero at first. */
gpu_range gpu_take(gpu_plan *plan, size_t bytes);
/* A part of a range. */
gpu_range gpu_part(gpu_range whole, size_t offset, size_t bytes);
void gpu_upload(gpu_plan *plan, gpu_range to, const void *from, size_t bytes);
/* x, y: workgroups; ranges stand in the order of the kernel's bindings behind its parameters. */
void gpu_dispatch(gpu_plan *plan, gpu_kernel kernel, size_t x, size_t y, double operations,
                  const gpu_range *ranges, int range_count, const uint32_t *params, int param_count);

/* gpu_dispatch with lists in braces: RANGES(a, b), PARAMS(1, 2). */
#define RANGES(...) (const gpu_range[]){__VA_ARGS__}, (int)(sizeof((gpu_range[]){__VA_ARGS__}) / sizeof(gpu_range))
#define PARAMS(...) (const uint32_t[]){__VA_ARGS__}, (int)(sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

/* How many of `rows` rows a dispatch may do, an even number unless it is all, 1 at least: of bytes each that are bound,
 * `more` rows beyond, and of operations each. */
size_t gpu_rows(const gpu_limits *limits, size_t rows, size_t row_bytes, size_t more, double operations);

/* The words above in one piece, which the caller frees, and their count; NULL for want of memory. */
uint32_t *gpu_plan_write(size_t *count, const gpu_plan *plan);

#endif
