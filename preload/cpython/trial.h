/* SPDX-License-Identifier: MIT */
/*
 * Trial deletion within some generations, as the collector does it (deduce_unreachable(), Modules/
 * gcmodule.c and Python/gc.c): which of their objects nothing outside of them leads to. In the copy
 * only; the collector's own fields are left alone.
 */
#ifndef OURO_CPYTHON_TRIAL_H
#define OURO_CPYTHON_TRIAL_H

#include <stddef.h>
#include <stdint.h>

#include "../snapshot.h"

struct trial {
    uintptr_t *objects; /* of the generations, the youngest first */
    size_t count;
    size_t *dead; /* indexes of those that the collection will find unreachable */
    size_t dead_count;
};

/* Looks at generations 0 to the given one. Out of memory ends the copy. */
void trial_run(struct snapshot *snapshot, uintptr_t interpreter, unsigned generation,
               struct trial *trial);

#endif
