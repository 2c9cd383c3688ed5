// SPDX-License-Identifier: MIT
//
// The network's first layer, from a picture [height][width][3] of rgb: z = (rgb - mean) / spread inside of the picture
// and 0 around it, then 3x3 convolution to 64 channels with bias, ReLU and signs as in conv.wgsl.
// filters: [9][3][64]. A dispatch does the rows `first` to first + rows - 1; `out` is bound from row `first` on.

struct Params { height: u32, width: u32, first: u32, rows: u32, mean: vec3f, spread: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read> filters: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> signs: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> flag: array<u32>;

const PIXELS = 16u; // by sixteen threads of four channels

var<workgroup> bits: array<atomic<u32>, 32>; // [PIXELS][2]

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let quad = t % 16;
  let m = group.x * PIXELS + t / 16;
  let inside = m < p.rows * p.width;
  if (t < 2 * PIXELS) { atomicStore(&bits[t], 0u); }
  workgroupBarrier();
  if (inside) {
    let y = i32(p.first + m / p.width);
    let x = i32(m % p.width);
    var sum = bias[quad];
    for (var tap = 0u; tap < 9; tap++) {
      let v = y + i32(tap / 3) - 1;
      let u = x + i32(tap % 3) - 1;
      if (v < 0 || u < 0 || v >= i32(p.height) || u >= i32(p.width)) { continue; }
      let at = 3 * (u32(v) * p.width + u32(u));
      let z = (vec3f(image[at], image[at + 1], image[at + 2]) - p.mean) / p.spread;
      sum += z.x * filters[48 * tap + quad] + z.y * filters[48 * tap + 16 + quad] + z.z * filters[48 * tap + 32 + quad];
    }
    if (any((bitcast<vec4u>(sum) & vec4u(0x7f800000)) == vec4u(0x7f800000))) { flag[0] = 1; }
    out[16 * m + quad] = max(sum, vec4f());
    let positive = select(vec4u(), vec4u(1, 2, 4, 8), sum > vec4f());
    atomicOr(&bits[2 * (t / 16) + quad / 8], (positive.x | positive.y | positive.z | positive.w) << (4 * (quad % 8)));
  }
  workgroupBarrier();
  let pixel = group.x * PIXELS + t / 2;
  if (t < 2 * PIXELS && pixel < p.rows * p.width) {
    signs[2 * (p.first * p.width + pixel) + t % 2] = atomicLoad(&bits[t]);
  }
}
