/* SPDX-License-Identifier: MIT
 *
 * strotss: Style Transfer by Relaxed Optimal Transport and Self-Similarity
 * (Kolkin, Salavon, Shakhnarovich, CVPR 2019; arXiv 1904.12785).
 *
 * The only public header. One style transfer reads:
 *
 *     strotss_engine *engine;
 *     strotss_run *run;
 *     strotss_progress progress;
 *     strotss_options options = strotss_preset_options(STROTSS_STANDARD, 512);
 *     strotss_inputs inputs = strotss_inputs_of(&content, &style);
 *
 *     strotss_engine_create(&engine, threads);
 *     strotss_engine_load_weights(engine, bytes, size);
 *     strotss_run_create(&run, engine, &options, &inputs);
 *     do strotss_run_step(run, &progress); while (progress.phase != STROTSS_DONE);
 *     strotss_run_snapshot(run, rgba);
 *     strotss_run_destroy(run);
 *     strotss_engine_destroy(engine);
 *
 * Every call that can fail returns a strotss_status; results come back through
 * out-pointers, which are written only on STROTSS_OK. strotss_engine_error gives one
 * sentence about the last failure of the engine or of any of its runs.
 *
 * Ownership: whoever calls ..._create calls ..._destroy. Inputs are copied before a
 * call returns; no pointer passed in is kept. An engine outlives its runs.
 * Threads: an engine and its runs are used from one thread at a time. The engine's own
 * workers never change a result: the same seed, inputs and build give the same bytes
 * for any number of threads.
 *
 * Layout: images are interleaved and row-major, [height][width][channels].
 */
#ifndef STROTSS_H
#define STROTSS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STROTSS_VERSION "0.2.0"

/* ---- status ------------------------------------------------------------------------ */

typedef enum strotss_status {
    STROTSS_OK = 0,
    STROTSS_BAD_ARGUMENT = -1, /* a number out of range, a pointer missing, a call out of order */
    STROTSS_OUT_OF_MEMORY = -2, /* told before work starts, never in the middle */
    STROTSS_BAD_WEIGHTS = -3,  /* cut, altered, of another version, or not loaded yet */
    STROTSS_BAD_IMAGE = -4,    /* undecodable, too small, too large, or a style of which nothing is seen */
    STROTSS_BAD_REGIONS = -5,  /* no region common to both pictures, or maps or weights out of range */
    STROTSS_BAD_STATE = -6,    /* cut, altered, or of another run */
    STROTSS_NOT_FINITE = -7,   /* a NaN or infinity appeared; the run is stopped */
    STROTSS_CANNOT_ENCODE = -8
} strotss_status;

/* "OUT_OF_MEMORY" for STROTSS_OUT_OF_MEMORY, and so on; never NULL. */
const char *strotss_status_name(strotss_status status);

/* ---- engine: threads and the network --------------------------------------------------- */

typedef struct strotss_engine strotss_engine;

enum { STROTSS_MAX_THREADS = 64 };

/* Starts `threads` workers (1 to STROTSS_MAX_THREADS, the caller's thread counted).
 * BAD_ARGUMENT, OUT_OF_MEMORY. */
strotss_status strotss_engine_create(strotss_engine **engine, int threads);
void strotss_engine_destroy(strotss_engine *engine);

/* Parses a weights file (format: weights.c) and prepares the network, about 240 MB. May be
 * called once. BAD_WEIGHTS, OUT_OF_MEMORY. */
strotss_status strotss_engine_load_weights(strotss_engine *engine, const void *bytes, size_t size);

/* Bytes the loaded network takes. */
size_t strotss_network_bytes(void);

/* One sentence about the last failure, "" before any. Valid until the next call. */
const char *strotss_engine_error(const strotss_engine *engine);

/* ---- pictures -------------------------------------------------------------------------- */

/* 8-bit sRGB with alpha, [height][width][4]. */
typedef struct strotss_image {
    int width, height;
    uint8_t *rgba;
} strotss_image;

enum { STROTSS_MAX_SIDE = 16384, STROTSS_MIN_SIDE = 2 };
#define STROTSS_MAX_PIXELS (100 * 1000 * 1000)

/* Decodes PNG, JPEG, GIF (first frame) or TGA as stb_image knows them, BMP and PNM; applies the EXIF
 * orientation. The sizes are checked before pixels are allocated.
 * Free the result with strotss_image_free. BAD_IMAGE, OUT_OF_MEMORY. */
