/* SPDX-License-Identifier: MIT
 *
 * The terms put together (the paper's Methods); see objective.h. Those that look at the output through dot products of
 * its columns come first: their gradients flow back through the Gram matrix together, and its room is then the others'.
 */
#include "losses/terms.h"

loss_options loss_defaults(void)
{
    loss_options options = {.transport = STROTSS_REMD, .similarity = STROTSS_COSINE};
    for (int t = 0; t < loss_term_count(); t++)
        options.factor[t] = loss_term_at(t)->factor;
    return options;
}

static int needs(const loss_term *term, int what)
{
    return (term->needs & what) != 0;
}

/* Each in the same place as the one before. */
static void plan_terms(arena *plan, const loss_sizes *sizes, int through_gram)
{
    const size_t mark = arena_mark(plan);
    for (int t = 0; t < loss_term_count(); t++) {
        const loss_term *term = loss_term_at(t);
        if (needs(term, LOSS_GRAM) == through_gram)
            term->plan(plan, sizes);
        arena_reset(plan, mark);
    }
}

size_t objective_scratch_bytes(const loss_sizes *sizes)
{
    arena plan = {0};
    gram gram;
    plan_terms(&plan, sizes, 0);
    gram_layout(&gram, &plan, sizes->n);
    gram_scratch(&plan, sizes->n, sizes->workers);
    plan_terms(&plan, sizes, 1);
    return plan.high;
}

/* Has the pass what the term needs, and is it the term's turn? */
static int is_taken(const loss_term *term, const loss_pass *pass)
{
    return needs(term, LOSS_GRAM) == (pass->gram != NULL) && (pass->content || !needs(term, LOSS_CONTENT)) &&
           (pass->style || !needs(term, LOSS_STYLE)) && (pass->points || !needs(term, LOSS_POINTS));
}

static void take_terms(strotss_terms *terms, const loss_pass *pass, float scale, float alpha)
{
    const float share = 1 / (alpha + 2);
    double *value = terms->value;
    for (int t = 0; t < loss_term_count(); t++) {
        const loss_term *term = loss_term_at(t);
        const loss_weight weight = term->weight ? term->weight(alpha) : (loss_weight){1, 1};
        const float factor = pass->options->factor[t];
        if (is_taken(term, pass)) {
            term->take(value, pass, scale * (share / weight.over) * weight.times * factor);
            terms->total += (double)share * weight.times / weight.over * factor * value[0];
        }
        value += loss_term_values(term);
    }
}

void objective(strotss_terms *terms, float *const dz[VGG16_LEVELS], float scale, const columns *x, const columns *c,
               const style *s, const loss_points *p, float alpha, const loss_options *options, const exec *exec)
{
    const size_t mark = arena_mark(exec->scratch);
    gram gram;
    loss_pass pass = {.dz = dz, .x = x, .content = c, .style = s, .points = p, .options = options, .exec = exec};
    *terms = (strotss_terms){0};
    if (c || s) {
        pass.gram = &gram;
        gram_layout(&gram, exec->scratch, x->n);
        gram_forward(&gram, x, exec);
        take_terms(terms, &pass, scale, alpha);
        if (dz)
            gram_backward(dz, &gram, x, exec);
        arena_reset(exec->scratch, mark);
    }
    pass.gram = NULL;
    take_terms(terms, &pass, scale, alpha);
}
