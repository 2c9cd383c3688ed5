// SPDX-License-Identifier: MIT
//
// The way back of the palette term (palette_cost.wgsl has the cost) through the winning pairs of the larger side, a
// thread a row. No gradient flows through the clamp, nor through the angle of a black pixel.

struct Params { style: u32, row_floats: u32, turn0: vec3f, turn1: vec3f, turn2: vec3f }
struct Sample { n: u32, content: f32, transport: f32, moment_mean: f32, moment: f32, palette: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> sample: Sample;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> palette: array<f32>;
@group(0) @binding(4) var<storage, read> style: array<vec2f>; // .y: how often j was drawn
@group(0) @binding(5) var<storage, read> rows: array<vec2u>;
@group(0) @binding(6) var<storage, read> columns: array<vec2u>;
@group(0) @binding(7) var<storage, read> verdict: array<u32>;
@group(0) @binding(8) var<storage, read_write> dx: array<f32>;

const NEAREST = 1e-5;
const FARTHEST = 1e5;

fn inverse_of(square: f32) -> f32 {
  return select(0.0, inverseSqrt(square), square > 0);
}

// dC_ij / da_i.
fn slope(a: vec3f, j: u32) -> vec3f {
  let b = vec3f(palette[j], palette[p.style + j], palette[2 * p.style + j]);
  let product = dot(a, b);
  let own = inverse_of(dot(a, a));
  let square = clamp(dot(a, a) + dot(b, b) - 2 * product, NEAREST, FARTHEST);
  let apart = select(0.0, 1 / (3 * sqrt(square / 3)), square > NEAREST && square < FARTHEST);
  return own * inverse_of(dot(b, b)) * (product * own * own * a - b) + apart * (a - b);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= sample.n) { return; }
  let at = i * p.row_floats;
  let rgb = vec3f(x[at], x[at + 1], x[at + 2]);
  let a = vec3f(dot(p.turn0, rgb), dot(p.turn1, rgb), dot(p.turn2, rgb));
  var da = vec3f();
  if (verdict[0] == 1) {
    da = slope(a, rows[i].y);
  } else {
    for (var j = 0u; j < p.style; j++) {
      if (columns[j].y == i) { da += style[j].y * slope(a, j); }
    }
  }
  da *= sample.palette * bitcast<f32>(verdict[1]);
  let drgb = da.x * p.turn0 + da.y * p.turn1 + da.z * p.turn2;
  dx[at] += drgb.x;
  dx[at + 1] += drgb.y;
  dx[at + 2] += drgb.z;
}
