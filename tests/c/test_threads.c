/* SPDX-License-Identifier: MIT
 *
 * The pool: every chunk runs exactly once and under a valid worker number, no two chunks at a time under the same one;
 * what chunks wrote is seen after the loop; rows and tiles cover all there is, once; many loops in a row, short and
 * long, with the workers awake and asleep; pools made and destroyed over and over, also unused. In a build without
 * pthreads the same holds for the plain loop.
 */
#include "check.h"

#include <stdatomic.h>
#include <time.h>

#include "base/threads.h"

enum { CHUNKS = 300, WORKERS = 4 };

typedef struct loop {
    int runs[CHUNKS]; /* plain: a chunk that ran twice at a time would be a race for the thread sanitizer */
    atomic_int busy[WORKERS], faults;
    int count, work;
} loop;

static void count_chunk(void *context, int chunk, int worker)
{
    loop *l = context;
    if (chunk < 0 || chunk >= CHUNKS || worker < 0 || worker >= l->count ||
        atomic_fetch_add(&l->busy[worker], 1) != 0) {
        atomic_fetch_add(&l->faults, 1);
        return;
    }
    volatile float x = 1;
    for (int i = 0; i < l->work; i++)
        x = x * 0.5f + 1;
    l->runs[chunk]++;
    atomic_fetch_sub(&l->busy[worker], 1);
}

static double now(void)
{
    struct timespec time;
    timespec_get(&time, TIME_UTC);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Longer than the workers look for work before they sleep. */
static void rest(void)
{
    for (const double end = now() + 0.01; now() < end;)
        ;
}

static void check_loop(threads *pool, loop *l, int chunks, int work)
{
    memset(l->runs, 0, sizeof l->runs);
    l->work = work;
    threads_for(pool, chunks, count_chunk, l);
    int once = 1;
    for (int i = 0; i < CHUNKS; i++)
        once &= l->runs[i] == (i < chunks);
    CHECK(once);
}

/* Rows and tiles cover all that is there, once, in pieces of no more than the grain. */
enum { ROWS = 23, COLUMNS = 17 };

typedef struct cover {
    atomic_int seen[ROWS][COLUMNS], chunks, too_large;
    int row_grain, column_grain;
} cover;

static void cover_tile(void *context, int row, int row_end, int column, int column_end, int worker)
{
    cover *c = context;
    (void)worker;
    atomic_fetch_add(&c->chunks, 1);
    atomic_fetch_or(&c->too_large, row % c->row_grain || row_end - row > c->row_grain || column % c->column_grain ||
                                   column_end - column > c->column_grain);
    for (int r = row; r < row_end; r++)
        for (int k = column; k < column_end; k++)
            atomic_fetch_add(&c->seen[r][k], 1);
}

static void cover_rows(void *context, int first, int end, int worker)
{
    cover_tile(context, first, end, 0, 1, worker);
}

static void check_cover(threads *pool, int rows, int row_grain, int columns, int column_grain)
{
    cover tiles = {.row_grain = row_grain, .column_grain = column_grain}, lines = tiles;
    threads_tiles(pool, rows, row_grain, columns, column_grain, cover_tile, &tiles);
    threads_rows(pool, rows, row_grain, cover_rows, &lines);
    const int down = (rows + row_grain - 1) / row_grain, across = (columns + column_grain - 1) / column_grain;
    CHECK(tiles.chunks == down * across && lines.chunks == down && !tiles.too_large && !lines.too_large);
    int once = 1;
    for (int r = 0; r < ROWS; r++)
        for (int k = 0; k < COLUMNS; k++) {
            once &= tiles.seen[r][k] == (r < rows && k < columns);
            once &= lines.seen[r][k] == (r < rows && k == 0);
        }
    CHECK(once);
}

int main(void)
{
    for (int count = 1; count <= WORKERS; count++) {
        threads *pool = threads_create(count);
        CHECK(pool);
        loop l = {.count = threads_count(pool)};
        CHECK(l.count == count || l.count == 1);
        for (int grain = 1; grain <= ROWS + 1; grain++)
            for (int columns = 1; columns <= COLUMNS; columns += 8) {
                check_cover(pool, ROWS, grain, columns, grain % 5 + 1);
                check_cover(pool, grain - 1, 4, columns, grain);
            }
        for (int i = 0; i < 2000; i++)
            check_loop(pool, &l, i % (CHUNKS + 1), 0);
        for (int i = 0; i < 5; i++) {
            rest();
            check_loop(pool, &l, i == 0 ? count : CHUNKS, 1000);
            check_loop(pool, &l, 2, 300000); /* the caller sleeps until the other chunk is done */
        }
        CHECK(l.faults == 0);
        threads_destroy(pool);
    }
    for (int i = 0; i < 40; i++) {
        threads *pool = threads_create(1 + i % WORKERS);
        loop l = {.count = threads_count(pool)};
        if (i % 3 == 0)
            rest();
        if (i % 2)
            check_loop(pool, &l, CHUNKS, 10);
        CHECK(l.faults == 0);
        threads_destroy(pool);
    }
    threads_destroy(NULL);
    return check_report();
}
