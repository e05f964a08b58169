/* SPDX-License-Identifier: MIT */
#include "compare/judge.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Made by nobody's line: importing, the interpreter, C threads. */
static bool is_nobodys(const struct digest_item *item)
{
    return item->place.file &&
           (!*item->place.file || strcmp(item->place.file, DIGEST_IMPORTING) == 0);
}

/* Cycles that importing makes are made once; fewer are not worth a word. */
#define IMPORTED_CYCLES 100u

/* The rule that an item falls under; RULES: none. */
static enum rule rule_of(const struct digest_item *before, const struct digest_item *after)
{
    switch (after->subject) {
    case DIGEST_TOTAL:
        return strcmp(after->key, digest_total_name(TOTAL_ALIVE)) == 0    ? RULE_GROWTH
               : strcmp(after->key, digest_total_name(TOTAL_PEAK)) == 0   ? RULE_PEAK
               : strcmp(after->key, digest_total_name(TOTAL_NATIVE)) == 0 ? RULE_NATIVE_GROWTH
                                                                          : RULES;
    case DIGEST_CYCLE:
        if (after->flags & DIGEST_PENDING)
            return RULES;
        if (after->flags & DIGEST_UNCOLLECTABLE)
            return RULE_UNCOLLECTABLE;
        if (is_nobodys(after) && after->count.low < IMPORTED_CYCLES)
            return RULES;
        return before ? RULE_MORE_CYCLES : RULE_NEW_CYCLE;
    case DIGEST_HELD:
        return RULE_LEAKED_REFERENCE;
    case DIGEST_SUSPECT:
        return before ? RULES : RULE_GROWTH_SUSPECT;
    case DIGEST_ALIVE:
        return is_nobodys(after) ? RULES : RULE_LINE_GROWTH;
    case DIGEST_MADE:
        return is_nobodys(after) ? RULES : RULE_ALLOCATIONS;
    case DIGEST_NATIVE:
        return is_nobodys(after) ? RULES : RULE_NATIVE_LINE_GROWTH;
    case DIGEST_LEAK:
        return RULE_NATIVE_LEAK;
    case DIGEST_NATIVE_SUSPECT:
        return before ? RULES : RULE_NATIVE_SUSPECT;
    case DIGEST_TYPE:
        return RULE_TYPE_GROWTH;
    case DIGEST_DUPLICATES:
        return RULE_DUPLICATES;
    case DIGEST_TEST:
        return RULE_LEAKING_TEST;
    default:
        return RULES;
    }
}

/* A library's lines are nobody's to change, and do more or less by version and moment. */
static struct tolerance limits_of(const struct policy *policy, enum rule rule,
                                  const struct digest_item *item)
{
    struct tolerance limits = policy->limits[rule];
    if (rule == RULE_LINE_GROWTH && (item->flags & DIGEST_LIBRARY) &&
        limits.count.least < UINT64_MAX / 4)
        limits.count.least *= 4;
    return limits;
}

/* Which of the lines of a function with the same key an item is, counted from its beginning: its line
 * number is no part of the fingerprint. */
static uint32_t order_of(const struct digest *digest, uint32_t number)
{
    const struct digest_item *item = &digest->items[number];
    uint32_t order = 0;
    if (!digest_by_line(item->subject))
        return 0;
    for (uint32_t i = number; i-- > 0;) {
        const struct digest_item *before = &digest->items[i];
        if (before->subject != item->subject || strcmp(before->place.file, item->place.file) != 0 ||
            strcmp(before->place.function, item->place.function) != 0)
            break;
        order += strcmp(before->key, item->key) == 0;
    }
    return order;
}

static void fingerprint(struct finding *finding, uint32_t order)
{
    const struct digest_item *item = finding->change.after;
    XXH3_state_t state;
    const char *parts[] = {rule_info(finding->rule)->name, item->key,
                           item->place.file ? item->place.file : "",
                           item->place.file ? item->place.function : ""};
    XXH3_64bits_reset(&state);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        XXH3_64bits_update(&state, parts[i], strlen(parts[i]) + 1);
    XXH3_64bits_update(&state, &order, sizeof order);
    snprintf(finding->fingerprint, sizeof finding->fingerprint, "%016" PRIx64,
             (uint64_t)XXH3_64bits_digest(&state));
}

static bool matches(const char *pattern, const char *text)
{
    return !pattern || (text && fnmatch(pattern, text, 0) == 0);
}

/* Notes which allowance covers a finding: the first that has not expired. Expired ones are told. */
static void allow(struct policy *policy, struct finding *finding)
{
    const struct digest_item *item = finding->change.after;
    finding->allowed_by = FINDING_ALLOWED_BY_NONE;
    for (uint32_t i = 0; i < policy->allowance_count; i++) {
        struct allowance *a = &policy->allowances[i];
        if (!matches(a->rule, rule_info(finding->rule)->name) || !matches(a->key, item->key) ||
            !matches(a->file, item->place.file) || !matches(a->function, item->place.function))
            continue;
        if (a->expired) {
            a->hits++;
        } else if (finding->allowed_by == FINDING_ALLOWED_BY_NONE) {
            a->hits++;
            finding->allowed_by = i;
        }
    }
}

/*
 * Whether growth within the run is growth against the baseline, too. A set that fills for long is a
 * suspect in one run and none in the next; there are as many of its objects in the end as there were.
 */
