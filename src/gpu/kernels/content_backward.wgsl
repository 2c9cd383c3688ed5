// SPDX-License-Identifier: MIT
//
// Content term, the way back: row i of the symmetric Q with dX = Q X, in the place of G's. With P_ij = factor / n
// (sign(E_ij) / r_i - slope_i) and d_ij = P_ij + P_ji (content_rows.wgsl has E, r and slope),
//
//   Q_ij = -d_ij / (|i| |j|)     Q_ii = sum_j d_ij (1 - D_ij) / |i|^2
//
// Rows and columns beyond n become 0. A workgroup does a row.

struct Params { rows: u32 }
struct Sample { n: u32, content: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> sample: Sample;
@group(0) @binding(2) var<storage, read_write> g_x: array<f32>;
@group(0) @binding(3) var<storage, read> g_c: array<f32>;
@group(0) @binding(4) var<storage, read> inverse_x: array<f32>;
@group(0) @binding(5) var<storage, read> inverse_c: array<f32>;
@group(0) @binding(6) var<storage, read> compared: array<vec4f>;

var<workgroup> part: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let i = group.x;
  let n = select(0u, sample.n, i < sample.n);
  let row = i * p.rows;
  let own_x = inverse_x[i];
  let own_c = inverse_c[i];
  let own = compared[i];
  let share = sample.content / f32(max(n, 1));
  var norm = 0.0;
  for (var j = t; j < p.rows; j += 256) {
    var q = 0.0;
    if (j < n && j != i) {
      let other = compared[j];
      let cosine = g_x[row + j] * own_x * inverse_x[j];
      let c = 1 - g_c[row + j] * own_c * inverse_c[j];
      let here = sign((1 - cosine) * own.x - c * own.y) * own.x - own.z;
      let there = sign((1 - cosine) * other.x - c * other.y) * other.x - other.z;
      let d = share * (here + there);
      norm += d * cosine;
      q = -d * own_x * inverse_x[j];
    }
    g_x[row + j] = q;
  }
  part[t] = norm;
  for (var half = 128u; half > 0; half /= 2) {
    workgroupBarrier();
    if (t < half) { part[t] += part[t + half]; }
  }
  storageBarrier();
  workgroupBarrier();
  if (t == 0 && i < n) { g_x[row + i] = part[0] * own_x * own_x; }
}
