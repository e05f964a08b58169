/* SPDX-License-Identifier: MIT */
#include "compare/rules.h"

#include <string.h>

#include "text/suggest.h"

#define KIB(n) (UINT64_C(n) << 10)
#define NEVER UINT64_MAX

/* docs/ci.md has the reasons for these limits. */
static const struct rule_info table[RULES] = {
    [RULE_NEW_CYCLE] = {"new-cycle",
                        "a kind of leaked cycles that the baseline does not have",
                        LEVEL_FAILURE,
                        false,
                        {{0, 0}, {NEVER, 0}, false}},
    [RULE_MORE_CYCLES] = {"more-cycles",
                          "more leaked cycles of a kind than in the baseline",
                          LEVEL_FAILURE,
                          true,
                          {{10, 0.1}, {KIB(256), 0.5}, false}},
    [RULE_UNCOLLECTABLE] = {"uncollectable",
                            "cycles that the collector can never free",
                            LEVEL_FAILURE,
                            false,
                            {{0, 0.1}, {KIB(256), 0.5}, false}},
    [RULE_LEAKED_REFERENCE] = {"leaked-reference",
                               "objects with references that nothing known holds",
                               LEVEL_FAILURE,
                               false,
                               {{20, 0.1}, {KIB(256), 0.5}, false}},
    [RULE_GROWTH_SUSPECT] = {"growth-suspect",
                             "what grows for as long as the program runs, and did not so far",
                             LEVEL_FAILURE,
                             false,
                             {{0, 1}, {NEVER, 0}, false}},
    /* By bytes alone only what is more than a table enlarged once: sets below 50,000 members grow to
     * four times their size. */
    [RULE_LINE_GROWTH] = {"line-growth",
                          "more objects of a line alive at the end",
                          LEVEL_FAILURE,
                          true,
                          {{50, 0.1}, {KIB(256), 4.5}, true}},
    [RULE_TYPE_GROWTH] = {"type-growth",
                          "more objects of a type alive at the end, of no line in particular",
                          LEVEL_WARNING,
                          true,
                          {{1000, 0.1}, {KIB(512), 4.5}, true}},
    [RULE_GROWTH] = {"growth",
                     "more memory alive at the end",
                     LEVEL_FAILURE,
                     true,
                     {{NEVER, 0}, {KIB(512), 0.1}, false}},
    [RULE_PEAK] = {"peak",
                   "a higher peak of memory",
                   LEVEL_WARNING,
                   true,
                   {{NEVER, 0}, {KIB(4096), 0.25}, false}},
    [RULE_ALLOCATIONS] = {"allocations",
                          "more allocations by a line",
                          LEVEL_WARNING,
                          true,
                          {{10000, 0.2}, {KIB(4096), 0.5}, false}},
    [RULE_DUPLICATES] = {"duplicates",
                         "more memory in equal values that interning would save",
                         LEVEL_WARNING,
                         true,
                         {{NEVER, 0}, {KIB(64), 0.25}, false}},
    [RULE_LEAKING_TEST] = {"leaking-test",
                           "a test that leaves objects behind, and did not so far",
                           LEVEL_WARNING,
                           false,
                           {{0, 0.5}, {KIB(64), 0.5}, false}},
    [RULE_NATIVE_LINE_GROWTH] = {"native-line-growth",
                                 "more native memory of a line alive at the end",
                                 LEVEL_FAILURE,
                                 true,
                                 {{NEVER, 0}, {KIB(256), 0.25}, false}},
    [RULE_NATIVE_GROWTH] = {"native-growth",
                            "more native memory alive at the end",
                            LEVEL_WARNING,
                            true,
                            {{NEVER, 0}, {KIB(1024), 0.1}, false}},
    [RULE_NATIVE_LEAK] = {"native-leak",
                          "native memory that nothing leads to any more",
                          LEVEL_FAILURE,
                          false,
                          {{20, 0.1}, {KIB(256), 0.5}, false}},
    [RULE_NATIVE_SUSPECT] =
        {"native-growth-suspect",
         "native memory that grows for as long as the program runs, and did not so far",
         LEVEL_FAILURE,
         false,
         {{0, 1}, {NEVER, 0}, false}},
};

const struct rule_info *rule_info(enum rule rule)
{
    return &table[rule];
}

enum rule rule_find(const char *name, size_t length)
{
    for (unsigned rule = 0; rule < RULES; rule++) {
        if (strlen(table[rule].name) == length && memcmp(table[rule].name, name, length) == 0)
            return (enum rule)rule;
    }
    return RULES;
}

const char *rule_guess(const char *name)
{
    const char *names[RULES];
    for (unsigned rule = 0; rule < RULES; rule++)
        names[rule] = table[rule].name;
    return suggest(name, names, RULES);
}

const char *level_name(enum level level)
{
    static const char *const names[] = {"off", "warning", "failure"};
    return names[level];
}
