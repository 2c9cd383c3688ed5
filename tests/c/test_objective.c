/* SPDX-License-Identifier: MIT
 *
 * The factored terms and gradients against the objective written down plainly, 2179 wide and in double: every term at
 * several sizes (all levels identities, all basis, mixed; one and three columns), directional central differences of
 * each term by ablation, ties, identical and zero columns, and the same bytes for one, two and three threads.
 */
#include "check.h"
#include "fake_maps.h"
#include "losses/matches.h"
#include "losses/objective.h"
#include "losses/transport/sinkhorn.h"
#include "values.h"

/* ---- the objective, plainly -------------------------------------------------------------------- */

static double dot(const double *a, const double *b, int count)
{
    double sum = 0;
    for (int c = 0; c < count; c++)
        sum += a[c] * b[c];
    return sum;
}

static double length(const double *a, int count)
{
    return sqrt(dot(a, a, count));
}

static double cosine_distance(const double *a, const double *b, int count)
{
    const double lengths = length(a, count) * length(b, count);
    return lengths > 0 ? 1 - dot(a, b, count) / lengths : 1;
}

static double palette_distance(const double *a, const double *b)
{
    double ra[3], rb[3], square = 0;
    for (int r = 0; r < 3; r++) {
        ra[r] = rb[r] = 0;
        for (int c = 0; c < 3; c++) {
            ra[r] += palette_rotation[r][c] * a[c];
            rb[r] += palette_rotation[r][c] * b[c];
        }
        square += (ra[r] - rb[r]) * (ra[r] - rb[r]);
    }
    return cosine_distance(ra, rb, 3) + sqrt(fmin(fmax(square, 1e-5), 1e5) / 3);
}

static void relaxed(double sides[2], const double *x, int n, const double *y, int m, int colours)
{
    double *best = malloc(sizeof(double) * (size_t)(n + m));
    for (int i = 0; i < n + m; i++)
        best[i] = INFINITY;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {
            const double *a = x + (size_t)i * FULL, *b = y + (size_t)j * FULL;
            const double cost = colours ? palette_distance(a, b) : cosine_distance(a, b, FULL);
            best[i] = fmin(best[i], cost);
            best[n + j] = fmin(best[n + j], cost);
        }
    sides[0] = sides[1] = 0;
    for (int i = 0; i < n; i++)
        sides[0] += best[i] / n;
    for (int j = 0; j < m; j++)
        sides[1] += best[n + j] / m;
    free(best);
}

/* W of sinkhorn.h, both sides of equal weights, to the end of double precision's patience. */
static double entropic(const double *x, int n, const double *y, int m)
{
    double *cost = malloc(sizeof(double) * (size_t)(n * m + n + m)), *u = cost + n * m, *v = u + n,
           value = 0, moved = 1;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            cost[i * m + j] = cosine_distance(x + (size_t)i * FULL, y + (size_t)j * FULL, FULL) / SINKHORN_EPSILON;
    for (int i = 0; i < n + m; i++)
        u[i] = 0;
    while (moved > 1e-12) {
        moved = 0;
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int j = 0; j < m; j++)
                sum += exp(v[j] - cost[i * m + j] + u[i]) / m;
            u[i] -= log(sum);
            moved = fmax(moved, fabs(log(sum)));
        }
        for (int j = 0; j < m; j++) {
            double sum = 0;
            for (int i = 0; i < n; i++)
                sum += exp(u[i] - cost[i * m + j] + v[j]) / n;
            v[j] -= log(sum);
        }
    }
    for (int i = 0; i < n; i++)
        value += SINKHORN_EPSILON * u[i] / n;
    for (int j = 0; j < m; j++)
        value += SINKHORN_EPSILON * v[j] / m;
    free(cost);
    return value;
}

