/* SPDX-License-Identifier: MIT */
/*
 * The references an object holds, each with a label a programmer knows. What the collector is told
 * (tp_traverse) is the truth; labels come from what is known of the type's layout and are matched
 * to it. A reference found by layout that tp_traverse does not report is added as hidden.
 */
#ifndef OURO_CPYTHON_EDGES_H
#define OURO_CPYTHON_EDGES_H

#include <stdbool.h>

#include "../snapshot.h"

struct edge_list {
    struct snapshot_edge *edges; /* the result: targets are indexes */
    size_t count;
    uintptr_t *targets; /* while collecting: addresses */
    size_t capacity, cursor;
    unsigned misses; /* searches for a name that went through all */
    struct snapshot *snapshot;
};

/* Room for the references of one object. */
bool edges_create(struct edge_list *list, size_t capacity);

/* Replaces the list's contents by the references of the object; mark is its snapshot_marks. */
void edges_collect(struct snapshot *snapshot, uintptr_t object, uint8_t mark,
                   struct edge_list *list);

/* A label of that kind; an attribute's. */
uint64_t edges_label(enum ouro_label_kind kind, uint64_t payload);
uint64_t edges_attribute(struct edge_list *list, const char *text);

/*
 * While collecting: names the reference to target, which may be 0. One that tp_traverse did not
 * report is added as hidden if owned.
 */
void edges_name(struct edge_list *list, uintptr_t target, uint64_t with, bool owned);

/* The member that a type declares at this offset of its instances, or NULL. */
const char *edges_member_at(uintptr_t type, size_t offset);

/* Adds a reference that nobody reports. */
void edges_add_hidden(struct edge_list *list, uintptr_t target, uint64_t with);

#define EDGE_UNNAMED UINT64_MAX /* the label of an edge that has none yet */

/* The name of a fast local of a code object as a string of the snapshot; 0 when it has none. */
uint32_t edges_local_name(struct snapshot *snapshot, uintptr_t code, unsigned index);
/* Number of fast locals (variables, cells and free variables) of a code object. */
unsigned edges_local_count(uintptr_t code);

#endif
