/* SPDX-License-Identifier: MIT */
/*
 * Who owns native memory: blocks of malloc (chunks.h) whose address stands in the memory of an object,
 * and what such blocks lead to. Each is a node of the graph, written behind all objects; blocks with
 * one holder only are one node together. In the copy only, once all objects are written.
 */
#ifndef OURO_CPYTHON_OWNERS_H
#define OURO_CPYTHON_OWNERS_H

#include "edges.h"

/* Finds the blocks that objects hold. list is for working with. Nothing is found with sampling. */
void owners_find(struct snapshot *snapshot, uintptr_t interpreter, struct edge_list *list);

/* Writes which blocks an object holds; in ascending order of objects (snapshot_found()). */
void owners_write_held(struct snapshot *snapshot, uint32_t index);

/* Writes the blocks, behind all objects. */
void owners_write(struct snapshot *snapshot);

/* Writes the blocks that nothing at all leads to, last of all. */
void owners_write_unreached(struct snapshot *snapshot, uintptr_t interpreter);

#endif
