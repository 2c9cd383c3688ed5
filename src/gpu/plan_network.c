/* SPDX-License-Identifier: MIT
 *
 * VGG-16 on the device, as vgg16.c has it: two maps take turns, each tap is gathered from the moment it exists, and
 * only signs and pooling winners are kept for the way back. A map that may not be bound whole, or whose convolution is
 * more work than one dispatch may hold, is done in bands of rows.
 */
#include "gpu/scale.h"

#include "gpu/weights.h"

static size_t rows_of(const gpu_scale *s, int level)
{
    return (size_t)(s->height >> level);
}

static size_t width_of(const gpu_scale *s, int level)
{
    return (size_t)(s->width >> level);
}

static size_t row_bytes(const gpu_scale *s, int level, int channels)
{
    return width_of(s, level) * (size_t)channels * sizeof(float);
}

/* Rows first to end - 1 of a map. */
static gpu_range band(gpu_range map, size_t bytes, size_t first, size_t end)
{
    return gpu_part(map, first * bytes, (end - first) * bytes);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* ---- what is kept ------------------------------------------------------------------------------------------------ */

/* Of layer k's signs, a bit a channel; behind the last layer's, what all take together. */
static gpu_range sign_range(const gpu_scale *s, int layer)
{
    size_t at = 0, bytes = 0;
    for (int k = 0; k <= layer && k < VGG16_LAYERS; k++) {
        const vgg16_layer *l = &vgg16_layers[k];
        at += bytes;
        bytes = gpu_round(rows_of(s, l->level) * width_of(s, l->level) * (size_t)l->cout / 8, GPU_ALIGN);
    }
    return layer < VGG16_LAYERS ? gpu_part(s->signs, at, bytes) : gpu_part(s->signs, 0, at + bytes);
}

/* Of the winners of the pooling that makes level k, 1 to 4, two bits a channel; 5: of all together. */
static gpu_range winner_range(const gpu_scale *s, int level)
{
    static const int channels[VGG16_LEVELS] = {0, 64, 128, 256, 512};
    size_t at = 0, bytes = 0;
    for (int k = 1; k <= level && k < VGG16_LEVELS; k++) {
        at += bytes;
        bytes = gpu_round(rows_of(s, k) * width_of(s, k) * (size_t)channels[k] / 4, GPU_ALIGN);
    }
    return level < VGG16_LEVELS ? gpu_part(s->winners, at, bytes) : gpu_part(s->winners, 0, at + bytes);
}

void gpu_plan_network_buffers(gpu_scale *s)
{
    const size_t pixels = (size_t)s->height * (size_t)s->width, map = pixels * 64 * sizeof(float);
    s->image = gpu_take(&s->plan, pixels * 3 * sizeof(float));
    s->content_image = gpu_take(&s->plan, pixels * 3 * sizeof(float));
    s->map[0] = gpu_take(&s->plan, map);
    s->map[1] = gpu_take(&s->plan, map);
    s->signs = gpu_take(&s->plan, sign_range(s, VGG16_LAYERS).bytes);
    s->winners = gpu_take(&s->plan, winner_range(s, VGG16_LEVELS).bytes);
}

static int is_empty(const gpu_scale *s, int level)
{
    return rows_of(s, level) == 0 || width_of(s, level) == 0;
}

/* ---- taps -------------------------------------------------------------------------------------------------------- */

static uint32_t column_of(int tap)
{
    return (uint32_t)(level_offset[vgg16_taps[tap].level] + vgg16_taps[tap].offset);
}

static void gather_tap(gpu_scale *s, int tap, gpu_range map, const gpu_columns *columns, size_t count)
{
    const vgg16_tap_info *info = &vgg16_taps[tap];
    const size_t height = rows_of(s, info->level), bytes = row_bytes(s, info->level, info->channels);
    const size_t most = gpu_rows(&s->limits, height, bytes, 1, 0);
    for (size_t first = 0; first < height; first += most) {
        const size_t end = smaller(first + most, height);
        for (size_t i = 0; i < count; i++)
            gpu_dispatch(&s->plan, GPU_GATHER, columns[i].rows, 1, 0,
                         RANGES(band(map, bytes, first, smaller(end + 1, height)), columns[i].at, columns[i].x),
                         PARAMS((uint32_t)info->level, (uint32_t)height, (uint32_t)width_of(s, info->level),
                                (uint32_t)info->channels, (uint32_t)first, (uint32_t)end, column_of(tap), GPU_STRIDE,
                                gpu_bits(info->gain)));
    }
}

static void scatter_tap(gpu_scale *s, int tap, gpu_range dmap)
{
    const vgg16_tap_info *info = &vgg16_taps[tap];
    const int level = info->level;
    const size_t height = rows_of(s, level), width = width_of(s, level), bytes = row_bytes(s, level, info->channels);
    const size_t most = gpu_rows(&s->limits, height, bytes, 0, 0);
    for (size_t first = 0; first < height; first += most) {
        const size_t end = smaller(first + most, height);
        gpu_dispatch(&s->plan, GPU_SCATTER, s->list_room[level], 1, 0,
                     RANGES(s->lists[level], s->dx, band(dmap, bytes, first, end)),
                     PARAMS((uint32_t)s->list_room[level], (uint32_t)s->sample_rows, (uint32_t)info->channels,
                            (uint32_t)(first * width), (uint32_t)(end * width), column_of(tap), GPU_STRIDE,
                            gpu_bits(info->gain)));
    }
}

/* ---- layers ------------------------------------------------------------------------------------------------------ */

static void plan_conv_first(gpu_scale *s, gpu_range image, gpu_range out)
{
    const size_t height = rows_of(s, 0), width = width_of(s, 0), bytes = row_bytes(s, 0, 64);
    const double operations = 54.0 * 64 * (double)width;
    const size_t most = gpu_rows(&s->limits, height, bytes, 0, operations);
    for (size_t first = 0; first < height; first += most) {
        const size_t end = smaller(first + most, height), rows = end - first;
        gpu_dispatch(&s->plan, GPU_CONV_FIRST, gpu_round(rows * width, 16) / 16, 1, operations * (double)rows,
                     RANGES(image, gpu_filters(0), gpu_bias(0), sign_range(s, 0), band(out, bytes, first, end),
                            s->flag),
                     PARAMS((uint32_t)height, (uint32_t)width, (uint32_t)first, (uint32_t)rows, gpu_bits(vgg16_mean[0]),
                            gpu_bits(vgg16_mean[1]), gpu_bits(vgg16_mean[2]), gpu_bits(vgg16_spread)));
    }
}

static void plan_conv_first_backward(gpu_scale *s, gpu_range dmap)
{
    const size_t height = rows_of(s, 0), width = width_of(s, 0), bytes = row_bytes(s, 0, 64);
    const double operations = 54.0 * 64 * (double)width;
    const size_t most = gpu_rows(&s->limits, height, bytes, 2, operations);
    for (size_t first = 0; first < height; first += most) {
        const size_t end = smaller(first + most, height), rows = end - first, from = first ? first - 1 : 0;
        gpu_dispatch(&s->plan, GPU_CONV_FIRST_BACKWARD, gpu_round(rows * width, 16) / 16, 1, operations * (double)rows,
                     RANGES(band(dmap, bytes, from, smaller(end + 1, height)), gpu_filters_backward(0),
                            sign_range(s, 0), s->dimage),
                     PARAMS((uint32_t)height, (uint32_t)width, (uint32_t)first, (uint32_t)rows, (uint32_t)from,
                            gpu_bits(vgg16_spread)));
    }
}

static void plan_conv(gpu_scale *s, int layer, int backward, gpu_range in, gpu_range out)
{
    const vgg16_layer *l = &vgg16_layers[layer];
    const int cin = backward ? l->cout : l->cin, cout = backward ? l->cin : l->cout, level = l->level;
    const size_t height = rows_of(s, level), width = width_of(s, level);
    const size_t in_bytes = row_bytes(s, level, cin), out_bytes = row_bytes(s, level, cout);
    const double operations = 18.0 * cin * cout * (double)width;
    const size_t most = gpu_rows(&s->limits, height, in_bytes > out_bytes ? in_bytes : out_bytes, 2, operations);
    for (size_t first = 0; first < height; first += most) {
        const size_t end = smaller(first + most, height), rows = end - first, from = first ? first - 1 : 0;
        gpu_dispatch(&s->plan, backward ? GPU_CONV_BACKWARD : GPU_CONV, gpu_round(rows * width, 128) / 128,
                     (size_t)cout / 64, operations * (double)rows,
                     RANGES(band(in, in_bytes, from, smaller(end + 1, height)),
                            backward ? gpu_filters_backward(layer) : gpu_filters(layer), gpu_bias(layer),
                            sign_range(s, layer), band(out, out_bytes, first, end), s->flag),
                     PARAMS((uint32_t)height, (uint32_t)width, (uint32_t)cin, (uint32_t)cout, (uint32_t)first,
                            (uint32_t)rows, (uint32_t)from));
    }
}

/* Between the maps of level - 1 and of `level`. */
static void plan_pool(gpu_scale *s, int level, int channels, gpu_range map, gpu_range half)
{
    const size_t height = rows_of(s, level), width = width_of(s, level - 1);
    const size_t map_bytes = row_bytes(s, level - 1, channels), half_bytes = row_bytes(s, level, channels);
    const size_t most = gpu_rows(&s->limits, height, 2 * map_bytes, 0, 0);
    for (size_t first = 0; first < height; first += most) {
        const size_t end = smaller(first + most, height);
        gpu_dispatch(&s->plan, GPU_MAXPOOL, gpu_round(width / 2 * (size_t)channels / 16, 64) / 64, end - first, 0,
                     RANGES(band(map, map_bytes, 2 * first, 2 * end), winner_range(s, level),
                            band(half, half_bytes, first, end)),
                     PARAMS((uint32_t)width, (uint32_t)channels, (uint32_t)first, (uint32_t)(end - first)));
    }
}

static void plan_pool_backward(gpu_scale *s, int level, int channels, gpu_range dmap, gpu_range dhalf)
{
    const size_t height = rows_of(s, level - 1), width = width_of(s, level - 1), half = rows_of(s, level);
    const size_t map_bytes = row_bytes(s, level - 1, channels), half_bytes = row_bytes(s, level, channels);
    const size_t most = gpu_rows(&s->limits, height, map_bytes, 0, 0);
    for (size_t first = 0; first < height; first += most) {
        const size_t end = smaller(first + most, height), from = smaller(first / 2, half - 1);
        gpu_dispatch(&s->plan, GPU_MAXPOOL_BACKWARD, gpu_round(width * (size_t)channels / 4, 64) / 64, end - first, 0,
                     RANGES(band(dhalf, half_bytes, from, smaller(gpu_round(end, 2) / 2, half)), winner_range(s, level),
                            band(dmap, map_bytes, first, end)),
                     PARAMS((uint32_t)height, (uint32_t)width, (uint32_t)channels, (uint32_t)first));
    }
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

void gpu_plan_forward(gpu_scale *s, gpu_range image, const gpu_columns *columns, size_t count)
{
    int here = 0;
    gather_tap(s, 0, image, columns, count);
    for (int k = 0; k < VGG16_LAYERS && !is_empty(s, vgg16_layers[k].level); k++) {
        const vgg16_layer *l = &vgg16_layers[k];
        if (k == 0) {
            plan_conv_first(s, image, s->map[here]);
        } else {
            plan_conv(s, k, 0, s->map[here], s->map[!here]);
            here = !here;
        }
        if (l->tap >= 0)
            gather_tap(s, l->tap, s->map[here], columns, count);
        if (l->pool_after && !is_empty(s, l->level + 1)) {
            plan_pool(s, l->level + 1, l->cout, s->map[here], s->map[!here]);
            here = !here;
        }
    }
}

void gpu_plan_backward(gpu_scale *s)
{
    int top = VGG16_LAYERS - 1, here = 0;
    while (top > 0 && is_empty(s, vgg16_layers[top].level))
        top--;
    const size_t floats = rows_of(s, vgg16_layers[top].level) * width_of(s, vgg16_layers[top].level) *
                          (size_t)vgg16_layers[top].cout;
    gpu_dispatch(&s->plan, GPU_ZERO, gpu_round(floats, 64) / 64, 1, 0,
                 RANGES(gpu_part(s->map[0], 0, floats * sizeof(float))), PARAMS((uint32_t)floats));
    for (int k = top; k >= 0; k--) {
        const vgg16_layer *l = &vgg16_layers[k];
        if (l->pool_after && k < top) {
            plan_pool_backward(s, l->level + 1, l->cout, s->map[!here], s->map[here]);
            here = !here;
        }
        if (l->tap >= 0)
            scatter_tap(s, l->tap, s->map[here]);
        if (k > 0) {
            plan_conv(s, k, 1, s->map[here], s->map[!here]);
            here = !here;
        } else {
            plan_conv_first_backward(s, s->map[here]);
        }
    }
    scatter_tap(s, 0, s->dimage);
}
