/* SPDX-License-Identifier: MIT
 *
 * See weights.h. Rows of a layer's filters OIHW become columns; a tap of the way back is the tap across of the way
 * there.
 */
#include "gpu/weights.h"

#include <stdlib.h>

#include "gpu/gpu.h"
#include "network/vgg16.h"

static size_t filter_floats(int layer)
{
    return 9 * (size_t)vgg16_layers[layer].cin * (size_t)vgg16_layers[layer].cout;
}

static gpu_range filter_range(uint32_t buffer, int layer)
{
    size_t at = 0;
    for (int k = 0; k < layer; k++)
        at += filter_floats(k);
    return (gpu_range){buffer, (uint32_t)(at * sizeof(float)), (uint32_t)(filter_floats(layer) * sizeof(float))};
}

gpu_range gpu_filters(int layer)
{
    return filter_range(GPU_FILTERS, layer);
}

gpu_range gpu_filters_backward(int layer)
{
    return filter_range(GPU_FILTERS_BACKWARD, layer);
}

gpu_range gpu_bias(int layer)
{
    size_t at = 0;
    for (int k = 0; k < layer; k++)
        at += (size_t)vgg16_layers[k].cout;
    return (gpu_range){GPU_BIAS, (uint32_t)(at * sizeof(float)), (uint32_t)vgg16_layers[layer].cout * sizeof(float)};
}

size_t gpu_weights_floats(int layer)
{
    return filter_floats(layer);
}

void gpu_weights_places(uint32_t places[6], int layer)
{
    const gpu_range ranges[3] = {gpu_filters(layer), gpu_filters_backward(layer), gpu_bias(layer)};
    for (int i = 0; i < 3; i++)
        places[2 * i] = ranges[i].offset, places[2 * i + 1] = ranges[i].bytes;
}

void gpu_weights_layer(float *filters, float *backward, float *bias, float *scratch, const void *weights, int layer)
{
    const vgg16_layer *l = &vgg16_layers[layer];
    const int cin = l->cin, cout = l->cout;
    vgg16_load_layer(scratch, bias, weights, layer);
    for (int tap = 0; tap < 9; tap++)
        for (int i = 0; i < cin; i++)
            for (int o = 0; o < cout; o++) {
                const float *from = scratch + ((size_t)o * cin + i) * 9;
                const size_t at = ((size_t)tap * cin + i) * cout + o;
                filters[at] = from[tap];
                backward[layer ? ((size_t)tap * cout + o) * cin + i : at] = from[8 - tap];
            }
}
