/* SPDX-License-Identifier: MIT
 *
 * The terms put together (the paper's Methods); see loss.h.
 */
#include "losses/loss_terms.h"

#include <string.h>

typedef struct similarities { float *g, *inverse_norm; } similarities;

static void similarities_layout(similarities *w, arena *arena, int n)
{
    w->g = arena_take(arena, (size_t)n * (size_t)n, sizeof(float));
    w->inverse_norm = arena_take(arena, (size_t)n, sizeof(float));
}

size_t objective_scratch_bytes(int n, int draws, strotss_transport transport, int workers)
{
    arena plan = {0};
    similarities w;
    similarities_layout(&w, &plan, n);
    gram_scratch(&plan, n, workers);
    content_scratch(&plan, n, workers);
    (transport == STROTSS_SINKHORN ? sinkhorn_scratch : remd_scratch)(&plan, n, draws, workers);
    arena_reset(&plan, 0);
    moment_scratch(&plan, n, workers);
    palette_scratch(&plan, n, draws);
    return plan.high;
}

void objective(strotss_terms *terms, float *const dz[VGG16_LEVELS], float scale, const columns *x, const columns *c,
               const style *s, float alpha, const loss_options *options, threads *threads, arena *scratch)
{
    const loss_factors *factors = &options->factors;
    const float share = 1 / (alpha + 2), palette_share = share / (alpha > 1 ? alpha : 1);
    const size_t mark = arena_mark(scratch), floats = (size_t)x->n * (size_t)x->n;
    similarities w;
    *terms = (strotss_terms){0};
    similarities_layout(&w, scratch, x->n);
    gram_forward(w.g, x, threads, scratch);
    gram_inverse_norms(w.inverse_norm, w.g, x->n);
    if (c)
        terms->content = loss_content(w.g, c, options->similarity, scale * share * alpha * factors->content, dz != NULL,
                                      threads, scratch);
    else
        memset(w.g, 0, sizeof(float) * floats);
    if (s)
        (options->transport == STROTSS_SINKHORN ? loss_sinkhorn : loss_remd)(
            terms, dz, w.g, w.inverse_norm, x, s, scale * share * factors->remd, threads, scratch);
    if (dz)
        gram_backward(dz, w.g, x, threads, scratch);
    arena_reset(scratch, mark);
    if (s) {
        loss_moment(terms, dz, x, s, scale * share * factors->moment, threads, scratch);
        terms->palette = loss_palette(dz, x, s, scale * palette_share * factors->palette, threads, scratch);
    }
    terms->total = share * (alpha * factors->content * terms->content + factors->remd * terms->remd +
                            factors->moment * terms->moment) + palette_share * factors->palette * terms->palette;
}
