/* SPDX-License-Identifier: MIT */
/*
 * The lives of a trace (`ouro run --lives`), read once more from the file, one chunk at a time: there
 * are more of them than memory may hold.
 */
#ifndef OURO_ANALYZER_LIVES_READ_H
#define OURO_ANALYZER_LIVES_READ_H

#include "model/model.h"

/* A life. Clocks and size are bytes. */
struct life_told {
    uint32_t row, type; /* type 0: not known */
    uint8_t cause;      /* of death: reference count, collector, shutdown; or OURO_LIFE_ALIVE */
    uint64_t size, birth, death, age;
    bool birth_known, age_known;
};

/* Takes a life; false: no more of them. */
typedef bool lives_take(const struct life_told *life, void *context);

/* What stopped the reading before the end. */
enum { LIVES_DONE = 0, LIVES_DAMAGED = 1, LIVES_STOPPED = 2, LIVES_UNREADABLE = -1 };

/*
 * Reads them in the order of the file. Returns LIVES_DAMAGED when damage cost some of them,
 * LIVES_STOPPED after `take` returned false, LIVES_UNREADABLE with one line in error when the trace
 * cannot be read any more.
 */
int lives_read(const struct process *process, lives_take *take, void *context, char *error,
               size_t error_size);

#endif
