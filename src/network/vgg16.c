/* SPDX-License-Identifier: MIT
 *
 * See vgg16.h. Maps are [height][width][channels]; level k's are height >> k by width >> k, and those of a small image
 * may be empty: the network then ends there, and the taps beyond are not called.
 *
 * The stored weights expect BGR in 0..255 less a mean. With z = (rgb - mean) / 0.226 instead, and the first layer's
 * channels reversed, every activation is the stored network's divided by 255 * 0.226 = 57.63 if every bias is, for ReLU
 * and pooling let a positive factor through.
 */
#include "network/vgg16.h"

#include <string.h>

#include "kernels/conv.h"

const vgg16_layer vgg16_layers[VGG16_LAYERS] = {
    {3, 64, 0, 1, 0},     {64, 64, 0, 2, 1},                            /* conv1_1, conv1_2 */
    {64, 128, 1, 3, 0},   {128, 128, 1, 4, 1},                          /* conv2_1, conv2_2 */
    {128, 256, 2, 5, 0},  {256, 256, 2, 6, 0},  {256, 256, 2, 7, 1},    /* conv3_1 to conv3_3 */
    {256, 512, 3, -1, 0}, {512, 512, 3, -1, 0}, {512, 512, 3, 8, 1},    /* conv4_1 to conv4_3 */
    {512, 512, 4, -1, 0}, {512, 512, 4, -1, 0}, {512, 512, 4, 9, 0},    /* conv5_1 to conv5_3 */
};

const vgg16_tap_info vgg16_taps[VGG16_TAPS] = {
    {0, 3, 0, 1},       {0, 64, 3, 1.2f},     {0, 64, 67, 0.3f},             /* rgb, relu1_1, relu1_2 */
    {1, 128, 0, 0.2f},  {1, 128, 128, 0.12f},                                /* relu2_1, relu2_2 */
    {2, 256, 0, 0.1f},  {2, 256, 256, 0.1f},  {2, 256, 512, 0.105f},         /* relu3_1 to relu3_3 */
    {3, 512, 0, 0.565f}, {4, 512, 0, 2.0f},                                  /* relu4_3, relu5_3 */
};

const float vgg16_mean[3] = {123.68f / 255, 116.779f / 255, 103.939f / 255}, vgg16_spread = 0.226f;

/* Of a layer's map. */
static size_t map_pixels(const vgg16_layer *l, int height, int width)
{
    return (size_t)(height >> l->level) * (size_t)(width >> l->level);
}

static size_t filter_values(const vgg16_layer *l)
{
    return (size_t)l->cin * l->cout * 9;
}

/* ---- weights ----------------------------------------------------------------------------------------------------- */

void vgg16_layout(vgg16 *net, arena *arena)
{
    for (int k = 0; k < VGG16_LAYERS; k++) {
        const vgg16_layer *l = &vgg16_layers[k];
        const size_t floats = k == 0 ? filter_values(l) : conv_filter_floats(l->cin, l->cout);
        net->filter[k] = arena_take(arena, floats, sizeof(float));
        net->bias[k] = arena_take(arena, (size_t)l->cout, sizeof(float));
    }
}

size_t vgg16_load_scratch_floats(void)
{
    return filter_values(&vgg16_layers[VGG16_LAYERS - 1]);
}

void vgg16_load_layer(float *filters, float *bias, const void *weights, int layer)
{
    const vgg16_layer *l = &vgg16_layers[layer];
    weights_layer(filters, bias, weights, layer);
    for (int o = 0; o < l->cout; o++)
        bias[o] /= 255 * vgg16_spread;
    for (int o = 0; layer == 0 && o < l->cout; o++) /* blue and red change places */
        for (int tap = 0; tap < 9; tap++) {
            float *blue = filters + (size_t)o * 27 + tap, *red = blue + 18, was_blue = *blue;
            *blue = *red;
            *red = was_blue;
        }
}

