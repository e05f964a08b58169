/* SPDX-License-Identifier: MIT */
/*
 * The walk over CPython's heap in the copy of the process. Everything is read from memory; of the
 * C API only what cannot run Python code is called (tp_traverse, PyDict_Next).
 */
#ifndef OURO_CPYTHON_PHOTOGRAPH_H
#define OURO_CPYTHON_PHOTOGRAPH_H

#include <stdint.h>

#include "../snapshot.h"

void photograph(struct snapshot *snapshot);

/* The same of what a collection is about to free (snapshot.generation); called by photograph(). */
void photograph_young(struct snapshot *snapshot, uintptr_t interpreter);

/* Writes the next object with its references. */
struct edge_list;
void photograph_object(struct snapshot *snapshot, uint32_t index, struct edge_list *list);

/* Marks kept per object while walking (snapshot_marks). */
enum {
    MARK_TRACKED = 1u << 0,
    MARK_FROZEN = 1u << 1,
    MARK_NAMESPACE = 1u << 2,
    MARK_GENERATION_SHIFT = 4, /* generation + 1 */
};

#endif
