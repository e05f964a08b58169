/* SPDX-License-Identifier: MIT */
/*
 * Why an object is alive: the roots of a heap, and for every object a chain of references from one of
 * them. A root that says something to a programmer is preferred to a shorter way from another.
 */
#ifndef OURO_ANALYZER_ROOT_PATHS_H
#define OURO_ANALYZER_ROOT_PATHS_H

#include "graph/graph.h"
#include "structure/arena.h"

/* What makes an object a root, most telling first. */
enum root_reason {
    ROOT_PROGRAM, /* a module, a variable of a frame */
    ROOT_RUNTIME, /* a field of the interpreter or a thread, a temporary, a running code object */
    ROOT_STATIC,  /* a static type, the interned strings; immortal or outside the heap */
    ROOT_UNKNOWN, /* more references than are known */
    ROOT_NONE
};

/* A root of the snapshot; rank says how much it tells, its low half is its index. */
struct root_record {
    uint32_t target;
    uint64_t rank;
};

struct heap_roots {
    uint32_t count;
    uint32_t *object; /* by reason, then ascending */
    uint8_t *reason;  /* object → enum root_reason */
    uint32_t
        *unknown; /* of the last of them, which are ROOT_UNKNOWN: references nobody has named */
    uint32_t unknown_count;
    struct root_record *records; /* by target */
    uint32_t record_count;
};

/*
 * class has a byte for each object, not 0 for the dead (struct garbage), which are no roots. Both
 * return 0, or -1 without memory; released by the matching _free() either way.
 */
int heap_roots_find(const struct snapshot *snapshot, const uint8_t *class,
                    struct heap_roots *roots);
/* The root of the snapshot that tells most about an object, NO_ID: there is none. */
uint32_t heap_roots_record(const struct heap_roots *roots, uint32_t object);
void heap_roots_free(struct heap_roots *roots);

/* References to a root that is ROOT_UNKNOWN which nothing is known of; 0 for all other objects. */
uint32_t heap_roots_unknown(const struct heap_roots *roots, uint32_t object);

/* A chain of references to every object that has one: object → the object before it, or NO_ID. */
struct root_paths {
    const struct snapshot *snapshot;
    const struct heap_roots *roots;
    uint32_t *before;
};

int root_paths_build(const struct snapshot *snapshot, const struct heap_roots *roots,
                     const uint8_t *class, struct root_paths *paths);
void root_paths_free(struct root_paths *paths);

/* A step: an object, or in the first step what makes the next one a root; and how it refers to the
 * next one, "" in the last step and where that has no name. */
struct root_step {
    const char *type, *edge;
    uint32_t object; /* NO_ID: none */
};

struct root_path {
    struct root_step *steps;
    uint32_t count;
    uint32_t length;  /* steps before the middle of a long path was left out */
    const char *name; /* the path as an expression: "app.CACHE['users'][17]" */
};

/* The path to an object, in the arena. Returns 0, or -1 without memory. */
int root_path_find(const struct root_paths *paths, uint32_t object, struct arena *arena,
                   struct root_path *path);

#endif
