/* SPDX-License-Identifier: MIT */
/*
 * References that types own without telling the collector or any member, and what else of a type
 * has to be known by its name. In the copy only.
 */
#ifndef OURO_CPYTHON_HIDDEN_H
#define OURO_CPYTHON_HIDDEN_H

#include "edges.h"

/* Names, or adds as hidden, what an object of the type holds beyond what others know of it. */
void hidden_name(struct edge_list *list, uintptr_t object, uintptr_t type);

/* Whether references of such objects that have no other name are items, in order. */
bool hidden_is_sequence(uintptr_t type);

/* Whether such objects have memory with room for more than they hold, where addresses may be stale. */
bool hidden_is_buffer(uintptr_t type);

/* Whether such objects are numpy's arrays. */
bool hidden_is_array(uintptr_t type);

/* Whether an array of numpy owns what its first field, the address of its data, leads to. */
bool hidden_owns_data(uintptr_t array);

/* Whether something else reports the reference of such objects to their class. */
bool hidden_class_is_told(uintptr_t type);

/*
 * Whether the object is the table of interned strings: it holds each string without counting. Found
 * by its contents, once.
 */
bool hidden_is_interned_table(uintptr_t object);

#endif