strotss_status strotss_image_decode(strotss_image *image, strotss_engine *engine,
                                    const void *bytes, size_t size);
void strotss_image_free(strotss_image *image);

/* Encodes as PNG (quality 0) or JPEG (quality 1 to 100; laid over white). `*bytes` is
 * freed with strotss_bytes_free. BAD_ARGUMENT, OUT_OF_MEMORY, CANNOT_ENCODE. */
strotss_status strotss_image_encode(uint8_t **bytes, size_t *size, strotss_engine *engine,
                                    const strotss_image *image, int quality);
void strotss_bytes_free(uint8_t *bytes);

/* ---- options --------------------------------------------------------------------------- */

enum { STROTSS_MIN_SIZE = 64, STROTSS_MAX_SIZE = 2048, STROTSS_MAX_SCALES = 6,
       STROTSS_MAX_ITERATIONS = 2000, STROTSS_MAX_REGIONS = 255 };

typedef enum strotss_optimizer {
    STROTSS_RMSPROP, /* as published: decay .99, step 2e-3, 1e-3 on the last scale */
    STROTSS_ADAM     /* (0.7, 0.9), step 2e-2 sqrt(128 / side), shorter for the two finest bands above 128 px,
                        cosine decay to 5 % within each scale */
} strotss_optimizer;

/* How the style term moves the output's columns to the style's; the cost is the same. */
typedef enum strotss_transport {
    STROTSS_REMD,    /* as published: relaxed earth mover's distance */
    STROTSS_SINKHORN /* entropic optimal transport (sinkhorn.h): every column has its share,
                        at several times this term's work */
} strotss_transport;

/* What the content term compares: one picture's columns among each other (similarity.c). */
typedef enum strotss_similarity {
    STROTSS_COSINE,   /* as published: cosine distance */
    STROTSS_CENTRED,  /* cosine distance of the columns less their mean */
    STROTSS_EUCLIDEAN /* Euclidean distance */
} strotss_similarity;

/* The terms of the objective, numbered from 0: their factors stand in this order. Most report parts of their value
 * beside it; all values are numbered too, a term's own before its parts. */
enum { STROTSS_MAX_TERMS = 8, STROTSS_MAX_VALUES = 32 };
int strotss_term_count(void);
int strotss_value_count(void);
/* "content", "remd" (the transport term), "moment", "palette", "points"; NULL where there is none. */
const char *strotss_term_name(int term);
/* The term's name, or its part's: "remd_x_to_style"; NULL where there is none. */
const char *strotss_value_name(int value);
/* Which term a value belongs to; -1 where there is none. */
int strotss_value_term(int value);

typedef struct strotss_options {
    int size;              /* long side of the result, pixels, 64 to 2048 (never above: content's aspect kept) */
    float content_weight;  /* 0 to 16; alpha = 16 * content_weight at the first scale, halved at each next */
    int iterations[STROTSS_MAX_SCALES]; /* for each scale in turn, 1 to STROTSS_MAX_ITERATIONS */
    strotss_optimizer optimizer;
    int style_draws;       /* of up to 1000 style positions a scale, 1 to 5; as published: 5 */
    float step;            /* base step size; 0 takes the optimizer's own */
    uint64_t seed;
    float factor[STROTSS_MAX_TERMS]; /* of each term, for ablation; 0 to 1000, 1 unless asked for */
    strotss_transport transport;
    strotss_similarity similarity;
    int content_across_regions; /* 0: each region pair has a content term of its own; 1: one over the whole picture */
} strotss_options;

/* draft: the first usable picture as fast as possible, objective at most 10 % above fine's;
 * standard: 1 to 2 % above; fine: the published method, 200 RMSprop iterations a scale.
 * Which scale is the last depends on `size`, the long side. All: content weight 0.5, seed 0. */
typedef enum strotss_quality { STROTSS_DRAFT, STROTSS_STANDARD, STROTSS_FINE } strotss_quality;
strotss_options strotss_preset_options(strotss_quality quality, int size);

/* Every option that is a number or a choice, the factors of the terms among them, each by its term's name. Choices are
 * numbered as their enums are. */
