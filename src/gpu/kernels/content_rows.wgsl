// SPDX-License-Identifier: MIT
//
// Content term, row i of n: with D_ij = 1 - G_ij / (|i| |j|), D_ii = 0, of the output (x) and of the content (c),
//
//   r = sum_j D_ij, held at SMALLEST n       E_ij = D^x_ij / r^x_i - D^c_ij / r^c_i
//   error_i = sum_j |E_ij|                   slope_i = sum_j sign(E_ij) D^x_ij / r_i^2, 0 where r is held
//
// g_x, g_c: [rows][rows]; compared[i] = 1 / r^x_i, 1 / r^c_i, slope_i, error_i; rows beyond n are 0. A workgroup does a
// row.

struct Params { rows: u32 }
struct Sample { n: u32, content: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> sample: Sample;
@group(0) @binding(2) var<storage, read> g_x: array<f32>;
@group(0) @binding(3) var<storage, read> g_c: array<f32>;
@group(0) @binding(4) var<storage, read> inverse_x: array<f32>;
@group(0) @binding(5) var<storage, read> inverse_c: array<f32>;
@group(0) @binding(6) var<storage, read_write> compared: array<vec4f>;

const SMALLEST = 1e-5; // mean distance

var<workgroup> part: array<vec2f, 256>;

// The sum over all threads, to each of them.
fn sum_of(t: u32, own: vec2f) -> vec2f {
  workgroupBarrier();
  part[t] = own;
  for (var half = 128u; half > 0; half /= 2) {
    workgroupBarrier();
    if (t < half) { part[t] += part[t + half]; }
  }
  workgroupBarrier();
  return part[0];
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let i = group.x;
  let n = select(0u, sample.n, i < sample.n);
  let row = i * p.rows;
  let own_x = inverse_x[i];
  let own_c = inverse_c[i];
  var distances = vec2f();
  for (var j = t; j < n; j += 256) {
    if (j != i) {
      distances += vec2f(1 - g_x[row + j] * own_x * inverse_x[j], 1 - g_c[row + j] * own_c * inverse_c[j]);
    }
  }
  let sums = sum_of(t, distances);
  let least = SMALLEST * f32(n);
  let held = !(sums.x > least);
  let r_x = 1 / max(sums.x, least);
  let r_c = 1 / max(sums.y, least);
  var result = vec2f();
  for (var j = t; j < n; j += 256) {
    if (j != i) {
      let d = 1 - g_x[row + j] * own_x * inverse_x[j];
      let e = d * r_x - (1 - g_c[row + j] * own_c * inverse_c[j]) * r_c;
      result += vec2f(abs(e), sign(e) * d);
    }
  }
  let whole = sum_of(t, result);
  if (t == 0) {
    compared[i] = select(vec4f(), vec4f(r_x, r_c, select(whole.y * r_x * r_x, 0.0, held), whole.x), n > 0);
  }
}
