/* SPDX-License-Identifier: MIT */
/*
 * Where the objects of a group were allocated, and which share of its bytes each place made. Sites
 * that differ only in bytecode offset, or whose code object was made twice, are one place: sites are
 * merged by their chain of (file, function, line).
 */
#ifndef OURO_ANALYZER_SITES_H
#define OURO_ANALYZER_SITES_H

#include "model/model.h"
#include "structure/arena.h"
#include "structure/tally.h"

/* Site → the site that stands for it and all it is merged with. */
struct site_table {
    const struct process *process;
    uint32_t *canonical;     /* site_count + 1 entries */
    uint32_t *same_function; /* function → the first of the same file and name */
};

/* Both return 0, or -1 without memory; released by the matching _free() either way. */
int site_table_build(const struct process *process, struct site_table *table);
void site_table_free(struct site_table *table);

/* The site that stands for the allocation of a row: 0 when it is not known. */
uint32_t site_table_of_row(const struct site_table *table, uint32_t row);

/* Whether an object of a row says where its kind is made: not one that a sample left out. */
bool site_table_has(const struct site_table *table, uint32_t row);

/* Where the innermost frame's code comes from. */
enum code_origin site_origin(const struct process *process, uint32_t site);

/* Whether that is the runtime or something installed, not the program. */
bool site_is_library(const struct process *process, uint32_t site);

/*
 * The frame of a stack that a programmer can change: the innermost in a file of the programmer's; without one,
 * in the package that is the program; else, in what is installed. 0: there is none.
 */
uint32_t site_own_frame(const struct process *process, uint32_t site);

/* Whether it is code of the runtime that imports modules. */
bool site_is_importing(const struct process *process, uint32_t site);

/*
 * The innermost frame of the program in a stack; a file of the programmer's if possible, then code that was
 * made from text, then the package that is the program. 0: there is none, or the machinery of importing is
 * further in.
 */
uint32_t site_programs_frame(const struct process *process, uint32_t site);

/* One place of a group. Its stack is the chain of parents of the site. */
struct site_share {
    uint32_t site; /* 0: not known */
    uint64_t objects, bytes;
    double share; /* of the group's bytes, 0 … 1 */
};

/*
 * The places of a group of a sorted tally whose items are sites, most bytes first, at most `most` of
 * them, in the arena. Returns false without memory.
 */
bool site_shares(const struct tally *tally, uint32_t group, uint32_t most, struct arena *arena,
                 struct site_share **shares, uint32_t *count);

/* Orders two sites by file, line and function, innermost frame first. For tally_sort(): the context
 * is the process. */
int site_compare(uint32_t left, uint32_t right, const void *process);

#endif