typedef struct strotss_option {
    const char *name;       /* NULL where there is none */
    double lowest, highest; /* both included */
    double standard;        /* NAN: the preset's own */
} strotss_option;
int strotss_option_count(void);
strotss_option strotss_option_at(int option);
/* Sets what is called `name`, at every scale where there is one for each; rounds toward 0 where it must. Ranges are
 * checked by the calls that take the options. Returns 0 where there is no such option, else 1. */
int strotss_options_set(strotss_options *options, const char *name, double value);
/* One number for all options, which are in range: options of equal digests give the same picture. */
uint64_t strotss_options_digest(const strotss_options *options);

/* Region control (the paper's User Control). Label k > 0 on the content corresponds to label k on
 * the style; label 0 is the unpainted rest. Label maps may be of any size; they are resized by
 * nearest neighbour. A label counts on the style only where the style is not wholly transparent. */
typedef struct strotss_regions {
    int content_width, content_height;
    const uint8_t *content_labels; /* [content_height][content_width] */
    int style_width, style_height;
    const uint8_t *style_labels;
    float weight[STROTSS_MAX_REGIONS + 1]; /* by label, 0 is the rest; 0 or more, 1 is the default */
} strotss_regions;

/* Points (the paper's User Control): at a place of the content the result is to look as the style does at a place of
 * its own. Each stands for nine pixels, 3 x 3, 1 % of the picture's long side apart, which every iteration looks at. */
enum { STROTSS_MAX_POINTS = 64 };
typedef struct strotss_point {
    int content_x, content_y, style_x, style_y; /* pixels of the pictures as given */
    float weight; /* beside the other points'; 0 or more, 1 is the default. The factor of the term weighs them all */
} strotss_point;
typedef struct strotss_points {
    int count; /* 0 to STROTSS_MAX_POINTS */
    const strotss_point *point;
} strotss_points;

/* ---- run: create, step, snapshot, destroy ------------------------------------------------ */

/* What a run works on. */
typedef struct strotss_inputs {
    const strotss_image *content, *style;
    const strotss_regions *regions; /* or NULL */
    const strotss_points *points;   /* or NULL */
} strotss_inputs;

/* These two alone; set what else there is afterwards. */
strotss_inputs strotss_inputs_of(const strotss_image *content, const strotss_image *style);

typedef struct strotss_run strotss_run;

/* The objective (objective.h) and all values of its terms, unweighted. Of STROTSS_SINKHORN, the transport term's three
 * values are the same. */
typedef struct strotss_terms {
    double total;
    double value[STROTSS_MAX_VALUES];
} strotss_terms;

typedef enum strotss_phase {
    STROTSS_STYLE,   /* the next step enters a scale (the one after `scale` if that one's iterations are done)
                        and extracts the style's hypercolumns */
    STROTSS_CONTENT, /* the next step extracts the content's */
    STROTSS_ITERATE, /* the next step is an iteration */
    STROTSS_DONE     /* nothing left to do */
} strotss_phase;

typedef struct strotss_progress {
    strotss_phase phase; /* what the next step will do */
    int scale, scales;   /* from 0 */
    int width, height;   /* of the current scale */
    int iteration, iterations; /* done and planned at this scale */
    strotss_terms terms; /* of the last iteration, taken before its update; 0 before any */
} strotss_progress;

/* What the memory of a run depends on beside its options. */
typedef struct strotss_sizes {
    int content_width, content_height, style_width, style_height;
    int pairs;   /* of regions, 1 without, at most STROTSS_MAX_REGIONS and the rest */
    int points;  /* 0 to STROTSS_MAX_POINTS */
    int threads; /* of the engine */
} strotss_sizes;

/* Bytes that strotss_run_create would take for these sizes, the loaded network apart; never less, and more only with
 * several pairs of regions, whose areas are not known here. With all of them `fine` takes 3.4 GB at 512 px, 4.1 GB at
 * 1024 px and 6.0 GB at 2048 px. WebAssembly has 4 GB: there it takes up to 240 at 1024 px and up to 110 at 2048 px.
 * BAD_ARGUMENT, OUT_OF_MEMORY: more than a size_t can tell, so that no run can have it. */
strotss_status strotss_estimate(size_t *bytes, const strotss_options *options, const strotss_sizes *sizes);

