/* SPDX-License-Identifier: MIT */
/*
 * Which frames of a stack belong to a test and which to what runs it: pytest and unittest call tests,
 * fixtures and cleanups from a few functions of their own. What is allocated below such a call is the
 * test's; reports, captured output and the like are the runner's.
 */
#ifndef OURO_ANALYZER_UNIT_SITES_H
#define OURO_ANALYZER_UNIT_SITES_H

#include "model/model.h"

enum unit_part {
    UNIT_NONE,    /* the runner's own, or no test runs */
    UNIT_TEST,    /* below a test function */
    UNIT_FIXTURE, /* below a fixture, a setUp or a cleanup */
    UNIT_IMPORT,  /* below either, while a module is imported */
};

struct unit_sites {
    uint8_t *part;  /* site → enum unit_part */
    uint32_t *call; /* site → that of the frame which the runner called, 0: none */
};

/* Returns 0, or -1 without memory; released by unit_sites_free() either way. */
int unit_sites_find(const struct process *process, struct unit_sites *sites);
void unit_sites_free(struct unit_sites *sites);

/* Whether a file is that of a runner of tests. */
bool unit_file_is_runner(const char *file);

/* Whether a file belongs to the runtime's own library. */
bool unit_file_is_standard(const char *file);

#endif
