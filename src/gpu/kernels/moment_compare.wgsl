// SPDX-License-Identifier: MIT
//
// Sigma - Sigma_B of the moment term, element by element: error_r = sum_c |product_rc / n - style_rc|, where an element
// beside the diagonal stands for its mirror image too, and in the place of the product Xc^T Xc the slope, `moment` with
// the difference's sign, which counts as below where there is none. product: [SIDE][SIDE], of which the upper triangle
// is given, and REAL by REAL are channels and the rest becomes 0. style: panels of the upper triangle as style.h has
// them: columns first to end - 1, rows 0 to end - 1, one panel after another. A workgroup does a row.

struct Params { first: array<vec4u, 9> } // a panel: first, end, where it begins, 0
struct Sample { n: u32, content: f32, transport: f32, moment_mean: f32, moment: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> sample: Sample;
@group(0) @binding(2) var<storage, read> style: array<f32>;
@group(0) @binding(3) var<storage, read_write> product: array<f32>;
@group(0) @binding(4) var<storage, read_write> error: array<f32>;

const SIDE = 2304u;
const REAL = 2180u;

var<workgroup> part: array<f32, 256>;

fn style_at(row: u32, column: u32) -> f32 {
  var panel = 0u;
  while (column >= p.first[panel].y) { panel++; }
  let q = p.first[panel];
  return style[q.z + row * (q.y - q.x) + column - q.x];
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let r = group.x;
  let share = 1 / f32(max(sample.n, 1));
  var sum = 0.0;
  for (var c = r + t; c < SIDE; c += 256) {
    let at = r * SIDE + c;
    var slope = 0.0;
    if (c < REAL) {
      let apart = product[at] * share - style_at(r, c);
      sum += select(2.0, 1.0, c == r) * abs(apart);
      slope = select(-sample.moment, sample.moment, apart > 0);
    }
    product[at] = slope;
    product[c * SIDE + r] = slope;
  }
  part[t] = sum;
  for (var half = 128u; half > 0; half /= 2) {
    workgroupBarrier();
    if (t < half) { part[t] += part[t + half]; }
  }
  if (t == 0) { error[r] = part[0]; }
}
