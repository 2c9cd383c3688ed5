// SPDX-License-Identifier: MIT
//
// Relaxed transport's two sides from the minima: terms[slot] = mean of the rows' costs, terms[slot + 1] = mean of the
// columns' weighted by how often each was drawn. The larger one is the term, and its pairs are the way back:
// verdict[0] = 1 where the rows win, verdict[1] = as bits the share of a row, 1 / n, or of a draw, 1 / draws.
// One workgroup.

struct Params { style: u32, slot: u32, draws: f32 }
struct Sample { n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> sample: Sample;
@group(0) @binding(2) var<storage, read> rows: array<vec2u>;
@group(0) @binding(3) var<storage, read> columns: array<vec2u>;
@group(0) @binding(4) var<storage, read> style: array<vec2f>; // 1 / |B_j|, how often j was drawn
@group(0) @binding(5) var<storage, read_write> terms: array<f32>;
@group(0) @binding(6) var<storage, read_write> verdict: array<u32>;

var<workgroup> part: array<vec2f, 256>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) t: u32) {
  var sum = vec2f();
  for (var i = t; i < sample.n; i += 256) { sum.x += bitcast<f32>(rows[i].x); }
  for (var j = t; j < p.style; j += 256) { sum.y += style[j].y * bitcast<f32>(columns[j].x); }
  part[t] = sum;
  for (var half = 128u; half > 0; half /= 2) {
    workgroupBarrier();
    if (t < half) { part[t] += part[t + half]; }
  }
  if (t > 0) { return; }
  let share = 1 / vec2f(f32(max(sample.n, 1)), p.draws);
  let means = part[0] * share;
  terms[p.slot] = means.x;
  terms[p.slot + 1] = means.y;
  verdict[0] = select(0u, 1u, means.x >= means.y);
  verdict[1] = bitcast<u32>(select(share.y, share.x, means.x >= means.y));
}
