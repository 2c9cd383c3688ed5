/* SPDX-License-Identifier: MIT
 *
 * VGG-16's thirteen convolutions, forward and backward to the image, streamed: two buffers take turns, each tap's map
 * is handed out the moment it exists, and only signs and pooling winners (vgg16_trace) are kept for the way back. The
 * large maps of an image of more than 512 x 512 pixels never exist as a whole: they come in bands of rows.
 * Conventions: input [h][w][3] rgb in [0,1] (any finite value), the network on (rgb - mean) /
 * 0.226, biases divided by 57.63. Weights are frozen: there is no gradient towards them.
 */
#ifndef VGG16_H
#define VGG16_H

#include <stddef.h>
#include <stdint.h>
#include "base/exec.h"
#include "network/weights.h"

/* The taps of the hypercolumn, coarse to the eye first: rgb itself is tap 0. Level = how often the map was halved. */
enum { VGG16_TAPS = 10, VGG16_LEVELS = 5 };
typedef struct vgg16_tap_info {
    int level, channels;
    int offset; /* of its channels inside the level's columns */
    float gain; /* about one over the map's standard deviation over photographs, so that taps count alike, but for
                   relu5_3: at its 7.2 the picture copies the style's things instead of its manner */
} vgg16_tap_info;
extern const vgg16_tap_info vgg16_taps[VGG16_TAPS];

typedef struct vgg16_layer {
    int cin, cout, level;
    int tap;        /* that hands out this layer's map, or -1 */
    int pool_after;
} vgg16_layer;
extern const vgg16_layer vgg16_layers[VGG16_LAYERS];

/* The network sees (rgb - mean) / spread. */
extern const float vgg16_mean[3], vgg16_spread;

typedef struct vgg16 {
    float *filter[VGG16_LAYERS]; /* [0] plain OIHW in RGB order, the rest transformed */
    float *bias[VGG16_LAYERS];
} vgg16;

/* Lays out the network's floats; then fills it from a checked weights file. scratch: vgg16_load_scratch_floats()
 * floats. */
void vgg16_layout(vgg16 *net, arena *arena);
size_t vgg16_load_scratch_floats(void);
/* A layer of a checked weights file as the conventions above want it: filters OIHW, bias. filters has room for
 * vgg16_load_scratch_floats() floats, bias for the layer's channels. */
void vgg16_load_layer(float *filters, float *bias, const void *weights, int layer);
void vgg16_load(vgg16 *net, threads *threads, const void *weights, float *scratch);

typedef struct vgg16_trace {
    int height, width;
    uint8_t *sign[VGG16_LAYERS], *argmax[4]; /* as conv.h lays them out */
} vgg16_trace;
void vgg16_trace_layout(vgg16_trace *trace, arena *arena, int height, int width);

/* Scratch that forward or backward takes; SIZE_MAX: more than that. Grows with height and width. */
size_t vgg16_scratch_bytes(int height, int width, int workers);

/* Rows of a map of height x width: `count` of them from `first` on. */
typedef struct vgg16_rows {
    int first, count, height, width;
} vgg16_rows;

/* Called for every tap up to last_tap: rows [rows.count][width][channels] of that tap's ReLU'd map, without gain. All
 * of a map's rows come once, from top to bottom; the bands of an octave's taps in turns. Not for taps whose map is
 * empty, as the deep ones of an image with a side below 16 are. */
typedef void vgg16_tap(void *context, int tap, const float *map, vgg16_rows rows);
/* Asked for every tap from VGG16_TAPS - 1 down to 0: adds dL/dmap (without gain: multiply by it) to these rows of dmap.
 * Bands overlap, and each row is asked for as often as it is worked on. Not for empty maps. */
typedef void vgg16_inject(void *context, int tap, float *dmap, vgg16_rows rows);

/* trace may be NULL: no way back. Stops after last_tap (VGG16_TAPS - 1 for all). */
void vgg16_forward(const vgg16 *net, const exec *exec, vgg16_trace *trace, const float *image, int height, int width,
                   int last_tap, vgg16_tap *tap, void *context);
/* dimage[h][w][3] is overwritten. */
void vgg16_backward(float *dimage, const vgg16 *net, const exec *exec, const vgg16_trace *trace,
                    vgg16_inject *inject, void *context);

#endif
