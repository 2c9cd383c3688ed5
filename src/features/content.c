/* SPDX-License-Identifier: MIT
 *
 * See content.h.
 */
#include "features/content.h"

#include <string.h>

#include "features/pass.h"

void content_layout(content *c, arena *arena, int height, int width, int room)
{
    c->at = arena_take(arena, (size_t)room, sizeof(position));
    columns_layout(&c->kept, arena, height, width, room);
    c->count = 0;
    c->draw = -1;
    memset(c->whole, 0, sizeof c->whole);
}

void content_extract(content *c, const vgg16 *net, const exec *exec, const float *image, int height, int width)
{
    columns_place(&c->kept, c->at, c->count, height, width);
    for (int k = 0; k < VGG16_LEVELS; k++)
        if (!c->kept.level[k].tap)
            c->whole[k] = 0;
    const gather missing = {GATHER_COLUMNS, .columns = &c->kept, .at = c->at, .kept = c->whole};
    pass_forward(&(pass){image, height, width, .gathers = &missing, .count = 1}, net, exec);
    for (int k = 0; k < VGG16_LEVELS; k++)
        c->whole[k] = c->kept.level[k].tap != NULL;
}

/* z_i = sum over taps of weight * (kept map's row) for a level kept whole. */
static void mix_rows(float *z, const column_level *kept, const int32_t *index, int n, int stride)
{
    for (int i = 0; i < n; i++) {
        const int32_t *tap = kept->tap[index[i]];
        const float *weight = kept->weight[index[i]];
        float *row = z + (size_t)i * stride;
        const float *r0 = kept->z + (size_t)tap[0] * stride, *r1 = kept->z + (size_t)tap[1] * stride;
        const float *r2 = kept->z + (size_t)tap[2] * stride, *r3 = kept->z + (size_t)tap[3] * stride;
        for (int j = 0; j < stride; j++)
            row[j] = weight[0] * r0[j] + weight[1] * r1[j] + weight[2] * r2[j] + weight[3] * r3[j];
    }
}

void content_select(columns *out, const content *c, const int32_t *index)
{
    for (int k = 0; k < VGG16_LEVELS; k++) {
        column_level *level = &out->level[k];
        const column_level *kept = &c->kept.level[k];
        const int stride = level_stride[k];
        if (level->tap)
            level->z = kept->z; /* a map no larger than n is no larger than the candidates */
        else if (kept->tap)
            mix_rows(level->z, kept, index, out->n, stride);
        else
            for (int i = 0; i < out->n; i++)
                memcpy(level->z + (size_t)i * stride, kept->z + (size_t)index[i] * stride,
                       sizeof(float) * (size_t)stride);
    }
}
