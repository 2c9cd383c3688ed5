/* SPDX-License-Identifier: MIT
 *
 * The options of a run as one list: what each is called, where it lies, its range and its default. All that treats
 * options alike follows from it. Behind the rows come the factors of the terms, each by its term's name. Of the numbers
 * for each scale, only those of scales that the run has count.
 */
#include "engine/options.h"

#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "engine/schedule.h"
#include "features/style.h"
#include "losses/terms.h"

typedef enum option_kind { INT, FLOAT, UINT64 } option_kind; /* choices are int */

typedef struct option {
    const char *name;       /* as in strotss_options */
    size_t offset;
    int count;              /* how many stand there: 1, or one for each scale */
    option_kind kind;
    double lowest, highest; /* any uint64 is in range */
    double standard;        /* NAN: the preset's */
    const char *what;       /* in refusals: "the optimizer" */
    const char *choices;    /* in refusals, instead of the range: "RMSprop or Adam"; or NULL */
} option;

#define AT(field) #field, offsetof(strotss_options, field)

static const option rows[] = {
    {AT(size), 1, INT, STROTSS_MIN_SIZE, STROTSS_MAX_SIZE, NAN, "size", NULL},
    {AT(content_weight), 1, FLOAT, 0, 16, 0.5, "content weight", NULL},
    {AT(iterations), STROTSS_MAX_SCALES, INT, 1, STROTSS_MAX_ITERATIONS, NAN, "iterations", NULL},
    {AT(optimizer), 1, INT, STROTSS_RMSPROP, STROTSS_ADAM, NAN, "the optimizer", "RMSprop or Adam"},
    {AT(style_draws), 1, INT, 1, STYLE_DRAWS, NAN, "style draws", NULL},
    {AT(step), 1, FLOAT, 0, 1, 0, "the step", NULL},
    {AT(seed), 1, UINT64, 0, 0x1.fffffffffffffp63, 0, "the seed", NULL},
    {AT(transport), 1, INT, STROTSS_REMD, STROTSS_SINKHORN, STROTSS_REMD, "the transport", "REMD or Sinkhorn"},
    {AT(similarity), 1, INT, STROTSS_COSINE, STROTSS_EUCLIDEAN, STROTSS_COSINE, "the self-similarity",
     "cosine, centred or Euclidean"},
    {AT(content_across_regions), 1, INT, 0, 1, 0, "content across regions", "0 or 1"},
};

enum { ROWS = sizeof rows / sizeof *rows };

_Static_assert(sizeof(strotss_optimizer) == sizeof(int) && sizeof(strotss_transport) == sizeof(int) &&
               sizeof(strotss_similarity) == sizeof(int), "choices are read and written as int");

static option option_at(int i)
{
    if (i < ROWS)
        return rows[i];
    const loss_term *term = loss_term_at(i - ROWS);
    return (option){term->name, offsetof(strotss_options, factor) + sizeof(float) * (size_t)(i - ROWS), 1, FLOAT,
                    0, 1000, term->factor, "loss factors", NULL};
}

static size_t number_bytes(const option *o)
{
    return o->kind == UINT64 ? sizeof(uint64_t) : o->kind == INT ? sizeof(int) : sizeof(float);
}

/* What is beyond the type, or NAN, becomes INT_MIN, or 0 of a uint64. */
static void set_all(strotss_options *options, const option *o, double value)
{
    const int whole = value > INT_MIN && value < INT_MAX ? (int)value : INT_MIN;
    const float real = (float)value;
    const uint64_t large = value >= 0 && value < 0x1p64 ? (uint64_t)value : 0;
    const void *number = o->kind == INT ? (const void *)&whole : o->kind == FLOAT ? (const void *)&real : &large;
    for (int i = 0; i < o->count; i++)
        memcpy((char *)options + o->offset + number_bytes(o) * (size_t)i, number, number_bytes(o));
}

void options_defaults(strotss_options *options)
{
    *options = (strotss_options){0};
    for (int i = 0; i < strotss_option_count(); i++) {
        const option o = option_at(i);
        set_all(options, &o, o.standard);
    }
}

/* How many of its numbers the run looks at, whose size is in range. */
static int used(const option *o, const strotss_options *options)
{
    int sizes[STROTSS_MAX_SCALES];
    return o->count == 1 ? 1 : schedule_sizes(sizes, options->size);
}

static int in_range(const option *o, const char *at)
{
    int whole;
    float real;
    if (o->kind == UINT64)
        return 1;
    if (o->kind == INT) {
        memcpy(&whole, at, sizeof whole);
        return whole >= o->lowest && whole <= o->highest;
    }
    memcpy(&real, at, sizeof real);
    return real >= o->lowest && real <= o->highest; /* false for NaN */
}

int options_check(char sentence[OPTIONS_SENTENCE], const strotss_options *options)
{
    for (int i = 0; i < strotss_option_count(); i++) { /* the size first: it says how many scales there are */
        const option o = option_at(i);
        for (int n = 0; n < used(&o, options); n++) {
            if (in_range(&o, (const char *)options + o.offset + number_bytes(&o) * (size_t)n))
                continue;
            if (o.choices)
                snprintf(sentence, OPTIONS_SENTENCE, "%s must be %s", o.what, o.choices);
            else
                snprintf(sentence, OPTIONS_SENTENCE, "%s must be from %g to %g", o.what, o.lowest, o.highest);
            return 0;
        }
    }
    return 1;
}

/* ---- strotss.h ------------------------------------------------------------------------------------------------- */

int strotss_option_count(void)
{
    return ROWS + loss_term_count();
}

strotss_option strotss_option_at(int i)
{
    if (i < 0 || i >= strotss_option_count())
        return (strotss_option){0};
    const option o = option_at(i);
    return (strotss_option){o.name, o.lowest, o.highest, o.standard};
}

int strotss_options_set(strotss_options *options, const char *name, double value)
{
    for (int i = 0; i < strotss_option_count(); i++) {
        const option o = option_at(i);
        if (strcmp(o.name, name))
            continue;
        set_all(options, &o, value);
        return 1;
    }
    return 0;
}

uint64_t strotss_options_digest(const strotss_options *options)
{
    uint64_t digest = DIGEST_START;
    for (int i = 0; i < strotss_option_count(); i++) {
        const option o = option_at(i);
        digest = digest_add(digest, o.name, strlen(o.name));
        digest = digest_add(digest, (const char *)options + o.offset, number_bytes(&o) * (size_t)used(&o, options));
    }
    return digest;
}
