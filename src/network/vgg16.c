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

#include "base/sizes.h"
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

/* ---- octaves and bands ---------------------------------------------------------------------------------------------
 *
 * An octave is the layers of one level, up to its pooling. Those of levels 0 and 1 of a large image are done band by
 * band: BAND rows of the map at a time, with as many more on either side as the layers beyond need. A convolution's
 * tiles are 4 rows high and its windows reach one row further, so HALO rows per layer are enough, and since bands begin
 * at multiples of 4 each row comes from the same tiles as in one piece.
 */

enum { BAND = 128, HALO = 4, BANDED_LEVELS = 2, WHOLE_PIXELS = 512 * 512 };

typedef struct span { int first, end; } span;

static int is_banded(int level, int height, int width)
{
    return level < BANDED_LEVELS && (int64_t)height * width > WHOLE_PIXELS;
}

/* The rows that must be known to know those of the band after `layers` more. */
static span widened(span band, int layers, int height)
{
    const int first = band.first - HALO * layers, end = band.end + HALO * layers;
    return (span){first > 0 ? first : 0, at_most(end, height)};
}

static span next_band(span band, int level, int height, int width)
{
    const int end = is_banded(level, height, width) ? at_most(band.end + BAND, height >> level) : height >> level;
    return (span){band.end, end};
}

static int first_layer(int level)
{
    int k = 0;
    while (vgg16_layers[k].level < level)
        k++;
    return k;
}

static int end_layer(int level)
{
    return level + 1 < VGG16_LEVELS ? first_layer(level + 1) : VGG16_LAYERS;
}

/* ---- buffers ----------------------------------------------------------------------------------------------------- */

/* Two whole maps that take turns, two bands that do, and what a convolution works in. */
typedef struct buffers {
    float *map[2], *band[2], *scratch;
    uint8_t *sign; /* of a band */
} buffers;

/* SIZE_MAX: more than that. */
static size_t map_floats(const vgg16_layer *l, int height, int width)
{
    const size_t pixels = map_pixels(l, height, width);
    return pixels > SIZE_MAX / (size_t)l->cout ? SIZE_MAX : pixels * (size_t)l->cout;
}

static void buffers_layout(buffers *b, arena *arena, int height, int width, int workers)
{
    size_t map = 0, band = 0, sign = 0, scratch = 0;
    for (int k = 0; k < VGG16_LAYERS; k++) {
        const vgg16_layer *l = &vgg16_layers[k];
        const int w = width >> l->level;
        int rows = height >> l->level;
        if (is_banded(l->level, height, width)) {
            rows = at_most(rows, BAND + 2 * HALO * (end_layer(l->level) - first_layer(l->level)));
            band = arena_larger(band, (size_t)rows * w * l->cout);
            sign = arena_larger(sign, (size_t)rows * w * l->cout / 4);
            if (l->pool_after)
                map = arena_larger(map, map_pixels(l + 1, height, width) * (size_t)l->cout);
        } else
            map = arena_larger(map, map_floats(l, height, width));
        if (k > 0)
            scratch = arena_larger(scratch, conv_scratch_floats(rows, w, l->cin, l->cout, workers));
    }
    for (int i = 0; i < 2; i++) {
        b->map[i] = arena_take(arena, map, sizeof(float));
        b->band[i] = arena_take(arena, band, sizeof(float));
    }
    b->sign = arena_take(arena, sign, 1);
    b->scratch = arena_take(arena, scratch, sizeof(float));
}

size_t vgg16_scratch_bytes(int height, int width, int workers)
{
    arena plan = {0};
    buffers buffers;
    buffers_layout(&buffers, &plan, height, width, workers);
    return plan.high;
}

/* ---- forward and backward ---------------------------------------------------------------------------------------- */

typedef struct walk {
    const vgg16 *net;
    threads *threads;
    int height, width;
    buffers buffers;
    int here;           /* which of the whole maps was written last */
    const vgg16_trace *trace; /* forward: NULL where there is no way back */
    const float *image;
    float *dimage;
    int last_tap;
    vgg16_tap *tap;
    vgg16_inject *inject;
    void *context;
} walk;

