/* SPDX-License-Identifier: MIT
 *
 * The terms of the objective, a row for each; term_NAME is in a file of its own. The term that reads the whole Gram
 * matrix stands before the others that need it (gram.h).
 */
#include "losses/terms.h"

#define TERMS(row) row(content) row(transport) row(moment) row(palette) row(points)

#define DECLARE(name) extern const loss_term term_##name;
TERMS(DECLARE)

#define ADDRESS(name) &term_##name,
static const loss_term *const terms[] = {TERMS(ADDRESS)};

enum { COUNT = sizeof terms / sizeof *terms };
_Static_assert((int)COUNT <= (int)STROTSS_MAX_TERMS, "the public arrays hold every term");

int loss_term_count(void)
{
    return COUNT;
}

const loss_term *loss_term_at(int term)
{
    return terms[term];
}

int loss_term_values(const loss_term *term)
{
    int count = 1;
    while (count <= LOSS_PARTS && term->parts[count - 1])
        count++;
    return count;
}

/* ---- strotss.h ------------------------------------------------------------------------------------------------- */

int strotss_term_count(void)
{
    return COUNT;
}

const char *strotss_term_name(int term)
{
    return term >= 0 && term < COUNT ? terms[term]->name : NULL;
}

int strotss_value_count(void)
{
    int count = 0;
    for (int t = 0; t < COUNT; t++)
        count += loss_term_values(terms[t]);
    return count;
}

/* The term of a value, which becomes the number among that term's own; COUNT where there is none. */
static int find_term(int *value)
{
    int term = 0;
    while (term < COUNT && *value >= loss_term_values(terms[term]))
        *value -= loss_term_values(terms[term++]);
    return *value < 0 ? COUNT : term;
}

const char *strotss_value_name(int value)
{
    const int term = find_term(&value);
    return term == COUNT ? NULL : value == 0 ? terms[term]->name : terms[term]->parts[value - 1];
}

int strotss_value_term(int value)
{
    const int term = find_term(&value);
    return term == COUNT ? -1 : term;
}
