/* SPDX-License-Identifier: MIT
 *
 * splitmix64 (Steele, Lea, Flood, OOPSLA 2014): a counter stepped by the golden ratio, its value mixed. Bounded
 * numbers by Lemire's multiplication with rejection (ACM TOMACS 2019).
 */
#include "base/rng.h"

#include <assert.h>

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

rng rng_stream(uint64_t seed, int purpose, int a, int b)
{
    uint64_t key[3] = { (uint32_t)purpose, (uint32_t)a, (uint32_t)b };
    uint64_t state = mix(seed + GOLDEN);
    for (int i = 0; i < 3; i++)
        state = mix((state ^ key[i]) + GOLDEN);
    return (rng){ state };
}

static uint32_t next32(rng *r)
{
    r->state += GOLDEN;
    return (uint32_t)(mix(r->state) >> 32);
}

uint32_t rng_below(rng *r, uint32_t bound)
{
    assert(bound >= 1);
    uint32_t uneven = -bound % bound; /* 2^32 mod bound: so many low products would be favoured */
    uint64_t product;
    do product = (uint64_t)next32(r) * bound; while ((uint32_t)product < uneven);
    return (uint32_t)(product >> 32);
}
