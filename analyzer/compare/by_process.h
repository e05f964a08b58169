/* SPDX-License-Identifier: MIT */
/*
 * A run of several processes as one: what all of them have of each cycle, line, type and holder together, and what
 * each has.
 */
#ifndef OURO_ANALYZER_BY_PROCESS_H
#define OURO_ANALYZER_BY_PROCESS_H

#include "compare/digest.h"
#include "model/process_tree.h"

struct by_process {
    const struct run *run;
    struct process_node *tree; /* in the order of columns */
    struct digest *digests;    /* of each process, by its index in the run */
    struct digest all;         /* added up */
    struct by_process_entry {
        const struct digest_item *item;
    } * entries; /* of all, worth telling: by subject, then most bytes first */
    uint32_t count;
};

/* Analyses every process. Returns 0, or -1 without memory; released by by_process_free() either way. */
int by_process_build(const struct run *run, struct by_process *table);
void by_process_free(struct by_process *table);

/* What the process of a column has of an item; NULL: nothing. */
const struct digest_item *by_process_cell(const struct by_process *table,
                                          const struct digest_item *item, uint32_t column);

#endif
