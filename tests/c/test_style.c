/* SPDX-License-Identifier: MIT
 *
 * Distinct vectors, multiplicities and statistics of the style against the plain list of draws, in double.
 */
#include "check.h"
#include "fake_maps.h"
#include "features/style.h"

static int compare_positions(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(position));
}

static int distinct_positions(const position *at, int draws, int level, int height, int width)
{
    position *halved = malloc(sizeof *halved * (size_t)draws);
    const int h = height >> level ? height >> level : 1, w = width >> level ? width >> level : 1;
    for (int i = 0; i < draws; i++) {
        const int y = at[i].y >> level, x = at[i].x >> level;
        halved[i] = (position){y < h ? y : h - 1, x < w ? x : w - 1};
    }
    qsort(halved, (size_t)draws, sizeof *halved, compare_positions);
    int distinct = 1;
    for (int i = 1; i < draws; i++)
        distinct += compare_positions(&halved[i - 1], &halved[i]) != 0;
    free(halved);
    return distinct;
}

/* Found on demand in a room that others use too, the covariance is the kept one to the last bit. */
static void check_shared_covariance(const style *kept, const features *f, const position *at, int planned,
                                    threads *threads, arena *scratch)
{
    const size_t floats = moment_covariance_floats();
    arena memory = arena_begin(style_bytes(kept->height, kept->width, planned));
    float *room = malloc(sizeof(float) * floats);
    style s;
    style_layout(&s, &memory, kept->height, kept->width, planned, &room);
    style_place(&s, at, kept->draws, kept->height, kept->width);
    for (int t = 0; t < VGG16_TAPS; t++)
        style_gather(&s, t, f->map[t], whole_map(f->height, f->width, t));
    for (size_t i = 0; i < floats; i++)
        room[i] = -1;
    style_finish(&s, &(exec){threads, scratch});
    CHECK(s.covariance == room && room[0] == -1 && room[floats - 1] == -1);
    for (int time = 0; time < 2; time++) {
        for (size_t i = 0; i < floats; i++)
            room[i] = NAN;
        style_covariance(&s, &(exec){threads, scratch});
        CHECK(memcmp(room, kept->covariance, sizeof(float) * floats) == 0);
    }
    CHECK(scratch->used == 0);
    free(room);
    arena_end(&memory);
}

static void check_style(int height, int width, int draws, int planned)
{
    features f = features_make(height, width, 11);
    position *at = malloc(sizeof *at * (size_t)draws);
    features_positions(at, draws, height, width, 12);
    threads *threads = threads_create(2);
    arena memory = arena_begin(style_bytes(height, width, planned));
    style s;
    style_layout(&s, &memory, height, width, planned, NULL);
    style_place(&s, at, draws, height, width);
    for (int t = 0; t < VGG16_TAPS; t++)
        style_gather(&s, t, f.map[t], whole_map(height, width, t));
    struct arena scratch = arena_begin(style_scratch_bytes(planned, 2));
    style_finish(&s, &(exec){threads, &scratch});
    CHECK(scratch.used == 0);
    check_shared_covariance(&s, &f, at, planned, threads, &scratch);

    CHECK(s.draws == draws);
    for (int k = 0; k < VGG16_LEVELS; k++) {
        CHECK(s.distinct[k] == distinct_positions(at, draws, k, height, width));
        for (int u = 1; k + 1 < VGG16_LEVELS && u < s.distinct[k]; u++)
            CHECK(s.parent[k][u] - s.parent[k][u - 1] == 0 || s.parent[k][u] - s.parent[k][u - 1] == 1);
    }

    /* Every draw's hypercolumn, found again by its pixel. */
    double *full = malloc(sizeof(double) * (size_t)draws * FULL), worst = 0, norm_error = 0;
    double mean[FULL] = {0}, total = 0;
    for (int i = 0; i < draws; i++) {
        double *row = full + (size_t)i * FULL, found[FULL], square = 0;
        features_hypercolumn(row, &f, at[i], 0);
        int u = 0;
        while (s.where[0][u] != at[i].y * width + at[i].x)
            u++;
        float chain[HYPERCOLUMN_STRIDE];
        int ancestor = u;
        for (int k = 0; k < VGG16_LEVELS; k++) {
            const size_t stride = (size_t)level_stride[k];
            memcpy(chain + level_offset[k], s.y[k] + (size_t)ancestor * stride, sizeof(float) * stride);
            ancestor = k + 1 < VGG16_LEVELS ? s.parent[k][ancestor] : 0;
        }
        unpad(found, chain);
        for (int c = 0; c < FULL; c++) {
            worst = fmax(worst, fabs(found[c] - row[c]));
            square += row[c] * row[c];
            mean[c] += row[c] / draws;
        }
        norm_error = fmax(norm_error, fabs(s.norm[u] / sqrt(square) - 1));
        for (int c = 0; c < 3; c++) {
            const float *r = palette_rotation[c];
            const double turned = r[0] * row[0] + r[1] * row[1] + r[2] * row[2];
            worst = fmax(worst, fabs(s.palette[c * s.distinct[0] + u] - turned));
        }
    }
    for (int u = 0; u < s.distinct[0]; u++)
        total += s.count[u];
    CHECK(total == draws);
    CHECK_CLOSE(worst, 0, 1e-6);
    CHECK_CLOSE(norm_error, 0, 1e-6);

    double mean_error = 0, covariance_error = 0, found_mean[FULL];
    unpad(found_mean, s.mean);
    for (int c = 0; c < FULL; c++)
        mean_error = fmax(mean_error, fabs(found_mean[c] - mean[c]));
    CHECK_CLOSE(mean_error, 0, 1e-6);
    const float *panel = s.covariance;
    for (int p = 0; p < MOMENT_PANELS; p++) {
        const moment_panel *m = &moment_panels[p];
        const int panel_width = m->end - m->first;
        for (int a = 0; a < m->end; a += 37)
            for (int b = m->first; b < m->end; b += 11) {
                if (a == 131 || b == 131) {
                    CHECK(panel[(size_t)a * panel_width + b - m->first] == 0);
                    continue;
                }
                const int ca = a - (a > 131), cb = b - (b > 131);
                double sum = 0;
                for (int i = 0; i < draws; i++)
                    sum += (full[(size_t)i * FULL + ca] - mean[ca]) * (full[(size_t)i * FULL + cb] - mean[cb]) / draws;
                covariance_error = fmax(covariance_error, fabs(panel[(size_t)a * panel_width + b - m->first] - sum));
            }
        panel += (size_t)m->end * (size_t)panel_width;
    }
    CHECK((size_t)(panel - s.covariance) == moment_covariance_floats());
    CHECK_CLOSE(covariance_error, 0, 1e-6);
    free(full);
    free(at);
    arena_end(&scratch);
    arena_end(&memory);
    threads_destroy(threads);
    features_free(&f);
}

static void check_empty(void)
{
    arena memory = arena_begin(style_bytes(20, 20, 10));
    style s;
    style_layout(&s, &memory, 20, 20, 10, NULL);
    style_place(&s, NULL, 0, 20, 20);
    CHECK(s.draws == 0 && s.distinct[0] == 0 && s.distinct[4] == 0);
    arena_end(&memory);
}

int main(void)
{
    check_style(43, 64, 700, 700);
    check_style(33, 47, 300, 1000);
    check_style(7, 63, 90, 90);
    check_style(64, 2, 64, 64);
    check_style(1, 1, 3, 3);
    check_empty();
    return check_report();
}
