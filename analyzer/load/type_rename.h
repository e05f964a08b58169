/* SPDX-License-Identifier: MIT */
/*
 * Types that the runtime renamed between its versions have one name in the model, the latest, so that
 * signatures, patterns and comparisons of runs do not depend on the version. What people would write
 * in a program goes before private names.
 */
#ifndef OURO_ANALYZER_TYPE_RENAME_H
#define OURO_ANALYZER_TYPE_RENAME_H

#include "structure/arena.h"

/* The name to use for a type: the given one, a constant, or a new one in the arena. NULL: no memory. */
const char *type_rename(struct arena *arena, const char *name);

#endif
