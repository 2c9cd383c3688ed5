/* SPDX-License-Identifier: MIT
 *
 * Planning and laying out agree; pieces are aligned, apart and inside the block; reset gives the tail back.
 */
#include "base/arena.h"
#include "check.h"

#include <stdint.h>
#include <stdlib.h>

static const size_t sizes[] = { 1, 64, 0, 65, 1000, 63, 4096 };
enum { PIECES = sizeof sizes / sizeof sizes[0] };

static void layout(unsigned char *piece[PIECES], arena *arena)
{
    size_t mark = arena_mark(arena);
    arena_take(arena, 100, 100);
    arena_reset(arena, mark);
    for (int i = 0; i < PIECES; i++)
        piece[i] = arena_take(arena, sizes[i], 1);
}

int main(void)
{
    unsigned char *piece[PIECES];
    arena plan = { 0 };
    layout(piece, &plan);
    for (int i = 0; i < PIECES; i++)
        CHECK(piece[i] == NULL);
    CHECK(plan.high >= 10000 && plan.used < plan.high && plan.high % 64 == 0);

    unsigned char *block = aligned_alloc(64, plan.high);
    arena real = { .base = block, .size = plan.high };
    layout(piece, &real);
    CHECK(real.high == plan.high && real.used == plan.used);
    for (int i = 0; i < PIECES; i++) {
        CHECK((uintptr_t)piece[i] % 64 == 0);
        CHECK(piece[i] + sizes[i] <= block + plan.high);
        CHECK(i == 0 || piece[i] >= piece[i - 1] + sizes[i - 1]);
        memset(piece[i], i, sizes[i]);
    }
    for (int i = 0; i < PIECES; i++)
        CHECK(sizes[i] == 0 || (piece[i][0] == i && piece[i][sizes[i] - 1] == i));

    size_t mark = arena_mark(&real);
    arena_reset(&real, 0);
    CHECK(arena_take(&real, 5, 1) == block && arena_mark(&real) < mark);
    free(block);

    static const size_t large[][2] = {{SIZE_MAX - 100, 1}, {SIZE_MAX, 1}, {SIZE_MAX / 2 + 2, 2}, {4, SIZE_MAX / 4 + 1},
                                      {SIZE_MAX, SIZE_MAX}};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        arena huge = { 0 };
        arena_take(&huge, large[i][0], large[i][1]);
        arena_take(&huge, 4096, 1);
        CHECK(arena_too_large(&huge) && huge.high == SIZE_MAX);
        arena_reset(&huge, 0);
        arena_take(&huge, 4096, 1);
        CHECK(arena_too_large(&huge)); /* what was planned once */
    }
    arena none = { 0 };
    arena_take(&none, 0, SIZE_MAX);
    arena_take(&none, SIZE_MAX, 0);
    CHECK(!arena_too_large(&none));
    return check_report();
}
