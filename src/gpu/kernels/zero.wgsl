// SPDX-License-Identifier: MIT
//
// out[0] to out[count - 1] = 0.

struct Params { count: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < p.count) { out[id.x] = 0; }
}
