/* SPDX-License-Identifier: MIT
 *
 * The coarse-to-fine schedule (the paper's Implementation Details): which sizes, how strong the content is at each,
 * and how large a step.
 */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include "strotss.h"

/* Long sides 64, 128, ... below `size`, then `size` itself. Returns their number, at most STROTSS_MAX_SCALES. */
int schedule_sizes(int sizes[STROTSS_MAX_SCALES], int size);

/* alpha: 16 content_weight at the first scale, halved at each next. */
float schedule_alpha(const strotss_options *options, int scale);

/* The step for iteration 0, 1, ... of a scale. */
float schedule_step(const strotss_options *options, int scale, int scales, int iteration);

/* Adam's, for optimizer.h. */
#define SCHEDULE_DAMPING 0.3f

/* What the step is multiplied by for level 0, 1, ... of the pyramid, finest first. */
float schedule_band(const strotss_options *options, int scale, int level);

#endif
