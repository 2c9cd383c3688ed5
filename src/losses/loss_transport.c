/* SPDX-License-Identifier: MIT
 *
 * Style term l_r: transport between the output's hypercolumns and the style's, in the way that the options choose
 * (loss_transport.h). Its values are max(x to style, style to x) and these two; with entropic transport all three are
 * the same.
 */
#include "losses/loss_transport.h"

static void plan_transport(arena *plan, const loss_sizes *sizes)
{
    (sizes->transport == STROTSS_SINKHORN ? sinkhorn_scratch : remd_scratch)(plan, sizes);
}

static void take_transport(double *value, const loss_pass *pass, float factor)
{
    (pass->options->transport == STROTSS_SINKHORN ? loss_sinkhorn : loss_remd)(value, pass, factor);
}

const loss_term term_transport = {
    .name = "remd", .parts = {"remd_x_to_style", "remd_style_to_x"}, .factor = 1,
    .needs = LOSS_STYLE | LOSS_GRAM, .plan = plan_transport, .take = take_transport,
};
