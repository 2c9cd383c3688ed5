// SPDX-License-Identifier: MIT
//
// Cosine distances C_ij = 1 - <A_i, B_j> / (|A_i| |B_j|) in the place of the dot products [rows][columns].

struct Params { rows: u32, columns: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> inverse: array<f32>;       // [rows] 1 / |A_i|, 0 for a zero column
@group(0) @binding(2) var<storage, read> style: array<vec2f>;       // [columns] 1 / |B_j| likewise, and a count
@group(0) @binding(3) var<storage, read_write> cost: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.columns) { return; }
  let at = id.y * p.columns + id.x;
  cost[at] = 1 - cost[at] * inverse[id.y] * style[id.x].x;
}
