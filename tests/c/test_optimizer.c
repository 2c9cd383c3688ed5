/* SPDX-License-Identifier: MIT
 *
 * Three steps on four numbers against torch.optim.RMSprop(lr=2e-3, alpha=.99, eps=1e-8) and
 * torch.optim.Adam(lr=1e-2, betas=(.7, .9), eps=1e-8) of PyTorch 2.13, gradients of zero and tiny ones included; damped
 * by .3, against numpy in double.
 */
#include "check.h"
#include "engine/optimizer.h"

static const float start[4] = { 0.5f, -1.25f, 3.0f, 1e-3f };
static const float gradient[3][4] = { { 0.1f, -2.0f, 1e-4f, 0.0f }, { -0.3f, 1.0f, 2e-4f, 5.0f },
                                      { 0.05f, 0.5f, -1e-9f, -5.0f } };
static const float rmsprop[3][4] = { { 0.480000019f, -1.23000002f, 2.98002005f, 0.00100000005f },
                                     { 0.498983175f, -1.23898029f, 2.96212149f, -0.0190000013f },
                                     { 0.495842814f, -1.24338233f, 2.96212149f, -0.00482237618f } };
static const float adam[3][4] = { { 0.49000001f, -1.24000001f, 2.99000096f, 0.00100000005f },
                                  { 0.495927066f, -1.23848784f, 2.9801116f, -0.0071082646f },
                                  { 0.498683929f, -1.23927712f, 2.97334695f, -0.0054722582f } };
static const float damped[3][4] = { { 0.496841274f, -1.24011091f, 2.99999667f, 0.00100000005f },
                                    { 0.498970362f, -1.23869786f, 2.99999399f, -0.00700202566f },
                                    { 0.499713337f, -1.23939923f, 2.99999268f, -0.00538579641f } };

int main(void)
{
    float v[4], w[4], u[4], square[4] = { 0 }, mean[4] = { 0 }, adam_square[4] = { 0 };
    float damped_mean[4] = { 0 }, damped_square[4] = { 0 };
    memcpy(v, start, sizeof v);
    memcpy(w, start, sizeof w);
    memcpy(u, start, sizeof u);
    for (int t = 0; t < 3; t++) {
        rmsprop_step(v, square, gradient[t], 4, 2e-3f);
        adam_step(w, mean, adam_square, gradient[t], 4, 1e-2f, 0, t + 1);
        adam_step(u, damped_mean, damped_square, gradient[t], 4, 1e-2f, 0.3f, t + 1);
        for (int i = 0; i < 4; i++) {
            CHECK_CLOSE(v[i], rmsprop[t][i], 2.5e-7 * fabsf(rmsprop[t][i]) + 1e-8);
            CHECK_CLOSE(w[i], adam[t][i], 2.5e-7 * fabsf(adam[t][i]) + 1e-8);
            CHECK_CLOSE(u[i], damped[t][i], 2.5e-7 * fabsf(damped[t][i]) + 1e-8);
        }
    }
    return check_report();
}
