/* SPDX-License-Identifier: MIT */
/* The objects of which a value consists: items, members of a set, attributes. Reads memory only. */
#ifndef OURO_CPYTHON_COMPOSITE_H
#define OURO_CPYTHON_COMPOSITE_H

#include "value_kind.h"

/*
 * One of them; part may be 0 (a slot that is not set). Of attributes name is the str object, else 0.
 * Where ordered is false, equal values may give theirs in another order.
 */
typedef void (*composite_visit)(void *context, uintptr_t name, uintptr_t part, bool ordered);

/* Visits all parts of an object of that kind. */
void composite_each(uintptr_t object, enum value_kind kind, composite_visit visit, void *context);

#endif