/* D[n][n] and its row sums. */
static void distances_plain(double *d, double *sums, const double *x, int n, strotss_similarity similarity)
{
    double *columns = malloc(sizeof(double) * (size_t)n * FULL);
    memcpy(columns, x, sizeof(double) * (size_t)n * FULL);
    for (int c = 0; similarity == STROTSS_CENTRED && c < FULL; c++) {
        double mean = 0;
        for (int i = 0; i < n; i++)
            mean += x[(size_t)i * FULL + c] / n;
        for (int i = 0; i < n; i++)
            columns[(size_t)i * FULL + c] -= mean;
    }
    for (int i = 0; i < n; i++) {
        sums[i] = 0;
        for (int j = 0; j < n; j++) {
            const double *a = columns + (size_t)i * FULL, *b = columns + (size_t)j * FULL;
            double square = 0;
            for (int c = 0; c < FULL; c++)
                square += (a[c] - b[c]) * (a[c] - b[c]);
            d[i * n + j] = i == j ? 0 : similarity == STROTSS_EUCLIDEAN ? sqrt(square) : cosine_distance(a, b, FULL);
            sums[i] += d[i * n + j];
        }
    }
    free(columns);
}

static double content_plain(const double *x, const double *c, int n, strotss_similarity similarity)
{
    double *dx = malloc(sizeof(double) * 2 * (size_t)n * (size_t)(n + 1)), *dc = dx + n * n, sum = 0;
    double *rx = dc + n * n, *rc = rx + n;
    distances_plain(dx, rx, x, n, similarity);
    distances_plain(dc, rc, c, n, similarity);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            sum += fabs(dx[i * n + j] / fmax(rx[i], 1e-5 * n) - dc[i * n + j] / fmax(rc[i], 1e-5 * n));
    free(dx);
    return sum / n;
}

/* mean[FULL] and covariance [FULL][FULL], upper triangle. */
static void moments_plain(double *mean, double *covariance, const double *x, int n)
{
    double *centred = malloc(sizeof(double) * FULL);
    memset(mean, 0, sizeof(double) * FULL);
    memset(covariance, 0, sizeof(double) * FULL * FULL);
    for (int i = 0; i < n; i++)
        for (int a = 0; a < FULL; a++)
            mean[a] += x[(size_t)i * FULL + a] / n;
    for (int i = 0; i < n; i++) {
        for (int a = 0; a < FULL; a++)
            centred[a] = x[(size_t)i * FULL + a] - mean[a];
        for (int a = 0; a < FULL; a++)
            for (int b = a; b < FULL; b++)
                covariance[(size_t)a * FULL + b] += centred[a] * centred[b] / n;
    }
    free(centred);
}

/* found: their sum, of means, of covariances. */
static void moment_plain(double found[3], const double *x, int n, const double *style_mean,
                         const double *style_covariance)
{
    double *mean = malloc(sizeof(double) * FULL), *covariance = malloc(sizeof(double) * FULL * FULL);
    double sum = 0, cross = 0;
    moments_plain(mean, covariance, x, n);
    for (int a = 0; a < FULL; a++) {
        sum += fabs(mean[a] - style_mean[a]);
        for (int b = a; b < FULL; b++)
            cross += (a == b ? 1 : 2) * fabs(covariance[(size_t)a * FULL + b] - style_covariance[(size_t)a * FULL + b]);
    }
    found[1] = sum / FULL;
    found[2] = cross / FULL / FULL;
    found[0] = found[1] + found[2];
    free(mean);
    free(covariance);
}

/* ---- a case ---------------------------------------------------------------------------------------- */

typedef struct situation {
    int height, width, n, draws;
    features x_maps, c_maps, s_maps;
    position *at, *style_at, *point_at;
    arena memory;
    columns x, c, p;
    style s;
    float *weight;                          /* of the points */
    double *content, *styles, *points;      /* plain hypercolumns */
    double *style_mean, *style_covariance;
} situation;

static double *plain_columns(const features *f, const position *at, int n, int bilinear)
{
    double *rows = malloc(sizeof(double) * (size_t)n * FULL);
    for (int i = 0; i < n; i++)
        features_hypercolumn(rows + (size_t)i * FULL, f, at[i], bilinear);
    return rows;
}

