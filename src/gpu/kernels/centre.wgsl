// SPDX-License-Identifier: MIT
//
// Columns of x less their means over the first n rows, rows beyond being 0, and how far the means are from the style's:
//
//   mu_c = mean_i x_ic     centred_ic = x_ic - mu_c     error_c = |mu_c - style_c|
//
// and the moment term's way back through mu, where dX begins: dx_ic = moment_mean sign(mu_c - style_c).
// x, centred, dx: [rows][row_floats]. A workgroup does 64 columns, four threads a column.

struct Params { rows: u32, row_floats: u32 }
struct Sample { n: u32, content: f32, transport: f32, moment_mean: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> sample: Sample;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> style_mean: array<f32>;
@group(0) @binding(4) var<storage, read_write> centred: array<f32>;
@group(0) @binding(5) var<storage, read_write> error: array<f32>;
@group(0) @binding(6) var<storage, read_write> dx: array<f32>;

var<workgroup> part: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let c = 64 * group.x + t % 64;
  var sum = 0.0;
  for (var i = t / 64; i < sample.n; i += 4) { sum += x[i * p.row_floats + c]; }
  part[t] = sum;
  workgroupBarrier();
  let lane = t % 64;
  let mean = (part[lane] + part[lane + 64] + part[lane + 128] + part[lane + 192]) / f32(max(sample.n, 1));
  let apart = mean - style_mean[c];
  let slope = sample.moment_mean * sign(apart);
  for (var i = t / 64; i < p.rows; i += 4) {
    let at = i * p.row_floats + c;
    let inside = i < sample.n;
    centred[at] = select(0.0, x[at] - mean, inside);
    dx[at] = select(0.0, slope, inside);
  }
  if (t < 64) { error[c] = abs(apart); }
}
