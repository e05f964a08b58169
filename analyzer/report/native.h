/* SPDX-License-Identifier: MIT */
/*
 * Where the resident memory of a process is: what its snapshot says of it, in the order and under the
 * names in which reports print it.
 */
#ifndef OURO_ANALYZER_NATIVE_H
#define OURO_ANALYZER_NATIVE_H

#include "model/model.h"

struct resident_line {
    uint32_t kind;    /* enum ouro_memory_kind; 0: a kind that this version does not know */
    const char *what; /* its name in JSON */
    const char *text; /* and in words */
    uint64_t bytes;
};

#define RESIDENT_LINES (OURO_MEMORY_KINDS)

/* The kinds that there are something of. Returns how many; 0: nothing is known. */
uint32_t resident_lines(const struct snapshot *snapshot,
                        struct resident_line lines[RESIDENT_LINES]);

/* Bytes of all kinds. */
uint64_t resident_sum(const struct snapshot *snapshot);

/* The part of the kernel's figure that the sum explains: what is above or below is not. */
double resident_explained(const struct snapshot *snapshot);

#endif
