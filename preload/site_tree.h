/* SPDX-License-Identifier: MIT */
/*
 * The calling-context tree: strings, functions, sites (parent, function, offset) and rows (site,
 * size, domain). Append-only tables with dense identifiers from 1; what was already written to the
 * trace is remembered by the recorder, not here.
 *
 * One lock for all of it: the hot path has caches of its own (ledger.h) and comes here only for
 * what it has not seen before.
 */
#ifndef OURO_SITE_TREE_H
#define OURO_SITE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live_table.h"
#include "private.h"

struct site_string {
    const char *text; /* not terminated */
    uint32_t length;
};

struct site_function {
    uint32_t file, name; /* strings */
    uint32_t first_line;
    uint64_t fingerprint; /* tells functions of the same name and place apart (eval'd code) */
};

struct site_node {
    uint32_t parent, function, line, offset, flags;
};

struct site_row {
    uint32_t site;
    uint32_t flags; /* enum ouro_row_flag */
    uint64_t size;
};

/* Counts are the last identifier in use; element 0 is unused (site 0: the root). */
struct site_tree {
    struct site_string *strings;
    struct site_function *functions;
    struct site_node *sites;
    struct site_row *rows;
    uint32_t *folded; /* sites that got OURO_SITE_FOLDED, in that order, from 0 */
    uint32_t folded_count;
    uint32_t string_count, function_count, site_count, row_count;
    uint32_t capacity; /* of each table */
    bool full;         /* a table reached its capacity: later sites fold into their parents */
};

extern PRIVATE struct site_tree site_tree;

/* Reserves the tables for capacity entries each. False when there is no address space. */
bool site_tree_create(uint32_t capacity);

void site_tree_destroy(void);

/* The size of a followed block: its row's, or its own where the row serves all sizes. */
static inline uint64_t site_tree_block_size(const struct live_block *block)
{
    return block->size ? block->size : site_tree.rows[block->row].size;
}

/* Bytes the tables hold so far. */
uint64_t site_tree_bytes(void);

void site_tree_lock(void);
void site_tree_unlock(void);
/* After fork, in the child: the lock may have been held by a thread that is gone. */
void site_tree_reset_lock(void);

/* The following are called with the lock held. They return 0 when a table is full. */

uint32_t site_tree_string(const char *text, size_t length);
uint32_t site_tree_function(uint32_t file, uint32_t name, uint32_t first_line,
                            uint64_t fingerprint);
/* The child of parent, or 0 when there is none yet. */
uint32_t site_tree_find(uint32_t parent, uint32_t function, uint32_t offset);
/* Recursion was folded into the site. */
void site_tree_fold(uint32_t site);
uint32_t site_tree_add(uint32_t parent, uint32_t function, uint32_t offset, uint32_t line,
                       uint32_t flags);
/* The row for blocks of this size at this site. Above LIVE_SIZE_LIMIT one row serves all sizes. */
uint32_t site_tree_row(uint32_t site, uint64_t size, bool object);

#endif
