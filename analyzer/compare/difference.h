/* SPDX-License-Identifier: MIT */
/*
 * What changed between two digests, beyond noise: the result that `ouro diff` prints and `ouro check`
 * judges.
 */
#ifndef OURO_ANALYZER_DIFFERENCE_H
#define OURO_ANALYZER_DIFFERENCE_H

#include "compare/align.h"
#include "compare/tolerance.h"

struct change {
    enum digest_subject subject;
    enum change_kind kind;
    const struct digest_item *before, *after; /* NULL: not there at all */
    const char *resembles;                    /* something that is gone; NULL: nothing */
};

struct difference {
    const struct digest *before, *after; /* must outlive the difference */
    struct alignment alignment;
    const char **resembles; /* item after → what it resembles, or NULL */
    struct change *changes; /* by subject; new and grown before gone and shrunk, largest first */
    uint32_t count;
    uint32_t moved; /* lines with another number, not counted as changes */
    struct arena *arena;
};

/* Returns 0, or -1 without memory; released by difference_free() either way. */
int difference_find(const struct digest *before, const struct digest *after,
                    struct difference *difference);
void difference_free(struct difference *difference);

/*
 * What has become of an item between two digests, by a tolerance; either item may be NULL. Bytes of a
 * line count only where the whole type changed by as much: a buffer or table that is enlarged belongs to the line that
 * happened to enlarge it, and another time that is another one.
 */
enum change_kind difference_judge(const struct tolerance *tolerance, const struct digest *before,
                                  const struct digest *after, const struct digest_item *item_before,
                                  const struct digest_item *item_after);

/* The item that a change is best described by: the one after, or the one before if that is gone. */
const struct digest_item *change_item(const struct change *change);

/* The line a change's item had before if it has another one now; else 0. */
uint32_t change_moved_from(const struct change *change);

/* Bytes, or objects, that are more now; negative: less. Between the nearest ends of ranges. */
int64_t change_bytes(const struct change *change);
int64_t change_count(const struct change *change);

#endif
