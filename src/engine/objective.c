/* SPDX-License-Identifier: MIT
 *
 * The terms put together (method.md section 6); see loss.h.
 */
#include "loss_terms.h"

typedef struct similarities { float *g, *inverse_norm; } similarities;

static void similarities_layout(similarities *w, arena *arena, int n)
{
    w->g = arena_take(arena, sizeof(float) * (size_t)n * (size_t)n);
    w->inverse_norm = arena_take(arena, sizeof(float) * (size_t)n);
}

size_t objective_scratch_bytes(int n, int draws, int workers)
{
    arena plan = {0};
    similarities w;
    similarities_layout(&w, &plan, n);
    gram_scratch(&plan, n, workers);
    content_scratch(&plan, n, workers);
    remd_scratch(&plan, n, draws, workers);
    arena_reset(&plan, 0);
    moment_scratch(&plan, n, workers);
    palette_scratch(&plan, n, draws);
    return plan.high;
}

void objective(strotss_terms *terms, float *const dz[VGG16_LEVELS], float scale, const columns *x, const columns *c,
               const style *s, float alpha, const loss_factors *factors, threads *threads, arena *scratch)
{
    const float share = 1 / (alpha + 2), palette_share = share / (alpha > 1 ? alpha : 1);
    const size_t mark = arena_mark(scratch);
    similarities w;
    similarities_layout(&w, scratch, x->n);
    gram_forward(w.g, x, threads, scratch);
    gram_inverse_norms(w.inverse_norm, w.g, x->n);
    terms->content = loss_content(w.g, w.inverse_norm, c, scale * share * alpha * factors->content, dz != NULL, threads,
                                  scratch);
    loss_remd(terms, dz, w.g, w.inverse_norm, x, s, scale * share * factors->remd, threads, scratch);
    if (dz)
        gram_backward(dz, w.g, x, threads, scratch);
    arena_reset(scratch, mark);
    loss_moment(terms, dz, x, s, scale * share * factors->moment, threads, scratch);
    terms->palette = loss_palette(dz, x, s, scale * palette_share * factors->palette, threads, scratch);
    terms->total = share * (alpha * factors->content * terms->content + factors->remd * terms->remd +
                            factors->moment * terms->moment) + palette_share * factors->palette * terms->palette;
}
