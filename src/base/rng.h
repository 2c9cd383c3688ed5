/* SPDX-License-Identifier: MIT
 *
 * Counter-based random numbers: a stream is a pure function of (seed, purpose, a, b), so nothing of it needs saving and
 * any iteration's draws can be repeated. The generator is splitmix64.
 */
#ifndef RNG_H
#define RNG_H

#include <stdint.h>

typedef struct rng { uint64_t state; } rng;
enum { RNG_STYLE, RNG_CANDIDATES, RNG_POSITIONS, RNG_EVALUATE, RNG_DISTANCES };

rng rng_stream(uint64_t seed, int purpose, int a, int b);
uint32_t rng_below(rng *r, uint32_t bound); /* uniform in [0, bound), bound >= 1, unbiased */

#endif
