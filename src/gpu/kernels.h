/* SPDX-License-Identifier: MIT
 *
 * The kernels that a plan may name: each is a file of the folder kernels and, where a file serves several purposes, the
 * constants of this one, put in front of it. What a kernel is bound to and its parameters are told in its file, the
 * parameters being 32-bit words in the order of its Params.
 */
#ifndef GPU_KERNELS_H
#define GPU_KERNELS_H

#define GPU_GEMM(a_turned, b_turned, accumulate, upper) \
    "const A_TURNED = " a_turned "; const B_TURNED = " b_turned "; const ACCUMULATE = " accumulate "; " \
    "const UPPER = " upper ";"

#define GPU_KERNELS(row) \
    row(CONV_FIRST, "conv_first", "") \
    row(CONV_FIRST_BACKWARD, "conv_first_backward", "") \
    row(CONV, "conv", "const BACKWARD = false;") \
    row(CONV_BACKWARD, "conv", "const BACKWARD = true;") \
    row(MAXPOOL, "maxpool", "") \
    row(MAXPOOL_BACKWARD, "maxpool_backward", "") \
    row(ZERO, "zero", "") \
    row(GATHER, "gather", "") \
    row(SCATTER, "scatter", "") \
    row(ROWS, "rows", "") \
    row(GEMM_NT, "gemm", GPU_GEMM("false", "true", "false", "false")) \
    row(GEMM_TN_UPPER, "gemm", GPU_GEMM("true", "false", "false", "true")) \
    row(GEMM_NN_ADD, "gemm", GPU_GEMM("false", "false", "true", "false")) \
    row(NORMS, "norms", "") \
    row(CONTENT_ROWS, "content_rows", "") \
    row(CONTENT_BACKWARD, "content_backward", "") \
    row(CENTRE, "centre", "") \
    row(MOMENT_COMPARE, "moment_compare", "") \
    row(TRANSPORT_COST, "transport_cost", "") \
    row(PALETTE_COST, "palette_cost", "") \
    row(ROW_MINIMA, "row_minima", "") \
    row(COLUMN_MINIMA, "column_minima", "") \
    row(MATCHES, "matches", "") \
    row(TRANSPORT_BACKWARD, "transport_backward", "") \
    row(PALETTE_BACKWARD, "palette_backward", "") \
    row(SUM, "sum", "") \
    row(RESIZE_ADD, "resize_add", "") \
    row(RESIZE_ADJOINT, "resize_adjoint", "") \
    row(FINITE, "finite", "") \
    row(RMSPROP, "rmsprop", "") \
    row(ADAM_MOMENTS, "adam_moments", "") \
    row(ADAM, "adam", "")

#define GPU_KERNEL_ID(id, file, constants) GPU_##id,
typedef enum gpu_kernel { GPU_KERNELS(GPU_KERNEL_ID) GPU_KERNEL_COUNT } gpu_kernel;

#endif
