// SPDX-License-Identifier: MIT
//
// flag[0] = 1 where one of `count` numbers is not finite, by its bits, for WGSL may assume that no number is NaN.

struct Params { count: u32, width: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> numbers: array<u32>;
@group(0) @binding(2) var<storage, read_write> flag: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * p.width + id.x;
  if (i < p.count && (numbers[i] & 0x7f800000) == 0x7f800000) { flag[0] = 1; }
}
