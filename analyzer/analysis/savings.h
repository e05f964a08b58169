/* SPDX-License-Identifier: MIT */
/*
 * Everything that could be kept in fewer bytes: equal values, attribute tables, dicts used as records,
 * boxed numbers, spare room in containers, wide strings, code loaded twice. Each finding is what it
 * saves alone; what it adds to those before it makes a total in which no object counts twice.
 */
#ifndef OURO_ANALYZER_SAVINGS_H
#define OURO_ANALYZER_SAVINGS_H

#include "analysis/interning.h"

enum saving_kind {
    SAVING_EQUAL, /* of interning.h */
    SAVING_SLOTS,
    SAVING_RECORD,
    SAVING_NUMBERS,
    SAVING_ROOM,
    SAVING_EMPTY,
    SAVING_WIDE,
    SAVING_CODE,
    SAVING_KINDS,
};

struct saving {
    enum saving_kind kind;
    const char *type;
    const char *what;     /* holder, keys of a record; "" when there is no more to say */
    uint64_t objects;     /* that would change or go */
    uint64_t bytes;       /* if this alone is done */
    uint64_t added_bytes; /* what it adds to the findings before it */
    uint32_t site;        /* the program's frame where most are made, 0: not known */
    const char *fix;
};

/* Findings of fewer bytes are not listed, but counted in small_bytes. */
#define SAVINGS_LEAST 1024u

struct savings {
    struct saving *list; /* most added bytes first */
    uint32_t count;
    uint64_t bytes; /* the sum of added_bytes */
    uint64_t kind_bytes[SAVING_KINDS], kind_objects[SAVING_KINDS];
    uint64_t small_bytes;   /* of findings too small for the list; not in bytes */
    uint64_t foreign_bytes; /* in what the runtime and imports of libraries make; not in bytes */
    struct arena *arena;
};

const char *saving_kind_name(enum saving_kind kind);

/* Returns 0, or -1 without memory; released by savings_free() either way. */
int savings_find(const struct process *process, const struct snapshot *snapshot,
                 const struct type_order *order, const struct site_table *sites,
                 const struct garbage *garbage, const struct interning *interning,
                 struct savings *savings);
void savings_free(struct savings *savings);

#endif
