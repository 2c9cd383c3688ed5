// SPDX-License-Identifier: MIT
//
// Hypercolumns: a tap's map at positions, bilinear between floor and floor + 1 of the coordinates halved `level` times,
// held inside of the map (hypercolumn_taps in C):
//
//   x[i][column + c] = gain sum over t of weight_t map[pixel_t][c]
//
// A dispatch does the positions whose upper row is `first` to end - 1 of the map, which is bound from row `first` on
// and one row beyond end. A position of NOWHERE is a row that pads: 0. `column` and row_floats count floats. A
// workgroup does a position.

struct Params {
  level: u32, height: u32, width: u32, channels: u32, first: u32, end: u32, column: u32, row_floats: u32, gain: f32
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> map: array<f32>;
@group(0) @binding(2) var<storage, read> at: array<vec2u>; // (y, x)
@group(0) @binding(3) var<storage, read_write> x: array<f32>;

const NOWHERE = 0xffffffffu;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let position = at[group.x];
  let out = group.x * p.row_floats + p.column;
  if (position.x == NOWHERE) {
    for (var c = t; c < p.channels; c += 64) { x[out + c] = 0; }
    return;
  }
  let side = 1u << p.level;
  let y0 = min(position.x >> p.level, p.height - 1);
  let x0 = min(position.y >> p.level, p.width - 1);
  if (y0 < p.first || y0 >= p.end) { return; }
  let y1 = min(y0 + 1, p.height - 1);
  let x1 = min(x0 + 1, p.width - 1);
  let fy = f32(position.x & (side - 1)) / f32(side);
  let fx = f32(position.y & (side - 1)) / f32(side);
  let above = (y0 - p.first) * p.width;
  let below = (select(y0, y1, fy > 0) - p.first) * p.width;
  for (var c = t; c < p.channels; c += 64) {
    let top = (1 - fx) * map[(above + x0) * p.channels + c] + fx * map[(above + x1) * p.channels + c];
    let bottom = (1 - fx) * map[(below + x0) * p.channels + c] + fx * map[(below + x1) * p.channels + c];
    x[out + c] = p.gain * ((1 - fy) * top + fy * bottom);
  }
}
