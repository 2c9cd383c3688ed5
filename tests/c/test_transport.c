/* SPDX-License-Identifier: MIT
 *
 * The transport solvers on plain cost matrices: the exact one against every permutation and against scipy's values, the
 * entropic one against its own conditions (P's sums, W above <P, C> above the exact distance above the relaxed one) and
 * the same bytes for one, two and three threads; the vectors' exponential against libm's.
 *
 *   test_transport [folder of golden files]
 */
#include "check.h"
#include "losses/transport/emd.h"
#include "fake_maps.h"
#include "npy.h"
#include "losses/transport/sinkhorn.h"

static double exact(const float *cost, int n, int stride)
{
    emd w;
    arena memory = arena_begin((size_t)n * 64 + 1024);
    emd_layout(&w, &memory, n);
    const double value = emd_solve(&w, cost, stride);
    int taken = 0;
    for (int i = 0; i < n; i++)
        taken += w.owner[w.column[i]] == i;
    CHECK(taken == n);
    arena_end(&memory);
    return value;
}

/* The least sum over all ways to give rows `row` and following the columns that are left. */
static double least(const float *cost, int n, int row, int used)
{
    double best = row == n ? 0 : INFINITY;
    for (int j = 0; j < n && row < n; j++)
        if (!(used >> j & 1))
            best = fmin(best, cost[row * n + j] + least(cost, n, row + 1, used | 1 << j));
    return best;
}

static void check_exact(const char *folder)
{
    float cost[49];
    rng r = rng_stream(5, 0, 0, 0);
    for (int n = 1; n <= 7; n++)
        for (int trial = 0; trial < 20; trial++) {
            for (int i = 0; i < n * n; i++) /* every other one full of ties, and with negative costs */
                cost[i] = trial % 2 ? (float)rng_below(&r, 4) - 2 : random_unit(&r);
            CHECK_CLOSE(exact(cost, n, n), least(cost, n, 0, 0) / n, 1e-12);
        }
    for (int holes = 1; holes <= 3; holes++) { /* no value is right; every row gets a column all the same */
        for (int i = 0; i < 49; i++)
            cost[i] = i % 3 < holes ? (i % 2 ? NAN : INFINITY) : 1;
        exact(cost, 7, 7);
    }
    npy costs = npy_read(folder, "emd_costs.npy"), values = npy_read(folder, "emd_values.npy");
    const int n = costs.shape[1];
    for (int k = 0; k < costs.shape[0]; k++)
        CHECK_CLOSE(exact(costs.floats + (size_t)k * n * n, n, n), values.floats[k], 1e-6);
    npy_free(&costs);
    npy_free(&values);
}

/* n points on a line and m on another, m of unequal weights. */
static sinkhorn make_plan(arena *memory, int n, int m)
{
    rng r = rng_stream(6, 0, n, m);
    sinkhorn w;
    sinkhorn_layout(&w, memory, n, m);
    for (int i = 0; i < n; i++) {
        w.log_a[i] = -logf((float)n);
        for (int j = 0; j < w.stride; j++)
            w.cost[i * w.stride + j] = j < m ? .2f * random_unit(&r) + fabsf(i / (float)n - j / (float)m) / 2 : 7;
    }
    float total = 0;
    for (int j = 0; j < m; j++)
        total += (float)(1 + j % 3);
    for (int j = 0; j < m; j++)
        w.log_b[j] = logf((float)(1 + j % 3) / total);
    return w;
}

static void check_entropic(int n, int m)
{
    double values[3], costs[3];
    float *plans[3];
    for (int count = 1; count <= 3; count++) {
        threads *threads = threads_create(count);
        arena memory = arena_begin(sizeof(float) * (size_t)(n + 6) * (size_t)(m + 40) + 65536);
        sinkhorn w = make_plan(&memory, n, m);
        values[count - 1] = sinkhorn_solve(&w, threads);
        costs[count - 1] = sinkhorn_cost(&w, threads);
        float *plan = plans[count - 1] = malloc(sizeof(float) * (size_t)n * w.stride);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < w.stride; j += 4)
                f32x4_store(plan + i * w.stride + j, sinkhorn_plan(&w, i, j));
        CHECK(values[count - 1] == values[0] && costs[count - 1] == costs[0]);
        CHECK(!memcmp(plan, plans[0], sizeof(float) * (size_t)n * w.stride));
        double missed = 0;
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int j = 0; j < w.stride; j++)
                sum += plan[i * w.stride + j];
            CHECK_CLOSE(sum * n, 1, 1e-5);
        }
        for (int j = 0; j < m; j++) {
            double sum = 0;
            for (int i = 0; i < n; i++)
                sum += plan[i * w.stride + j];
            missed += fabs(sum - exp(w.log_b[j]));
        }
        CHECK_CLOSE(missed, 0, 4e-3);
        CHECK(values[0] >= costs[0] - 1e-6);
        arena_end(&memory);
        threads_destroy(threads);
    }
    for (int k = 0; k < 3; k++)
        free(plans[k]);
}

/* Of equal weights: relaxed <= exact <= <P, C> <= W. */
static void check_order(int n)
{
    threads *threads = threads_create(2);
    arena memory = arena_begin(sizeof(float) * (size_t)(n + 6) * (size_t)(n + 40) + 65536);
    sinkhorn w = make_plan(&memory, n, n);
    double rows = 0;
    for (int i = 0; i < n; i++) {
        float best = INFINITY;
        w.log_b[i] = w.log_a[i];
        for (int j = 0; j < n; j++)
            best = fminf(best, w.cost[i * w.stride + j]);
        rows += best / (double)n;
    }
    const double value = sinkhorn_solve(&w, threads), cost = sinkhorn_cost(&w, threads);
    const double distance = exact(w.cost, n, w.stride);
    CHECK(rows <= distance && distance <= cost && cost <= value);
    CHECK(cost < 1.2 * distance);
    arena_end(&memory);
    threads_destroy(threads);
}

static void check_exponential(void)
{
    double worst = 0;
    for (int k = 0; k <= 200000; k++) {
        const float x = -87.f * (float)k / 200000;
        worst = fmax(worst, fabs(f32x4_exp(f32x4_splat(x))[k % 4] / exp(x) - 1));
    }
    CHECK_CLOSE(worst, 0, 3e-7);
    CHECK(f32x4_exp(f32x4_splat(0))[0] == 1);
    CHECK(f32x4_exp(f32x4_splat(-1e30f))[1] < 1e-37f && f32x4_exp(f32x4_splat(-INFINITY))[2] < 1e-37f);
}

int main(int argc, char **argv)
{
    check_exact(argc > 1 ? argv[1] : "tests/golden");
    check_entropic(50, 37);
    check_entropic(3, 130);
    check_entropic(1, 1);
    check_order(60);
    check_exponential();
    return check_report();
}
