/* SPDX-License-Identifier: MIT */
/*
 * Values of immutable objects: equality by exact type as a 128-bit hash, and a preview of those
 * that several objects have. In the copy only.
 */
#ifndef OURO_CPYTHON_VALUES_H
#define OURO_CPYTHON_VALUES_H

#include "../snapshot_values.h"

/* Notes the object's value if its type is one whose values are compared. */
void values_add(struct snapshot *snapshot, uint32_t index, const struct snapshot_object *object);

/* After the last object: values of those that consist of others. */
void values_finish(struct snapshot *snapshot);

/* The function that writes previews, or NULL when values are not to leave the program. */
snapshot_preview values_preview(void);

#endif
