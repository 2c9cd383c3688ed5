// SPDX-License-Identifier: MIT
//
// The lowest of each row's costs [..][columns] among the first `style`, and its column, the first of equals.
// lowest[i] = (cost, column as bits). A workgroup does a row.

struct Params { columns: u32, style: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> cost: array<f32>;
@group(0) @binding(2) var<storage, read_write> lowest: array<vec2u>;

const FAR = 3.4e38;

var<workgroup> least: array<f32, 256>;
var<workgroup> place: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  var best = FAR;
  var winner = 0u;
  for (var j = t; j < p.style; j += 256) {
    let c = cost[group.x * p.columns + j];
    if (c < best) {
      best = c;
      winner = j;
    }
  }
  least[t] = best;
  place[t] = winner;
  for (var half = 128u; half > 0; half /= 2) {
    workgroupBarrier();
    if (t < half) {
      let other = least[t + half];
      if (other < least[t] || (other == least[t] && place[t + half] < place[t])) {
        least[t] = other;
        place[t] = place[t + half];
      }
    }
  }
  if (t == 0) { lowest[group.x] = vec2u(bitcast<u32>(least[0]), place[0]); }
}
