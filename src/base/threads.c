/* SPDX-License-Identifier: MIT
 *
 * The pool behind threads_for. One atomic counter hands out the chunks: `unclaimed` counts down, and whoever takes it
 * from n to n - 1 owns chunk number chunks - n. A claim that succeeds proves that the loop is still running, so task,
 * context and chunks may be read plainly after it, and a worker that wakes too late finds nothing to claim and holds
 * nobody up. Workers look for work SPINS times before they sleep, for a wake-up costs about as much as a small loop.
 */
#include "base/threads.h"

#include <assert.h>
#include <stdlib.h>

#include "base/sizes.h"

#if defined(__EMSCRIPTEN__) && !defined(__EMSCRIPTEN_PTHREADS__)

struct threads {
    int count;
};

threads *threads_create(int count)
{
    assert(count >= 1);
    threads *threads = malloc(sizeof *threads);
    if (threads)
        threads->count = 1;
    return threads;
}

void threads_destroy(threads *threads)
{
    free(threads);
}

int threads_count(const threads *threads)
{
    return threads->count;
}

void threads_for(threads *threads, int chunks, threads_task *task, void *context)
{
    (void)threads;
    for (int chunk = 0; chunk < chunks; chunk++)
        task(context, chunk, 0);
}

#else

#include <pthread.h>
#include <stdatomic.h>

enum { SPINS = 20000, STACK_BYTES = 512 * 1024 };

typedef struct worker {
    threads *threads;
    int index;
    pthread_t handle;
} worker;

struct threads {
    atomic_int unclaimed, unfinished; /* chunks of the loop that runs */
    atomic_int sleepers;              /* workers that need `work` to wake */
    atomic_int caller_sleeps, stop;
    threads_task *task;
    void *context;
    int chunks, count;
    pthread_mutex_t mutex;
    pthread_cond_t work, finished;
    worker workers[]; /* count - 1 of them: the caller is worker 0 */
};

/* Runs chunks until none is left to claim. */
static void run_chunks(threads *threads, int index)
{
    int left = atomic_load(&threads->unclaimed);
    while (left > 0) {
        if (!atomic_compare_exchange_weak(&threads->unclaimed, &left, left - 1))
            continue;
        threads->task(threads->context, threads->chunks - left, index);
        if (atomic_fetch_sub(&threads->unfinished, 1) == 1 && atomic_load(&threads->caller_sleeps)) {
            pthread_mutex_lock(&threads->mutex);
            pthread_cond_signal(&threads->finished);
            pthread_mutex_unlock(&threads->mutex);
        }
        left = atomic_load(&threads->unclaimed);
    }
}

static void *worker_main(void *argument)
{
    worker *worker = argument;
    threads *threads = worker->threads;
    while (!atomic_load(&threads->stop)) {
        int spins = SPINS;
        while (atomic_load(&threads->unclaimed) == 0 && spins > 0)
            spins--;
        if (spins == 0) {
            pthread_mutex_lock(&threads->mutex);
            atomic_fetch_add(&threads->sleepers, 1);
            while (atomic_load(&threads->unclaimed) == 0 && !atomic_load(&threads->stop))
                pthread_cond_wait(&threads->work, &threads->mutex);
            atomic_fetch_sub(&threads->sleepers, 1);
            pthread_mutex_unlock(&threads->mutex);
        }
        run_chunks(threads, worker->index);
    }
    return NULL;
}

static void wake_workers(threads *threads)
{
    if (atomic_load(&threads->sleepers) == 0)
        return;
    pthread_mutex_lock(&threads->mutex);
    pthread_cond_broadcast(&threads->work);
    pthread_mutex_unlock(&threads->mutex);
}

threads *threads_create(int count)
{
    assert(count >= 1);
    threads *threads = calloc(1, sizeof *threads + (size_t)(count - 1) * sizeof(worker));
    if (!threads)
        return NULL;
    threads->count = 1;
    pthread_mutex_init(&threads->mutex, NULL);
    pthread_cond_init(&threads->work, NULL);
    pthread_cond_init(&threads->finished, NULL);

    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    while (threads->count < count) {
        worker *worker = &threads->workers[threads->count - 1];
        worker->threads = threads;
        worker->index = threads->count;
        if (pthread_create(&worker->handle, &attributes, worker_main, worker) != 0)
            break;
        threads->count++;
    }
    pthread_attr_destroy(&attributes);
    if (threads->count == count)
        return threads;
    threads_destroy(threads);
    return NULL;
}

void threads_destroy(threads *threads)
{
    if (!threads)
        return;
    atomic_store(&threads->stop, 1);
    wake_workers(threads);
    for (int i = 0; i < threads->count - 1; i++)
        pthread_join(threads->workers[i].handle, NULL);
    pthread_cond_destroy(&threads->finished);
    pthread_cond_destroy(&threads->work);
    pthread_mutex_destroy(&threads->mutex);
    free(threads);
}

int threads_count(const threads *threads)
{
    return threads->count;
}

void threads_for(threads *threads, int chunks, threads_task *task, void *context)
{
    if (threads->count == 1 || chunks <= 1) {
        for (int chunk = 0; chunk < chunks; chunk++)
            task(context, chunk, 0);
        return;
    }
    threads->task = task;
    threads->context = context;
    threads->chunks = chunks;
    atomic_store(&threads->unfinished, chunks);
    atomic_store(&threads->unclaimed, chunks);
    wake_workers(threads);
    run_chunks(threads, 0);

    for (int spins = SPINS; atomic_load(&threads->unfinished) > 0 && spins > 0; spins--)
        ;
    if (atomic_load(&threads->unfinished) == 0)
        return;
    pthread_mutex_lock(&threads->mutex);
    atomic_store(&threads->caller_sleeps, 1);
    while (atomic_load(&threads->unfinished) > 0)
        pthread_cond_wait(&threads->finished, &threads->mutex);
    atomic_store(&threads->caller_sleeps, 0);
    pthread_mutex_unlock(&threads->mutex);
}

#endif

/* ---- chunks of rows, and of rows and columns -------------------------------------------------------------------- */

typedef struct row_loop {
    rows_task *task;
    void *context;
    int count, grain;
} row_loop;

static void rows_chunk(void *context, int chunk, int worker)
{
    const row_loop *l = context;
    const int first = chunk * l->grain;
    l->task(l->context, first, at_most(first + l->grain, l->count), worker);
}

void threads_rows(threads *threads, int count, int grain, rows_task *task, void *context)
{
    row_loop loop = {task, context, count, grain};
    threads_for(threads, pieces(count, grain), rows_chunk, &loop);
}

typedef struct tile_loop {
    tiles_task *task;
    void *context;
    int rows, row_grain, columns, column_grain;
} tile_loop;

static void tiles_chunk(void *context, int chunk, int worker)
{
    const tile_loop *l = context;
    const int across = pieces(l->columns, l->column_grain);
    const int row = chunk / across * l->row_grain, column = chunk % across * l->column_grain;
    l->task(l->context, row, at_most(row + l->row_grain, l->rows), column,
            at_most(column + l->column_grain, l->columns), worker);
}

void threads_tiles(threads *threads, int rows, int row_grain, int columns, int column_grain, tiles_task *task,
                   void *context)
{
    tile_loop loop = {task, context, rows, row_grain, columns, column_grain};
    threads_for(threads, pieces(rows, row_grain) * pieces(columns, column_grain), tiles_chunk, &loop);
}
