// SPDX-License-Identifier: MIT
//
// The adjoint of gather.wgsl, by lists instead of by adding from many threads, so that the order of the sums is the
// same every time. Entry e of the lists is a pixel of the map with the rows that looked at it:
//
//   dmap[pixel_e][c] += gain sum over s of share_s dx[row_s][column + c],   s = start_e to start_{e + 1} - 1
//
// `lists` [count, then room for `room` pixels, room + 1 starts, 4 rows and 4 shares (as bits) an entry that may be].
// A dispatch does the entries with pixels `first` to end - 1; `dmap` is bound from pixel `first` on. A workgroup does
// an entry.

struct Params {
  room: u32, samples: u32, channels: u32, first: u32, end: u32, column: u32, row_floats: u32, gain: f32
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> lists: array<u32>;
@group(0) @binding(2) var<storage, read> dx: array<f32>;
@group(0) @binding(3) var<storage, read_write> dmap: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  if (group.x >= lists[0]) { return; }
  let pixel = lists[1 + group.x];
  if (pixel < p.first || pixel >= p.end) { return; }
  let starts = 1 + p.room;
  let rows = starts + p.room + 1;
  let shares = rows + p.samples;
  let begin = lists[starts + group.x];
  let end = lists[starts + group.x + 1];
  for (var c = t; c < p.channels; c += 64) {
    var sum = 0.0;
    for (var s = begin; s < end; s++) {
      sum += bitcast<f32>(lists[shares + s]) * dx[lists[rows + s] * p.row_floats + p.column + c];
    }
    dmap[(pixel - p.first) * p.channels + c] += p.gain * sum;
  }
}
