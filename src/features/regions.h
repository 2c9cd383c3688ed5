/* SPDX-License-Identifier: MIT
 *
 * From two label maps to pairs of regions (the paper's User Control). A label on both sides, at its painted size,
 * makes a pair; a label on one side only joins that side's rest (label 0). The rest against the rest is a pair too, or
 * against the whole style where the style has no rest; without a rest on the content there is none. A weight of 0
 * drops its pair, and the positions of that pair's labels are not looked at.
 */
#ifndef REGIONS_H
#define REGIONS_H

#include <stdint.h>
#include "strotss.h"

typedef struct region_pair {
    uint8_t content[256], style[256]; /* flags: which labels belong to the pair's side; content sides are disjoint */
    float weight;                     /* normalised: all pairs sum to 1 */
    float area;                       /* share of the content's pixels */
} region_pair;

/* Fills pairs (room for STROTSS_MAX_REGIONS + 1) and returns their number; 0 with *why set when no pair can be made: no
 * label common to both sides though some are painted, or weights negative, not finite, or all zero. regions NULL: one
 * pair, everything. */
int regions_pair(region_pair *pairs, const char **why, const strotss_regions *regions);

/* labels[style_height][style_width]: the style's labels, but where the style is wholly transparent, that of a place
 * where it is not: a label counts where it is seen. Of a style that is not wholly transparent. */
void regions_seen(uint8_t *labels, const strotss_regions *regions, const strotss_image *style);

/* budget[i] positions for each pair by its area, adding up to at least `total`, none below POSITIONS_REGION_FLOOR. */
void regions_budget(int *budget, const region_pair *pairs, int count, int total);

/* resize_labels, but a label that would vanish keeps the one pixel nearest to its centroid, as long as there are more
 * pixels than labels. */
void regions_resize(uint8_t *out, int height, int width, const uint8_t *in, int in_height, int in_width);

#endif
