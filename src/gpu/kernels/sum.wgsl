// SPDX-License-Identifier: MIT
//
// terms[slot] = the sum of `count` numbers of `source`, `step` apart, the first at `start`. One workgroup.

struct Params { count: u32, start: u32, step: u32, slot: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> terms: array<f32>;

var<workgroup> part: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) t: u32) {
  var sum = 0.0;
  for (var i = t; i < p.count; i += 256) { sum += source[p.start + i * p.step]; }
  part[t] = sum;
  for (var half = 128u; half > 0; half /= 2) {
    workgroupBarrier();
    if (t < half) { part[t] += part[t + half]; }
  }
  if (t == 0) { terms[p.slot] = part[0]; }
}
