// SPDX-License-Identifier: MIT
//
// C[M][N] (+)= A B in single precision, in tiles of 128 by 64 by 16: M is a multiple of 128, N of 64, K of 16, and the
// dispatch has M / 128 by N / 64 workgroups. Rows lie lda, ldb, ldc apart, counted in vec4.
//
// Variants: A_TURNED (A lies as [K][M]), B_TURNED (B lies as [N][K]), ACCUMULATE, UPPER (tiles wholly below the
// diagonal are left as they are).

struct Params { k: u32, lda: u32, ldb: u32, ldc: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

const TILE_K = 16u;
const A_STRIDE = 33u; // vec4 a row, one more than it needs: fewer threads meet in a bank
const B_STRIDE = 17u;

var<workgroup> a_tile: array<vec4f, 528>; // [TILE_K][A_STRIDE]
var<workgroup> b_tile: array<vec4f, 272>; // [TILE_K][B_STRIDE]

fn write(row: u32, column: u32, sum: vec4f) {
  let at = row * p.ldc + column;
  if (ACCUMULATE) { out[at] += sum; } else { out[at] = sum; }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let m0 = 32 * group.x; // in vec4
  let n0 = 16 * group.y;
  if (UPPER && n0 + 16 <= m0) { return; }
  let tx = t % 16;
  let ty = t / 16;
  // What a thread loads: the first 128 a block of four by four of A, the next 64 one of B.
  let a_k = t % 4;
  let a_m = t / 4;
  let b_k = select((t - 128) / 16, t % 4, B_TURNED);
  let b_n = select(t % 16, (t - 128) / 4, B_TURNED);
  var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
  var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
  for (var k0 = 0u; k0 < p.k; k0 += TILE_K) {
    if (t < 128) {
      if (A_TURNED) {
        let at = 4 * (t / 32) * A_STRIDE + t % 32;
        let source = (k0 + 4 * (t / 32)) * p.lda + m0 + t % 32;
        a_tile[at] = a[source];
        a_tile[at + A_STRIDE] = a[source + p.lda];
        a_tile[at + 2 * A_STRIDE] = a[source + 2 * p.lda];
        a_tile[at + 3 * A_STRIDE] = a[source + 3 * p.lda];
      } else {
        let at = 4 * a_k * A_STRIDE + a_m;
        let source = 4 * (m0 + a_m) * p.lda + k0 / 4 + a_k;
        let v0 = a[source];
        let v1 = a[source + p.lda];
        let v2 = a[source + 2 * p.lda];
        let v3 = a[source + 3 * p.lda];
        a_tile[at] = vec4f(v0.x, v1.x, v2.x, v3.x);
        a_tile[at + A_STRIDE] = vec4f(v0.y, v1.y, v2.y, v3.y);
        a_tile[at + 2 * A_STRIDE] = vec4f(v0.z, v1.z, v2.z, v3.z);
        a_tile[at + 3 * A_STRIDE] = vec4f(v0.w, v1.w, v2.w, v3.w);
      }
    } else if (t < 192) {
      let at = 4 * b_k * B_STRIDE + b_n;
      if (B_TURNED) {
        let source = 4 * (n0 + b_n) * p.ldb + k0 / 4 + b_k;
        let v0 = b[source];
        let v1 = b[source + p.ldb];
        let v2 = b[source + 2 * p.ldb];
        let v3 = b[source + 3 * p.ldb];
        b_tile[at] = vec4f(v0.x, v1.x, v2.x, v3.x);
        b_tile[at + B_STRIDE] = vec4f(v0.y, v1.y, v2.y, v3.y);
        b_tile[at + 2 * B_STRIDE] = vec4f(v0.z, v1.z, v2.z, v3.z);
        b_tile[at + 3 * B_STRIDE] = vec4f(v0.w, v1.w, v2.w, v3.w);
      } else {
        let source = (k0 + 4 * b_k) * p.ldb + n0 + b_n;
        b_tile[at] = b[source];
        b_tile[at + B_STRIDE] = b[source + p.ldb];
        b_tile[at + 2 * B_STRIDE] = b[source + 2 * p.ldb];
        b_tile[at + 3 * B_STRIDE] = b[source + 3 * p.ldb];
      }
    }
    workgroupBarrier();
    for (var k = 0u; k < TILE_K; k++) {
      let row = b_tile[B_STRIDE * k + tx];
      let above = a_tile[A_STRIDE * k + 2 * ty];
      let below = a_tile[A_STRIDE * k + 2 * ty + 1];
      s0 += above.x * row;
      s1 += above.y * row;
      s2 += above.z * row;
      s3 += above.w * row;
      s4 += below.x * row;
      s5 += below.y * row;
      s6 += below.z * row;
      s7 += below.w * row;
    }
    workgroupBarrier();
  }
  let row = 4 * m0 + 8 * ty;
  let column = n0 + tx;
  write(row, column, s0);
  write(row + 1, column, s1);
  write(row + 2, column, s2);
  write(row + 3, column, s3);
  write(row + 4, column, s4);
  write(row + 5, column, s5);
  write(row + 6, column, s6);
  write(row + 7, column, s7);
}
