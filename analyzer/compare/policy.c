/* SPDX-License-Identifier: MIT */
#include "compare/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compare/limit_text.h"

int policy_begin(struct policy *policy)
{
    *policy = (struct policy){.arena = arena_new()};
    for (unsigned rule = 0; rule < RULES; rule++) {
        policy->levels[rule] = rule_info((enum rule)rule)->level;
        policy->limits[rule] = rule_info((enum rule)rule)->more;
    }
    return policy->arena ? 0 : -1;
}

void policy_free(struct policy *policy)
{
    arena_free(policy->arena);
    *policy = (struct policy){0};
}

/* Every rule that is on warns, or fails. */
static void level_all(struct policy *policy, enum level level)
{
    for (unsigned rule = 0; rule < RULES; rule++) {
        if (policy->levels[rule] != LEVEL_OFF)
            policy->levels[rule] = level;
    }
}

/* "growth=5%", "peak<=200MiB", "new-cycle" */
static int term_take(struct policy *policy, const char *term, char *error, size_t error_size)
{
    size_t length = strcspn(term, "<=");
    enum rule rule = rule_find(term, length);
    if (rule == RULES) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)length, term);
        const char *guess = rule_guess(name);
        snprintf(error, error_size, "there is no rule '%s'%s%s%s", name,
                 guess ? ", did you mean '" : "", guess ? guess : "", guess ? "'?" : "");
        return -1;
    }
    policy->levels[rule] = LEVEL_FAILURE;
    if (!term[length])
        return 0;
    bool most = strncmp(term + length, "<=", 2) == 0;
    const char *value = term + length + (most ? 2 : 1);
    if (most ? limit_text_bytes(value, &policy->most[rule])
             : limit_text_more(value, &policy->limits[rule]))
        return 0;
    snprintf(error, error_size, "'%s': '%s' is no %s such as %s", term, value,
             most ? "size" : "share, number or size", most ? "200MiB" : "5%, 100 or 10MiB");
    return -1;
}

int policy_fail_on(struct policy *policy, const char *list, char *error, size_t error_size)
{
    if (strcmp(list, "all") == 0 || strcmp(list, "none") == 0) {
        level_all(policy, *list == 'a' ? LEVEL_FAILURE : LEVEL_WARNING);
        return 0;
    }
    level_all(policy, LEVEL_WARNING);
    char *copy = strdup(list), *rest = copy, *term;
    int status = copy ? 0 : -1;
    if (!copy)
        snprintf(error, error_size, "not enough memory");
    while (status == 0 && (term = strsep(&rest, ","))) {
        while (*term == ' ')
            term++;
        if (*term)
            status = term_take(policy, term, error, error_size);
    }
    free(copy);
    return status;
}

void policy_today(char text[16])
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    time_t now = time(NULL);
    char *end;
    errno = 0;
    long long given = epoch ? strtoll(epoch, &end, 10) : 0;
    if (epoch && *epoch && !errno && !*end)
        now = (time_t)given;
    struct tm day;
    if (!gmtime_r(&now, &day) || !strftime(text, 16, "%Y-%m-%d", &day))
        snprintf(text, 16, "1970-01-01");
}
