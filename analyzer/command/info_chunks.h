/* SPDX-License-Identifier: MIT */
/* How many chunks of each type a trace has, and how many bytes they take. */
#ifndef OURO_ANALYZER_INFO_CHUNKS_H
#define OURO_ANALYZER_INFO_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

#define CHUNK_TYPES_MAX 64 /* types told apart; all others are counted as one, "unknown" */

struct chunk_census {
    size_t count;
    struct {
        const char *name;
        uint64_t chunks, stored, raw; /* bytes of the payloads: in the file, decompressed */
    } types[CHUNK_TYPES_MAX];         /* those that occur, in the order of their numbers */
};

/* Reads the trace of a process of the run once more. False: its file cannot be read any longer. */
bool info_chunks(const struct process *process, struct chunk_census *census);

#endif
