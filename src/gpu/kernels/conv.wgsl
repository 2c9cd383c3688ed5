// SPDX-License-Identifier: MIT
//
// 3x3 convolution on maps [height][width][channels], zero padding, as a product of matrices in tiles: rows are pixels,
// columns output channels, and the inner length is nine taps of `cin` channels. Both directions:
//
//   forward    out = relu(in * filters + bias), and the signs of what ReLU let through, a bit a channel
//   backward   out = conv^T(in where its sign is set), filters turned over and transposed by the caller
//
// filters: [9][cin][cout]; cin and cout are multiples of 64. A dispatch does the map's rows `first` to first + rows -
// 1; `input` is bound from row `in_first` on, `out` from row `first` on, `signs` whole. WGSL may assume that no number
// is NaN, so that ReLU may lose one: `flag` is raised by the bits of a sum that is not finite.
//
// Variants: BACKWARD.

struct Params { height: u32, width: u32, cin: u32, cout: u32, first: u32, rows: u32, in_first: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> input: array<vec4f>;
@group(0) @binding(2) var<storage, read> filters: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> signs: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> flag: array<u32>;

const TILE_M = 128u; // pixels
const TILE_N = 64u;  // output channels
const TILE_K = 16u;
const A_STRIDE = 33u; // vec4 a row, one more than it needs: fewer threads meet in a bank

var<workgroup> a_tile: array<vec4f, 528>; // [TILE_K][A_STRIDE]
var<workgroup> b_tile: array<vec4f, 256>; // [TILE_K][16]
var<workgroup> bits: array<atomic<u32>, 256>; // [TILE_M][2]

// Four channels of the pixel beside (y, x) by one tap, 0 outside of the map.
fn load(y: i32, x: i32, channel: u32) -> vec4f {
  if (y < 0 || x < 0 || y >= i32(p.height) || x >= i32(p.width)) { return vec4f(); }
  let v = input[((u32(y) - p.in_first) * p.width + u32(x)) * (p.cin / 4) + channel / 4];
  if (BACKWARD) {
    let word = signs[(u32(y) * p.width + u32(x)) * (p.cin / 32) + channel / 32] >> (channel % 32);
    return select(vec4f(), v, (vec4u(word) & vec4u(1, 2, 4, 8)) != vec4u());
  }
  return v;
}

fn finish(i: u32, sum: vec4f, m0: u32, n0: u32, tx: u32, ty: u32) {
  let m = m0 + 8 * ty + i;
  if (m >= p.rows * p.width) { return; }
  let at = m * (p.cout / 4) + n0 / 4 + tx;
  if (BACKWARD) {
    out[at] = sum;
    return;
  }
  let v = sum + bias[n0 / 4 + tx];
  if (any((bitcast<vec4u>(v) & vec4u(0x7f800000)) == vec4u(0x7f800000))) { flag[0] = 1; }
  out[at] = max(v, vec4f());
  let positive = select(vec4u(), vec4u(1, 2, 4, 8), v > vec4f());
  atomicOr(&bits[2 * (8 * ty + i) + tx / 8], (positive.x | positive.y | positive.z | positive.w) << (4 * (tx % 8)));
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let m0 = group.x * TILE_M;
  let n0 = group.y * TILE_N;
  let tx = t % 16;
  let ty = t / 16;
  // What a thread loads: the first 128 a block of four pixels by four channels, the next 64 one of the filters.
  let a_k = t % 4;
  let a_m = t / 4;
  let b_k = (t - 128) / 16;
  let b_n = t % 16;
  var y: array<i32, 4>;
  var x: array<i32, 4>;
  for (var i = 0u; i < 4; i++) {
    let m = m0 + 4 * a_m + i;
    y[i] = select(-9, i32(p.first + m / p.width), m < p.rows * p.width);
    x[i] = i32(m % p.width);
  }
  atomicStore(&bits[t], 0u);

  var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
  var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
  for (var tap = 0u; tap < 9; tap++) {
    let dy = i32(tap / 3) - 1;
    let dx = i32(tap % 3) - 1;
    for (var c = 0u; c < p.cin; c += TILE_K) {
      if (t < 128) {
        let channel = c + 4 * a_k;
        let v0 = load(y[0] + dy, x[0] + dx, channel);
        let v1 = load(y[1] + dy, x[1] + dx, channel);
        let v2 = load(y[2] + dy, x[2] + dx, channel);
        let v3 = load(y[3] + dy, x[3] + dx, channel);
        let at = 4 * a_k * A_STRIDE + a_m;
        a_tile[at] = vec4f(v0.x, v1.x, v2.x, v3.x);
        a_tile[at + A_STRIDE] = vec4f(v0.y, v1.y, v2.y, v3.y);
        a_tile[at + 2 * A_STRIDE] = vec4f(v0.z, v1.z, v2.z, v3.z);
        a_tile[at + 3 * A_STRIDE] = vec4f(v0.w, v1.w, v2.w, v3.w);
      } else if (t < 192) {
        for (var k = 4 * b_k; k < 4 * b_k + 4; k++) {
          b_tile[16 * k + b_n] = filters[((tap * p.cin + c + k) * p.cout + n0) / 4 + b_n];
        }
      }
      workgroupBarrier();
      for (var k = 0u; k < TILE_K; k++) {
        let b = b_tile[16 * k + tx];
        let above = a_tile[A_STRIDE * k + 2 * ty];
        let below = a_tile[A_STRIDE * k + 2 * ty + 1];
        s0 += above.x * b;
        s1 += above.y * b;
        s2 += above.z * b;
        s3 += above.w * b;
        s4 += below.x * b;
        s5 += below.y * b;
        s6 += below.z * b;
        s7 += below.w * b;
      }
      workgroupBarrier();
    }
  }
  finish(0, s0, m0, n0, tx, ty);
  finish(1, s1, m0, n0, tx, ty);
  finish(2, s2, m0, n0, tx, ty);
  finish(3, s3, m0, n0, tx, ty);
  finish(4, s4, m0, n0, tx, ty);
  finish(5, s5, m0, n0, tx, ty);
  finish(6, s6, m0, n0, tx, ty);
  finish(7, s7, m0, n0, tx, ty);
  if (BACKWARD) { return; }
  workgroupBarrier();
  let m = m0 + t / 2;
  if (m < p.rows * p.width) {
    signs[(p.first * p.width + m) * (p.cout / 32) + n0 / 32 + t % 2] = atomicLoad(&bits[t]);
  }
}
