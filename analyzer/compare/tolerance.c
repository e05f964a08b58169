/* SPDX-License-Identifier: MIT */
#include "compare/tolerance.h"

#include <stdlib.h>
#include <string.h>

#define KIB(n) (UINT64_C(n) << 10)
#define NEVER UINT64_MAX

bool limit_above(struct limit limit, struct range before, struct range after)
{
    if (limit.least == NEVER || after.low <= before.high)
        return false;
    uint64_t more = after.low - before.high;
    return more > limit.least && (double)more > limit.share * (double)before.high;
}

bool limit_below(struct limit limit, struct range before, struct range after)
{
    return limit_above(limit, after, before);
}

/*
 * Whether two counts differ by more than chance makes them: of a cache that keeps the last 200 answers of any kind,
 * each kind has a number that varies by its square root, and the difference of two such numbers by that
 * of their sum. Four times that is met once in 16,000.
 */
static bool beyond_chance(struct range less, struct range more)
{
    double difference = (double)more.low - (double)less.high;
    return less.high == 0 || difference * difference > 16 * ((double)more.low + (double)less.high);
}

enum change_kind tolerance_judge(const struct tolerance *tolerance,
                                 const struct digest_item *before, const struct digest_item *after)
{
    static const struct range none = {0, 0};
    struct range count[2] = {before ? before->count : none, after ? after->count : none};
    struct range bytes[2] = {before ? before->bytes : none, after ? after->bytes : none};
    if ((limit_above(tolerance->count, count[0], count[1]) &&
         (!tolerance->chance || beyond_chance(count[0], count[1]))) ||
        limit_above(tolerance->bytes, bytes[0], bytes[1]))
        return before && before->count.high + before->bytes.high ? CHANGE_GROWN : CHANGE_NEW;
    if ((limit_below(tolerance->count, count[0], count[1]) &&
         (!tolerance->chance || beyond_chance(count[1], count[0]))) ||
        limit_below(tolerance->bytes, bytes[0], bytes[1]))
        return after && after->count.high + after->bytes.high ? CHANGE_SHRUNK : CHANGE_GONE;
    return CHANGE_NONE;
}

static struct tolerance tolerance_of_total(const char *key)
{
    static const struct {
        enum digest_total total;
        struct tolerance tolerance;
    } rows[] = {
        {TOTAL_ALIVE, {{1000, 0.02}, {KIB(128), 0.02}, false}},
        /* Seen only where an epoch ends. */
        {TOTAL_PEAK, {{NEVER, 0}, {KIB(2048), 0.15}, false}},
        {TOTAL_ALLOCATIONS, {{10000, 0.1}, {KIB(4096), 0.1}, false}},
        {TOTAL_COLLECTIONS, {{10, 0.2}, {NEVER, 0}, false}},
        {TOTAL_PROCESSES, {{0, 0}, {NEVER, 0}, false}},
        {TOTAL_NATIVE, {{NEVER, 0}, {KIB(256), 0.05}, false}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(key, digest_total_name(rows[i].total)) == 0)
            return rows[i].tolerance;
    }
    return (struct tolerance){{NEVER, 0}, {NEVER, 0}, false};
}

struct tolerance tolerance_of(const struct digest_item *item)
{
    static const struct tolerance table[] = {
        /* A kind of leaked cycles is news however few there are. */
        [DIGEST_CYCLE] = {{0, 0.05}, {KIB(64), 0.1}, false},
        /* They differ in number by how long the run was: what counts is whether there is one. */
        [DIGEST_TEST] = {{0, 0.5}, {KIB(64), 0.5}, false},
        [DIGEST_SUSPECT] = {{0, 1}, {NEVER, 0}, false},
        [DIGEST_HELD] = {{10, 0.05}, {KIB(64), 0.1}, false},
        /* A table that is enlarged doubles; sets below 50,000 members take four times as much. */
        [DIGEST_ALIVE] = {{20, 0.05}, {KIB(64), 1.1}, true},
        [DIGEST_MADE] = {{1000, 0.1}, {KIB(256), 0.25}, false},
        [DIGEST_NATIVE] = {{NEVER, 0}, {KIB(64), 0.1}, false},
        [DIGEST_LEAK] = {{10, 0.05}, {KIB(64), 0.1}, false},
        [DIGEST_NATIVE_SUSPECT] = {{0, 1}, {NEVER, 0}, false},
        [DIGEST_TYPE] = {{50, 0.05}, {KIB(64), 0.25}, true},
        [DIGEST_HOLDER] = {{50, 0.05}, {KIB(64), 0.25}, true},
        [DIGEST_RETAINED] = {{NEVER, 0}, {KIB(64), 0.25}, false},
        [DIGEST_DUPLICATES] = {{1000, 0.25}, {KIB(64), 0.25}, false},
        /* What the collector finds, rather than the reference count, depends on when it runs. */
        [DIGEST_COLLECTED] = {{1000, 0.25}, {KIB(256), 0.25}, false},
    };
    static const struct tolerance never = {{NEVER, 0}, {NEVER, 0}, false};
    if (item->subject == DIGEST_TOTAL)
        return tolerance_of_total(item->key);
    if (item->subject == DIGEST_CYCLE && (item->flags & DIGEST_PENDING))
        return never;
    /* What importing makes depends on compiled files; what had no frame, on the interpreter. */
    if (item->place.file && digest_by_line(item->subject) &&
        (!*item->place.file || strcmp(item->place.file, DIGEST_IMPORTING) == 0))
        return never;
    return table[item->subject];
}

const char *change_kind_name(enum change_kind kind)
{
    static const char *const names[] = {"unchanged", "new", "gone", "grown", "shrunk"};
    return names[kind];
}
