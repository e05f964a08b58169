/* SPDX-License-Identifier: MIT */
/*
 * Leaked cycles, grouped by kind: the result of the analysis that reports print.
 */
#ifndef OURO_ANALYZER_CYCLES_H
#define OURO_ANALYZER_CYCLES_H

#include "cycles/cycle_break.h"
#include "cycles/garbage.h"
#include "cycles/held.h"
#include "cycles/signature.h"
#include "cycles/verdict.h"
#include "model/sites.h"
#include "model/type_order.h"

#define CYCLE_EXAMPLES 5u

/* Whether a baseline has cycles of this kind. */
enum novelty { NOVELTY_UNKNOWN, NOVELTY_KNOWN, NOVELTY_NEW };

/* Root cycles of one verdict and signature. */
struct cycle_group {
    char signature[SIGNATURE_TEXT_SIZE];
    enum verdict verdict;
    const char *reason;
    enum novelty novelty; /* compare/known_cycles.h */
    bool pending;         /* too small to matter, and the collector will free it in its course */
    uint64_t count;       /* root cycles */
    /*
     * What the group owns: the members of its cycles and whatever only they lead to. objects counts
     * those the collector tracks (or members of cycles that it does not know), bytes everything, native
     * what of these C code has from malloc.
     */
    uint64_t objects, bytes, native;

    /*
     * The shortest cycle of the group. Long ones are folded: the steps shown are the first of
     * path_length, which repeat if path_periodic and are cut off otherwise.
     */
    struct cycle_step *path;
    uint32_t path_count, path_length;
    bool path_periodic;
    struct cycle_break fix; /* fix.at < path_count, or a step that is cut off */

    const char *site_type; /* the shares are those of members of this type, "": of all members */
    struct site_share *sites;
    uint32_t site_count;
    struct type_total *members, *holds; /* of root cycles; owned, but not members of them */
    uint32_t member_count, hold_count;
    uint32_t
        example[CYCLE_EXAMPLES]; /* an object of the path's first type in each of some cycles */
    uint32_t example_count;
    bool age_known;
    double age; /* s from the birth of the oldest member to the snapshot */
};

struct cycles {
    uint64_t objects, bytes, native;       /* dead; counted as those of a group */
    uint64_t collectable;                  /* objects a full collection would find unreachable */
    uint64_t count;                        /* root cycles */
    uint32_t kinds;                        /* groups they are in */
    uint64_t shared_objects, shared_bytes; /* owned by cycles of several groups */
    uint64_t loose_objects, loose_bytes;   /* dead, but in no relation to a cycle */
    struct cycle_group *groups;            /* most bytes first, pending ones last */
    uint32_t group_count;
    /* object → whether it belongs to cycles that are dead and not pending; NULL: there are none. What
     * hangs below several kinds counts if one of them is not pending. */
    uint8_t *leaked;
    uint32_t pending_groups;
    uint64_t pending_count, pending_bytes;
    struct held held; /* leaked references; cycles below them are groups, but not dead */
    struct arena *arena;
};

/* Returns 0, or -1 without memory; released by cycles_free() either way. */
int cycles_find(const struct process *process, const struct snapshot *snapshot,
                const struct type_order *order, const struct site_table *sites,
                const struct garbage *garbage, struct cycles *cycles);
void cycles_free(struct cycles *cycles);

#endif
