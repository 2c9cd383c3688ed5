/* SPDX-License-Identifier: MIT
 *
 * 3x3 convolution by Winograd's F(4x4,3x3), and its exact adjoint from the same filters. With T tiles of 4x4 outputs, and for
 * each of the 36 elements e of the transformed 6x6 window one matrix product:
 *
 *   forward   V = B^T d B       M_e[T][cout] = V_e[T][cin] U_e[cin][cout]        Y = A^T M A
 *   backward  dM = A dY A^T     dV_e[T][cin] = dM_e[T][cout] U_e[cin][cout]^T    dd = B dV B^T, overlapping windows added
 *
 *   U  [36][cout/16][cin][16]   panels (gemm_kernels.h) that both directions read
 *   V  [36][plane]              a plane is [tiles of the block][channels] and a cache line more, so that 36 planes do not
 *   M  [36][plane]              fall on one another in the cache
 *
 * Small filters over many tiles: each thread takes strips of tile rows and carries one block of tiles, small enough for its cache,
 * through all three steps. Large filters or few tiles: all threads share each step of one large block, so that
 * U comes from memory as seldom as can be. Which of the two, and every border, depends on sizes only.
 * A pixel's sum over its up to four windows is always formed in the same order: see strip_backward.
 */
#include <assert.h>
#include <string.h>

#include "conv.h"
#include "gemm_kernels.h"
#include "winograd_transform.h"

enum {
    ELEMENTS = 36,
    LINE = 16,              /* floats of a cache line */
    OWN_TILES = 32,         /* tiles of a block that one thread carries through */
    SHARED_TILES = 256,     /* tiles of a block that all threads share */
    OWN_FILTERS = 128 * 128, /* cin * cout up to which filters count as small */
    OWN_STRIPS = 32,        /* at most */
    TILE_CHUNK = 16, CHANNEL_CHUNK = 64, /* one task of a shared transform */
    PRODUCT_CHUNK = 128                  /* columns of one task of a shared product */
};

typedef struct shape {
    int height, width, cin, cout;
    int rows, columns; /* of tiles */
} shape;

/* Tiles first to first + count - 1 in row-major order, on their way through the three steps. */
typedef struct block {
    float *V, *M;
    int room, first, count;
} block;

typedef struct job {
    shape s;
    block shared;
    float *scratch;
    const float *zeros;    /* a pixel outside the map */
    const float *in, *U, *bias;
    float *out;            /* forward: the map; backward: din */
    const uint8_t *signs;  /* backward */
    uint8_t *sign;         /* forward */
    int strip_rows, strips, parity;
} job;

static int at_most(int value, int limit)
{
    return value < limit ? value : limit;
}

static int pieces(int count, int size)
{
    return (count + size - 1) / size;
}

static shape shape_of(int height, int width, int cin, int cout)
{
    assert(cin % 16 == 0 && cout % 16 == 0);
    return (shape){height, width, cin, cout, pieces(height, 4), pieces(width, 4)};
}

static size_t plane(int tiles, int channels)
{
    return (size_t)tiles * channels + LINE;
}

static size_t block_floats(int room, int cin, int cout)
{
    return ELEMENTS * (plane(room, cin) + plane(room, cout));
}

static block block_in(float *memory, int room, int cin)
{
    return (block){.V = memory, .M = memory + ELEMENTS * plane(room, cin), .room = room};
}

/* ---- filters ------------------------------------------------------------------------------------------------------------- */

typedef struct filter_job {
    float *U;
    const float *filters;
    int cin, cout;
} filter_job;

static void transform_filters(void *context, int panel, int worker)
{
    (void)worker;
    const filter_job *j = context;
    const size_t of_output = (size_t)j->cin * 9;
    for (int i = 0; i < j->cin; i++) {
        float u[ELEMENTS][GEMM_PANEL];
        for (int o = 0; o < GEMM_PANEL; o += 4) {
            const float *g = j->filters + (size_t)(panel * GEMM_PANEL + o) * of_output + (size_t)i * 9;
            f32x4 half[6][3];
            for (int x = 0; x < 3; x++) {
                f32x4 column[3], transformed[6];
                for (int y = 0; y < 3; y++) {
                    const float *tap = g + 3 * y + x;
                    column[y] = (f32x4){tap[0], tap[of_output], tap[2 * of_output], tap[3 * of_output]};
                }
                winograd_filter(transformed, column);
                for (int y = 0; y < 6; y++)
                    half[y][x] = transformed[y];
            }
            for (int y = 0; y < 6; y++) {
                f32x4 row[6];
                winograd_filter(row, half[y]);
                for (int x = 0; x < 6; x++)
                    f32x4_store(&u[6 * y + x][o], row[x]);
            }
        }
        for (int e = 0; e < ELEMENTS; e++)
            memcpy(j->U + ((size_t)e * j->cout + (size_t)panel * GEMM_PANEL) * j->cin + (size_t)i * GEMM_PANEL, u[e], sizeof u[e]);
    }
}

