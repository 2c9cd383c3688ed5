/* SPDX-License-Identifier: MIT
 *
 * The two expressions by which counts are cut into pieces.
 */
#ifndef SIZES_H
#define SIZES_H

static inline int at_most(int value, int limit)
{
    return value < limit ? value : limit;
}

/* How many pieces of `size` it takes to hold `count` things; the last may be smaller. */
static inline int pieces(int count, int size)
{
    return (count + size - 1) / size;
}

#endif
