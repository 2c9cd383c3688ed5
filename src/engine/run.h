/* SPDX-License-Identifier: MIT
 *
 * The insides of a run, shared by run.c (the state machine), run_inputs.c (what it works on), run_scale.c (what one
 * scale needs) and run_state.c (save and restore). Memory: one block. In front what lives as long as the run (the
 * pictures at every scale, the pyramid and its optimizer); behind it the current scale's columns, laid out anew at each
 * scale; at the tail what is used in turns (the network's scratch, the losses' scratch).
 */
#ifndef RUN_H
#define RUN_H

#include "features/content.h"
#include "engine/engine.h"
#include "features/pass.h"
#include "features/positions.h"
#include "features/regions.h"
#include "features/style.h"

/* The inputs at one scale. */
typedef struct run_inputs {
    int height, width, style_height, style_width;
    float *content;          /* [height][width][3] */
    float *style;            /* [style_height][style_width][3] */
    float *style_alpha;      /* [style_height][style_width] */
    uint8_t *alpha;          /* [height][width], the content's */
    uint8_t *content_labels; /* [height][width], NULL without regions */
    uint8_t *style_labels;
} run_inputs;

/* Positions that an iteration looks at together, and the columns there. */
typedef struct run_sample {
    int n;                   /* positions this iteration, 0: none */
    int32_t *index;          /* [n] which candidates */
    position *at;            /* [n] */
    columns x;               /* output; from the objective on, z holds the gradient towards it */
} run_sample;

/* One pair of regions at the current scale. */
typedef struct run_pair {
    region_pair region;
    int budget;              /* positions it may have an iteration */
    int style_draw;          /* style positions a draw */
    float weight;            /* of its objective; pairs that exist at this scale sum to 1 */
    int first, candidates;   /* its stretch of the content's candidates; none: the region is empty here */
    run_sample sample;
    style style;
} run_pair;

/* A pair of points that counts, in shares of the pictures' sides; the weights add up to 1. */
typedef struct run_point { double content_y, content_x, style_y, style_x, weight; } run_point;

/* What the output's columns at the points are compared with. */
typedef struct run_points {
    position *style_at; /* [n] */
    columns style;
    float *weight;      /* [n] */
} run_points;

/* A style's covariance is ten megabytes. With more pairs than this, those from here on share the room of one and find
 * theirs anew each iteration: small regions are many, and theirs soon found. */
enum { KEPT_COVARIANCES = 32 };

/* What one scale needs; pointers into the run's block. */
typedef struct run_scale {
    content content;
    vgg16_trace trace;
    arena shared;            /* used in turns: the network's scratch, the losses' scratch */
    columns content_room;    /* of the sample at work: memory for the content's columns at its positions, */
    float *dz[VGG16_LEVELS]; /* the gradient towards its z */
    float *covariance;       /* and its style's covariance, if that is not kept (KEPT_COVARIANCES) */
    run_points points;
    gather *gathers;         /* what a pass looks at: up to one per pair, the whole, and the points */
    int32_t *pick_scratch;
    position *style_at;
    float *pyramid_scratch;
} run_scale;

struct strotss_run {
    strotss_engine *engine;
    int workers;             /* threads the scratch is planned for */
    strotss_options options;
    uint64_t digest;         /* of inputs, options and weights: a state must match it */
    arena arena;             /* over the one block */
    size_t scale_mark;       /* where the scale's part of the arena begins */
    int scales;
    run_inputs inputs[STROTSS_MAX_SCALES];
    int pair_count;
    run_pair *pairs;
    run_sample whole;        /* of all candidates, where the content term is one across the pairs */
    int point_count;
    run_point points[STROTSS_MAX_POINTS];
    run_sample at_points;    /* of the output, the same in every iteration of a scale */

    strotss_progress progress;
    int stopped;             /* a number was not finite */
    size_t coefficients;     /* of the pyramid at this scale */
    float *pyramid, *mean, *square; /* [coefficients]: variables and the optimizer's moments */
    float *dpyramid;
    float *image, *dimage;   /* [height][width][3]; image is always the folded pyramid */
    float *previous;         /* the finished picture of the scale before */
    run_scale scale;
};

/* run_inputs.c. A refusal in words, or OK. */
strotss_status run_inputs_check(strotss_engine *engine, const strotss_options *options, const strotss_inputs *inputs);
/* Of checked inputs: the points that count; */
void run_inputs_points(strotss_run *run, const strotss_inputs *inputs);
/* all pictures and labels at every scale, laid out already, with scratch from where the scales will lie; init as the
 * finished picture of a scale before. */
void run_inputs_fill(strotss_run *run, size_t resize_floats, const strotss_inputs *inputs);
uint64_t run_inputs_digest(const strotss_engine *engine, const strotss_options *options, const strotss_inputs *inputs);

/* run.c: lays out a scale and stands at its beginning. */
void run_enter_scale(strotss_run *run, int scale);

/* The run stands after so many iterations of its scale, the last one's terms being these; and where one was not
 * finite: STROTSS_NOT_FINITE. */
void run_iterated(strotss_run *run, int iterations, const strotss_terms *terms);
strotss_status run_not_finite(strotss_run *run, int iteration);

/* run_scale.c. Lays out the part of the block that scale `scale` needs. */
void run_scale_layout(strotss_run *run, arena *arena, int scale);
/* Style: positions, hypercolumns, statistics of every pair. */
void run_scale_style(strotss_run *run);
/* Whether the content term is one over the whole picture beside the pairs' others: of one pair both are the same. */
int run_content_is_across(const strotss_run *run);
/* Content: candidates of the draw that `iteration` belongs to; 0 where they are there already. */
int run_scale_candidates(strotss_run *run, int iteration);
/* Candidates, and their hypercolumns of the content. */
void run_scale_content(strotss_run *run, int iteration);
/* Of the candidates, the positions that `iteration` looks at. */
void run_scale_positions(strotss_run *run, int iteration);
/* One evaluation at the current picture: fills dpyramid and the terms. */
void run_scale_gradient(strotss_run *run, int iteration, strotss_terms *terms);

#endif
