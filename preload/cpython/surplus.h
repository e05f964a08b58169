/* SPDX-License-Identifier: MIT */
/*
 * What explains the references that no edge and no root explains. When all objects are written,
 * those whose count is above what is known are looked for, word by word, in the memory of possible
 * holders. What is found there is used for nothing else: it never makes an object alive or dead, and
 * an object gets no more holders this way than its count has references left. In the copy only.
 */
#ifndef OURO_CPYTHON_SURPLUS_H
#define OURO_CPYTHON_SURPLUS_H

#include "edges.h"

/* Lists the objects with unexplained references. list is for working with. */
void surplus_begin(struct snapshot *snapshot, struct edge_list *list);

/* Whether any are left. */
bool surplus_left(void);

/* Whether all that instances of a type refer to is known: their memory holds nothing else. */
bool surplus_complete(uintptr_t type);

/*
 * Looks through the memory of objects, ascending: found references are edges of the object, as are the
 * native blocks that it holds (owners.h).
 */
void surplus_search_objects(struct snapshot *snapshot);

/*
 * Looks through memory from start to end for a holder that is no object, and, through `depth` levels
 * of pointers, through plain blocks of the runtime that it leads to. root is what a found object is
 * given, but for its target and flags. describe, if not NULL, may change it for one object: origin is
 * where in the range its address or the way to it stands.
 */
typedef void (*surplus_describe)(struct snapshot *snapshot, struct snapshot_root *root,
                                 uintptr_t object, uintptr_t origin);
void surplus_search(struct snapshot *snapshot, uintptr_t start, uintptr_t end, unsigned depth,
                    const struct snapshot_root *root, surplus_describe describe);

/* One word of memory; a fault leads to where the caller says (snapshot.recover). */
void surplus_search_word(struct snapshot *snapshot, uintptr_t at, const struct snapshot_root *root);

/* The size of the live block at an address if it holds no object, else 0. */
uint64_t surplus_plain_block(uintptr_t address);

/* Looks through all plain blocks of the runtime that belong to no object. */
void surplus_search_blocks(struct snapshot *snapshot);

#endif
