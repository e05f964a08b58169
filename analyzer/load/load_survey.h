/* SPDX-License-Identifier: MIT */
/*
 * What snapshots a trace has, found out before it is loaded: so that the one that is wanted is known
 * when its first chunk comes, and the others need no memory. Private to the loader.
 */
#ifndef OURO_ANALYZER_LOAD_SURVEY_H
#define OURO_ANALYZER_LOAD_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "load/load.h"
#include "structure/sparse.h"

struct survey_entry {
    uint32_t next_sequence;
    uint32_t reason; /* enum ouro_snapshot_reason, once begun */
    bool there, begun, ended;
    bool broken; /* a chunk is missing or out of order */
};

struct survey {
    struct sparse entries; /* struct survey_entry by number */
};

/* Goes through the file at path. What cannot be read is left out: loading tells of it. False: no memory. */
bool survey_take(const char *path, struct survey *survey);
void survey_free(struct survey *survey);

/*
 * The number of the snapshot of the heap that is meant; 0: there is none. Of those that seem to be
 * whole, or if none does of all: the last begun is then loaded as far as it goes.
 */
uint32_t survey_choose(const struct survey *survey, struct snapshot_choice choice);

/* It proved not to be whole when it was loaded. False if there is no other to choose instead. */
bool survey_reject(struct survey *survey, struct snapshot_choice choice, uint32_t number);

#endif
