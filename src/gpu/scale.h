/* SPDX-License-Identifier: MIT
 *
 * What the device holds of one scale of a run, and the parts that plan it. Columns are dense here, not in factors as on
 * the CPU: rows of GPU_STRIDE floats, zero beyond the channels, a sample's rows rounded up to whole tiles, so that
 * every matrix product is of whole tiles.
 */
#ifndef GPU_SCALE_H
#define GPU_SCALE_H

#include "engine/run.h"
#include "gpu/gpu.h"
#include "gpu/plan.h"
#include "picture/pyramid.h"

enum {
    GPU_STRIDE = 2304,       /* floats a row of hypercolumns */
    GPU_TILE_ROWS = 128,     /* a sample's rows are a multiple of it */
    GPU_STYLES = 64,         /* and a style's columns of it */
    GPU_SHELF = 8192,        /* candidates of the content that lie in one buffer */
    GPU_BLOCK = 64,          /* words of a sample's block */
    GPU_RESULTS = 64,        /* words before the first sample's terms */
    GPU_TERMS = 8,           /* numbers that a sample reports, as gpu_term has them */
    GPU_NOWHERE = 0xffffffff /* a position or row that is none */
};

enum gpu_term { GPU_CONTENT_SUM, GPU_X_TO_STYLE, GPU_STYLE_TO_X, GPU_MEAN_SUM, GPU_COVARIANCE_SUM, GPU_PALETTE_X,
                GPU_PALETTE_STYLE };

/* The words of a sample's block, which kernels see as struct Sample. */
enum gpu_block { GPU_N, GPU_CONTENT_FACTOR, GPU_TRANSPORT_FACTOR, GPU_MEAN_SLOPE, GPU_COVARIANCE_SLOPE,
                 GPU_PALETTE_FACTOR, GPU_WEIGHT };

/* Rows whose hypercolumns are gathered: from which positions, to where. */
typedef struct gpu_columns { gpu_range at, x; size_t rows; } gpu_columns;

/* A run_sample on the device. */
typedef struct gpu_sample {
    const run_sample *of;
    const style *style;      /* NULL: the content term alone */
    int with_content;
    size_t first, rows;      /* its rows among all samples' */
    gpu_range block;         /* its numbers of this iteration (gpu_block) */
} gpu_sample;

/* A row's share of a pixel. */
typedef struct gpu_entry { uint32_t pixel, row; float share; } gpu_entry;

typedef struct gpu_owned { struct gpu_owned *next; uint32_t words[]; } gpu_owned;

struct gpu_scale {
    strotss_run *run;
    gpu_limits limits;
    gpu_plan plan;
    uint32_t *written;       /* the plan in one piece */
    size_t written_words;
    int height, width;

    /* What C writes for each iteration; the places of its parts, in bytes, are those of the ranges. */
    uint32_t *words;
    gpu_range iteration, steps, blocks, at, index, lists[VGG16_LEVELS];
    size_t list_room[VGG16_LEVELS], sample_rows; /* entries of a level; 4 a row of all samples */
    gpu_entry *order;        /* [sample_rows] to sort a level's list in */
    uint32_t *candidates;    /* [room][2] (y, x) */
    size_t candidate_room;

    /* The network's. */
    gpu_range image, dimage, content_image, map[2], signs, winners, flag;
    /* The samples'. */
    int sample_count;
    gpu_sample *sample;
    size_t rows;
    gpu_range x, dx, content_at, *shelf;
    size_t shelves;
    gpu_range results;       /* whether a number was not finite, and from word GPU_RESULTS on [samples][GPU_TERMS] */
    gpu_range pyramid, mean, square, dpyramid;
    gpu_owned *owned;        /* arrays that uploads read */
};

/* Forward through the network from `image`, every tap gathered into the columns as far as they go. */
void gpu_plan_forward(gpu_scale *s, gpu_range image, const gpu_columns *columns, size_t count);
/* The way back from dx to dimage. */
void gpu_plan_backward(gpu_scale *s);
void gpu_plan_network_buffers(gpu_scale *s);

/* The terms of every sample from x, and dx. */
void gpu_plan_objective(gpu_scale *s);

/* dimage to the pyramid's gradient, the optimizer's step, and the folded image. */
void gpu_plan_update(gpu_scale *s);

/* An array of the scale's own that uploads may read; NULL: the plan has failed. */
uint32_t *gpu_own(gpu_scale *s, size_t words);

#endif
