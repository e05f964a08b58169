/* SPDX-License-Identifier: MIT */
/*
 * Tests as units of a run: what each of them left behind. pytest tells by marks which test runs (marks of
 * the trace, docs/trace-format.md); without marks, tests of unittest are known by the stacks of what
 * they allocated.
 *
 * A test keeps what was born while it ran, below its function or a fixture of it, and is alive in the
 * snapshot at the end of the run. What only the first of several runs of a test function keeps is
 * warm-up: a cache that it filled. What several tests keep by the same line is a leak.
 */
#ifndef OURO_ANALYZER_UNITS_H
#define OURO_ANALYZER_UNITS_H

#include "cycles/garbage.h"
#include "graph/root_paths.h"
#include "model/sites.h"
#include "model/type_order.h"
#include "structure/arena.h"

enum unit_verdict {
    UNIT_CLEAN,   /* it left nothing */
    UNIT_WARM_UP, /* what it left is in a cache that later runs used, or in one of the library's, or
                     is kept by the runner itself */
    UNIT_KEPT,    /* it left objects that are still referred to; no other test did, so that may be a
                     cache as well */
    UNIT_CYCLES,  /* it left cycles, which the collector had or has to find */
    UNIT_LEAKS, /* it left objects that are still referred to, and so did others, or its own module
                     keeps them */
};
#define UNIT_VERDICTS 5

/* Objects of one type from one line that a test left. */
struct unit_remains {
    enum unit_verdict verdict; /* of these alone */
    bool user;                 /* the type comes from a class statement */
    const char *type,
        *holder; /* holder: the path to one of them as an expression; "" for the dead */
    uint32_t site;
    uint64_t objects, bytes;
};

struct unit {
    const char *name;     /* as the runner calls it: "tests/test_a.py::test_b[1]" */
    const char *function; /* the same without parameters */
    enum unit_verdict verdict;
    uint32_t function_number;
    uint32_t run, runs; /* 1 for the first test of that function, 2 for the next …; and how many */
    uint64_t start, duration;  /* ns since the start of the recording, ns; 0 without marks */
    uint64_t clock, allocated; /* when it began, and bytes that it allocated; 0 without marks */
    /* By epochs that ended with the test and with the one before; not all tests have them. */
    bool measured;
    uint64_t allocations;
    int64_t grown_blocks, grown_bytes; /* what was alive after it less what was before */
    uint64_t peak_bytes; /* the most that was alive at the end of an epoch meanwhile */

    uint64_t alive, alive_bytes;                 /* that it left, caches included */
    uint64_t leaked, leaked_bytes;               /* of these: what makes it leak */
    uint64_t cycles, cycle_objects, cycle_bytes; /* of its garbage, still there at the end */
    uint64_t collected; /* that the collector freed: those of its function shared by its runs */
    struct unit_remains
        *remains; /* worst first, then classes, then most bytes; at most UNIT_REMAINS */
    uint32_t remain_count;
};
#define UNIT_REMAINS 8u

struct units {
    bool marks;         /* the runner told which test ran */
    struct unit *items; /* in the order in which they ran */
    uint32_t count, function_count;
    uint32_t of_verdict[UNIT_VERDICTS];
    uint64_t duration; /* of all tests, ns */
    struct arena *arena;
};

/*
 * snapshot may be NULL: then nothing is known of what tests left. order and garbage belong to it. Returns 0, or -1 without memory;
 * released by units_free() either way.
 */
int units_find(const struct process *process, const struct snapshot *snapshot,
               const struct type_order *order, const struct site_table *sites,
               const struct garbage *garbage, struct units *units);
void units_free(struct units *units);

/* "clean", "warm-up", "kept", "cycles", "leaks" */
const char *unit_verdict_name(enum unit_verdict verdict);

#endif
