/* SPDX-License-Identifier: MIT */
/*
 * Growth suspects: what piles up for as long as the program runs although something still refers to
 * it. Two tests that do not depend on each other must agree:
 *
 *   the ledger    what a line has alive of a type was more at each point than at the one before, and
 *                 the growth did not fade away
 *   the snapshot  what is still alive of it was born in each of these stretches
 *
 * Lines whose survivors pile up in one container are one suspect. What is dead in the snapshot is left
 * to the analysis of cycles.
 */
#ifndef OURO_ANALYZER_GROWTH_H
#define OURO_ANALYZER_GROWTH_H

#include "analysis/retained.h"
#include "growth/growth_series.h"
#include "patterns/pattern.h"

#define GROWTH_SIGNATURE_SIZE sizeof "leak:0123456789ab"

/* One line and type that grows. */
struct growth_member {
    uint32_t line; /* of the series */
    uint32_t site; /* its first place */
    const char *type;
    uint64_t alive, bytes;     /* in the snapshot */
    double grown, grown_bytes; /* from the first point to the last */
    uint8_t telling;           /* how much the type says: lower is more */
};

struct growth_suspect {
    char signature[GROWTH_SIGNATURE_SIZE];
    const char *type; /* what piles up, by its most telling part */
    bool released;    /* the end of the program let it go: who held it is not known */

    /* The container; NO_ID: it is not known, or what piles up has no holder. */
    uint32_t container;
    uint32_t
        root_kind; /* without a container: what most of it hangs from (enum ouro_root_kind), or 0 */
    const char *container_type;
    struct root_path path; /* to the container; no steps, name NULL where it is not known */
    const char *entry_type;
    uint64_t entries; /* that the container has of this type */
    /* The container took up too few entries since the warm-up to be what grows: that is below it, in
     * several places. */
    bool spread;

    uint64_t objects; /* of type, alive and below the container, of all ages */
    uint64_t bytes;   /* that would die with the entries made since the warm-up */
    double count[GROWTH_POINTS_MOST], size[GROWTH_POINTS_MOST]; /* of type; bytes of all members */
    /* Per second and per byte of allocation. */
    double count_rate, bytes_rate, count_per_byte, bytes_per_byte;

    const struct pattern *pattern; /* or NULL */
    const char *hint;
    struct growth_member *members; /* the most telling type first, then most bytes */
    uint32_t member_count;
    struct site_share *sites; /* which made the objects of type */
    uint32_t site_count;
};

struct growth {
    struct growth_series series;
    struct growth_suspect *suspects; /* most bytes grown first */
    uint32_t suspect_count;
    struct arena *arena;
};

/*
 * snapshot may be NULL; garbage and order belong to it. Returns 0, or -1 without memory; released by
 * growth_free() either way.
 */
int growth_find(const struct row_types *types, const struct site_table *sites,
                const struct snapshot *snapshot, const struct garbage *garbage,
                struct growth *growth);
void growth_free(struct growth *growth);

#endif
