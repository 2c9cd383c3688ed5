// SPDX-License-Identifier: MIT
//
// The adjoint of maxpool.wgsl: dmap [height][width][channels] has the half map's gradient where a pixel won, else 0.
// A dispatch does the rows `first` (even) to first + rows - 1 of dmap, bound from there on; `dhalf` is bound from row
// first / 2 on, `winners` whole. A thread does four channels of a pixel.

struct Params { height: u32, width: u32, channels: u32, first: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dhalf: array<vec4f>;
@group(0) @binding(2) var<storage, read> winners: array<u32>;
@group(0) @binding(3) var<storage, read_write> dmap: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let half = p.width / 2;
  let quads = p.channels / 4;
  if (id.x >= p.width * quads) { return; }
  let y = p.first + id.y;
  let x = id.x / quads;
  let quad = id.x % quads;
  var d = vec4f();
  if (y / 2 < p.height / 2 && x / 2 < half) {
    let word = winners[((y / 2) * half + x / 2) * (quads / 4) + quad / 4] >> (8 * (quad % 4));
    let winner = (vec4u(word) >> vec4u(0, 2, 4, 6)) & vec4u(3);
    d = select(d, dhalf[((id.y / 2) * half + x / 2) * quads + quad], winner == vec4u(2 * (y % 2) + x % 2));
  }
  dmap[id.y * p.width * quads + id.x] = d;
}
