/* SPDX-License-Identifier: MIT
 *
 * The options of a run, from the one list of them in options.c: defaults and checks. Callers walk the list
 * by strotss_option_at and strotss_options_set.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "strotss.h"

/* Every option at its default; those whose default is the preset's become such that options_check refuses them. */
void options_defaults(strotss_options *options);

enum { OPTIONS_SENTENCE = 96 };
/* 1 when every option is in range, else 0 and one sentence naming the first that is not. */
int options_check(char sentence[OPTIONS_SENTENCE], const strotss_options *options);

#endif
