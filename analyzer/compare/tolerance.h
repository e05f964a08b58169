/* SPDX-License-Identifier: MIT */
/*
 * How much two figures may differ without a reason. What is deterministic in CPython (objects by line,
 * counts) has little room, what depends on time, threads and the moments at which tables are
 * enlarged has more. docs/ci.md says why each is as it is.
 */
#ifndef OURO_ANALYZER_TOLERANCE_H
#define OURO_ANALYZER_TOLERANCE_H

#include "compare/digest.h"

/* Up to `least` more, or up to `share` of what was, is none. */
struct limit {
    uint64_t least;
    double share;
};

/* A figure has changed if one of its two limits is passed. A least of UINT64_MAX never is. */
struct tolerance {
    struct limit count, bytes;
    bool chance; /* counts may be a random share of something: they vary by their square root */
};

enum change_kind { CHANGE_NONE, CHANGE_NEW, CHANGE_GONE, CHANGE_GROWN, CHANGE_SHRUNK };

/* Whether `after` lies above, or below, `before` by more than the limit; ranges that overlap do not. */
bool limit_above(struct limit limit, struct range before, struct range after);
bool limit_below(struct limit limit, struct range before, struct range after);

/*
 * What has become of an item; either may be NULL. Items that appear or disappear without passing the
 * tolerance have not changed.
 */
enum change_kind tolerance_judge(const struct tolerance *tolerance,
                                 const struct digest_item *before, const struct digest_item *after);

/* What `ouro diff` takes for noise. */
struct tolerance tolerance_of(const struct digest_item *item);

/* "new", "gone", "grown", "shrunk" */
const char *change_kind_name(enum change_kind kind);

#endif
