/* SPDX-License-Identifier: MIT */
/*
 * What each epoch changed about the blocks alive in each row, so that the composition of the heap at
 * the end of any epoch can be added up. Kept as bytes of varints, about as many as the trace itself
 * takes: per changed row { row step, change of blocks, change of bytes if the row is VARIABLE }.
 */
#ifndef OURO_ANALYZER_EPOCH_CHANGES_H
#define OURO_ANALYZER_EPOCH_CHANGES_H

#include "model/model.h"

/* The change of one row within one epoch, in 1/process.unit. */
struct row_change {
    uint32_t row;
    int64_t blocks, bytes;
};

/* A position in the changes of one epoch. */
struct row_changes {
    const struct process *process;
    const unsigned char *at, *end;
    uint32_t row;
};

/* Changes of the epoch with this index. */
struct row_changes row_changes_of(const struct process *process, uint32_t epoch);

/* The next one; false at the end. A row may come more than once. */
bool row_changes_next(struct row_changes *changes, struct row_change *change);

/* Most bytes that one change takes. */
#define ROW_CHANGE_MAX 30u

/*
 * Writes a change behind one of row `previous` (0: none) and returns its length; at has room for
 * ROW_CHANGE_MAX bytes. For the loader.
 */
size_t row_change_put(unsigned char *at, uint32_t previous, const struct row_change *change,
                      bool variable);

/* The change of one native stack within one epoch, in 1/OURO_SAMPLE_UNIT. */
struct native_change {
    uint32_t stack; /* its index */
    int64_t blocks, bytes;
};

struct native_changes {
    const unsigned char *at, *end;
};

/* The same of native stacks. A stack may come more than once, in any order. */
struct native_changes native_changes_of(const struct process *process, uint32_t epoch);
bool native_changes_next(struct native_changes *changes, struct native_change *change);
size_t native_change_put(unsigned char *at, const struct native_change *change);

#endif
