/* SPDX-License-Identifier: MIT */
/* Who keeps what a test left: the program, a cache, or the runtime's own library. */
#ifndef OURO_ANALYZER_UNIT_HOLDER_H
#define OURO_ANALYZER_UNIT_HOLDER_H

#include "cycles/garbage.h"
#include "graph/root_paths.h"
#include "structure/key_table.h"

struct unit_holders {
    struct heap_roots roots;
    struct root_paths paths;
    const struct process *process;
    uint32_t cache_type; /* functools._lru_cache_wrapper in the snapshot; 0: there is none */
    uint8_t *module;     /* root of the snapshot → 1: the runtime's, of its library or a runner */
    uint8_t *runner;     /* type → 1: of a runner of tests */
};

/* Returns 0, or -1 without memory; released by unit_holders_free() either way. */
int unit_holders_find(const struct process *process, const struct snapshot *snapshot,
                      const struct garbage *garbage, struct unit_holders *holders);
void unit_holders_free(struct unit_holders *holders);

/* Whether the object hangs from a module of the runtime's library, or the runner of tests keeps it. */
bool unit_holder_is_standard(const struct unit_holders *holders, uint32_t object);

/* Whether a cache of functools keeps it. */
bool unit_holder_is_cache(const struct unit_holders *holders, uint32_t object);

/* Whether it hangs from the module that was made from that file. */
bool unit_holder_is_module(const struct unit_holders *holders, uint32_t object, const char *file);

/* The path to it as an expression, in the arena. Returns 0, or -1 without memory. */
int unit_holder_name(const struct unit_holders *holders, uint32_t object, struct arena *arena,
                     const char **name);

#endif