static situation situation_make(int height, int width, int n, int draws, threads *threads)
{
    situation e = {.height = height, .width = width, .n = n, .draws = draws};
    e.x_maps = features_make(height, width, 21);
    e.c_maps = features_make(height, width, 22);
    e.s_maps = features_make(40, 50, 23);
    e.at = malloc(sizeof(position) * (size_t)n);
    e.style_at = malloc(sizeof(position) * (size_t)draws);
    features_positions(e.at, n, height, width, 24);
    e.point_at = malloc(sizeof(position) * (size_t)n);
    features_positions(e.style_at, draws, 40, 50, 25);
    features_positions(e.point_at, n, 40, 50, 26);
    e.memory = arena_begin(2 * columns_bytes(height, width, n) + columns_bytes(40, 50, n) + style_bytes(40, 50, draws));
    e.x = features_columns(&e.memory, &e.x_maps, e.at, n);
    e.c = features_columns(&e.memory, &e.c_maps, e.at, n);
    e.p = features_columns(&e.memory, &e.s_maps, e.point_at, n);
    e.points = plain_columns(&e.s_maps, e.point_at, n, 1);
    e.weight = malloc(sizeof(float) * (size_t)n);
    for (int i = 0; i < n; i++)
        e.weight[i] = (float)(2 * (i + 1)) / (float)(n * (n + 1));
    e.s = features_style(&e.memory, &e.s_maps, e.style_at, draws, threads);
    e.content = plain_columns(&e.c_maps, e.at, n, 1);
    e.styles = plain_columns(&e.s_maps, e.style_at, draws, 0);
    e.style_mean = malloc(sizeof(double) * FULL);
    e.style_covariance = malloc(sizeof(double) * FULL * FULL);
    moments_plain(e.style_mean, e.style_covariance, e.styles, draws);
    return e;
}

static void situation_free(situation *e)
{
    features_free(&e->x_maps);
    features_free(&e->c_maps);
    features_free(&e->s_maps);
    arena_end(&e->memory);
    free(e->point_at), free(e->points), free(e->weight);
    free(e->at), free(e->style_at), free(e->content), free(e->styles), free(e->style_mean), free(e->style_covariance);
}

/* ---- the terms, plainly, at output columns x ----------------------------------------------------------- */

typedef double plain_value(const situation *e, const double *x, const loss_options *options);

static double plain_content(const situation *e, const double *x, const loss_options *options)
{
    return content_plain(x, e->content, e->n, options->similarity);
}

static double plain_transport(const situation *e, const double *x, const loss_options *options)
{
    double sides[2];
    if (options->transport == STROTSS_SINKHORN)
        return entropic(x, e->n, e->styles, e->draws);
    relaxed(sides, x, e->n, e->styles, e->draws, 0);
    return fmax(sides[0], sides[1]);
}

static double plain_moment(const situation *e, const double *x, const loss_options *options)
{
    (void)options;
    double found[3];
    moment_plain(found, x, e->n, e->style_mean, e->style_covariance);
    return found[0];
}

static double plain_palette(const situation *e, const double *x, const loss_options *options)
{
    (void)options;
    double sides[2];
    relaxed(sides, x, e->n, e->styles, e->draws, 1);
    return fmax(sides[0], sides[1]);
}

static double plain_points(const situation *e, const double *x, const loss_options *options)
{
    (void)options;
    double term = 0;
    for (int i = 0; i < e->n; i++)
        term += e->weight[i] * cosine_distance(x + (size_t)i * FULL, e->points + (size_t)i * FULL, FULL);
    return term;
}

/* Every term in the engine's order. Its weight in (alpha + 2) L, alpha being 1 or more here, is alpha to this power. */
static const struct { const char *name; plain_value *value; int power; } plain[] = {
    {"content", plain_content, 1},
    {"remd", plain_transport, 0},
    {"moment", plain_moment, 0},
    {"palette", plain_palette, -1},
    {"points", plain_points, 0},
};
enum { CONTENT, REMD, POINTS = 4, TERMS = sizeof plain / sizeof *plain };

