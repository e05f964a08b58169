/* SPDX-License-Identifier: MIT */
#include "compare/digest.h"

#include <stdlib.h>
#include <string.h>

#define NOTICES_MAX 64u

const char *digest_total_name(enum digest_total total)
{
    static const char *const names[] = {
        [TOTAL_ALIVE] = "alive",
        [TOTAL_PEAK] = "peak",
        [TOTAL_ALLOCATIONS] = "allocations",
        [TOTAL_COLLECTIONS] = "collections",
        [TOTAL_PROCESSES] = "processes",
        [TOTAL_NATIVE] = "native",
    };
    return names[total];
}

const char *digest_subject_name(enum digest_subject subject)
{
    static const char *const names[] = {
        [DIGEST_TOTAL] = "totals",        [DIGEST_CYCLE] = "cycles",
        [DIGEST_HELD] = "references",     [DIGEST_SUSPECT] = "suspects",
        [DIGEST_TEST] = "tests",          [DIGEST_ALIVE] = "alive",
        [DIGEST_MADE] = "allocations",    [DIGEST_NATIVE] = "native",
        [DIGEST_LEAK] = "native_leaks",   [DIGEST_NATIVE_SUSPECT] = "native_suspects",
        [DIGEST_TYPE] = "types",          [DIGEST_HOLDER] = "holders",
        [DIGEST_RETAINED] = "retained",   [DIGEST_DUPLICATES] = "duplicates",
        [DIGEST_COLLECTED] = "collected",
    };
    return names[subject];
}

bool digest_by_line(enum digest_subject subject)
{
    return subject == DIGEST_ALIVE || subject == DIGEST_MADE || subject == DIGEST_NATIVE;
}

int digest_begin(struct digest *digest)
{
    *digest = (struct digest){.arena = arena_new(), .runs = 1, .runtime = ""};
    if (!digest->arena)
        return -1;
    digest->notices = arena_alloc(digest->arena, NOTICES_MAX, sizeof *digest->notices);
    return digest->notices ? 0 : -1;
}

void digest_free(struct digest *digest)
{
    free(digest->items);
    arena_free(digest->arena);
    *digest = (struct digest){0};
}

static const char *copied(struct digest *digest, const char *text)
{
    return text && *text ? arena_copy(digest->arena, text, strlen(text)) : "";
}

/* Adds an item whose texts are the digest's own already. */
static bool append(struct digest *digest, const struct digest_item *item)
{
    if (digest->count == digest->room) {
        uint32_t room = digest->room ? digest->room * 2 : 256;
        struct digest_item *items = reallocarray(digest->items, room, sizeof *items);
        if (!items)
            return false;
        digest->items = items;
        digest->room = room;
    }
    digest->items[digest->count++] = *item;
    return true;
}

bool digest_add(struct digest *digest, const struct digest_item *item)
{
    struct digest_item copy = *item;
    copy.key = copied(digest, item->key);
    copy.detail = copied(digest, item->detail);
    copy.hint = copied(digest, item->hint);
    if (item->place.file) {
        copy.place.file = copied(digest, item->place.file);
        copy.place.function = copied(digest, item->place.function);
        if (!copy.place.file || !copy.place.function)
            return false;
    }
    if (!copy.key || !copy.detail || !copy.hint)
        return false;
    return append(digest, &copy);
}

bool digest_notice(struct digest *digest, const char *text)
{
    for (uint32_t i = 0; i < digest->notice_count; i++) {
        if (strcmp(digest->notices[i], text) == 0)
            return true;
    }
    if (digest->notice_count == NOTICES_MAX)
        return true;
    digest->notices[digest->notice_count] = copied(digest, text);
    return digest->notices[digest->notice_count++] != NULL;
}

static int text_order(const char *left, const char *right)
{
    if (left == right)
        return 0;
    return !left ? -1 : !right ? 1 : strcmp(left, right);
}

int digest_compare(const struct digest_item *a, const struct digest_item *b)
{
    int order = (a->subject > b->subject) - (a->subject < b->subject);
    bool line = digest_by_line(a->subject);
    bool function = line || a->subject == DIGEST_HELD || a->subject == DIGEST_LEAK;
    if (!order && function)
        order = text_order(a->place.file, b->place.file);
    if (!order && function)
        order = text_order(a->place.function, b->place.function);
    if (!order && line)
        order = (a->place.line > b->place.line) - (a->place.line < b->place.line);
    return order ? order : strcmp(a->key, b->key);
}

/* The same, and then by size, so that which of two equal ones comes first does not depend on qsort(). */
static int sort_compare(const void *left, const void *right)
{
    const struct digest_item *a = left, *b = right;
    int order = digest_compare(a, b);
    if (!order)
        order = (a->bytes.high < b->bytes.high) - (a->bytes.high > b->bytes.high);
    return order ? order : strcmp(a->detail, b->detail);
}

static struct range range_sum(struct range a, struct range b)
{
    return (struct range){a.low + b.low, a.high + b.high};
}

