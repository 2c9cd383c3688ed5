// SPDX-License-Identifier: MIT
//
// The way back of relaxed transport, through the winning pairs (i, j) of the larger side (matches.wgsl), each with its
// weight w (a row's share, or a draw's times how often j was drawn):
//
//   dX_i += sum over i's pairs of factor w ((1 - C_ij) X_i / |X_i|^2 - Y_j / (|X_i| |Y_j|))
//
// x, dx, y: rows of STRIDE floats. A workgroup does a row; where the columns win, its threads look through all of them
// together, 256 at a time, and take those that chose row i in their order.

struct Params { style: u32 }
struct Sample { n: u32, content: f32, transport: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> sample: Sample;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> y: array<f32>;
@group(0) @binding(4) var<storage, read> inverse: array<f32>; // 1 / |X_i|
@group(0) @binding(5) var<storage, read> style: array<vec2f>; // 1 / |Y_j|, how often j was drawn
@group(0) @binding(6) var<storage, read> rows: array<vec2u>;
@group(0) @binding(7) var<storage, read> columns: array<vec2u>;
@group(0) @binding(8) var<storage, read> verdict: array<u32>;
@group(0) @binding(9) var<storage, read_write> dx: array<f32>;

const STRIDE = 2304u;
const PARTS = 9u; // floats a thread

var<workgroup> chosen: array<atomic<u32>, 8>;
var<private> sum: array<f32, PARTS>;
var<private> along: f32; // of X_i

fn take_pair(i: u32, j: u32, cost: f32, weight: f32, t: u32) {
  let own = inverse[i];
  along += weight * (1 - cost) * own * own;
  let coefficient = weight * own * style[j].x;
  for (var q = 0u; q < PARTS; q++) { sum[q] -= coefficient * y[j * STRIDE + 256 * q + t]; }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let i = group.x;
  if (i >= sample.n) { return; }
  let weight = sample.transport * bitcast<f32>(verdict[1]);
  if (verdict[0] == 1) {
    take_pair(i, rows[i].y, bitcast<f32>(rows[i].x), weight, t);
  } else {
    for (var first = 0u; first < p.style; first += 256) {
      workgroupBarrier();
      if (t < 8) { atomicStore(&chosen[t], 0u); }
      workgroupBarrier();
      if (first + t < p.style && columns[first + t].y == i) { atomicOr(&chosen[t / 32], 1u << (t % 32)); }
      workgroupBarrier();
      for (var word = 0u; word < 8; word++) {
        for (var bits = atomicLoad(&chosen[word]); bits != 0; bits &= bits - 1) {
          let j = first + 32 * word + countTrailingZeros(bits);
          take_pair(i, j, bitcast<f32>(columns[j].x), weight * style[j].y, t);
        }
      }
    }
  }
  for (var q = 0u; q < PARTS; q++) {
    let at = i * STRIDE + 256 * q + t;
    dx[at] += sum[q] + along * x[at];
  }
}