static double in_total(int term, double alpha)
{
    return pow(alpha, plain[term].power) / (alpha + 2);
}

static loss_options with_factors(float all)
{
    loss_options options = loss_defaults();
    for (int term = 0; term < TERMS; term++)
        options.factor[term] = all;
    return options;
}

static arena scratch_for(const situation *e, strotss_transport transport, threads *threads)
{
    const loss_sizes sizes = {e->n, e->draws, e->n, threads_count(threads), transport};
    return arena_begin(objective_scratch_bytes(&sizes));
}

/* The engine's terms and, with dz not NULL, gradient (allocated here) of L. */
static strotss_terms terms_of(situation *e, float *dz[VGG16_LEVELS], float scale, float alpha, loss_options options,
                              threads *threads)
{
    strotss_terms terms;
    arena scratch = scratch_for(e, options.transport, threads);
    const loss_points points = {&e->p, e->weight};
    for (int k = 0; dz && k < VGG16_LEVELS; k++)
        dz[k] = calloc((size_t)e->x.level[k].rows * level_stride[k], sizeof(float));
    objective(&terms, dz, scale, &e->x, &e->c, &e->s, &points, alpha, &options, &(exec){threads, &scratch});
    CHECK(scratch.used == 0);
    arena_end(&scratch);
    return terms;
}

static void gradient_free(float *dz[VGG16_LEVELS])
{
    for (int k = 0; k < VGG16_LEVELS; k++)
        free(dz[k]);
}

static void check_terms(situation *e, threads *threads)
{
    double *x = plain_columns(&e->x_maps, e->at, e->n, 1), sides[2], moments[3];
    const float alpha = 2.5f;
    const strotss_terms found = terms_of(e, NULL, 1, alpha, with_factors(1), threads);
    for (int similarity = STROTSS_COSINE; similarity <= STROTSS_EUCLIDEAN; similarity++) {
        loss_options options = with_factors(1);
        options.similarity = (strotss_similarity)similarity;
        const double expected = content_plain(x, e->content, e->n, options.similarity);
        const strotss_terms terms = terms_of(e, NULL, 1, alpha, options, threads);
        CHECK_CLOSE(value_of(&terms, "content"), expected, 3e-6 * fmax(1, expected));
    }
    relaxed(sides, x, e->n, e->styles, e->draws, 0);
    CHECK_CLOSE(value_of(&found, "remd_x_to_style"), sides[0], 1e-6);
    CHECK_CLOSE(value_of(&found, "remd_style_to_x"), sides[1], 1e-6);
    CHECK_CLOSE(value_of(&found, "remd"), fmax(sides[0], sides[1]), 1e-6);
    loss_options options = with_factors(1);
    options.transport = STROTSS_SINKHORN;
    const strotss_terms sinkhorn = terms_of(e, NULL, 1, alpha, options, threads);
    const double entropy = value_of(&sinkhorn, "remd");
    CHECK_CLOSE(entropy, entropic(x, e->n, e->styles, e->draws), 1e-5);
    CHECK(value_of(&sinkhorn, "remd_x_to_style") == entropy && value_of(&sinkhorn, "remd_style_to_x") == entropy);
    CHECK(entropy > value_of(&found, "remd") - 1e-6);
    moment_plain(moments, x, e->n, e->style_mean, e->style_covariance);
    CHECK_CLOSE(value_of(&found, "moment_mean"), moments[1], 1e-6);
    CHECK_CLOSE(value_of(&found, "moment_cov"), moments[2], 1e-6);
    options = with_factors(1);
    double total = 0;
    for (int term = 0; term < TERMS; term++) {
        const double value = value_of(&found, plain[term].name), expected = plain[term].value(e, x, &options);
        CHECK_CLOSE(value, expected, 3e-6 * fmax(1, expected));
        total += in_total(term, alpha) * value;
    }
    CHECK_CLOSE(found.total, total, 1e-6);
    free(x);
}

/* Central difference of one term along a direction of the maps, against the gradient scattered to them. The factors
 * leave only that term in the gradient, but for the scale that objective gives it. */
