/* SPDX-License-Identifier: MIT */
/* The gate: rules, limits, allowances, baselines, and how mistakes in their files are told. */
#include "cmocka_prelude.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare/baseline.h"
#include "compare/judge.h"
#include "compare/renewal.h"

static struct digest begin(void)
{
    struct digest digest;
    assert_int_equal(digest_begin(&digest), 0);
    digest.known = DIGEST_OF_RUN;
    return digest;
}

static void add(struct digest *digest, enum digest_subject subject, const char *file, uint32_t line,
                const char *key, uint64_t count, uint64_t bytes)
{
    const struct digest_item item = {
        .subject = subject,
        .key = key,
        .place = {file, file ? "f" : NULL, line, 1},
        .count = {count, count},
        .bytes = {bytes, bytes},
    };
    assert_true(digest_add(digest, &item));
}

static char folder[] = "/tmp/ouro-judge-XXXXXX";

static int folder_make(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

/* A file with that text; the same one each time. */
static const char *file_of(const char *text)
{
    static char path[64];
    snprintf(path, sizeof path, "%s/file.json", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static int folder_remove(void **state)
{
    (void)state;
    unlink(file_of(""));
    return rmdir(folder);
}

/* Judges with a policy of --fail-on (NULL: the defaults) and a configuration (NULL: none). */
static struct judgement judged(struct digest *baseline, struct digest *run, struct policy *policy,
                               const char *fail_on, const char *config)
{
    struct judgement judgement;
    char error[512];
    assert_int_equal(policy_begin(policy), 0);
    if (config)
        assert_int_equal(policy_read(policy, file_of(config), "2026-06-15", error, sizeof error),
                         0);
    if (fail_on)
        assert_int_equal(policy_fail_on(policy, fail_on, error, sizeof error), 0);
    if (baseline)
        digest_sort(baseline);
    digest_sort(run);
    assert_int_equal(judge(baseline, run, policy, &judgement), 0);
    return judgement;
}

static void a_line_that_keeps_more_fails(void **state)
{
    (void)state;
    struct digest baseline = begin(), run = begin();
    struct policy policy;
    add(&baseline, DIGEST_ALIVE, "app.py", 5, "str", 1000, 100000);
    add(&run, DIGEST_ALIVE, "app.py", 5, "str", 1090, 109000);     /* less than a tenth */
    add(&run, DIGEST_ALIVE, "app.py", 9, "app.Order", 51, 5100);   /* enough to be told */
    add(&run, DIGEST_ALIVE, "app.py", 12, "app.Rare", 50, 5000);   /* not yet */
    add(&run, DIGEST_ALIVE, "<importing>", 0, "dict", 500, 50000); /* nobody's */
    add(&run, DIGEST_TYPE, NULL, 0, "app.Order", 5100, 51000);     /* told by its line */
    struct judgement j = judged(&baseline, &run, &policy, NULL, NULL);
    assert_int_equal(j.count, 1);
    assert_int_equal(j.failures, 1);
    assert_int_equal(j.findings[0].rule, RULE_LINE_GROWTH);
    assert_string_equal(j.findings[0].change.after->key, "app.Order");
    judgement_free(&j);
    policy_free(&policy);
    digest_free(&baseline);
    digest_free(&run);
}

static void growth_of_a_type_without_a_line_warns(void **state)
{
    (void)state;
    struct digest baseline = begin(), run = begin();
    struct policy policy;
    add(&run, DIGEST_TYPE, NULL, 0, "app.Order", 5100, 51000);
    struct judgement j = judged(&baseline, &run, &policy, NULL, NULL);
    assert_int_equal(j.failures, 0);
    assert_int_equal(j.warnings, 1);
    judgement_free(&j);
    policy_free(&policy);
    digest_free(&baseline);
    digest_free(&run);
}

/* A set that fills for long is a suspect in one run and none in the next. */
static void a_suspect_that_did_not_grow_against_the_baseline_is_none(void **state)
{
    (void)state;
    struct digest baseline = begin(), run = begin();
    struct policy policy;
    add(&baseline, DIGEST_ALIVE, "app.py", 9, "str", 3300, 160000);
    add(&run, DIGEST_ALIVE, "app.py", 9, "str", 3320, 161000);
    add(&run, DIGEST_ALIVE, "app.py", 30, "app.Order", 800, 80000);
    add(&run, DIGEST_SUSPECT, "app.py", 9, "leak:1", 3320, 161000);
    add(&run, DIGEST_SUSPECT, "app.py", 30, "leak:2", 800, 80000);
    struct judgement j = judged(&baseline, &run, &policy, "growth-suspect", NULL);
    assert_int_equal(j.failures, 1);
    assert_string_equal(j.findings[0].change.after->key, "leak:2");
    judgement_free(&j);
    policy_free(&policy);
    j = judged(NULL, &run, &policy, NULL, NULL);
    assert_int_equal(j.failures, 2);
    judgement_free(&j);
    policy_free(&policy);
    digest_free(&baseline);
    digest_free(&run);
}

static void native_memory_that_grows_is_compared_by_its_line(void **state)
{
    (void)state;
    struct digest baseline = begin(), run = begin();
    struct policy policy;
    add(&baseline, DIGEST_NATIVE, "app.py", 9, "take in lib", 10, 4 << 20);
    add(&run, DIGEST_NATIVE, "app.py", 9, "take in lib", 10, 4 << 20);
    add(&run, DIGEST_NATIVE, "app.py", 30, "keep in lib", 10, 4 << 20);
    add(&run, DIGEST_NATIVE_SUSPECT, "app.py", 9, "native:1", 10, 4 << 20);
    add(&run, DIGEST_NATIVE_SUSPECT, "app.py", 30, "native:2", 10, 4 << 20);
    struct judgement j = judged(&baseline, &run, &policy, "native-growth-suspect", NULL);
    assert_int_equal(j.failures, 1);
    assert_string_equal(j.findings[j.count - 1].change.after->key, "native:2");
    judgement_free(&j);
    policy_free(&policy);
    baseline.known &=
        ~(1u << DIGEST_NATIVE_SUSPECT); /* recorded without --native, or an older baseline */
    j = judged(&baseline, &run, &policy, "native-growth-suspect", NULL);
    assert_int_equal(j.failures, 0);
    judgement_free(&j);
    policy_free(&policy);
    j = judged(NULL, &run, &policy, NULL, NULL);
    assert_int_equal(j.failures, 2);
    judgement_free(&j);
    policy_free(&policy);
    digest_free(&baseline);
    digest_free(&run);
}

static void without_a_baseline_only_what_is_wrong_in_itself_fails(void **state)
{
    (void)state;
    struct digest run = begin();
    struct policy policy;
    add(&run, DIGEST_ALIVE, "app.py", 9, "app.Order", 5100, 510000);
    add(&run, DIGEST_TOTAL, NULL, 0, "alive", 5100, 50000000);
    add(&run, DIGEST_CYCLE, "app.py", 9, "cycle:1", 1, 100);
    add(&run, DIGEST_CYCLE, "<importing>", 0, "cycle:2", 4, 4000); /* made once, by importing */
    struct judgement j = judged(NULL, &run, &policy, NULL, NULL);
    assert_int_equal(j.count, 1);
    assert_int_equal(j.findings[0].rule, RULE_NEW_CYCLE);
    judgement_free(&j);
    policy_free(&policy);
    j = judged(NULL, &run, &policy, "growth<=10MiB", NULL);
    assert_int_equal(j.failures, 1);
    assert_int_equal(j.findings[1].rule, RULE_GROWTH);
    assert_int_equal(j.findings[1].most, 10 << 20);
    judgement_free(&j);
    policy_free(&policy);
    digest_free(&run);
}

static void limits_are_what_they_are_set_to(void **state)
{
    (void)state;
    struct digest baseline = begin(), run = begin();
    struct policy policy;
    add(&baseline, DIGEST_TOTAL, NULL, 0, "alive", 1000, 100 << 20);
    add(&run, DIGEST_TOTAL, NULL, 0, "alive", 1000, 106 << 20);
    static const struct {
        const char *fail_on;
        bool fails;
    } cases[] = {{"growth", false},      {"growth=7%", false},    {"growth=5%", true},
                 {"growth=5MiB", true},  {"growth=10MiB", false}, {"growth<=105MiB", true},
                 {"new-cycle", false},   {"all", false},          {"growth=1%,peak=1%", true},
                 {"growth<=1GiB", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct judgement j = judged(&baseline, &run, &policy, cases[i].fail_on, NULL);
        assert_int_equal(j.failures != 0, cases[i].fails);
        judgement_free(&j);
        policy_free(&policy);
    }
    digest_free(&baseline);
    digest_free(&run);
}

static void what_is_allowed_does_not_fail_until_it_expires(void **state)
{
    (void)state;
    struct digest run = begin();
    struct policy policy;
    add(&run, DIGEST_CYCLE, "vendor/x.py", 9, "cycle:1", 5, 500);
    add(&run, DIGEST_CYCLE, "app.py", 9, "cycle:2", 5, 500);
    struct judgement j =
        judged(NULL, &run, &policy, NULL,
               "{\"allow\": [{\"file\": \"vendor/*\", \"reason\": \"theirs\","
               " \"expires\": \"2026-06-15\"},"
               "{\"key\": \"cycle:2\", \"reason\": \"r\", \"expires\": \"2026-06-14\"},"
               "{\"rule\": \"peak\", \"reason\": \"not met\"}]}");
    assert_int_equal(j.failures, 1);
    assert_int_equal(j.allowed, 1);
    assert_int_equal(j.unused, 1);
    assert_int_equal(j.expired, 1);
    assert_int_equal(policy.allowances[0].hits, 1);
    assert_false(policy.allowances[0].expired); /* its last day */
    assert_true(policy.allowances[1].expired);
    assert_int_equal(policy.allowances[1].hits, 1); /* what it would cover */
    judgement_free(&j);
    policy_free(&policy);
    digest_free(&run);
}

/* Two lines of one function with the same type are two results, whatever their numbers. */
static void fingerprints_do_not_depend_on_line_numbers(void **state)
{
    (void)state;
    char prints[2][2][24];
    for (unsigned edit = 0; edit < 2; edit++) {
        struct digest baseline = begin(), run = begin();
        struct policy policy;
        add(&run, DIGEST_ALIVE, "app.py", 5 + 40 * edit, "str", 500, 50000);
        add(&run, DIGEST_ALIVE, "app.py", 9 + 50 * edit, "str", 400, 40000);
        struct judgement j = judged(&baseline, &run, &policy, NULL, NULL);
        assert_int_equal(j.count, 2);
        for (unsigned i = 0; i < 2; i++)
            memcpy(prints[edit][i], j.findings[i].fingerprint, 24);
        judgement_free(&j);
        policy_free(&policy);
        digest_free(&baseline);
        digest_free(&run);
    }
    assert_string_equal(prints[0][0], prints[1][0]);
    assert_string_equal(prints[0][1], prints[1][1]);
    assert_string_not_equal(prints[0][0], prints[0][1]);
}

static char *written(const struct digest *digest)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(baseline_write(out, digest), 0);
    fclose(out);
    return text;
}

static void a_baseline_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct digest digest = begin(), again;
    char error[512];
    digest.runtime = "cpython 3.12.1";
    add(&digest, DIGEST_ALIVE, "app.py", 5, "str", 500, 50000);
    add(&digest, DIGEST_ALIVE, "a \"quoted\"\\name.py", 7, "str", 500, 50000);
    add(&digest, DIGEST_ALIVE, "app.py", 6, "too.Little", 3, 300);
    add(&digest, DIGEST_CYCLE, NULL, 0, "cycle:1", 3, 300);
    digest.items[0].count.high = 510; /* of several runs */
    digest_sort(&digest);
    char *first = written(&digest);
    assert_null(strstr(first, "too.Little"));
    assert_int_equal(baseline_read(file_of(first), &again, error, sizeof error), 0);
    assert_int_equal(again.count, 3);
    char *second = written(&again);
    assert_string_equal(first, second);
    free(first);
    free(second);
    digest_free(&digest);
    digest_free(&again);
}

static void check_baseline(const char *text, const char *expected)
{
    struct digest digest;
    char error[512];
    assert_int_equal(baseline_read(file_of(text), &digest, error, sizeof error), -1);
    if (!strstr(error, expected))
        fail_msg("'%s' does not say '%s'", error, expected);
    assert_null(strchr(error, '\n'));
    digest_free(&digest);
}

#define SCHEMA "\"schema\": \"ouro.baseline/1\""

/* Bytes of the item with that key in a renewed baseline, or -1. */
static int64_t renewed_bytes(const struct digest *renewed, const char *key)
{
    for (uint32_t i = 0; i < renewed->count; i++) {
        if (strcmp(renewed->items[i].key, key) == 0)
            return (int64_t)renewed->items[i].bytes.high;
    }
    return -1;
}

static void a_renewed_baseline_differs_only_where_something_changed(void **state)
{
    (void)state;
    struct digest baseline = begin(), run = begin(), renewed;
    struct policy policy;
    run.least[DIGEST_DUPLICATES] = (struct digest_least){256, 4096};
    add(&baseline, DIGEST_ALIVE, "app.py", 5, "str", 1000, 100000);
    add(&run, DIGEST_ALIVE, "app.py", 5, "str", 1010, 101000); /* noise */
    add(&baseline, DIGEST_ALIVE, "app.py", 7, "app.Order", 1000, 100000);
    add(&run, DIGEST_ALIVE, "app.py", 7, "app.Order", 2000, 200000);
    add(&run, DIGEST_DUPLICATES, NULL, 0, "str in tuple[*]", 104, 16496); /* just above the least */
    add(&baseline, DIGEST_DUPLICATES, NULL, 0, "str in list[*]", 104,
        16496); /* just below it now */
    add(&baseline, DIGEST_ALIVE, "app.py", 9, "app.Gone", 12, 900);
    add(&run, DIGEST_ALIVE, "app.py", 11, "app.Few", 15, 900); /* noise, but for the limit below */
    struct judgement j =
        judged(&baseline, &run, &policy, NULL,
               "{\"limits\": {\"line-growth\": {\"objects\": 12, \"bytes\": 65536}}}");
    assert_int_equal(j.count, 2);
    assert_int_equal(renewal_make(&j, &renewed), 0);
    assert_int_equal(renewed_bytes(&renewed, "str"), 100000);
    assert_int_equal(renewed_bytes(&renewed, "app.Order"), 200000);
    assert_int_equal(renewed_bytes(&renewed, "str in tuple[*]"), -1);
    assert_int_equal(renewed_bytes(&renewed, "str in list[*]"), 16496);
    assert_int_equal(renewed_bytes(&renewed, "app.Gone"), -1);
    assert_int_equal(renewed_bytes(&renewed, "app.Few"), 900);
    digest_free(&renewed);
    judgement_free(&j);
    policy_free(&policy);
    digest_free(&baseline);
    digest_free(&run);
}

static void mistakes_in_a_baseline_are_told_by_line_or_key(void **state)
{
    (void)state;
    check_baseline("{", "file.json:1:1: ");
    check_baseline("{\n" SCHEMA ",\n\"runs\": 1,,\n}", "file.json:3:");
    check_baseline("[]", "no JSON object");
    check_baseline("{\"schema\": \"ouro.baseline/9\"}", "ouro.baseline/9");
    check_baseline("{" SCHEMA ", \"alvie\": []}", "unknown key 'alvie', did you mean 'alive'?");
    check_baseline("{" SCHEMA ", \"alive\": {}}", "'alive' must be a list");
    check_baseline("{" SCHEMA ", \"alive\": [{\"key\": \"x\", \"count\": 1}]}",
                   "alive[0]: 'bytes'");
    check_baseline("{" SCHEMA ", \"alive\": [{\"key\": \"x\", \"count\": [2, 1], \"bytes\": 1}]}",
                   "alive[0]: 'count'");
    check_baseline("{" SCHEMA ", \"alive\": [{\"count\": -1, \"bytes\": 1}]}", "alive[0]: 'count'");
    check_baseline("{" SCHEMA ", \"alive\": [{\"count\": 1, \"bytes\": 1}]}", "'key' is missing");
    check_baseline("{" SCHEMA ", \"alive\": [7]}", "alive[0]: must be an object");
    check_baseline("{" SCHEMA ", \"alive\": [{\"key\": \"x\", \"count\": 1, \"bytes\": 1, "
                   "\"line\": 9999999999}]}",
                   "no such line");
}

static void check_config(const char *text, const char *expected)
{
    struct policy policy;
    char error[512];
    assert_int_equal(policy_begin(&policy), 0);
    assert_int_equal(policy_read(&policy, file_of(text), "2026-06-15", error, sizeof error), -1);
    if (!strstr(error, expected))
        fail_msg("'%s' does not say '%s'", error, expected);
    policy_free(&policy);
}

static void mistakes_in_a_configuration_are_told_by_line_or_key(void **state)
{
    (void)state;
    check_config("{\"fail_on\": [\"new-cycel\"]}",
                 "fail_on[0]: must be a rule, did you mean 'new-cycle'");
    check_config("{\"failon\": []}", "did you mean 'fail_on'");
    check_config("{\"limits\": {\"grwth\": {}}}", "limits.grwth");
    check_config("{\"limits\": {\"growth\": {\"bytes\": \"big\"}}}", "'bytes' must be");
    check_config("{\"limits\": {\"growth\": {\"share\": -1}}}", "'share' must be");
    check_config("{\"allow\": [{\"rule\": \"peak\"}]}", "allow[0]: a 'reason' is missing");
    check_config("{\"allow\": [{\"reason\": \"because\"}]}", "allow[0]: needs");
    check_config("{\"allow\": [{\"rule\": \"pek\", \"reason\": \"x\"}]}", "no rule 'pek'");
    check_config("{\"allow\": [{\"rule\": \"peak\", \"reason\": \"x\", \"expires\": \"soon\"}]}",
                 "must be a day");
    check_config("{\"allow\": [{\"rule\": \"peak\", \"reason\": 5}]}", "'reason' must be a text");
    check_config("{\"allow\":\n [}", "file.json:2:");
}

static void mistakes_in_fail_on_are_told(void **state)
{
    (void)state;
    static const char *const wrong[] = {"growht",     "growth=", "growth=x",   "growth=5 %",
                                        "growth<=5%", "peak<=",  "growth=-5%", "all,none"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct policy policy;
        char error[512] = "";
        assert_int_equal(policy_begin(&policy), 0);
        assert_int_equal(policy_fail_on(&policy, wrong[i], error, sizeof error), -1);
        assert_true(strlen(error) > 10);
        policy_free(&policy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_that_keeps_more_fails),
        cmocka_unit_test(growth_of_a_type_without_a_line_warns),
        cmocka_unit_test(a_suspect_that_did_not_grow_against_the_baseline_is_none),
        cmocka_unit_test(native_memory_that_grows_is_compared_by_its_line),
        cmocka_unit_test(without_a_baseline_only_what_is_wrong_in_itself_fails),
        cmocka_unit_test(limits_are_what_they_are_set_to),
        cmocka_unit_test(what_is_allowed_does_not_fail_until_it_expires),
        cmocka_unit_test(fingerprints_do_not_depend_on_line_numbers),
        cmocka_unit_test(a_baseline_is_read_as_it_was_written),
        cmocka_unit_test(a_renewed_baseline_differs_only_where_something_changed),
        cmocka_unit_test(mistakes_in_a_baseline_are_told_by_line_or_key),
        cmocka_unit_test(mistakes_in_a_configuration_are_told_by_line_or_key),
        cmocka_unit_test(mistakes_in_fail_on_are_told),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
