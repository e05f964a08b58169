/* SPDX-License-Identifier: MIT */
/*
 * What is dead: trial deletion as CPython's cyclic collector does it at a full collection, what hangs
 * below the garbage it finds, and what is unreachable although the collector cannot know.
 *
 * The collector looks at the objects it tracks and at the references their types tell it of. A
 * reference count above the number of those references means that something else refers to the
 * object: a root. There is no other kind of root (CPython's Modules/gcmodule.c or Python/gc.c,
 * deduce_unreachable()). Objects in the permanent generation count like any other here, although the
 * collector passes over them until gc.unfreeze().
 */
#ifndef OURO_ANALYZER_GARBAGE_H
#define OURO_ANALYZER_GARBAGE_H

#include "model/model.h"

enum object_class {
    CLASS_LIVE = 0,
    CLASS_GARBAGE,       /* the collector would find it unreachable */
    CLASS_HANGING,       /* dies with the garbage, by reference counts alone */
    CLASS_UNCOLLECTABLE, /* unreachable, but the collector cannot know; or hangs below such */
    CLASS_SAVED,         /* unreachable but for the list gc.garbage */
    CLASS_COUNT
};

/* An object with more references than its count says. */
struct residual {
    uint32_t object, refcount, references;
};

struct garbage {
    uint8_t *class; /* per object, enum object_class */
    uint64_t objects[CLASS_COUNT];
    uint64_t bytes[CLASS_COUNT];
    uint64_t tracked;    /* objects the collector knows */
    uint64_t references; /* between them, as far as the collector is told */
    uint64_t external;   /* tracked objects with references from elsewhere */
    /* Living objects of the heap with more references than edges and roots explain, and how many. */
    uint64_t unexplained_objects, unexplained_references;
    /*
     * Negative residuals, over all references that are known: taken as 0 here, but the trace or a type
     * is wrong.
     */
    uint64_t negative_count;
    uint32_t negative_listed; /* the first of them, ascending by object */
    struct residual negative[16];
};

/* Returns 0, or -1 without memory; released by garbage_free() either way. */
int garbage_find(const struct snapshot *snapshot, struct garbage *garbage);
void garbage_free(struct garbage *garbage);

#endif
