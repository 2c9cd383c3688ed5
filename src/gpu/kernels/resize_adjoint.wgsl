// SPDX-License-Identifier: MIT
//
// The adjoint of resize_add.wgsl's up: below = up^T(above). A thread does a pixel of `below`: it goes through the few
// rows and columns of `above` that may have looked at it and adds what they took. In one buffer `d`, each level at its
// own float.

struct Params { height: u32, width: u32, below_height: u32, below_width: u32, above: u32, below: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> d: array<f32>;

// What output i of m takes of input j of n.
fn share(i: u32, j: u32, m: u32, n: u32) -> f32 {
  let twice = (2 * i + 1) * n;
  let at = select(0u, twice - m, twice > m);
  let low = at / (2 * m);
  let fraction = f32(at % (2 * m)) / f32(2 * m);
  return select(0.0, 1 - fraction, j == low) + select(0.0, fraction, j == min(low + 1, n - 1));
}

// Outputs that may look at input j are first_of(j) to first_of(j + 3) at most.
fn first_of(j: u32, m: u32, n: u32) -> u32 {
  return select(0u, ((j - 1) * m) / n, j > 0);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.below_width) { return; }
  let y_end = min(first_of(id.y + 3, p.height, p.below_height) + 1, p.height);
  let x_end = min(first_of(id.x + 3, p.width, p.below_width) + 1, p.width);
  var sum = vec3f();
  for (var y = first_of(id.y, p.height, p.below_height); y < y_end; y++) {
    let row = share(y, id.y, p.height, p.below_height);
    if (row == 0) { continue; }
    for (var x = first_of(id.x, p.width, p.below_width); x < x_end; x++) {
      let both = row * share(x, id.x, p.width, p.below_width);
      let at = p.above + 3 * (y * p.width + x);
      sum += both * vec3f(d[at], d[at + 1], d[at + 2]);
    }
  }
  let at = p.below + 3 * (id.y * p.below_width + id.x);
  d[at] = sum.x;
  d[at + 1] = sum.y;
  d[at + 2] = sum.z;
}