static bool suspect_grew(const struct judgement *j, const struct policy *policy,
                         const struct digest_item *suspect)
{
    bool found = false, native = suspect->subject == DIGEST_NATIVE_SUSPECT;
    enum digest_subject alive = native ? DIGEST_NATIVE : DIGEST_ALIVE;
    if (!suspect->place.file)
        return true;
    for (uint32_t i = 0; i < j->run->count; i++) {
        const struct digest_item *item = &j->run->items[i];
        if (item->subject != alive || item->place.line != suspect->place.line ||
            strcmp(item->place.file, suspect->place.file) != 0 ||
            strcmp(item->place.function, suspect->place.function) != 0)
            continue;
        uint32_t partner = j->difference.alignment.before[i];
        const struct digest_item *before =
            partner == NO_ID ? NULL : &j->difference.before->items[partner];
        struct tolerance limits =
            limits_of(policy, native ? RULE_NATIVE_LINE_GROWTH : RULE_LINE_GROWTH, item);
        enum change_kind kind =
            difference_judge(&limits, j->difference.before, j->run, before, item);
        found = true;
        if (kind == CHANGE_NEW || kind == CHANGE_GROWN)
            return true;
    }
    return !found; /* nothing of it is left to compare */
}

static void item_judge(struct judgement *j, struct policy *policy, uint32_t number)
{
    const struct digest_item *after = &j->run->items[number];
    uint32_t partner = j->difference.alignment.before[number];
    const struct digest_item *before =
        partner == NO_ID ? NULL : &j->difference.before->items[partner];
    if (before && before->subject == DIGEST_CYCLE && (before->flags & DIGEST_PENDING))
        before = NULL;
    enum rule rule = rule_of(before, after);
    if (rule == RULES || policy->levels[rule] == LEVEL_OFF)
        return;
    struct finding finding = {
        .rule = rule,
        .level = policy->levels[rule],
        .change = {.subject = after->subject, .before = before, .after = after}};
    uint64_t most = policy->most[rule];
    if (most && after->bytes.low > most)
        finding.most = most;
    bool comparable =
        j->baseline ? (j->baseline->known >> after->subject & 1) != 0 : !rule_info(rule)->baseline;
    if (after->subject == DIGEST_TOTAL && !before)
        comparable = false;
    struct tolerance limits = limits_of(policy, rule, after);
    finding.change.kind =
        comparable ? difference_judge(&limits, j->difference.before, j->run, before, after)
                   : CHANGE_NONE;
    bool suspect = rule == RULE_GROWTH_SUSPECT || rule == RULE_NATIVE_SUSPECT;
    if (suspect && j->baseline && !suspect_grew(j, policy, after))
        return;
    /* What is let go at the end may have been meant to stay until then. */
    if (after->flags & DIGEST_RELEASED)
        finding.level = LEVEL_WARNING;
    bool more = finding.change.kind == CHANGE_NEW || finding.change.kind == CHANGE_GROWN;
    if (!more && !finding.most)
        return;
    if (!more)
        finding.change.kind = before ? CHANGE_GROWN : CHANGE_NEW;
    if (!before)
        finding.change.resembles = j->difference.resembles[number];
    fingerprint(&finding, order_of(j->run, number));
    j->findings[j->count++] = finding;
}

static int finding_compare(const void *left, const void *right)
{
    const struct finding *a = left, *b = right;
    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    int64_t x = change_bytes(&a->change), y = change_bytes(&b->change);
    if (x != y)
        return x < y ? 1 : -1;
    return digest_compare(a->change.after, b->change.after);
}

/* Growth of a type that lines account for is told there. */
static void drop_told_types(struct judgement *j)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < j->count; i++) {
        bool told = false;
        for (uint32_t n = 0; n < j->count && j->findings[i].rule == RULE_TYPE_GROWTH && !told; n++)
            told = j->findings[n].rule == RULE_LINE_GROWTH &&
                   strcmp(j->findings[n].change.after->key, j->findings[i].change.after->key) == 0;
        if (!told)
            j->findings[kept++] = j->findings[i];
    }
    j->count = kept;
}

int judge(const struct digest *baseline, const struct digest *run, struct policy *policy,
          struct judgement *judgement)
{
    static const struct digest nothing = {.known = DIGEST_OF_RUN};
    struct judgement *j = judgement;
    *j = (struct judgement){
        .baseline = baseline, .run = run, .policy = policy, .arena = arena_new()};
    if (!j->arena || difference_find(baseline ? baseline : &nothing, run, &j->difference) < 0)
        return -1;
    j->findings = arena_alloc(j->arena, (size_t)run->count + 1, sizeof *j->findings);
    if (!j->findings)
        return -1;
    for (uint32_t i = 0; i < run->count; i++)
        item_judge(j, policy, i);
    drop_told_types(j);
    if (j->count)
        qsort(j->findings, j->count, sizeof *j->findings, finding_compare);
    for (uint32_t i = 0; i < j->count; i++) {
        struct finding *finding = &j->findings[i];
        allow(policy, finding);
        bool allowed = finding->allowed_by != FINDING_ALLOWED_BY_NONE;
        j->allowed += allowed;
        j->failures += !allowed && finding->level == LEVEL_FAILURE;
        j->warnings += !allowed && finding->level == LEVEL_WARNING;
    }
    for (uint32_t i = 0; i < policy->allowance_count; i++) {
        j->expired += policy->allowances[i].expired;
        j->unused += policy->allowances[i].hits == 0;
    }
    return 0;
}

void judgement_free(struct judgement *judgement)
{
    difference_free(&judgement->difference);
    arena_free(judgement->arena);
    *judgement = (struct judgement){0};
}
