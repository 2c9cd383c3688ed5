// SPDX-License-Identifier: MIT
//
// 2x2 maximum over maps [height][width][channels], an odd last row or column being left out. `winners` has two bits a
// channel, sixteen channels a word: which of the window's pixels 00 01 10 11 won, the first of equals.
// A dispatch does the rows `first` to first + rows - 1 of the half map; `input` is bound from row 2 first on, `out`
// from row `first` on, `winners` whole. A thread does sixteen channels of a pixel.

struct Params { width: u32, channels: u32, first: u32, rows: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> input: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> winners: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let half = p.width / 2;
  let words = p.channels / 16;
  let quads = p.channels / 4;
  if (id.x >= half * words) { return; }
  let x = id.x / words;
  let group = id.x % words;
  var word = 0u;
  for (var q = 0u; q < 4; q++) {
    let at = (2 * id.y * p.width + 2 * x) * quads + 4 * group + q;
    var best = input[at];
    var winner = vec4u();
    for (var k = 1u; k < 4; k++) {
      let v = input[at + ((k / 2) * p.width + k % 2) * quads];
      winner = select(winner, vec4u(k), v > best);
      best = max(best, v);
    }
    out[(id.y * half + x) * quads + 4 * group + q] = best;
    word |= (winner.x | (winner.y << 2) | (winner.z << 4) | (winner.w << 6)) << (8 * q);
  }
  winners[((p.first + id.y) * half + x) * words + group] = word;
}