static void check_slope(situation *e, int term, loss_options options, threads *threads)
{
    static const float alpha = 2;
    const double scale = 3, step = 1e-5;
    float *dz[VGG16_LEVELS];
    for (int t = 0; t < TERMS; t++)
        options.factor[t] = t == term;
    terms_of(e, dz, (float)scale, alpha, options, threads);

    features up = features_make(e->height, e->width, 21), down = features_make(e->height, e->width, 21);
    rng r = rng_stream(31, term, 0, 0);
    double slope = 0, size = 0;
    for (int t = 0; t < VGG16_TAPS; t++) {
        const vgg16_tap_info *info = &vgg16_taps[t];
        const size_t count = (size_t)(e->height >> info->level) * (e->width >> info->level) * info->channels;
        float *dmap = calloc(count + 1, sizeof(float));
        columns_scatter(dmap, &e->x, dz, e->at, t, whole_map(e->height, e->width, t));
        for (size_t i = 0; i < count; i++) {
            const float direction = (random_unit(&r) - .5f) / info->gain;
            up.map[t][i] += (float)step * direction;
            down.map[t][i] -= (float)step * direction;
            const double moved = ((double)up.map[t][i] - down.map[t][i]) / (2 * step); /* as rounded */
            slope += moved * dmap[i];
            size += fabs(moved * dmap[i]);
        }
        free(dmap);
    }
    double *x_up = plain_columns(&up, e->at, e->n, 1), *x_down = plain_columns(&down, e->at, e->n, 1);
    const double difference =
        (plain[term].value(e, x_up, &options) - plain[term].value(e, x_down, &options)) / (2 * step);
    CHECK_CLOSE(slope, difference * scale * in_total(term, alpha), 2e-5 * size);
    free(x_up);
    free(x_down);
    features_free(&up);
    features_free(&down);
    gradient_free(dz);
}

/* Everything at once is the sum of the ablations, and dz is added to. */
static void check_additive(situation *e, threads *threads)
{
    float *all[VGG16_LEVELS], *one[TERMS][VGG16_LEVELS];
    loss_options options = with_factors(0);
    for (int term = 0; term < TERMS; term++)
        options.factor[term] = .25f + .75f * (float)term;
    const strotss_terms terms = terms_of(e, all, 1, 1, options, threads);
    double total = 0, difference = 0, size = 0;
    for (int term = 0; term < TERMS; term++) {
        loss_options only = with_factors(0);
        only.factor[term] = options.factor[term];
        terms_of(e, one[term], 1, 1, only, threads);
        total += in_total(term, 1) * options.factor[term] * value_of(&terms, plain[term].name);
    }
    CHECK_CLOSE(terms.total, total, 1e-6);
    for (int k = 0; k < VGG16_LEVELS; k++)
        for (size_t i = 0; i < (size_t)e->x.level[k].rows * level_stride[k]; i++) {
            double sum = 0;
            for (int term = 0; term < TERMS; term++)
                sum += one[term][k][i];
            difference += fabs(all[k][i] - sum);
            size += fabs(sum);
        }
    CHECK(size > 0);
    CHECK_CLOSE(difference, 0, 2e-6 * size);
    for (int term = 0; term < TERMS; term++)
        gradient_free(one[term]);
    gradient_free(all);
}

