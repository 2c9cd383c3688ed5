// SPDX-License-Identifier: MIT
//
// A rung of the pyramid's fold: out = level + up(below), up being bilinear with half-pixel centres (resize.c): output i
// of m lies at ((2 i + 1) n - m) / (2 m) of n, held at 0, in whole numbers. Pictures of three floats a pixel; level
// and below begin at a float of their buffers.

struct Params {
  height: u32, width: u32, below_height: u32, below_width: u32, level: u32, below: u32
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> levels: array<f32>;
@group(0) @binding(2) var<storage, read> sums: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

struct Place { low: u32, high: u32, fraction: f32 }

fn place_of(i: u32, m: u32, n: u32) -> Place {
  let twice = (2 * i + 1) * n;
  let at = select(0u, twice - m, twice > m);
  let low = at / (2 * m);
  return Place(low, min(low + 1, n - 1), f32(at % (2 * m)) / f32(2 * m));
}

fn colour(y: u32, x: u32) -> vec3f {
  let at = p.below + 3 * (y * p.below_width + x);
  return vec3f(sums[at], sums[at + 1], sums[at + 2]);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.width) { return; }
  let y = place_of(id.y, p.height, p.below_height);
  let x = place_of(id.x, p.width, p.below_width);
  let top = mix(colour(y.low, x.low), colour(y.low, x.high), x.fraction);
  let bottom = mix(colour(y.high, x.low), colour(y.high, x.high), x.fraction);
  let v = mix(top, bottom, y.fraction);
  let at = 3 * (id.y * p.width + id.x);
  for (var c = 0u; c < 3; c++) { out[at + c] = levels[p.level + at + c] + v[c]; }
}
