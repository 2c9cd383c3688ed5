/* SPDX-License-Identifier: MIT
 *
 * 3x3 convolution and its exact adjoint by the steps of winograd_tiles.h; here is who does what.
 *
 * Small filters over many tiles: each thread takes strips of tile rows and carries one block of tiles, small enough for
 * its cache, through all three steps. Large filters or few tiles: all threads share each step of one large block, so
 * that U comes from memory as seldom as can be. Which of the two, and every border, depends on sizes only, and a
 * pixel's sum over its up to four windows is always formed in the same order.
 */
#include <assert.h>
#include <string.h>

#include "base/sizes.h"
#include "kernels/conv.h"
#include "kernels/gemm_kernels.h"
#include "kernels/winograd_tiles.h"

enum {
    OWN_TILES = 32,                      /* tiles of a block that one thread carries through */
    OWN_FILTERS = 128 * 128,             /* cin * cout up to which filters count as small */
    OWN_LEAST = 128,                     /* tiles of a map from which they count as many */
    OWN_STRIPS = 32,                     /* at most */
    SHARED_TILES = 256,                  /* tiles of a block that all threads share */
    TILE_CHUNK = 16, CHANNEL_CHUNK = 64, /* one task of a shared transform */
    PRODUCT_CHUNK = 128                  /* columns of one task of a shared product */
};

typedef struct job {
    winograd_layer layer;
    winograd_block block;            /* the shared one */
    float *blocks;                   /* one a thread */
    int strip_rows, strips, parity;
} job;

static int tiles_of(const winograd_layer *l)
{
    return l->rows * l->columns;
}

/* ---- filters ----------------------------------------------------------------------------------------------------- */

typedef struct filter_job {
    float *U;
    const float *filters;
    int cin, cout;
} filter_job;

static void transform_panel(void *context, int panel, int worker)
{
    (void)worker;
    const filter_job *j = context;
    winograd_filters(j->U, j->filters, panel, j->cin, j->cout);
}

size_t conv_filter_floats(int cin, int cout)
{
    return (size_t)WINOGRAD_ELEMENTS * cin * cout;
}

void conv_filter_transform(threads *threads, float *U, const float *filters, int cin, int cout)
{
    filter_job j = {U, filters, cin, cout};
    threads_for(threads, cout / GEMM_PANEL, transform_panel, &j);
}

/* ---- small filters, many tiles: a strip of tile rows is one task ------------------------------------------------- */

static winograd_block block_of(const job *j, int worker)
{
    const winograd_layer *l = &j->layer;
    const size_t floats = winograd_block_floats(OWN_TILES, l->cin, l->cout);
    return winograd_block_in(j->blocks + (size_t)worker * floats, OWN_TILES, l->cin);
}

static void strip_forward(void *context, int row, int row_end, int worker)
{
    const job *j = context;
    const winograd_layer *l = &j->layer;
    const int end = row_end * l->columns;
    winograd_block b = block_of(j, worker);
    for (b.first = row * l->columns; b.first < end; b.first += OWN_TILES) {
        b.count = at_most(end - b.first, OWN_TILES);
        winograd_tiles_input(l, &b, 0, b.count, 0, l->cin);
        for (int e = 0; e < WINOGRAD_ELEMENTS; e++)
            winograd_tiles_product(l, &b, e, 0, l->cout);
        winograd_tiles_output(l, &b, 0, b.count, 0, l->cout);
    }
}

/* Neighbouring strips share two rows of din. So even strips run first, on their own; then odd ones, which add to what
 * the even ones above and below have written. */
static void strip_backward(void *context, int chunk, int worker)
{
    const job *j = context;
    const winograd_layer *l = &j->layer;
    const int row = (2 * chunk + j->parity) * j->strip_rows, row_end = at_most(row + j->strip_rows, l->rows);
    const int upper = j->parity ? row : row + 1, lower = j->parity && row_end < l->rows ? row_end - 1 : l->rows;
    const int end = row_end * l->columns;
    winograd_block b = block_of(j, worker);
    for (b.first = row * l->columns; b.first < end; b.first += OWN_TILES) {
        b.count = at_most(end - b.first, OWN_TILES);
        winograd_tiles_output_transposed(l, &b, 0, b.count, 0, l->cout);
        for (int e = 0; e < WINOGRAD_ELEMENTS; e++)
            winograd_tiles_product_transposed(l, &b, e, 0, l->cin);
        winograd_tiles_input_transposed(l, &b, 0, b.count, 0, l->cin, upper, lower);
    }
}

/* ---- large filters or few tiles: the steps of a block are shared ------------------------------------------------- */

static void shared_input(void *context, int tile, int tile_end, int channel, int channel_end, int worker)
{
    (void)worker;
    const job *j = context;
    winograd_tiles_input(&j->layer, &j->block, tile, tile_end, channel, channel_end);
}

static void shared_product(void *context, int element, int element_end, int channel, int channel_end, int worker)
{
    (void)worker;
    const job *j = context;
    for (; element < element_end; element++)
        winograd_tiles_product(&j->layer, &j->block, element, channel, channel_end);
}

