// SPDX-License-Identifier: MIT
//
// RMSprop on a band of the pyramid (optimizer.c): s = .99 s + .01 g^2, v -= step g / (sqrt(s) + 1e-8). Nothing moves
// once the flag says that a number was not finite. steps: [bands].

struct Params { first: u32, count: u32, width: u32, band: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> steps: array<f32>;
@group(0) @binding(2) var<storage, read> flag: array<u32>;
@group(0) @binding(3) var<storage, read> dv: array<f32>;
@group(0) @binding(4) var<storage, read_write> square: array<f32>;
@group(0) @binding(5) var<storage, read_write> v: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = id.y * p.width + id.x;
  if (at >= p.count || flag[0] != 0) { return; }
  let i = p.first + at;
  let g = dv[i];
  square[i] = 0.99 * square[i] + 0.01 * g * g;
  v[i] -= steps[p.band] * g / (sqrt(square[i]) + 1e-8);
}
