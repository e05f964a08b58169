/* SPDX-License-Identifier: MIT */
/*
 * What dies when some objects go: these, and by reference counts all that only they hold. For
 * immutable objects, which are part of no cycle, this is exact.
 */
#ifndef OURO_ANALYZER_RELEASE_H
#define OURO_ANALYZER_RELEASE_H

#include "model/model.h"
#include "structure/worklist.h"

struct release {
    const struct snapshot *snapshot;
    uint32_t *gone;          /* of each object's references, how many; GONE: it is dead itself */
    struct worklist dead;    /* in the order of their deaths */
    size_t done;             /* of these, how many have let go of what they held */
    struct worklist touched; /* others that have lost references */
};

/* Returns 0, or -1 without memory; released by release_free() either way. */
int release_init(const struct snapshot *snapshot, struct release *release);
void release_free(struct release *release);

/* The object goes, whoever held it now holds another one. Returns false without memory. */
bool release_object(struct release *release, uint32_t object);

/*
 * Lets everything die that nothing holds any more; release->dead then has all of them. The bytes of
 * those that have come since the last call are added to *bytes. Returns false without memory.
 */
bool release_run(struct release *release, uint64_t *bytes);

/* Everything is alive again. */
void release_reset(struct release *release);

#endif
