/* SPDX-License-Identifier: MIT
 *
 * What a computation runs on: the threads that share its loops, and the arena from which it takes its working memory.
 * It gives back all that it has taken, and takes no more than was planned for as many workers as there are threads.
 */
#ifndef EXEC_H
#define EXEC_H

#include "base/arena.h"
#include "base/threads.h"

typedef struct exec {
    threads *threads;
    arena *scratch;
} exec;

#endif