/* Plans and takes all memory, checks everything. Of the style, what is seen is drawn from: pixels
 * of at least half alpha at their scale. Colours under an alpha of 0 have no influence, the content's neither.
 * BAD_ARGUMENT, BAD_IMAGE, BAD_REGIONS, BAD_WEIGHTS (none loaded), OUT_OF_MEMORY. */
strotss_status strotss_run_create(strotss_run **run, strotss_engine *engine, const strotss_options *options,
                                  const strotss_inputs *inputs);
void strotss_run_destroy(strotss_run *run);

/* Does one bounded piece of work (at most one iteration), and tells where the run then stands unless progress is NULL.
 * After STROTSS_DONE it does nothing.
 * NOT_FINITE: the run stays at its last finite picture and refuses further steps. */
strotss_status strotss_run_step(strotss_run *run, strotss_progress *progress);

/* Where the run stands, without working. */
void strotss_run_progress(const strotss_run *run, strotss_progress *progress);

/* The picture so far, clamped, with the content's alpha: writes 4 * width * height bytes of
 * the current scale (sizes from strotss_run_progress). */
void strotss_run_snapshot(const strotss_run *run, uint8_t *rgba);

/* Bytes held by the run, and the state of it between two steps: everything needed to give, after
 * strotss_run_restore into a run created with the same inputs, options and weights, the bytes of
 * an uninterrupted run. `save` writes strotss_run_state_bytes(run) bytes, at the last scale as many as
 * strotss_largest_state_bytes tells before (0 for options or a content that no run takes).
 * restore: BAD_STATE with the reason; the run is then unchanged. */
size_t strotss_run_bytes(const strotss_run *run);
size_t strotss_run_state_bytes(const strotss_run *run);
size_t strotss_largest_state_bytes(const strotss_options *options, int content_width, int content_height);
void strotss_run_save(const strotss_run *run, uint8_t *state);
strotss_status strotss_run_restore(strotss_run *run, const uint8_t *state, size_t size);

/* ---- measuring ------------------------------------------------------------------------- */

/* The objective of any finished picture: content and style are resized to the result's long side,
 * content to its exact size; positions are drawn jointly, the style's up to 5 x 1000; the mean over `draws` draws.
 * BAD_ARGUMENT, BAD_IMAGE, BAD_WEIGHTS, OUT_OF_MEMORY, NOT_FINITE. */
strotss_status strotss_evaluate(strotss_terms *terms, strotss_engine *engine,
                                const strotss_image *content, const strotss_image *style,
                                const strotss_image *result, float alpha, int draws, uint64_t seed);

/* Transport between two pictures' features. remd is at most emd, and sinkhorn at least, but for what its plan misses of
 * the weights (a few thousandths). */
typedef struct strotss_distance {
    double remd;     /* relaxed, as in the objective */
    double emd;      /* exact */
    double sinkhorn; /* <P, C> of the entropic plan P */
} strotss_distance;

/* The ten taps, rgb first, then the whole hypercolumn. */
enum { STROTSS_DISTANCES = 11, STROTSS_MAX_COUNT = 1024 };

/* Both pictures are resized to long side `size`, 64 to 2048; of each, `count` pixels that are seen are drawn without
 * replacement, 1 to STROTSS_MAX_COUNT or as many as the one with fewer has, and their columns compared by cosine
 * distance.
 * BAD_ARGUMENT, BAD_IMAGE, BAD_WEIGHTS, OUT_OF_MEMORY, NOT_FINITE. */
strotss_status strotss_distances(strotss_distance distances[STROTSS_DISTANCES], strotss_engine *engine,
                                 const strotss_image *a, const strotss_image *b, int size, int count, uint64_t seed);

enum { STROTSS_HYPERCOLUMN = 2179 };

/* Hypercolumns of an image at `count` pixels (y, x), 1 or more, gains applied: columns is [count][2179]. Level k of the
 * network is halved k times, up to four; the numbers of a level that a side is too short for are 0. Takes at most
 * 400 MB, however large the image.
 * BAD_ARGUMENT, BAD_IMAGE, BAD_WEIGHTS, OUT_OF_MEMORY, NOT_FINITE (columns are then written all the same). */
strotss_status strotss_hypercolumns(float *columns, strotss_engine *engine, const strotss_image *image,
                                    const int *yx, int count);

#ifdef __cplusplus
}
#endif

#endif
