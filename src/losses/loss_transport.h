/* SPDX-License-Identifier: MIT
 *
 * The two ways of the transport term: relaxed (loss_remd.c) and entropic (loss_sinkhorn.c). Each has the plan and the
 * taking of a loss_term.
 */
#ifndef LOSS_TRANSPORT_H
#define LOSS_TRANSPORT_H

#include "losses/terms.h"

void remd_scratch(arena *plan, const loss_sizes *sizes);
void loss_remd(double *value, const loss_pass *pass, float factor);

void sinkhorn_scratch(arena *plan, const loss_sizes *sizes);
void loss_sinkhorn(double *value, const loss_pass *pass, float factor);

#endif
