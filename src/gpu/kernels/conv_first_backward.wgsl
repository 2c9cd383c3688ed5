// SPDX-License-Identifier: MIT
//
// The adjoint of conv_first.wgsl: dimage [height][width][3] = conv^T(dmap where its sign is set) / spread. filters:
// [9][3][64], turned over by the caller. A dispatch does the rows `first` to first + rows - 1; `dmap` [..][width][64]
// is bound from row `in_first` on. Sixteen threads share a pixel, each with four of its channels.

struct Params { height: u32, width: u32, first: u32, rows: u32, in_first: u32, spread: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dmap: array<vec4f>;
@group(0) @binding(2) var<storage, read> filters: array<vec4f>;
@group(0) @binding(3) var<storage, read> signs: array<u32>;
@group(0) @binding(4) var<storage, read_write> dimage: array<f32>;

var<workgroup> part: array<vec3f, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let quad = t % 16;
  let m = group.x * 16 + t / 16;
  var sum = vec3f();
  if (m < p.rows * p.width) {
    let y = i32(p.first + m / p.width);
    let x = i32(m % p.width);
    for (var tap = 0u; tap < 9; tap++) {
      let v = y + i32(tap / 3) - 1;
      let u = x + i32(tap % 3) - 1;
      if (v < 0 || u < 0 || v >= i32(p.height) || u >= i32(p.width)) { continue; }
      let word = signs[2 * (u32(v) * p.width + u32(u)) + quad / 8] >> (4 * (quad % 8));
      let d = select(vec4f(), dmap[16 * ((u32(v) - p.in_first) * p.width + u32(u)) + quad],
        (vec4u(word) & vec4u(1, 2, 4, 8)) != vec4u());
      sum += vec3f(dot(d, filters[48 * tap + quad]), dot(d, filters[48 * tap + 16 + quad]),
        dot(d, filters[48 * tap + 32 + quad]));
    }
  }
  part[t] = sum;
  workgroupBarrier();
  if (quad < 3 && m < p.rows * p.width) {
    var whole = 0.0;
    for (var i = 0u; i < 16; i++) { whole += part[t - quad + i][quad]; }
    dimage[3 * (p.first * p.width + m) + quad] = whole / p.spread;
  }
}