static struct range range_spread(struct range a, struct range b)
{
    return (struct range){a.low < b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
}

/* Adds an item's figures to those of an equal one before it. */
static void absorb(struct digest_item *to, const struct digest_item *more, enum digest_join how)
{
    bool peak = to->subject == DIGEST_TOTAL && strcmp(to->key, digest_total_name(TOTAL_PEAK)) == 0;
    if (how == DIGEST_SPREAD) {
        to->count = range_spread(to->count, more->count);
        to->bytes = range_spread(to->bytes, more->bytes);
    } else if (peak) {
        if (more->bytes.high > to->bytes.high) {
            to->count = more->count;
            to->bytes = more->bytes;
        }
    } else {
        to->count = range_sum(to->count, more->count);
        to->bytes = range_sum(to->bytes, more->bytes);
    }
    /* Cycles that wait in one process and leak in another do leak. */
    to->flags = (to->flags & more->flags & DIGEST_PENDING) |
                ((to->flags | more->flags) & ~(uint32_t)DIGEST_PENDING);
}

void digest_sort(struct digest *digest)
{
    uint32_t kept = 0;
    if (digest->count)
        qsort(digest->items, digest->count, sizeof *digest->items, sort_compare);
    for (uint32_t i = 0; i < digest->count; i++) {
        if (kept && digest_compare(&digest->items[kept - 1], &digest->items[i]) == 0)
            absorb(&digest->items[kept - 1], &digest->items[i], DIGEST_SUM);
        else
            digest->items[kept++] = digest->items[i];
    }
    digest->count = kept;
}

/* One of the parts does not list an item: there may be as much of it there as is not listed. */
static void widen(struct digest_item *item, struct digest_least least)
{
    item->count.high += least.count;
    item->bytes.high += least.bytes;
}

/* Merges the sorted items of a part into those joined so far; `before` parts are in there. */
static int merge(struct digest *joined, const struct digest *part, uint32_t before,
                 enum digest_join how)
{
    struct digest result = *joined;
    uint32_t a = 0, b = 0;
    result.items = NULL;
    result.count = result.room = 0;
    bool ok = true;
    while (ok && (a < joined->count || b < part->count)) {
        int order = a == joined->count ? 1
                    : b == part->count ? -1
                                       : digest_compare(&joined->items[a], &part->items[b]);
        struct digest_item item = order <= 0 ? joined->items[a++] : part->items[b];
        if (order == 0)
            absorb(&item, &part->items[b], how);
        else if (how == DIGEST_SPREAD && (order < 0 || before))
            item.count.low = item.bytes.low = 0;
        else if (how == DIGEST_SUM)
            widen(&item, (order < 0 ? part : joined)->least[item.subject]);
        ok = order <= 0 ? append(&result, &item) : digest_add(&result, &item);
        b += order >= 0;
    }
    free(joined->items);
    *joined = result;
    return ok ? 0 : -1;
}

int digest_join(const struct digest *parts, uint32_t count, enum digest_join how,
                struct digest *joined)
{
    if (digest_begin(joined) < 0)
        return -1;
    joined->runs = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct digest *part = &parts[i];
        if (merge(joined, part, i, how) < 0)
            return -1;
        bool same = i == 0 || strcmp(joined->runtime, part->runtime) == 0;
        if (!(joined->runtime = copied(joined, same ? part->runtime : "")))
            return -1;
        joined->runs = how == DIGEST_SPREAD ? joined->runs + part->runs : 1;
        joined->known =
            how == DIGEST_SPREAD && i ? joined->known & part->known : joined->known | part->known;
        for (unsigned subject = 0; subject < DIGEST_SUBJECTS; subject++) {
            struct digest_least *least = &joined->least[subject];
            if (how == DIGEST_SUM) {
                least->count += part->least[subject].count;
                least->bytes += part->least[subject].bytes;
                continue;
            }
            if (part->least[subject].count > least->count)
                least->count = part->least[subject].count;
            if (part->least[subject].bytes > least->bytes)
                least->bytes = part->least[subject].bytes;
        }
        if (!joined->wall || (part->wall && part->wall < joined->wall))
            joined->wall = part->wall;
        joined->damaged |= part->damaged;
        joined->sampled |= part->sampled;
        for (uint32_t n = 0; n < part->notice_count; n++) {
            if (!digest_notice(joined, part->notices[n]))
                return -1;
        }
    }
    return 0;
}

const struct digest_item *digest_find(const struct digest *digest, enum digest_subject subject,
                                      const char *key)
{
    const struct digest_item wanted = {.subject = subject, .key = key};
    return digest_find_like(digest, &wanted);
}

const struct digest_item *digest_find_like(const struct digest *digest,
                                           const struct digest_item *item)
{
    uint32_t low = 0, high = digest->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = digest_compare(&digest->items[middle], item);
        if (order == 0)
            return &digest->items[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
