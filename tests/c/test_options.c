/* SPDX-License-Identifier: MIT
 *
 * The lists that a caller can walk: every option takes both ends of its range by name and nothing beyond, in a sentence
 * that names it; no two have one name; every value of the objective belongs to a term; and what is not in a list is
 * refused.
 */
#include "check.h"
#include "engine/options.h"

static int refused(const char *name, double value, const char *words)
{
    char sentence[OPTIONS_SENTENCE] = "";
    strotss_options options = strotss_preset_options(STROTSS_STANDARD, 512);
    CHECK(strotss_options_set(&options, name, value) == 1);
    const int good = options_check(sentence, &options);
    CHECK(good || (strstr(sentence, " must be ") && strstr(sentence, words)));
    return !good;
}

static void test_ranges(void)
{
    for (int i = 0; i < strotss_option_count(); i++) {
        const strotss_option o = strotss_option_at(i);
        CHECK(!refused(o.name, o.lowest, "") && !refused(o.name, o.highest, ""));
        if (!strcmp(o.name, "seed"))
            continue;
        CHECK(refused(o.name, o.lowest - 1, "") && refused(o.name, o.highest + 1, ""));
        CHECK(refused(o.name, NAN, "") && refused(o.name, 1e300, "") && refused(o.name, -1e300, ""));
        CHECK(isnan(o.standard) || (o.standard >= o.lowest && o.standard <= o.highest));
        for (int j = 0; j < i; j++)
            CHECK(strcmp(o.name, strotss_option_at(j).name) != 0);
    }
    CHECK(refused("content_weight", 17, "content weight must be from 0 to 16"));
    CHECK(refused("iterations", 0, "iterations must be from 1 to 2000"));
    CHECK(refused("optimizer", 2, "the optimizer must be RMSprop or Adam"));
    CHECK(refused("step", 1.5, "the step must be from 0 to 1"));
    CHECK(refused("moment", 1001, "loss factors must be from 0 to 1000"));
    strotss_options options = strotss_preset_options(STROTSS_STANDARD, 512);
    CHECK(strotss_options_set(&options, "charm", 1) == 0);
    CHECK(strotss_option_at(-1).name == NULL && strotss_option_at(strotss_option_count()).name == NULL);
}

static void test_setting(void)
{
    strotss_options options = strotss_preset_options(STROTSS_STANDARD, 512);
    CHECK(options.content_weight == 0.5f && options.seed == 0 && options.transport == STROTSS_REMD);
    CHECK(strotss_options_set(&options, "iterations", 7.9) && strotss_options_set(&options, "seed", 0x1p53) &&
          strotss_options_set(&options, "similarity", 2) && strotss_options_set(&options, "palette", 0.25));
    for (int s = 0; s < STROTSS_MAX_SCALES; s++)
        CHECK(options.iterations[s] == 7);
    CHECK(options.seed == UINT64_C(1) << 53 && options.similarity == STROTSS_EUCLIDEAN);
    for (int t = 0; t < strotss_term_count(); t++)
        if (!strcmp(strotss_term_name(t), "palette"))
            CHECK(options.factor[t] == 0.25f);
}

static void test_values(void)
{
    const int terms = strotss_term_count(), values = strotss_value_count();
    CHECK(terms >= 4 && terms <= STROTSS_MAX_TERMS && values >= terms && values <= STROTSS_MAX_VALUES);
    for (int v = 0, term = -1; v < values; v++) {
        const int own = strotss_value_term(v);
        CHECK(own == term || own == term + 1);
        if (own != term)
            CHECK(strcmp(strotss_value_name(v), strotss_term_name(own)) == 0);
        term = own;
        for (int w = 0; w < v; w++)
            CHECK(strcmp(strotss_value_name(v), strotss_value_name(w)) != 0);
        CHECK(v + 1 < values || own == terms - 1);
    }
    CHECK(strcmp(strotss_value_name(2), "remd_x_to_style") == 0 && strotss_value_term(2) == 1);
    CHECK(!strotss_term_name(-1) && !strotss_term_name(terms));
    CHECK(!strotss_value_name(-1) && !strotss_value_name(values));
    CHECK(strotss_value_term(-1) == -1 && strotss_value_term(values) == -1);
}

int main(void)
{
    test_ranges();
    test_setting();
    test_values();
    return check_report();
}
