// SPDX-License-Identifier: MIT
//
// Costs of the palette term between colours turned so that grey stands apart, a = R rgb:
//
//   C_ij = 1 - <a_i, b_j> / (|a_i| |b_j|) + sqrt(clamp(|a_i - b_j|^2, NEAREST, FARTHEST) / 3)
//
// x: rows of row_floats, rgb being the first three; palette: [3][style] turned already; cost: [rows][columns].

struct Params { columns: u32, style: u32, row_floats: u32, turn0: vec3f, turn1: vec3f, turn2: vec3f }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> palette: array<f32>;
@group(0) @binding(3) var<storage, read_write> cost: array<f32>;

const NEAREST = 1e-5;
const FARTHEST = 1e5;

fn inverse_of(square: f32) -> f32 {
  return select(0.0, inverseSqrt(square), square > 0);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.style) { return; }
  let source = id.y * p.row_floats;
  let rgb = vec3f(x[source], x[source + 1], x[source + 2]);
  let a = vec3f(dot(p.turn0, rgb), dot(p.turn1, rgb), dot(p.turn2, rgb));
  let b = vec3f(palette[id.x], palette[p.style + id.x], palette[2 * p.style + id.x]);
  let square_a = dot(a, a);
  let square_b = dot(b, b);
  let product = dot(a, b);
  let apart = clamp(square_a + square_b - 2 * product, NEAREST, FARTHEST);
  cost[id.y * p.columns + id.x] = 1 - product * inverse_of(square_a) * inverse_of(square_b) + sqrt(apart / 3);
}
