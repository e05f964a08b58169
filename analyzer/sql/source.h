/* SPDX-License-Identifier: MIT */
/*
 * What is behind the tables: one process of a run, the analyses of it, and indexes of their rows.
 * Everything is made when it is asked for, once.
 */
#ifndef OURO_ANALYZER_SQL_SOURCE_H
#define OURO_ANALYZER_SQL_SOURCE_H

#include "report/report.h"
#include "sql/groups.h"

/* A life, its row in the ledger and what `ouro export --what lives` says of it. */
struct sql_life {
    uint64_t size, birth, death, age;
    uint32_t row, type;
    uint8_t cause;
    bool birth_known, age_known;
};

/* Blocks of a site over the whole run, in 1/process.unit. */
struct sql_site_total {
    uint64_t blocks, bytes, deaths[3];
};

struct sql_source {
    const struct run *run;
    const struct process *process;
    const struct snapshot *snapshot; /* NULL: there is none */
    const struct snapshot *heap;     /* the same, or an empty one */
    struct snapshot empty;

    struct type_order order;
    struct site_table sites;
    struct garbage garbage;
    struct retained retained;
    struct heap totals;
    uint32_t *type_total;    /* type → its place in totals.types */
    uint64_t *type_retained; /* type → bytes that its objects retain together */
    struct report cycles, interning, ledger, leaks;
    struct arena *arena;
    unsigned made; /* which of these are */

    struct sql_groups by_type, by_site, by_dominator, by_target, by_parent, by_value;
    uint32_t *by_address; /* objects in the order of addresses */
    struct key_table labels;
    const char **label_text; /* of these, as reports print them */
    uint64_t *frame_first;   /* site → number of its first frame; one more at the end */
    struct sql_site_total *site_total;
    uint32_t *extra_roots; /* objects that are roots without a record */
    uint32_t extra_root_count;
    struct sql_life *lives;
    uint64_t life_count, life_room;
    bool lives_damaged; /* some could not be read */

    /* Where the last rows were: tables are mostly read in order. */
    uint32_t hint_edge_object, hint_site;
    struct {
        uint64_t edge;
        uint32_t object;
        int64_t index;
    } hint_index;
};

/* What functions below make; the caller looks at nothing of it before. All return 0, or -1 without
 * memory. */
int sql_source_order(struct sql_source *source);
int sql_source_sites(struct sql_source *source);
int sql_source_garbage(struct sql_source *source);
int sql_source_retained(struct sql_source *source);
int sql_source_totals(struct sql_source *source);
int sql_source_cycles(struct sql_source *source);
int sql_source_interning(struct sql_source *source);
int sql_source_ledger(struct sql_source *source);
int sql_source_leaks(struct sql_source *source);
int sql_source_type_retained(struct sql_source *source); /* and order and totals */
int sql_source_addresses(struct sql_source *source);
int sql_source_labels(struct sql_source *source);
int sql_source_roots(struct sql_source *source); /* and retained */
int sql_source_frames(struct sql_source *source);
int sql_source_site_totals(struct sql_source *source);
int sql_source_lives(struct sql_source *source);

/* The number of a type of that name, after sql_source_order(); NO_ID: there is none. Numbers are in the
 * order of names. */
uint32_t sql_source_type(const struct sql_source *source, const char *name);

/* What edges of the same look have in common, by which they are in source.labels. */
static inline uint32_t sql_label_key(uint32_t label)
{
    bool index = (label & OURO_LABEL_KIND_MASK) == OURO_LABEL_INDEX;
    return index ? label & ((1u << OURO_LABEL_SHIFT) - 1) : label;
}

/* Begins with nothing made. snapshot may be NULL. Returns 0, or -1 without memory; released by
 * sql_source_close() either way. The run must outlive it. */
int sql_source_open(struct sql_source *source, const struct run *run, const struct process *process,
                    const struct snapshot *snapshot);
void sql_source_close(struct sql_source *source);

#endif