void vgg16_load(vgg16 *net, threads *threads, const void *weights, float *scratch)
{
    vgg16_load_layer(net->filter[0], net->bias[0], weights, 0);
    for (int k = 1; k < VGG16_LAYERS; k++) {
        const vgg16_layer *l = &vgg16_layers[k];
        vgg16_load_layer(scratch, net->bias[k], weights, k);
        conv_filter_transform(threads, net->filter[k], scratch, l->cin, l->cout);
    }
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

void vgg16_trace_layout(vgg16_trace *trace, arena *arena, int height, int width)
{
    trace->height = height;
    trace->width = width;
    for (int k = 0, pool = 0; k < VGG16_LAYERS; k++) {
        const vgg16_layer *l = &vgg16_layers[k];
        trace->sign[k] = arena_take(arena, map_pixels(l, height, width), (size_t)l->cout / 4);
        if (l->pool_after)
            trace->argmax[pool++] = arena_take(arena, map_pixels(l + 1, height, width), (size_t)l->cout / 4);
    }
}

/* Two maps that take turns, and what a convolution works in. */
typedef struct buffers {
    float *ping, *pong, *scratch;
} buffers;

static void buffers_layout(buffers *buffers, arena *arena, int height, int width, int workers)
{
    size_t scratch = 0;
    for (int k = 1; k < VGG16_LAYERS; k++) {
        const vgg16_layer *l = &vgg16_layers[k];
        const size_t needed = conv_scratch_floats(height >> l->level, width >> l->level, l->cin, l->cout, workers);
        scratch = needed > scratch ? needed : scratch;
    }
    const size_t largest = map_pixels(&vgg16_layers[0], height, width);
    const size_t pixel = sizeof(float) * (size_t)vgg16_layers[0].cout;
    buffers->ping = arena_take(arena, largest, pixel);
    buffers->pong = arena_take(arena, largest, pixel);
    buffers->scratch = arena_take(arena, scratch, sizeof(float));
}

size_t vgg16_scratch_bytes(int height, int width, int workers)
{
    arena plan = {0};
    buffers buffers;
    buffers_layout(&buffers, &plan, height, width, workers);
    return plan.high;
}

static void take_turns(float **here, float **there)
{
    float *was_here = *here;
    *here = *there;
    *there = was_here;
}

/* ---- forward and backward ---------------------------------------------------------------------------------------- */

void vgg16_forward(const vgg16 *net, const exec *exec, vgg16_trace *trace, const float *image, int height, int width,
                   int last_tap, vgg16_tap *tap, void *context)
{
    threads *threads = exec->threads;
    const size_t mark = arena_mark(exec->scratch);
    buffers buffers;
    buffers_layout(&buffers, exec->scratch, height, width, threads_count(threads));
    if (trace) {
        trace->height = height;
        trace->width = width;
    }
    tap(context, 0, image, height, width);
    float *map = buffers.ping, *next = buffers.pong;
    for (size_t i = 0; i < (size_t)height * width * 3; i++)
        map[i] = (image[i] - vgg16_mean[i % 3]) / vgg16_spread;

    for (int k = 0, pool = 0, tapped = 0; tapped < last_tap && k < VGG16_LAYERS; k++) {
        const vgg16_layer *l = &vgg16_layers[k];
        const int h = height >> l->level, w = width >> l->level;
        if (h == 0 || w == 0)
            break;
        uint8_t *sign = trace ? trace->sign[k] : NULL;
        if (k == 0)
            conv_first_forward(threads, next, sign, map, net->filter[0], net->bias[0], h, w);
        else
            conv_forward(threads, next, sign, map, net->filter[k], net->bias[k], h, w, l->cin, l->cout,
                         buffers.scratch);
        take_turns(&map, &next);
        if (l->tap >= 0) {
            tap(context, l->tap, map, h, w);
            tapped = l->tap;
        }
        if (l->pool_after) {
            maxpool_forward(threads, next, trace ? trace->argmax[pool++] : NULL, map, h, w, l->cout);
            take_turns(&map, &next);
        }
    }
    arena_reset(exec->scratch, mark);
}

void vgg16_backward(float *dimage, const vgg16 *net, const exec *exec, const vgg16_trace *trace,
                    vgg16_inject *inject, void *context)
{
    const int height = trace->height, width = trace->width;
    threads *threads = exec->threads;
    const size_t mark = arena_mark(exec->scratch);
    buffers buffers;
    buffers_layout(&buffers, exec->scratch, height, width, threads_count(threads));
    float *dmap = buffers.ping, *next = buffers.pong;
    int top = VGG16_LAYERS - 1; /* the last layer that is not empty */
    while (top > 0 && map_pixels(&vgg16_layers[top], height, width) == 0)
        top--;
    memset(dmap, 0, sizeof(float) * (size_t)vgg16_layers[top].cout * map_pixels(&vgg16_layers[top], height, width));

    for (int k = top, pool = vgg16_layers[top].level; k >= 0; k--) {
        const vgg16_layer *l = &vgg16_layers[k];
        const int h = height >> l->level, w = width >> l->level;
        if (l->pool_after && k < top) {
            maxpool_backward(threads, next, dmap, trace->argmax[--pool], h, w, l->cout);
            take_turns(&dmap, &next);
        }
        if (l->tap >= 0)
            inject(context, l->tap, dmap, h, w);
        if (k > 0) {
            conv_backward(threads, next, dmap, trace->sign[k], net->filter[k], h, w, l->cin, l->cout,
                          buffers.scratch);
            take_turns(&dmap, &next);
        } else {
            conv_first_backward(threads, dimage, dmap, trace->sign[0], net->filter[0], h, w);
        }
    }
    for (size_t i = 0; i < (size_t)height * width * 3; i++)
        dimage[i] /= vgg16_spread;
    inject(context, 0, dimage, height, width);
    arena_reset(exec->scratch, mark);
}
