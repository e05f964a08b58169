/* SPDX-License-Identifier: MIT */
/* Private to the search for growth: what growth.c finds, and growth_tell.c puts into words and figures. */
#ifndef OURO_ANALYZER_GROWTH_WORK_H
#define OURO_ANALYZER_GROWTH_WORK_H

#include "growth/container.h"
#include "growth/growth.h"
#include "growth/growth_judge.h"

/* A line that passed both tests. */
struct growth_found {
    uint32_t line, slot; /* of the survivors */
    enum growth_verdict verdict;
    uint32_t root_kind; /* where there is no container: of the roots that lead to most of it */
    bool doubtful; /* the runtime recycles the type unseen: another line may have let it grow */
    struct container container;
    uint32_t suspect;
};

struct growth_work {
    const struct row_types *types;
    const struct site_table *sites;
    const struct snapshot *snapshot;
    const struct garbage *garbage;
    struct growth *growth;
    uint32_t *candidate; /* lines that grow steadily; in the arena */
    uint32_t candidate_count;
    struct survivors survivors;
    struct growth_found *found;
    uint32_t found_count;
    struct retained retained;
    struct root_paths paths;
    struct container_finder finder;
};

/* The live objects of a line that passed; none where the snapshot has none of it. */
const uint32_t *growth_survivors_of(const struct growth_work *w, const struct growth_found *found,
                                    uint32_t *count);

/* Fills in the suspects, whose lines and containers are known, and puts them into their order. Returns
 * 0, or -1 without memory. */
int growth_suspects_tell(struct growth_work *w);

#endif
