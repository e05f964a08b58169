/* SPDX-License-Identifier: MIT */
/* The catalogue of patterns is complete, and its rules mean what they say. */
#include "cmocka_prelude.h"

#include <string.h>

#include "patterns/pattern_match.h"

static bool matches(const char *rule, const struct cycle_step *steps, uint32_t count, bool ring,
                    uint32_t *at)
{
    struct pattern pattern = {.rule = {rule}};
    const struct pattern_subject subject = {steps, count, ring, 0, "", ""};
    return pattern_applies(&pattern, &subject, at);
}

static void a_star_stands_for_any_text(void **state)
{
    (void)state;
    static const struct {
        const char *glob, *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"*", "", true},
        {"*", "abc", true},
        {"a*", "abc", true},
        {"*c", "abc", true},
        {"a*c", "abc", true},
        {"a*b*c", "aXbbYc", true},
        {"[*]", "['x']", true},
        {"", "a", false},
        {"a", "", false},
        {"a*c", "abd", false},
        {"*_iterator", "list_iterator", true},
        {"*_iterator", "list_iterator_", false},
        {".*", ".me", true},
        {".*", "[*]", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (pattern_glob(cases[i].glob, strlen(cases[i].glob), cases[i].text) != cases[i].matches)
            fail_msg("'%s' and '%s'", cases[i].glob, cases[i].text);
    }
}

static void a_path_is_a_ring_and_the_mark_is_found_in_it(void **state)
{
    (void)state;
    const struct cycle_step steps[] = {{"app.Button", ".on_click"},
                                       {"tuple", "[*]"},
                                       {"_asyncio.Task", ""},
                                       {"frame", "local task"}};
    uint32_t at = 99;
    assert_true(matches("!frame local * -> app.Button .*", steps, 4, true, &at));
    assert_int_equal(at, 3);
    assert_true(matches("tuple [*] -> !_asyncio.Task", steps, 4, true, &at));
    assert_int_equal(at, 2);
    assert_true(matches("tuple [*]", steps, 4, true, &at));
    assert_int_equal(at, 1); /* nothing is marked: where the rule begins */
    assert_false(matches("!frame local * -> app.Button .*", steps, 4, false, &at));
    assert_false(matches("tuple .* -> *", steps, 4, true, &at));
    assert_false(matches("= tuple [*] -> !_asyncio.Task", steps, 4, true, &at));
    assert_true(matches("= !* local * -> * .* -> tuple * -> *", steps, 4, true, &at));
    assert_int_equal(at, 3);
    assert_false(matches("* * -> * * -> * * -> * * -> * *", steps, 4, true, &at));
}

static void every_pattern_says_all_it_must(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t l = 0; l < pattern_list_count; l++) {
        for (size_t i = 0; i < pattern_lists[l]->count; i++, count++) {
            const struct pattern *p = &pattern_lists[l]->patterns[i];
            assert_non_null(p->id);
            assert_ptr_equal(pattern_find(p->id), p); /* no other has the name */
            if (!p->title || !p->reason || !p->hint || !p->explanation || !p->link)
                fail_msg("%s lacks a text", p->id);
            if (!p->rule[0] && !p->cause && !p->file)
                fail_msg("%s applies to everything", p->id);
            if (!p->before != !p->after || (!p->before && !p->cause))
                fail_msg("%s has no programs", p->id);
            for (int r = 0; r < PATTERN_RULES && p->rule[r]; r++) {
                const char *mark = strchr(p->rule[r], '!');
                if (mark && strchr(mark + 1, '!'))
                    fail_msg("%s: '%s' has two marks", p->id, p->rule[r]);
            }
        }
    }
    assert_in_range(count, 30, 1000);
    assert_null(pattern_find("no-such-pattern"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_star_stands_for_any_text),
        cmocka_unit_test(a_path_is_a_ring_and_the_mark_is_found_in_it),
        cmocka_unit_test(every_pattern_says_all_it_must),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
