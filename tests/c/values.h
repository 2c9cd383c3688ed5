/* SPDX-License-Identifier: MIT
 *
 * The terms of the objective by name: "total", or what strotss_value_name calls it. NAN for any other name.
 */
#ifndef VALUES_H
#define VALUES_H

#include <math.h>
#include <string.h>

#include "strotss.h"

static inline double value_of(const strotss_terms *terms, const char *name)
{
    if (!strcmp(name, "total"))
        return terms->total;
    for (int v = 0; v < strotss_value_count(); v++)
        if (!strcmp(strotss_value_name(v), name))
            return terms->value[v];
    return NAN;
}

#endif
