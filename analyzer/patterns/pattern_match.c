/* SPDX-License-Identifier: MIT */
#include "patterns/pattern_match.h"

#include <string.h>

bool pattern_glob(const char *glob, size_t glob_length, const char *text)
{
    /* Greedy with one point of return: the last star takes as much as it must. */
    const char *end = glob + glob_length, *star = NULL, *mark = NULL;
    while (*text) {
        if (glob < end && *glob == '*') {
            star = ++glob;
            mark = text;
        } else if (glob < end && *glob == *text) {
            glob++;
            text++;
        } else if (star) {
            glob = star;
            text = ++mark;
        } else {
            return false;
        }
    }
    while (glob < end && *glob == '*')
        glob++;
    return glob == end;
}

#define ARROW " -> "

/* One step of a rule, and where the next one begins (NULL: it is the last). */
struct rule_step {
    const char *type, *edge, *next;
    size_t type_length, edge_length;
    bool cut;
};

static struct rule_step rule_step_read(const char *rule)
{
    struct rule_step step = {.cut = *rule == '!'};
    const char *arrow = strstr(rule, ARROW), *end = arrow ? arrow : rule + strlen(rule);
    step.type = rule + step.cut;
    step.next = arrow ? arrow + strlen(ARROW) : NULL;
    step.type_length = strcspn(step.type, " ");
    step.edge = step.type + step.type_length;
    step.edge += *step.edge == ' ' && step.edge < end;
    step.edge_length = step.edge < end ? (size_t)(end - step.edge) : 0;
    return step;
}

static uint32_t rule_length(const char *rule)
{
    uint32_t length = 1;
    while ((rule = strstr(rule, ARROW))) {
        rule += strlen(ARROW);
        length++;
    }
    return length;
}

/* Whether a rule applies from a step on; *at gets the step to give up. */
static bool rule_applies(const char *rule, const struct pattern_subject *s, uint32_t from,
                         uint32_t *at)
{
    for (uint32_t i = from; rule; i++) {
        struct rule_step step = rule_step_read(rule);
        const struct cycle_step *shown = &s->steps[i % s->count];
        if (i >= s->count && !s->ring)
            return false;
        if (!pattern_glob(step.type, step.type_length, shown->type) ||
            !pattern_glob(step.edge, step.edge_length, shown->edge))
            return false;
        if (step.cut)
            *at = i % s->count;
        rule = step.next;
    }
    return true;
}

static bool rule_matches(const char *rule, const struct pattern_subject *s, uint32_t *at)
{
    bool all = !strncmp(rule, "= ", 2);
    uint32_t length = rule_length(rule += all ? 2 : 0);
    if (all ? length != s->count || !s->ring : length > s->count)
        return false;
    for (uint32_t from = 0; from < s->count; from++) {
        *at = from; /* of a rule that marks nothing */
        if (rule_applies(rule, s, from, at))
            return true;
    }
    return false;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && !strcmp(text + length - tail, end);
}

bool pattern_applies(const struct pattern *pattern, const struct pattern_subject *s, uint32_t *at)
{
    if (pattern->cause && pattern->cause != s->cause)
        return false;
    if (pattern->file && !ends_with(s->file, pattern->file))
        return false;
    if (pattern->function && strcmp(pattern->function, s->function) != 0)
        return false;
    if (!pattern->rule[0])
        return true;
    for (int r = 0; r < PATTERN_RULES && pattern->rule[r]; r++) {
        if (rule_matches(pattern->rule[r], s, at))
            return true;
    }
    return false;
}

const struct pattern *pattern_match(const struct pattern_subject *subject, uint32_t *at)
{
    for (size_t l = 0; l < pattern_list_count && subject->count; l++) {
        const struct pattern_list *list = pattern_lists[l];
        for (size_t p = 0; p < list->count; p++) {
            *at = 0;
            if (pattern_applies(&list->patterns[p], subject, at))
                return &list->patterns[p];
        }
    }
    return NULL;
}