size_t conv_filter_floats(int cin, int cout)
{
    return (size_t)ELEMENTS * cin * cout;
}

void conv_filter_transform(threads *threads, float *U, const float *filters, int cin, int cout)
{
    filter_job j = {U, filters, cin, cout};
    threads_for(threads, cout / GEMM_PANEL, transform_filters, &j);
}

/* ---- the three steps forward, on some tiles (of the block) and channels --------------------------------------------------- */

static void input_step(const job *j, const block *b, int tile, int tile_end, int channel, int channel_end)
{
    const shape *s = &j->s;
    const size_t stride = plane(b->room, s->cin);
    for (; tile < tile_end; tile++) {
        const int top = (b->first + tile) / s->columns * 4 - 1, left = (b->first + tile) % s->columns * 4 - 1;
        const float *pixel[6][6];
        for (int y = 0; y < 6; y++)
            for (int x = 0; x < 6; x++) {
                const int inside = top + y >= 0 && top + y < s->height && left + x >= 0 && left + x < s->width;
                pixel[x][y] = inside ? j->in + ((size_t)(top + y) * s->width + (left + x)) * s->cin : j->zeros;
            }
        float *out = b->V + (size_t)tile * s->cin;
        for (int c = channel; c < channel_end; c += 4) {
            f32x4 half[6][6];
            for (int x = 0; x < 6; x++) {
                f32x4 column[6], transformed[6];
                for (int y = 0; y < 6; y++)
                    column[y] = f32x4_load(pixel[x][y] + c);
                winograd_input(transformed, column);
                for (int y = 0; y < 6; y++)
                    half[y][x] = transformed[y];
            }
            for (int y = 0; y < 6; y++) {
                f32x4 row[6];
                winograd_input(row, half[y]);
                for (int x = 0; x < 6; x++)
                    f32x4_store(out + (size_t)(6 * y + x) * stride + c, row[x]);
            }
        }
    }
}

static void product_step(const job *j, const block *b, int element, int channel, int channel_end)
{
    const shape *s = &j->s;
    const float *V = b->V + (size_t)element * plane(b->room, s->cin);
    float *M = b->M + (size_t)element * plane(b->room, s->cout);
    const float *U = j->U + (size_t)element * s->cin * s->cout;
    for (int c = channel; c < channel_end; c += GEMM_PANEL)
        for (int k = 0; k < s->cin; k += GEMM_DEPTH)
            gemm_panel(M + c, s->cout, V + k, s->cin, U + (size_t)c * s->cin + (size_t)k * GEMM_PANEL, b->count,
                       at_most(s->cin - k, GEMM_DEPTH), k > 0);
}

static void output_step(const job *j, const block *b, int tile, int tile_end, int channel, int channel_end)
{
    const shape *s = &j->s;
    const size_t stride = plane(b->room, s->cout);
    for (; tile < tile_end; tile++) {
        const int top = (b->first + tile) / s->columns * 4, left = (b->first + tile) % s->columns * 4;
        const int rows = at_most(s->height - top, 4), columns = at_most(s->width - left, 4);
        const float *in = b->M + (size_t)tile * s->cout;
        for (int c = channel; c < channel_end; c += 4) {
            const f32x4 bias = f32x4_load(j->bias + c);
            f32x4 half[4][6];
            for (int x = 0; x < 6; x++) {
                f32x4 column[6], transformed[4];
                for (int y = 0; y < 6; y++)
                    column[y] = f32x4_load(in + (size_t)(6 * y + x) * stride + c);
                winograd_output(transformed, column);
                for (int y = 0; y < 4; y++)
                    half[y][x] = transformed[y];
            }
            for (int y = 0; y < rows; y++) {
                f32x4 row[4];
                winograd_output(row, half[y]);
                const size_t at = (((size_t)(top + y) * s->width + left) * s->cout + c);
                for (int x = 0; x < columns; x++) {
                    const f32x4 value = f32x4_max(row[x] + bias, f32x4_splat(0));
                    f32x4_store(j->out + at + (size_t)x * s->cout, value);
                    if (j->sign)
                        j->sign[(at + (size_t)x * s->cout) / 4] = (uint8_t)i32x4_bits(value > f32x4_splat(0));
                }
            }
        }
    }
}

