/* SPDX-License-Identifier: MIT
 *
 * The inner loops of the matrix products, for callers that keep one operand packed for good (the filters of the
 * convolutions). They run on the caller's thread, take no scratch and need no alignment. A panel is 16 columns of a
 * matrix, one row after another:
 *
 *     matrix W[K][N], N a multiple of 16  ->  panels [N/16][K][16],  W[k][n] at (n / 16) * K * 16 + k * 16 + n % 16
 *
 * Every element of a result is a chain of sums whose order depends on K alone.
 */
#ifndef GEMM_KERNELS_H
#define GEMM_KERNELS_H

#include <stddef.h>

/* PANEL: its columns. DEPTH: rows of a panel that stay in a first-level cache; deeper products are best cut into
 * calls of at most DEPTH rows (panel + k * PANEL, A + k, accumulate 1 after the first). */
enum { GEMM_PANEL = 16, GEMM_DEPTH = 256 };

/* C[M][16] (+)= A[M][K] panel[K][16]. A and C are row-major with lda and ldc floats from row to row; any M and K
 * from 1 up. Writes 16 floats in each of M rows of C. */
void gemm_panel(float *C, int ldc, const float *A, int lda, const float *panel, int M, int K, int accumulate);

/* C[M][N] (+)= A[M][K] W^T where W[N][K] lies in panels (its columns are what is summed over): W[n][k] at (k / 16) *
 * stride + n * 16 + k % 16. stride: floats from panel to panel, N * 16 when the panels hold just these N rows; a slice
 * of rows n0.. is W + n0 * 16 with the stride of the whole. K and N are multiples of 16, any M from 1 up. dV[t][cin] =
 * sum over cout of dM[t][cout] U[cin][cout], U in panels [cout/16][cin][16], is gemm_panel_transposed(dV, cin, dM,
 * cout, U, cin * 16, t, cin, cout, 0). Transposes a panel at a time on 16 kB of stack, which costs as much as about
 * three rows of A. */
void gemm_panel_transposed(float *C, int ldc, const float *A, int lda, const float *W, size_t stride,
                           int M, int N, int K, int accumulate);

/* to[columns][rows] = from[rows][columns] transposed, any sizes from 1 up. */
void gemm_transpose(float *to, int ldto, const float *from, int ldfrom, int rows, int columns);

#endif
