/* SPDX-License-Identifier: MIT */
/* Which process of a run started which: their order as a tree, every one behind its parent. */
#ifndef OURO_ANALYZER_PROCESS_TREE_H
#define OURO_ANALYZER_PROCESS_TREE_H

#include "model/model.h"

struct process_node {
    uint32_t process; /* index into run.processes */
    uint32_t parent;  /* likewise; NO_ID: its parent has no trace here */
    uint32_t depth;   /* 0: a root */
};

/*
 * The processes of a run with each one's children, by start, directly behind it: an array of
 * process_count nodes for free(), or NULL without memory.
 */
struct process_node *process_tree(const struct run *run);

#endif
