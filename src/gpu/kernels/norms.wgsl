// SPDX-License-Identifier: MIT
//
// inverse[i] = 1 / |X_i| from the diagonal of the Gram matrix g [rows][rows], 0 for a zero column.

struct Params { rows: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> g: array<f32>;
@group(0) @binding(2) var<storage, read_write> inverse: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.rows) { return; }
  let square = g[id.x * (p.rows + 1)];
  inverse[id.x] = select(0.0, inverseSqrt(square), square > 0);
}