/* Without the style and the points only the content term is left, and so on: together they are all. */
static void check_halves(situation *e, threads *threads)
{
    float *dz[VGG16_LEVELS], *all[VGG16_LEVELS];
    const loss_options options = with_factors(1);
    const strotss_terms whole = terms_of(e, all, 1, 2, options, threads);
    terms_of(e, dz, 0, 2, options, threads);
    strotss_terms content, styles, points;
    arena scratch = scratch_for(e, STROTSS_REMD, threads);
    const exec exec = {threads, &scratch};
    objective(&content, dz, 1, &e->x, &e->c, NULL, NULL, 2, &options, &exec);
    objective(&styles, dz, 1, &e->x, NULL, &e->s, NULL, 2, &options, &exec);
    objective(&points, dz, 1, &e->x, NULL, NULL, &(loss_points){&e->p, e->weight}, 2, &options, &exec);
    arena_end(&scratch);
    for (int v = 0; v < strotss_value_count(); v++) {
        const int term = strotss_value_term(v);
        CHECK(content.value[v] == (term == CONTENT ? whole.value[v] : 0));
        CHECK(points.value[v] == (term == POINTS ? whole.value[v] : 0));
        CHECK(styles.value[v] == (term == CONTENT || term == POINTS ? 0 : whole.value[v]));
    }
    CHECK_CLOSE(content.total + styles.total + points.total, whole.total, 1e-9);
    double difference = 0, size = 0;
    for (int k = 0; k < VGG16_LEVELS; k++)
        for (size_t i = 0; i < (size_t)e->x.level[k].rows * level_stride[k]; i++) {
            difference += fabs((double)dz[k][i] - all[k][i]);
            size += fabs(all[k][i]);
        }
    CHECK_CLOSE(difference, 0, 2e-6 * size);
    gradient_free(dz);
    gradient_free(all);
}

static void check_threads(situation *e, loss_options options)
{
    float *first[VGG16_LEVELS];
    threads *one = threads_create(1);
    const strotss_terms expected = terms_of(e, first, 1, 1, options, one);
    threads_destroy(one);
    for (int count = 2; count <= 3; count++) {
        float *dz[VGG16_LEVELS];
        threads *threads = threads_create(count);
        const strotss_terms terms = terms_of(e, dz, 1, 1, options, threads);
        CHECK(!memcmp(&terms, &expected, sizeof terms));
        for (int k = 0; k < VGG16_LEVELS; k++)
            CHECK(!memcmp(dz[k], first[k], sizeof(float) * (size_t)e->x.level[k].rows * level_stride[k]));
        gradient_free(dz);
        threads_destroy(threads);
    }
    gradient_free(first);
}

/* ---- degenerate columns ------------------------------------------------------------------------------ */

/* Flat or black pictures: everything finite, and nothing to gain where output, content and style are one colour. */
static void check_flat(float value, loss_options options, threads *threads)
{
    enum { N = 40 };
    situation e = situation_make(20, 30, N, 50, threads);
    for (int t = 0; t < VGG16_TAPS; t++) {
        const vgg16_tap_info *info = &vgg16_taps[t];
        features *maps[3] = {&e.x_maps, &e.c_maps, &e.s_maps};
        for (int p = 0; p < 3; p++) {
            const int h = maps[p]->height >> info->level, w = maps[p]->width >> info->level;
            const size_t count = (size_t)h * w * info->channels;
            for (size_t i = 0; i < count; i++)
                maps[p]->map[t][i] = value;
        }
        columns_gather(&e.x, e.at, t, e.x_maps.map[t], whole_map(e.x_maps.height, e.x_maps.width, t));
        columns_gather(&e.c, e.at, t, e.c_maps.map[t], whole_map(e.c_maps.height, e.c_maps.width, t));
        columns_gather(&e.p, e.point_at, t, e.s_maps.map[t], whole_map(e.s_maps.height, e.s_maps.width, t));
        style_gather(&e.s, t, e.s_maps.map[t], whole_map(e.s_maps.height, e.s_maps.width, t));
    }
    arena scratch = arena_begin(style_scratch_bytes(50, threads_count(threads)));
    style_finish(&e.s, &(exec){threads, &scratch});
    arena_end(&scratch);
    float *dz[VGG16_LEVELS];
    const strotss_terms terms = terms_of(&e, dz, 1, 1, options, threads);
    CHECK(isfinite(terms.total));
    CHECK_CLOSE(value_of(&terms, "content"), 0, .05);
    CHECK_CLOSE(value_of(&terms, "remd"), value > 0 ? 0 : 1, 1e-5);
    CHECK_CLOSE(value_of(&terms, "moment"), 0, 1e-5);
    CHECK_CLOSE(value_of(&terms, "points"), value > 0 ? 0 : 1, 1e-5);
    int finite = 1;
    for (int k = 0; k < VGG16_LEVELS; k++)
        for (size_t i = 0; i < (size_t)e.x.level[k].rows * level_stride[k]; i++)
            finite &= isfinite(dz[k][i]) != 0;
    CHECK(finite);
    gradient_free(dz);
    situation_free(&e);
}

