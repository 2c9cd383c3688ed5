/* SPDX-License-Identifier: MIT
 *
 * Bump allocation. A plan and its layout take the same steps, so a block of the plan's `high` bytes always suffices;
 * a plan too large for size_t stops at SIZE_MAX instead of wrapping round.
 * An arena would hide overruns from AddressSanitizer, so that build puts a poisoned gap after every piece.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
enum { ARENA_GAP = 64 };
#else
#define ASAN_POISON_MEMORY_REGION(from, bytes) ((void)(from), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(from, bytes) ((void)(from), (void)(bytes))
enum { ARENA_GAP = 0 };
#endif

enum { ARENA_STEP = 64 };

void *arena_take(arena *arena, size_t count, size_t size)
{
    size_t bytes = size && count > SIZE_MAX / size ? SIZE_MAX : count * size;
    size_t room = SIZE_MAX - arena->used;
    size_t padding = ARENA_STEP - 1 + ARENA_GAP;
    size_t taken = bytes > room || padding > room - bytes
        ? room : (bytes + padding) / ARENA_STEP * ARENA_STEP;
    unsigned char *piece = NULL;
    if (arena->base) {
        assert((uintptr_t)arena->base % ARENA_STEP == 0);
        assert(taken <= arena->size - arena->used);
        piece = arena->base + arena->used;
        ASAN_POISON_MEMORY_REGION(piece, taken);
        ASAN_UNPOISON_MEMORY_REGION(piece, bytes);
    }
    arena->used += taken;
    if (arena->high < arena->used)
        arena->high = arena->used;
    return piece;
}

int arena_too_large(const arena *plan)
{
    return plan->high == SIZE_MAX;
}

size_t arena_mark(const arena *arena)
{
    return arena->used;
}

void arena_reset(arena *arena, size_t mark)
{
    assert(mark <= arena->used);
    if (arena->base)
        ASAN_UNPOISON_MEMORY_REGION(arena->base + mark, arena->used - mark);
    arena->used = mark;
}
