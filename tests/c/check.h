/* SPDX-License-Identifier: MIT
 *
 * Assertions of the C tests. A test is a program: it runs its checks, then returns check_report(), which prints
 * one line with the name of the file and is non-zero when a check failed or when none ran. A failed check prints where
 * and what, and the program goes on; after twenty only the count grows. Main thread only.
 */
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct {
    long passed, failed;
} check_counts;

/* Counts one check; true when it may still print. */
static inline int check_failed(int holds)
{
    if (holds) {
        check_counts.passed++;
        return 0;
    }
    return ++check_counts.failed <= 20;
}

#define CHECK(condition)                                                                     \
    do {                                                                                     \
        if (check_failed(!!(condition)))                                                     \
            printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                   \
    } while (0)

/* |a - b| <= tolerance; false for NaN. */
#define CHECK_CLOSE(a, b, tolerance)                                                         \
    do {                                                                                     \
        double check_a = (a), check_b = (b), check_tolerance = (tolerance);                  \
        if (check_failed(fabs(check_a - check_b) <= check_tolerance))                        \
            printf("%s:%d: failed: %s = %.9g, %s = %.9g, apart %.3g > %.3g\n", __FILE__, __LINE__, #a, check_a, #b, \
                   check_b, fabs(check_a - check_b), check_tolerance);                       \
    } while (0)

/* Prints "test_<module>: N passed, M failed"; the exit status of the program. */
#define check_report() check_report_as(__FILE__)

static inline int check_report_as(const char *file)
{
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file, *dot = strrchr(name, '.');
    printf("%.*s: %ld passed, %ld failed\n", (int)(dot ? dot - name : (long)strlen(name)), name, check_counts.passed,
           check_counts.failed);
    return check_counts.failed > 0 || check_counts.passed == 0;
}

#endif
