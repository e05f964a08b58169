/* SPDX-License-Identifier: MIT */
/*
 * The calling-context tree with what was allocated below each call, by type and by measure, of one
 * run or of two that are compared: what a flame graph draws. Calls are equal if their chains of file,
 * function and line are.
 */
#ifndef OURO_ANALYZER_CALL_TREE_H
#define OURO_ANALYZER_CALL_TREE_H

#include "report/report.h"
#include "structure/key_table.h"

/* Each has the total that the report gives. */
enum call_measure {
    CALL_LIVE,      /* the heap of the snapshot, as inuse_space of export/profile.h */
    CALL_PEAK,      /* likewise peak_space */
    CALL_ALLOCATED, /* alloc_space, plain memory included */
    CALL_CHURNED,   /* objects that died soon: churn.short_bytes */
    CALL_LEAKED,    /* leaked_space */
    CALL_NATIVE,    /* native memory alive at the end, below native frames; by kind, not by type */
    CALL_MEASURES
};

/* "live", "peak", "allocated", "churned", "leaked", "native" */
const char *call_measure_name(enum call_measure measure);

struct call_value {
    uint64_t blocks, bytes;
};

struct call_frame {
    uint32_t file, function, line; /* numbers of strings; line 0: not known or not wanted */
    uint32_t library;              /* 1: code of the runtime or installed */
};

/* A call; number 0 is the root, a parent comes before its children. */
struct call_node {
    uint32_t parent, frame;
};

/* What was allocated in a call itself, of one type (a string). */
struct call_leaf {
    uint32_t node, type;
};

struct call_tree {
    uint32_t sides;   /* runs: 1 or 2 */
    bool by_function; /* lines are left out and files are named as in comparisons */
    struct key_table strings, frames, nodes, leaves; /* keys of the last three: the structs above */
    const char **string;
    uint32_t string_room;
    struct call_value *values; /* of leaf n, side s and measure m: call_tree_value() */
    uint32_t leaf_room;
    struct call_value totals[2][CALL_MEASURES];
    struct arena *arena;
};

/* An empty tree. Returns 0, or -1 without memory; released by call_tree_free() either way. */
int call_tree_begin(struct call_tree *tree, uint32_t sides, bool by_function);
void call_tree_free(struct call_tree *tree);

/*
 * Adds what a report (report_build_profile() or more; of native memory if report_add_native() has been
 * there) tells of its process to a side. node_of_site: if
 * not NULL, set to an array for free() with the node of each site. Returns 0, or -1 without memory.
 */
int call_tree_add(struct call_tree *tree, const struct report *report, uint32_t side,
                  uint32_t **node_of_site);

static inline struct call_value *call_tree_value(const struct call_tree *tree, uint32_t leaf,
                                                 uint32_t side, enum call_measure measure)
{
    return &tree->values[((size_t)leaf * tree->sides + side) * CALL_MEASURES + measure];
}

static inline const struct call_node *call_tree_node(const struct call_tree *tree, uint32_t node)
{
    return key_table_key(&tree->nodes, node);
}

static inline const struct call_leaf *call_tree_leaf(const struct call_tree *tree, uint32_t leaf)
{
    return key_table_key(&tree->leaves, leaf);
}

/*
 * Writes the tree as a JSON object. At most `most` calls and as many leaves are written, those with
 * the largest shares of any total, and those calls that `used` (a byte for each node, or NULL) asks
 * for; what is left out is summed up in leaves without a type. Returns 0, or -1 without memory.
 */
int call_tree_json(FILE *out, const struct call_tree *tree, uint32_t most, const uint8_t *used);

#endif
