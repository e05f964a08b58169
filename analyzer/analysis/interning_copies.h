/* SPDX-License-Identifier: MIT */
/*
 * Private to interning.c: the objects that have a value some other object has, too, which of them
 * could go, and where each is held.
 */
#ifndef OURO_ANALYZER_INTERNING_COPIES_H
#define OURO_ANALYZER_INTERNING_COPIES_H

#include "cycles/garbage.h"
#include "graph/holder.h"
#include "model/type_order.h"

/* All copies of a value that could go. */
struct value_sum {
    uint64_t copies, bytes;
    uint32_t oldest; /* the copy that was made first: it stays, if no target exists */
    bool has_target; /* an interned or immortal copy exists: all of the others could go */
};

/* A place and the type of what it holds. Without padding: it is a key. */
struct place {
    uint32_t type; /* number of struct type_order */
    struct holder holder;
};

struct copies {
    const struct snapshot *snapshot;
    const struct type_order *order;
    struct value_sum *values; /* of each value of the snapshot */
    /*
     * The copies, in the order of objects, then objects of the same types that are the only ones of
     * their value: these would go into a table, too.
     */
    uint32_t count, singles;
    uint32_t *object;
    uint32_t *value;      /* of copies */
    uint32_t *place;      /* number of each one's place */
    struct place *places; /* with different texts, in the order of the texts */
    uint32_t place_count;
};

/*
 * Finds all; only of types of this name unless it is NULL. Returns 0, or -1 without memory; released
 * by copies_free() either way.
 */
int copies_find(const struct snapshot *snapshot, const struct type_order *order,
                const struct garbage *garbage, const char *type, struct copies *copies);
void copies_free(struct copies *copies);

/* Whether a copy was made before another one. */
bool copies_older(const struct snapshot *snapshot, uint32_t left, uint32_t right);

#endif
