// SPDX-License-Identifier: MIT
//
// The lowest of each column's costs [..][columns] among the first n rows, and its row, the first of equals.
// lowest[j] = (cost, row as bits). A workgroup does 64 columns, four threads a column.

struct Params { columns: u32 }
struct Sample { n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> sample: Sample;
@group(0) @binding(2) var<storage, read> cost: array<f32>;
@group(0) @binding(3) var<storage, read_write> lowest: array<vec2u>;

const FAR = 3.4e38;

var<workgroup> least: array<f32, 256>;
var<workgroup> place: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let j = 64 * group.x + t % 64;
  var best = FAR;
  var winner = 0u;
  for (var i = t / 64; i < sample.n; i += 4) {
    let c = cost[i * p.columns + j];
    if (c < best) {
      best = c;
      winner = i;
    }
  }
  least[t] = best;
  place[t] = winner;
  workgroupBarrier();
  if (t >= 64) { return; }
  for (var part = t + 64; part < 256; part += 64) {
    if (least[part] < best || (least[part] == best && place[part] < winner)) {
      best = least[part];
      winner = place[part];
    }
  }
  lowest[j] = vec2u(bitcast<u32>(best), winner);
}
