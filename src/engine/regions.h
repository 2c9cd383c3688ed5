/* SPDX-License-Identifier: MIT
 *
 * From two label maps to pairs of regions (method.md section 9): one pair a label present on both sides (at its painted size) with a positive weight; the rest against the rest, or against the whole
 * style where the style has no rest; a label on one side only joins that side's rest. Budgets of positions by area with a floor of POSITIONS_REGION_FLOOR.
 */
#ifndef REGIONS_H
#define REGIONS_H

#include <stdint.h>
#include "strotss.h"

typedef struct region_pair {
    uint8_t content[256], style[256]; /* flags: which labels belong to the pair's side */
    float weight;                     /* normalised: all pairs sum to 1 */
    float area;                       /* share of the content's pixels */
} region_pair;

/* Fills pairs (room for STROTSS_MAX_REGIONS + 1) and returns their number; 0 with *why set when no pair can be made. regions NULL: one pair, everything. */
int regions_pair(region_pair *pairs, const char **why, const strotss_regions *regions);
/* budget[i] positions for each pair, adding up to at least `total`, none below the floor. */
void regions_budget(int *budget, const region_pair *pairs, int count, int total);

#endif
