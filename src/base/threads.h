/* SPDX-License-Identifier: MIT
 *
 * A pool of pthreads that runs the chunks of a loop. Chunks are the fixed partition of the work: their number and
 * borders depend on sizes only, never on the number of threads, and each writes its own results, so any number of
 * threads gives the same bytes. Which thread takes which chunk is dynamic (performance and efficiency cores). Workers
 * spin briefly, then sleep. Built without pthreads it is a plain loop. A task may not call threads_for.
 */
#ifndef THREADS_H
#define THREADS_H

typedef struct threads threads;

/* chunk: which piece of work; worker: 0 to threads_count - 1, to pick scratch memory, nothing else. */
typedef void threads_task(void *context, int chunk, int worker);

/* NULL when a thread cannot be started. The calling thread counts as one. */
threads *threads_create(int count);
void threads_destroy(threads *threads);
int threads_count(const threads *threads);

/* Runs task(context, chunk, worker) for every chunk in [0, chunks); returns when all are done. */
void threads_for(threads *threads, int chunks, threads_task *task, void *context);

/* Rows first to end - 1 of `count`, `grain` of them a chunk; the last chunk may be smaller. */
typedef void rows_task(void *context, int first, int end, int worker);
void threads_rows(threads *threads, int count, int grain, rows_task *task, void *context);

/* The same both ways: chunks of row_grain rows and column_grain columns, in row-major order. */
typedef void tiles_task(void *context, int row, int row_end, int column, int column_end, int worker);
void threads_tiles(threads *threads, int rows, int row_grain, int columns, int column_grain, tiles_task *task,
                   void *context);

#endif
