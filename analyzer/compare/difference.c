/* SPDX-License-Identifier: MIT */
#include "compare/difference.h"

#include <stdlib.h>
#include <string.h>

#include "compare/resemblance.h"
#include "model/model.h"

const struct digest_item *change_item(const struct change *change)
{
    return change->after && change->kind != CHANGE_GONE ? change->after
           : change->before                             ? change->before
                                                        : change->after;
}

uint32_t change_moved_from(const struct change *change)
{
    const struct digest_item *a = change->before, *b = change->after;
    return digest_by_line(change->subject) && a && b && a->place.line != b->place.line
               ? a->place.line
               : 0;
}

static int64_t range_change(struct range before, struct range after)
{
    const uint64_t most = INT64_MAX;
    uint64_t more = after.low > before.high   ? after.low - before.high
                    : before.low > after.high ? before.low - after.high
                                              : 0;
    int64_t size = (int64_t)(more < most ? more : most);
    return after.low > before.high ? size : -size;
}

int64_t change_bytes(const struct change *change)
{
    static const struct range none = {0, 0};
    return range_change(change->before ? change->before->bytes : none,
                        change->after ? change->after->bytes : none);
}

int64_t change_count(const struct change *change)
{
    static const struct range none = {0, 0};
    return range_change(change->before ? change->before->count : none,
                        change->after ? change->after->count : none);
}

static uint64_t magnitude(int64_t n)
{
    return n < 0 ? (uint64_t)-n : (uint64_t)n;
}

static int change_compare(const void *left, const void *right)
{
    const struct change *a = left, *b = right;
    bool less_a = a->kind == CHANGE_GONE || a->kind == CHANGE_SHRUNK;
    bool less_b = b->kind == CHANGE_GONE || b->kind == CHANGE_SHRUNK;
    if (a->subject != b->subject)
        return a->subject < b->subject ? -1 : 1;
    if (a->subject == DIGEST_TOTAL) { /* a fixed order */
        int order = strcmp(change_item(a)->key, change_item(b)->key);
        return order;
    }
    if (less_a != less_b)
        return less_a ? 1 : -1;
    uint64_t x = magnitude(change_bytes(a)), y = magnitude(change_bytes(b));
    if (x != y)
        return x < y ? 1 : -1;
    return digest_compare(change_item(a), change_item(b));
}

/* What a digest may have of an item that it does not list; NULL: nothing. */
static const struct digest_item *absent(const struct digest *digest, struct digest_item *room,
                                        const struct digest_item *other)
{
    const struct digest_least *least = &digest->least[other->subject];
    if (!least->count && !least->bytes)
        return NULL;
    *room = *other;
    room->count = (struct range){0, least->count};
    room->bytes = (struct range){0, least->bytes};
    return room;
}

/* The bytes of all objects of a type alive; what a digest does not list may be up to what it leaves out. */
static struct range type_bytes(const struct digest *digest, const char *type)
{
    const struct digest_item *item = digest_find(digest, DIGEST_TYPE, type);
    return item ? item->bytes : (struct range){0, digest->least[DIGEST_TYPE].bytes};
}

enum change_kind difference_judge(const struct tolerance *tolerance, const struct digest *before,
                                  const struct digest *after, const struct digest_item *item_before,
                                  const struct digest_item *item_after)
{
    static const struct range none = {0, 0};
    enum change_kind kind = tolerance_judge(tolerance, item_before, item_after);
    const struct digest_item *item = item_after ? item_after : item_before;
    bool types = before->known & after->known & 1u << DIGEST_TYPE;
    if (kind == CHANGE_NONE || !item || item->subject != DIGEST_ALIVE || !types)
        return kind;
    struct tolerance by_count = *tolerance;
    by_count.bytes.least = UINT64_MAX;
    if (tolerance_judge(&by_count, item_before, item_after) != CHANGE_NONE)
        return kind;
    int64_t line = range_change(item_before ? item_before->bytes : none,
                                item_after ? item_after->bytes : none);
    int64_t type = range_change(type_bytes(before, item->key), type_bytes(after, item->key));
    return line > 0 ? (type >= line / 2 ? kind : CHANGE_NONE)
                    : (type <= line / 2 ? kind : CHANGE_NONE);
}

