/* SPDX-License-Identifier: MIT
 *
 * The pool: every chunk runs exactly once and under a valid worker number, no two chunks at a time under the same one;
 * what chunks wrote is seen after the loop; many loops in a row, short and long, with the workers awake and asleep;
 * pools made and destroyed over and over, also unused. In a build without pthreads the same holds for the plain loop.
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

int main(void)
{
    for (int count = 1; count <= WORKERS; count++) {
        threads *pool = threads_create(count);
        CHECK(pool);
        loop l = {.count = threads_count(pool)};
        CHECK(l.count == count || l.count == 1);
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
