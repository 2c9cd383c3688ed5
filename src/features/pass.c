/* SPDX-License-Identifier: MIT
 *
 * See pass.h. The network hands out one map at a time; each is gathered from while it exists, and on the way back added
 * to in the same order.
 */
#include "features/pass.h"

#include <assert.h>

static int is_wanted(const gather *g, int tap)
{
    return !g->kept || !g->kept[vgg16_taps[tap].level];
}

static int last_tap(const pass *p)
{
    for (int tap = VGG16_TAPS - 1; tap > 0; tap--)
        for (int i = 0; i < p->count; i++)
            if (is_wanted(&p->gathers[i], tap))
                return tap;
    return 0;
}

static void gather_tap(void *context, int tap, const float *map, vgg16_rows rows)
{
    const pass *p = context;
    for (int i = 0; i < p->count; i++) {
        const gather *g = &p->gathers[i];
        if (!is_wanted(g, tap))
            continue;
        switch (g->kind) {
        case GATHER_COLUMNS: columns_gather(g->columns, g->at, tap, map, rows); break;
        case GATHER_STYLE: style_gather(g->style, tap, map, rows); break;
        case GATHER_PIXELS: pixels_gather(g->pixels, tap, map, rows); break;
        }
    }
}

static void scatter_tap(void *context, int tap, float *dmap, vgg16_rows rows)
{
    const pass *p = context;
    for (int i = 0; i < p->count; i++) {
        const gather *g = &p->gathers[i];
        float *dz[VGG16_LEVELS];
        assert(g->kind == GATHER_COLUMNS && !g->kept);
        for (int k = 0; k < VGG16_LEVELS; k++)
            dz[k] = g->columns->level[k].z;
        columns_scatter(dmap, g->columns, dz, g->at, tap, rows);
    }
}

void pass_forward(const pass *pass, const vgg16 *net, const exec *exec)
{
    const int last = pass->trace ? VGG16_TAPS - 1 : last_tap(pass);
    vgg16_forward(net, exec, pass->trace, pass->image, pass->height, pass->width, last, gather_tap, (void *)pass);
}

void pass_backward(float *dimage, const pass *pass, const vgg16 *net, const exec *exec)
{
    vgg16_backward(dimage, net, exec, pass->trace, scatter_tap, (void *)pass);
}