/* Whether one path begins with the other: "app.__dict__" and "app.CACHE['x']" do. */
static bool same_branch(const char *left, const char *right)
{
    static const char names[] = ".__dict__";
    size_t a = strlen(left), b = strlen(right), tail = sizeof names - 1;
    if (a > tail && strcmp(left + a - tail, names) == 0)
        a -= tail;
    if (b > tail && strcmp(right + b - tail, names) == 0)
        b -= tail;
    return strncmp(left, right, a < b ? a : b) == 0;
}

/*
 * Whether a digest lists an object above or below this one. What keeps nearly all of its memory through
 * one object below it is not listed itself, and that changes with a few bytes.
 */
static bool branch_listed(const struct digest *digest, const struct digest_item *item)
{
    for (uint32_t i = 0; i < digest->count; i++) {
        if (digest->items[i].subject == DIGEST_RETAINED &&
            same_branch(digest->items[i].key, item->key))
            return true;
    }
    return false;
}

static bool judge(struct difference *d, const struct digest_item *before,
                  const struct digest_item *after, const char *resembles)
{
    const struct digest_item *item = after ? after : before;
    struct digest_item room;
    if (!item)
        return false;
    struct tolerance tolerance = tolerance_of(item);
    const struct digest_item *a = before ? before : absent(d->before, &room, item);
    const struct digest_item *b = after ? after : absent(d->after, &room, item);
    if (!(d->before->known & d->after->known & 1u << item->subject))
        return false;
    /* A total that one of them lacks is not known there: a run without a snapshot, an older baseline. */
    if (item->subject == DIGEST_TOTAL && (!before || !after))
        return false;
    enum change_kind kind = difference_judge(&tolerance, d->before, d->after, a, b);
    if (kind != CHANGE_NONE && item->subject == DIGEST_RETAINED &&
        ((!before && branch_listed(d->before, item)) || (!after && branch_listed(d->after, item))))
        return false;
    /* Cycles that the collector would take are none. */
    if (before && after && before->subject == DIGEST_CYCLE && (before->flags & DIGEST_PENDING) &&
        !(after->flags & DIGEST_PENDING))
        kind = CHANGE_NEW;
    if (before && after && before->subject == DIGEST_CYCLE && !(before->flags & DIGEST_PENDING) &&
        (after->flags & DIGEST_PENDING))
        kind = CHANGE_GONE;
    if (kind == CHANGE_NONE)
        return false;
    if (!before)
        kind = CHANGE_NEW;
    if (!after)
        kind = CHANGE_GONE;
    d->changes[d->count++] =
        (struct change){item->subject, kind, before, after, kind == CHANGE_NEW ? resembles : NULL};
    return true;
}

int difference_find(const struct digest *before, const struct digest *after,
                    struct difference *difference)
{
    struct difference *d = difference;
    *d = (struct difference){.before = before, .after = after, .arena = arena_new()};
    if (!d->arena || alignment_find(before, after, &d->alignment) < 0 ||
        !(d->resembles = resemblance_find(before, after, &d->alignment, d->arena)))
        return -1;
    d->changes =
        arena_alloc(d->arena, (size_t)before->count + after->count + 1, sizeof *d->changes);
    if (!d->changes)
        return -1;
    for (uint32_t i = 0; i < after->count; i++) {
        uint32_t partner = d->alignment.before[i];
        judge(d, partner == NO_ID ? NULL : &before->items[partner], &after->items[i],
              d->resembles[i]);
    }
    for (uint32_t i = 0; i < before->count; i++) {
        if (d->alignment.after[i] == NO_ID)
            judge(d, &before->items[i], NULL, NULL);
    }
    if (d->count)
        qsort(d->changes, d->count, sizeof *d->changes, change_compare);
    d->moved = d->alignment.moved;
    return 0;
}

void difference_free(struct difference *difference)
{
    alignment_free(&difference->alignment);
    arena_free(difference->arena);
    *difference = (struct difference){0};
}