static vgg16_rows rows_of(const walk *w, int level, span span)
{
    return (vgg16_rows){span.first, span.end - span.first, w->height >> level, w->width >> level};
}

static float *other(float *const pair[2], const float *one)
{
    return pair[pair[0] == one];
}

static void octave_forward(walk *o, int level)
{
    const int h = o->height >> level, w = o->width >> level, banded = is_banded(level, o->height, o->width);
    const int first = first_layer(level);
    int end = end_layer(level);
    while (end > first + 1 && vgg16_layers[end - 1].tap > o->last_tap)
        end--;
    float *const *turns = banded ? o->buffers.band : o->buffers.map;
    float *const whole = o->buffers.map[o->here];
    float *pooled = other(o->buffers.map, whole);
    for (span band = next_band((span){0}, level, o->height, o->width); band.first < h;
         band = next_band(band, level, o->height, o->width)) {
        span known = widened(band, end - first, h);
        float *buffer = whole, *map = whole + (size_t)known.first * w * vgg16_layers[first].cin;
        if (level == 0) {
            buffer = map = banded ? o->buffers.band[1] : whole;
            const float *image = o->image + (size_t)known.first * w * 3;
            for (size_t i = 0; i < (size_t)(known.end - known.first) * w * 3; i++)
                map[i] = (image[i] - vgg16_mean[i % 3]) / vgg16_spread;
        }
        for (int k = first; k < end; k++) {
            const vgg16_layer *l = &vgg16_layers[k];
            const size_t row = (size_t)w * l->cout;
            const int count = known.end - known.first;
            float *next = other(turns, buffer);
            uint8_t *sign = !o->trace ? NULL : banded ? o->buffers.sign : o->trace->sign[k];
            if (k == 0)
                conv_first_forward(o->threads, next, sign, map, o->net->filter[0], o->net->bias[0], count, w);
            else
                conv_forward(o->threads, next, sign, map, o->net->filter[k], o->net->bias[k], count, w, l->cin,
                             l->cout, o->buffers.scratch);
            if (banded && sign)
                memcpy(o->trace->sign[k] + (size_t)band.first * row / 4,
                       sign + (size_t)(band.first - known.first) * row / 4, (size_t)(band.end - band.first) * row / 4);
            const span right = widened(band, end - 1 - k, h);
            buffer = next;
            map = next + (size_t)(right.first - known.first) * row;
            known = right;
            if (l->tap >= 0)
                o->tap(o->context, l->tap, map + (size_t)(band.first - known.first) * row, rows_of(o, level, band));
        }
        const vgg16_layer *l = &vgg16_layers[end - 1];
        if (!banded)
            pooled = other(o->buffers.map, buffer);
        if (l->pool_after) {
            const size_t at = (size_t)(band.first / 2) * (size_t)(w / 2) * l->cout;
            maxpool_forward(o->threads, pooled + at, o->trace ? o->trace->argmax[level] + at / 4 : NULL, map,
                            band.end - band.first, w, l->cout);
        }
    }
    o->here = pooled == o->buffers.map[1];
}

/* Of the map of the octave's last layer, or of its pooled map where it is not the top one, to that of the octave
 * below. */
