/* SPDX-License-Identifier: MIT */
/*
 * Leaked references: objects whose reference count is higher than the number of all references that are
 * known. A lost Py_DECREF looks so. So does an object that C code keeps in memory that nothing reports,
 * which is no mistake; what tells them apart is number: a table has few such objects, a leak makes more
 * and more of them at one line.
 */
#ifndef OURO_ANALYZER_HELD_H
#define OURO_ANALYZER_HELD_H

#include "cycles/garbage.h"
#include "model/sites.h"
#include "model/type_order.h"

/*
 * Objects of one type and line below this number are not reported. The runtime's own types need more:
 * its tables and the parts of code objects are not all known.
 */
#define HELD_LEAST 10u
#define HELD_LEAST_BUILTIN 100u
#define HELD_LEAST_CODE 1000u /* str, bytes, tuple, code: what code objects consist of */

/* Objects of one type, made in one place. */
struct held_group {
    const char *type;
    uint32_t site;
    uint64_t count;
    uint64_t references;     /* nothing is known of, all together */
    uint64_t reachable;      /* of the objects, those that something known keeps as well */
    uint64_t objects, bytes; /* kept alive by these references alone, below the objects included */
    uint32_t example[3];     /* objects, the oldest */
    uint32_t example_count;
    const char *reason, *hint;
};

/* The pattern that explains them. */
#define HELD_PATTERN "lost-decref"

struct held {
    struct held_group *groups; /* most bytes first */
    uint32_t group_count;
    uint64_t objects,
        bytes;     /* kept alive by leaked references alone; what several groups keep included */
    uint8_t *kept; /* object → whether it is one of these; NULL if there is no group */
    uint32_t *references; /* object of a group → its unknown references, others 0; NULL likewise */
};

/* Lists and texts are in the arena. Returns 0, or -1 without memory; released by held_free() either way. */
int held_find(const struct process *process, const struct snapshot *snapshot,
              const struct type_order *order, const struct site_table *sites,
              const struct garbage *garbage, struct arena *arena, struct held *held);
void held_free(struct held *held);

#endif