/* Equal costs go to the lowest index, in rows and in columns, across stripes and lanes. */
static void check_ties(void)
{
    enum { N = 3, M = 2 * MATCH_STRIPE + 5 };
    arena plan = {0};
    matches w;
    matches_layout(&w, &plan, N, M);
    arena memory = arena_begin(plan.high);
    matches_layout(&w, &memory, N, M);
    float weight[M], cost[MATCH_STRIPE];
    for (int stripe = 0; stripe < w.stripes; stripe++)
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < MATCH_STRIPE; j++) {
                const int column = stripe * MATCH_STRIPE + j;
                cost[j] = i == 0 && (column == 6 || column == 5 || column == 300) ? 1 : i == 1 && column == 511 ? 1 : 2;
            }
            matches_row(&w, i, stripe, cost);
        }
    for (int j = 0; j < M; j++)
        weight[j] = 1 + (j == 511);
    matches_finish(&w, weight, M + 1);
    CHECK_CLOSE(w.x_to_style, 4. / 3, 1e-6);
    CHECK_CLOSE(w.style_to_x, (2. * (M + 1) - 5) / (M + 1), 1e-6);
    CHECK(w.pairs == M);
    for (int j = 0; j < M; j++) {
        CHECK(w.column[j] == j && w.row[j] == (j == 511 ? 1 : 0));
        CHECK_CLOSE(w.weight[j], weight[j] / (M + 1), 1e-9);
    }
    CHECK(w.row_winner[0] == 5 && w.row_winner[1] == 511 && w.row_winner[2] == 0);
    arena_end(&memory);
}

int main(void)
{
    static const int sizes[][4] = {
        {43, 64, 40, 80}, /* identities down to a basis of the two coarsest levels */
        {8, 12, 28, 30},  /* a basis from level 1 on, an empty map at level 4 */
        {4, 6, 28, 90},   /* a basis everywhere, empty maps at levels 3 and 4 */
        {30, 40, 3, 270}, {64, 64, 1, 1}, {20, 20, 70, 2}};
    /* The method's own choices, then each other choice, and the term that it is about. */
    enum { KINDS = 4 };
    static const int kind_term[KINDS] = {0, CONTENT, CONTENT, REMD};
    loss_options kinds[KINDS];
    for (int kind = 0; kind < KINDS; kind++)
        kinds[kind] = with_factors(1);
    kinds[1].similarity = STROTSS_CENTRED;
    kinds[2].similarity = STROTSS_EUCLIDEAN;
    kinds[3].transport = STROTSS_SINKHORN;
    threads *threads = threads_create(2);
    CHECK(strotss_term_count() == TERMS);
    for (int term = 0; term < TERMS; term++)
        CHECK(strcmp(strotss_term_name(term), plain[term].name) == 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        situation e = situation_make(sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3], threads);
        check_terms(&e, threads);
        for (int term = 0; term < TERMS && i < 4; term++)
            check_slope(&e, term, kinds[0], threads);
        for (int kind = 1; kind < KINDS && i < 4; kind++)
            check_slope(&e, kind_term[kind], kinds[kind], threads);
        if (i < 3) {
            check_additive(&e, threads);
            check_halves(&e, threads);
            for (int kind = 0; kind < KINDS; kind++)
                check_threads(&e, kinds[kind]);
        }
        situation_free(&e);
    }
    for (int kind = 0; kind < KINDS; kind++) {
        check_flat(.7f, kinds[kind], threads);
        check_flat(0, kinds[kind], threads);
    }
    threads_destroy(threads);
    check_ties();
    return check_report();
}