static void octave_backward(walk *o, int level, int end)
{
    const int h = o->height >> level, w = o->width >> level, banded = is_banded(level, o->height, o->width);
    const int first = first_layer(level), is_pooled = vgg16_layers[end - 1].pool_after && end < VGG16_LAYERS &&
                                                      o->height >> (level + 1) && o->width >> (level + 1);
    float *const *turns = banded ? o->buffers.band : o->buffers.map;
    float *const whole = o->buffers.map[o->here];
    float *below = other(o->buffers.map, whole);
    for (span band = next_band((span){0}, level, o->height, o->width); band.first < h;
         band = next_band(band, level, o->height, o->width)) {
        span known = widened(band, end - first, h);
        float *dmap = whole;
        if (is_pooled) {
            const int channels = vgg16_layers[end - 1].cout;
            const size_t at = (size_t)(known.first / 2) * (size_t)(w / 2) * channels;
            dmap = other(turns, whole);
            maxpool_backward(o->threads, dmap, whole + at, o->trace->argmax[level] + at / 4, known.end - known.first, w,
                             channels);
        }
        float *buffer = dmap;
        for (int k = end - 1; k >= first; k--) {
            const vgg16_layer *l = &vgg16_layers[k];
            const int count = known.end - known.first;
            const span right = widened(band, k - first, h);
            const uint8_t *sign = o->trace->sign[k] + (size_t)known.first * w * l->cout / 4;
            if (l->tap >= 0)
                o->inject(o->context, l->tap, dmap, rows_of(o, level, known));
            float *next = k == 0 && !banded ? o->dimage : other(turns, buffer);
            if (k == 0)
                conv_first_backward(o->threads, next, dmap, sign, o->net->filter[0], count, w);
            else
                conv_backward(o->threads, next, dmap, sign, o->net->filter[k], count, w, l->cin, l->cout,
                              o->buffers.scratch);
            buffer = next;
            dmap = next + (size_t)(right.first - known.first) * w * l->cin;
            known = right;
        }
        const size_t row = (size_t)w * vgg16_layers[first].cin;
        if (banded)
            memcpy((level == 0 ? o->dimage : below) + (size_t)band.first * row, dmap,
                   sizeof(float) * (size_t)(band.end - band.first) * row);
        else
            below = buffer;
    }
    o->here = below == o->buffers.map[1];
}

void vgg16_forward(const vgg16 *net, const exec *exec, vgg16_trace *trace, const float *image, int height, int width,
                   int last_tap, vgg16_tap *tap, void *context)
{
    const size_t mark = arena_mark(exec->scratch);
    walk o = {.net = net, .threads = exec->threads, .height = height, .width = width, .trace = trace, .image = image,
              .last_tap = last_tap, .tap = tap, .context = context};
    buffers_layout(&o.buffers, exec->scratch, height, width, threads_count(o.threads));
    if (trace) {
        trace->height = height;
        trace->width = width;
    }
    tap(context, 0, image, (vgg16_rows){0, height, height, width});
    for (int level = 0; level < VGG16_LEVELS && height >> level && width >> level; level++) {
        const int tapped = level == 0 ? 0 : vgg16_layers[first_layer(level) - 1].tap;
        if (tapped < last_tap)
            octave_forward(&o, level);
    }
    arena_reset(exec->scratch, mark);
}

void vgg16_backward(float *dimage, const vgg16 *net, const exec *exec, const vgg16_trace *trace,
                    vgg16_inject *inject, void *context)
{
    const int height = trace->height, width = trace->width;
    const size_t mark = arena_mark(exec->scratch);
    walk o = {.net = net, .threads = exec->threads, .height = height, .width = width, .trace = trace,
              .dimage = dimage, .inject = inject, .context = context};
    buffers_layout(&o.buffers, exec->scratch, height, width, threads_count(o.threads));
    int top = VGG16_LEVELS - 1; /* the last level that is not empty */
    while (top > 0 && (height >> top == 0 || width >> top == 0))
        top--;
    const vgg16_layer *last = &vgg16_layers[end_layer(top) - 1];
    memset(o.buffers.map[0], 0, sizeof(float) * (size_t)last->cout * map_pixels(last, height, width));
    for (int level = top; level >= 0; level--)
        octave_backward(&o, level, end_layer(level));
    for (size_t i = 0; i < (size_t)height * width * 3; i++)
        dimage[i] /= vgg16_spread;
    inject(context, 0, dimage, (vgg16_rows){0, height, height, width});
    arena_reset(exec->scratch, mark);
}
