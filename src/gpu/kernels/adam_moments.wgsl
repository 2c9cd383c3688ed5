// SPDX-License-Identifier: MIT
//
// Adam's moments on a band of the pyramid (optimizer.c): m += .3 (g - m), s = .9 s + .1 g^2; sums[group] = the sum of s
// over the PART numbers that the workgroup does. Nothing moves once the flag says that a number was not finite.

struct Params { first: u32, count: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> flag: array<u32>;
@group(0) @binding(2) var<storage, read> dv: array<f32>;
@group(0) @binding(3) var<storage, read_write> mean: array<f32>;
@group(0) @binding(4) var<storage, read_write> square: array<f32>;
@group(0) @binding(5) var<storage, read_write> sums: array<f32>;

const PART = 4096u;

var<workgroup> part: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  if (flag[0] != 0) { return; }
  var sum = 0.0;
  for (var at = group.x * PART + t; at < min((group.x + 1) * PART, p.count); at += 256) {
    let i = p.first + at;
    let g = dv[i];
    mean[i] += 0.3 * (g - mean[i]);
    square[i] = 0.9 * square[i] + 0.1 * g * g;
    sum += square[i];
  }
  part[t] = sum;
  for (var half = 128u; half > 0; half /= 2) {
    workgroupBarrier();
    if (t < half) { part[t] += part[t + half]; }
  }
  if (t == 0) { sums[group.x] = part[0]; }
}