/* ---- the three steps backward, each the transpose of one above -------------------------------------------------------------- */

static void output_step_transposed(const job *j, const block *b, int tile, int tile_end, int channel, int channel_end)
{
    const shape *s = &j->s;
    const size_t stride = plane(b->room, s->cout);
    const i32x4 bit = {1, 2, 4, 8};
    for (; tile < tile_end; tile++) {
        const int top = (b->first + tile) / s->columns * 4, left = (b->first + tile) % s->columns * 4;
        const float *pixel[4][4];
        const uint8_t *sign[4][4];
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 4; x++) {
                const int inside = top + y < s->height && left + x < s->width;
                const size_t at = inside ? ((size_t)(top + y) * s->width + (left + x)) * s->cout : 0;
                pixel[x][y] = inside ? j->in + at : j->zeros;
                sign[x][y] = j->signs ? j->signs + at / 4 : NULL;
            }
        float *out = b->M + (size_t)tile * s->cout;
        for (int c = channel; c < channel_end; c += 4) {
            f32x4 half[6][4];
            for (int x = 0; x < 4; x++) {
                f32x4 column[4], transformed[6];
                for (int y = 0; y < 4; y++) {
                    column[y] = f32x4_load(pixel[x][y] + c);
                    if (j->signs) {
                        const int32_t bits = sign[x][y][c / 4];
                        column[y] = (f32x4)((i32x4)column[y] & ((((i32x4){bits, bits, bits, bits}) & bit) == bit));
                    }
                }
                winograd_output_transposed(transformed, column);
                for (int y = 0; y < 6; y++)
                    half[y][x] = transformed[y];
            }
            for (int y = 0; y < 6; y++) {
                f32x4 row[6];
                winograd_output_transposed(row, half[y]);
                for (int x = 0; x < 6; x++)
                    f32x4_store(out + (size_t)(6 * y + x) * stride + c, row[x]);
            }
        }
    }
}

static void product_step_transposed(const job *j, const block *b, int element, int channel, int channel_end)
{
    const shape *s = &j->s;
    gemm_panel_transposed(b->V + (size_t)element * plane(b->room, s->cin) + channel, s->cin,
                          b->M + (size_t)element * plane(b->room, s->cout), s->cout,
                          j->U + (size_t)element * s->cin * s->cout + (size_t)channel * GEMM_PANEL, (size_t)s->cin * GEMM_PANEL,
                          b->count, channel_end - channel, s->cout, 0);
}

/* Tiles come in order. A window's first two rows and columns were written before by the tile above and the one to the left; its last two rows
 * by the tile below where `lower` (a tile row) says so. There it adds, elsewhere it is the first and overwrites. */
static void input_step_transposed(const job *j, const block *b, int tile, int tile_end, int channel, int channel_end,
                                  int upper, int lower)
{
    const shape *s = &j->s;
    const size_t stride = plane(b->room, s->cin);
    for (; tile < tile_end; tile++) {
        const int row_of_tile = (b->first + tile) / s->columns, column_of_tile = (b->first + tile) % s->columns;
        const int top = row_of_tile * 4 - 1, left = column_of_tile * 4 - 1;
        const float *in = b->V + (size_t)tile * s->cin;
        for (int c = channel; c < channel_end; c += 4) {
            f32x4 half[6][6];
            for (int x = 0; x < 6; x++) {
                f32x4 column[6], transformed[6];
                for (int y = 0; y < 6; y++)
                    column[y] = f32x4_load(in + (size_t)(6 * y + x) * stride + c);
                winograd_input_transposed(transformed, column);
                for (int y = 0; y < 6; y++)
                    half[y][x] = transformed[y];
            }
            for (int y = 0; y < 6; y++) {
                if (top + y < 0 || top + y >= s->height)
                    continue;
                const int row_written = (y < 2 && row_of_tile >= upper) || (y >= 4 && row_of_tile >= lower);
                f32x4 row[6];
                winograd_input_transposed(row, half[y]);
                float *out = j->out + ((ptrdiff_t)(top + y) * s->width + left) * s->cin + c;
                for (int x = 0; x < 6; x++, out += s->cin) {
                    if (left + x < 0 || left + x >= s->width)
                        continue;
                    const int written = row_written || (x < 2 && column_of_tile > 0);
                    f32x4_store(out, written ? f32x4_load(out) + row[x] : row[x]);
                }
            }
        }
    }
}

