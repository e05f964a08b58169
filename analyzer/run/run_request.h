/* SPDX-License-Identifier: MIT */
/*
 * A request for a snapshot to a running process (ouro/request.h), and the answer, which is in its
 * trace.
 */
#ifndef OURO_ANALYZER_RUN_REQUEST_H
#define OURO_ANALYZER_RUN_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request_answer {
    uint32_t number;
    uint64_t pause;   /* ns */
    uint64_t objects; /* 0 until it is written */
    bool incomplete;
};

enum request_status {
    REQUEST_DONE,
    REQUEST_NO_ANSWER, /* in the time given */
    REQUEST_FAILED,    /* one line is in error: no such process, not ours, it ended, it cannot */
};

/* The process that is meant by that number: of a launcher (`ouro run`) the program it started. */
int request_subject(int pid);

/* Asks and waits, at most as long as that. */
enum request_status request_snapshot(int pid, double seconds, struct request_answer *answer,
                                     char *error, size_t error_size);

#endif
