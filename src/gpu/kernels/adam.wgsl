// SPDX-License-Identifier: MIT
//
// Adam's step on a band of the pyramid, from its moments (adam_moments.wgsl): with floor = damping^2 times the mean of
// s,
//
//   v -= rate m / (sqrt(s + floor) / root + 1e-8)
//
// steps: [bands] the rate step / (1 - .7^t), behind them root = sqrt(1 - .9^t) and damping^2. Nothing moves once the
// flag says that a number was not finite.

struct Params { first: u32, count: u32, parts: u32, band: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> steps: array<f32>;
@group(0) @binding(2) var<storage, read> flag: array<u32>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> square: array<f32>;
@group(0) @binding(5) var<storage, read> sums: array<f32>;
@group(0) @binding(6) var<storage, read_write> v: array<f32>;

const PART = 4096u;
const BANDS = 6u;

var<workgroup> part: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  if (flag[0] != 0) { return; }
  var sum = 0.0;
  for (var k = t; k < p.parts; k += 256) { sum += sums[k]; }
  part[t] = sum;
  for (var half = 128u; half > 0; half /= 2) {
    workgroupBarrier();
    if (t < half) { part[t] += part[t + half]; }
  }
  workgroupBarrier();
  let floor = steps[BANDS + 1] * part[0] / f32(p.count);
  for (var at = group.x * PART + t; at < min((group.x + 1) * PART, p.count); at += 256) {
    let i = p.first + at;
    v[i] -= steps[p.band] * mean[i] / (sqrt(square[i] + floor) / steps[BANDS] + 1e-8);
  }
}