/* ---- small filters, many tiles: a strip of tile rows is one task --------------------------------------------------------------- */

static void strip_forward(void *context, int strip, int worker)
{
    const job *j = context;
    const shape *s = &j->s;
    block b = block_in(j->scratch + (size_t)worker * block_floats(OWN_TILES, s->cin, s->cout), OWN_TILES, s->cin);
    const int end = at_most((strip + 1) * j->strip_rows, s->rows) * s->columns;
    for (b.first = strip * j->strip_rows * s->columns; b.first < end; b.first += OWN_TILES) {
        b.count = at_most(end - b.first, OWN_TILES);
        input_step(j, &b, 0, b.count, 0, s->cin);
        for (int e = 0; e < ELEMENTS; e++)
            product_step(j, &b, e, 0, s->cout);
        output_step(j, &b, 0, b.count, 0, s->cout);
    }
}

/* Neighbouring strips share two rows of din. So even strips run first, on their own; then odd ones, which add to what the even ones above and
 * below have written. */
static void strip_backward(void *context, int chunk, int worker)
{
    const job *j = context;
    const shape *s = &j->s;
    const int strip = 2 * chunk + j->parity, row = strip * j->strip_rows, row_end = at_most(row + j->strip_rows, s->rows);
    const int upper = j->parity ? row : row + 1, lower = j->parity && row_end < s->rows ? row_end - 1 : s->rows;
    block b = block_in(j->scratch + (size_t)worker * block_floats(OWN_TILES, s->cin, s->cout), OWN_TILES, s->cin);
    const int end = row_end * s->columns;
    for (b.first = row * s->columns; b.first < end; b.first += OWN_TILES) {
        b.count = at_most(end - b.first, OWN_TILES);
        output_step_transposed(j, &b, 0, b.count, 0, s->cout);
        for (int e = 0; e < ELEMENTS; e++)
            product_step_transposed(j, &b, e, 0, s->cin);
        input_step_transposed(j, &b, 0, b.count, 0, s->cin, upper, lower);
    }
}

/* ---- large filters or few tiles: the steps of a block are shared ------------------------------------------------------------------ */

typedef void transform_step(const job *j, const block *b, int tile, int tile_end, int channel, int channel_end);
typedef void multiply_step(const job *j, const block *b, int element, int channel, int channel_end);

static void share_transform(const job *j, int chunk, int channels, transform_step *step)
{
    const int groups = pieces(channels, CHANNEL_CHUNK);
    const int tile = chunk / groups * TILE_CHUNK, channel = chunk % groups * CHANNEL_CHUNK;
    step(j, &j->shared, tile, at_most(tile + TILE_CHUNK, j->shared.count), channel, at_most(channel + CHANNEL_CHUNK, channels));
}

static void share_product(const job *j, int chunk, int channels, multiply_step *step)
{
    const int groups = pieces(channels, PRODUCT_CHUNK), channel = chunk % groups * PRODUCT_CHUNK;
    step(j, &j->shared, chunk / groups, channel, at_most(channel + PRODUCT_CHUNK, channels));
}

static void shared_input(void *context, int chunk, int worker)
{
    (void)worker;
    const job *j = context;
    share_transform(j, chunk, j->s.cin, input_step);
}

static void shared_product(void *context, int chunk, int worker)
{
    (void)worker;
    const job *j = context;
    share_product(j, chunk, j->s.cout, product_step);
}

static void shared_output(void *context, int chunk, int worker)
{
    (void)worker;
    const job *j = context;
    share_transform(j, chunk, j->s.cout, output_step);
}

