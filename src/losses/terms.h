/* SPDX-License-Identifier: MIT
 *
 * What a term of the objective is. A term is one file, which defines a loss_term, and one row in terms.c, which is the
 * only list of them: the public header's counts and names, options, saved states and JavaScript follow from it.
 */
#ifndef TERMS_H
#define TERMS_H

#include "losses/gram.h"
#include "losses/objective.h"

/* One evaluation of the objective. */
typedef struct loss_pass {
    float *const *dz;       /* [VGG16_LEVELS], the shapes of x's z; NULL: values only */
    const columns *x;       /* the output */
    const columns *content; /* NULL: terms that need it are left out */
    const style *style;     /* likewise */
    const loss_points *points; /* likewise */
    gram *gram;             /* NULL for terms that do not need it */
    const loss_options *options;
    const exec *exec;
} loss_pass;

/* times / over. The two are apart because they round apart. */
typedef struct loss_weight { float times, over; } loss_weight;

enum { LOSS_CONTENT = 1, LOSS_STYLE = 2, LOSS_GRAM = 4, LOSS_POINTS = 8 }; /* what a term needs */
enum { LOSS_PARTS = STROTSS_MAX_VALUES / STROTSS_MAX_TERMS - 1 };

typedef struct loss_term {
    const char *name;                   /* of its factor, and of its first value, which counts in the total */
    const char *parts[LOSS_PARTS];      /* further values that it reports, NULL behind the last */
    float factor;                       /* unless the options say otherwise */
    loss_weight (*weight)(float alpha); /* in alpha + 2 times the total; NULL: 1 */
    int needs;
    /* Takes from the arena what `take` does; the caller gives it back. */
    void (*plan)(arena *plan, const loss_sizes *sizes);
    /* Fills value[] and, with dz not NULL, adds factor * d value[0] / d Z_k to dz[k], or what goes through dot products
     * of output columns to the gram's Q. */
    void (*take)(double *value, const loss_pass *pass, float factor);
} loss_term;

/* In the order of their values. */
int loss_term_count(void);
const loss_term *loss_term_at(int term);
/* How many values it reports, 1 or more. */
int loss_term_values(const loss_term *term);

#endif