static void shared_output(void *context, int tile, int tile_end, int channel, int channel_end, int worker)
{
    (void)worker;
    const job *j = context;
    winograd_tiles_output(&j->layer, &j->block, tile, tile_end, channel, channel_end);
}

static void shared_output_transposed(void *context, int tile, int tile_end, int channel, int channel_end, int worker)
{
    (void)worker;
    const job *j = context;
    winograd_tiles_output_transposed(&j->layer, &j->block, tile, tile_end, channel, channel_end);
}

static void shared_product_transposed(void *context, int element, int element_end, int channel, int channel_end,
                                      int worker)
{
    (void)worker;
    const job *j = context;
    for (; element < element_end; element++)
        winograd_tiles_product_transposed(&j->layer, &j->block, element, channel, channel_end);
}

/* Windows overlap within channels only, so a task takes one cache line of channels through all tiles. */
static void shared_input_transposed(void *context, int channel, int channel_end, int worker)
{
    (void)worker;
    const job *j = context;
    winograd_tiles_input_transposed(&j->layer, &j->block, 0, j->block.count, channel, channel_end, 1, j->layer.rows);
}

/* One step of the shared block over all its tiles, or over all elements of their windows. */
static void share_transform(threads *threads, job *j, int channels, tiles_task *step)
{
    threads_tiles(threads, j->block.count, TILE_CHUNK, channels, CHANNEL_CHUNK, step, j);
}

static void share_product(threads *threads, job *j, int channels, tiles_task *step)
{
    threads_tiles(threads, WINOGRAD_ELEMENTS, 1, channels, PRODUCT_CHUNK, step, j);
}

/* ---- the operators ----------------------------------------------------------------------------------------------- */

static int is_shared(int tiles, int cin, int cout)
{
    return cin * cout > OWN_FILTERS || tiles < OWN_LEAST;
}

/* Grows with the map's size, so that memory for the largest serves them all. */
size_t conv_scratch_floats(int height, int width, int cin, int cout, int workers)
{
    const int tiles = pieces(height, 4) * pieces(width, 4);
    const size_t shared = winograd_block_floats(at_most(tiles, SHARED_TILES), cin, cout);
    const size_t own = is_shared(tiles, cin, cout) ? 0 : (size_t)workers * winograd_block_floats(OWN_TILES, cin, cout);
    return (size_t)(cin > cout ? cin : cout) + (shared > own ? shared : own);
}

static job job_of(int height, int width, int cin, int cout, float *scratch)
{
    assert(cin % GEMM_PANEL == 0 && cout % GEMM_PANEL == 0);
    const int rows = pieces(height, 4), columns = pieces(width, 4), widest = cin > cout ? cin : cout;
    memset(scratch, 0, sizeof *scratch * (size_t)widest);
    job j = {.layer = {height, width, cin, cout, rows, columns, .zeros = scratch}, .blocks = scratch + widest};
    j.block = winograd_block_in(j.blocks, at_most(rows * columns, SHARED_TILES), cin);
    j.strip_rows = rows > OWN_STRIPS ? pieces(rows, OWN_STRIPS) : 1;
    j.strips = pieces(rows, j.strip_rows);
    return j;
}

/* Makes the shared block the next one of the map; 0 when there is none. */
static int next_block(job *j)
{
    winograd_block *b = &j->block;
    b->first += b->count;
    b->count = at_most(tiles_of(&j->layer) - b->first, b->room);
    return b->count > 0;
}

void conv_forward(threads *threads, float *out, uint8_t *sign, const float *in, const float *U, const float *bias,
                  int height, int width, int cin, int cout, float *scratch)
{
    job j = job_of(height, width, cin, cout, scratch);
    j.layer.out = out, j.layer.sign = sign, j.layer.in = in, j.layer.U = U, j.layer.bias = bias;
    if (!is_shared(tiles_of(&j.layer), cin, cout)) {
        threads_rows(threads, j.layer.rows, j.strip_rows, strip_forward, &j);
        return;
    }
    while (next_block(&j)) {
        share_transform(threads, &j, cin, shared_input);
        share_product(threads, &j, cout, shared_product);
        share_transform(threads, &j, cout, shared_output);
    }
}

void conv_backward(threads *threads, float *din, const float *dout, const uint8_t *sign, const float *U,
                   int height, int width, int cin, int cout, float *scratch)
{
    job j = job_of(height, width, cin, cout, scratch);
    j.layer.out = din, j.layer.signs = sign, j.layer.in = dout, j.layer.U = U;
    if (!is_shared(tiles_of(&j.layer), cin, cout)) {
        for (j.parity = 0; j.parity < 2; j.parity++)
            threads_for(threads, (j.strips + 1 - j.parity) / 2, strip_backward, &j);
        return;
    }
    while (next_block(&j)) {
        share_transform(threads, &j, cout, shared_output_transposed);
        share_product(threads, &j, cin, shared_product_transposed);
        threads_rows(threads, cin, WINOGRAD_LINE, shared_input_transposed, &j);
    }
}
