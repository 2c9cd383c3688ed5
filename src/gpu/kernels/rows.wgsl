// SPDX-License-Identifier: MIT
//
// Rows picked by number: out[i][column + c] = source[index[i] - first][c] for c below `width`, where the row is one of
// the `count` from `first` on, which `source` is bound to; out's rows are row_floats long and source's from_floats. A
// row that is NOWHERE becomes 0. A workgroup does a row.

struct Params { first: u32, count: u32, width: u32, column: u32, row_floats: u32, from_floats: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read> index: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

const NOWHERE = 0xffffffffu;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let row = index[group.x];
  let nowhere = row == NOWHERE;
  if (!nowhere && (row < p.first || row - p.first >= p.count)) { return; }
  for (var c = t; c < p.width; c += 64) {
    let v = source[select((row - p.first) * p.from_floats, 0, nowhere) + c];
    out[group.x * p.row_floats + p.column + c] = select(v, 0.0, nowhere);
  }
}
