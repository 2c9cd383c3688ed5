/* SPDX-License-Identifier: MIT
 *
 * What the engine's own files share of the engine handle: threads, the network, and the one error sentence. Not public.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include "base/arena.h"
#include "strotss.h"
#include "base/threads.h"
#include "network/vgg16.h"

struct strotss_engine {
    threads *threads;
    void *network;          /* the block behind net; NULL until weights are loaded */
    vgg16 net;
    uint64_t weights_digest;
    char error[256];
};

/* Notes the sentence and returns the status, so that a failure is one line: return engine_fail(...). */
strotss_status engine_fail(strotss_engine *engine, strotss_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Lays out everything that `context` needs, in the same order each time. */
typedef void block_layout(void *context, arena *arena);

/* Plans what `layout` takes, gets one block of just that size, and lays it out there. OUT_OF_MEMORY, in a sentence that
 * begins with `what` and ends in `advice` ("; choose ..." or nothing), without having laid out anything.
 * Freed with block_free(block->base). */
strotss_status block_take(arena *block, strotss_engine *engine, const char *what, const char *advice,
                          block_layout *layout, void *context);
void block_free(void *base);

/* BAD_ARGUMENT with a sentence unless the caller gave a place for the result. */
strotss_status engine_check_result(strotss_engine *engine, const void *result);

/* BAD_WEIGHTS unless weights are loaded. */
strotss_status engine_check_network(strotss_engine *engine);

/* Whether pictures may be of this size. */
int engine_takes_size(int width, int height);

/* BAD_IMAGE with a sentence naming `what` unless the picture has usable sides. */
strotss_status engine_check_image(strotss_engine *engine, const strotss_image *image, const char *what);
/* The same for a picture that is drawn from: BAD_IMAGE too if it is wholly transparent. */
strotss_status engine_check_seen(strotss_engine *engine, const strotss_image *image, const char *what);

#endif
