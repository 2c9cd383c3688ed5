/* SPDX-License-Identifier: MIT
 *
 * One block of memory, handed out front to back in 64-byte steps. A layout function takes an arena and
 * calls arena_take for everything it will need; run on an arena without a block (base NULL) it only counts, so
 * the same code plans the memory and lays it out; block_take (engine.h) does both. It never frees; `arena_mark` and
 * `arena_reset` reuse the tail.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

typedef struct arena {
    unsigned char *base; /* NULL: planning, arena_take returns NULL and counts */
    size_t size;         /* of the block */
    size_t used, high;   /* now, and at most so far */
} arena;

/* 64-byte aligned memory for `count` things of `size` bytes. Asserts that the plan holds: running out here is a
 * defect. */
void *arena_take(arena *arena, size_t count, size_t size);
/* Whether what was planned is more than size_t can tell: `high` is SIZE_MAX then, and no block is large enough. */
int arena_too_large(const arena *plan);
/* What a piece must hold that serves two purposes in turns. */
static inline size_t arena_larger(size_t a, size_t b)
{
    return a > b ? a : b;
}
size_t arena_mark(const arena *arena);
void arena_reset(arena *arena, size_t mark);

#endif
