/* SPDX-License-Identifier: MIT */
/* The analysis of cycles from a heap model, as a report runs it; failures fail the test. */
#ifndef OURO_CYCLE_ANALYSIS_H
#define OURO_CYCLE_ANALYSIS_H

#include "cycles/cycles.h"
#include "heap_model.h"

struct analysis {
    struct type_order order;
    struct site_table sites;
    struct garbage garbage;
    struct cycles cycles;
};

/* Of a finished heap model. */
struct analysis analyze(struct heap_model *m);
void analysis_free(struct analysis *a);

/* "Node .next -> list [*]", valid until the next call. */
const char *path_text(const struct cycle_group *group);

#endif