static void shared_output_transposed(void *context, int chunk, int worker)
{
    (void)worker;
    const job *j = context;
    share_transform(j, chunk, j->s.cout, output_step_transposed);
}

static void shared_product_transposed(void *context, int chunk, int worker)
{
    (void)worker;
    const job *j = context;
    share_product(j, chunk, j->s.cin, product_step_transposed);
}

/* Windows overlap within channels only, so a task takes one cache line of channels through all tiles. */
static void shared_input_transposed(void *context, int chunk, int worker)
{
    (void)worker;
    const job *j = context;
    input_step_transposed(j, &j->shared, 0, j->shared.count, chunk * LINE, (chunk + 1) * LINE, 1, j->s.rows);
}

/* ---- the operators ------------------------------------------------------------------------------------------------------------------ */

static int tiles_of(const shape *s)
{
    return s->rows * s->columns;
}

static int is_shared(const shape *s)
{
    return s->cin * s->cout > OWN_FILTERS || tiles_of(s) < 4 * OWN_TILES;
}

size_t conv_scratch_floats(int height, int width, int cin, int cout, int workers)
{
    const shape s = shape_of(height, width, cin, cout);
    const size_t own = (size_t)workers * block_floats(OWN_TILES, cin, cout);
    const size_t shared = block_floats(at_most(tiles_of(&s), SHARED_TILES), cin, cout);
    const int only_shared = cin * cout > OWN_FILTERS;
    return (size_t)(cin > cout ? cin : cout) + (only_shared || shared > own ? shared : own);
}

static job job_of(int height, int width, int cin, int cout, float *scratch)
{
    job j = {.s = shape_of(height, width, cin, cout), .zeros = scratch};
    const int widest = cin > cout ? cin : cout;
    memset(scratch, 0, sizeof *scratch * (size_t)widest);
    j.scratch = scratch + widest;
    j.shared = block_in(j.scratch, at_most(tiles_of(&j.s), SHARED_TILES), cin);
    j.strip_rows = pieces(j.s.rows, OWN_STRIPS);
    j.strips = pieces(j.s.rows, j.strip_rows > 0 ? j.strip_rows : 1);
    return j;
}

void conv_forward(threads *threads, float *out, uint8_t *sign, const float *in, const float *U, const float *bias,
                  int height, int width, int cin, int cout, float *scratch)
{
    job j = job_of(height, width, cin, cout, scratch);
    j.out = out, j.sign = sign, j.in = in, j.U = U, j.bias = bias;
    if (!is_shared(&j.s)) {
        threads_for(threads, j.strips, strip_forward, &j);
        return;
    }
    for (block *b = &j.shared; b->first < tiles_of(&j.s); b->first += b->room) {
        b->count = at_most(tiles_of(&j.s) - b->first, b->room);
        threads_for(threads, pieces(b->count, TILE_CHUNK) * pieces(cin, CHANNEL_CHUNK), shared_input, &j);
        threads_for(threads, ELEMENTS * pieces(cout, PRODUCT_CHUNK), shared_product, &j);
        threads_for(threads, pieces(b->count, TILE_CHUNK) * pieces(cout, CHANNEL_CHUNK), shared_output, &j);
    }
}

void conv_backward(threads *threads, float *din, const float *dout, const uint8_t *sign, const float *U,
                   int height, int width, int cin, int cout, float *scratch)
{
    job j = job_of(height, width, cin, cout, scratch);
    j.out = din, j.signs = sign, j.in = dout, j.U = U;
    if (!is_shared(&j.s)) {
        for (j.parity = 0; j.parity < 2; j.parity++)
            threads_for(threads, (j.strips + 1 - j.parity) / 2, strip_backward, &j);
        return;
    }
    for (block *b = &j.shared; b->first < tiles_of(&j.s); b->first += b->room) {
        b->count = at_most(tiles_of(&j.s) - b->first, b->room);
        threads_for(threads, pieces(b->count, TILE_CHUNK) * pieces(cout, CHANNEL_CHUNK), shared_output_transposed, &j);
        threads_for(threads, ELEMENTS * pieces(cin, PRODUCT_CHUNK), shared_product_transposed, &j);
        threads_for(threads, cin / LINE, shared_input_transposed, &j);
    }
}
