/* SPDX-License-Identifier: MIT */
/* Private to heapsnapshot*.c: what the parts of the file share. */
#ifndef OURO_ANALYZER_HEAPSNAPSHOT_PARTS_H
#define OURO_ANALYZER_HEAPSNAPSHOT_PARTS_H

#include "analysis/retained.h"
#include "export/heapsnapshot_strings.h"

/* Nodes that are no object, which come first. */
enum group {
    GROUP_FIRST, /* of all, what the others hang from */
    GROUP_FRAMES,
    GROUP_INTERPRETER,
    GROUP_CALLBACKS,
    GROUP_STATIC_TYPES,
    GROUP_INTERNED,
    GROUP_LIBRARIES,
    GROUP_STATIC,
    GROUP_IMMORTAL,
    GROUP_UNKNOWN,
    GROUP_GARBAGE,
    GROUP_COUNT
};

extern const char *const heapsnapshot_group_name[GROUP_COUNT];

/* The roots as references: what each is held by, and what that reference is called. */
struct heapsnapshot_roots {
    uint8_t *group; /* root → enum group: the node that refers to it */
    uint32_t *name; /* root → number of a string */
    uint32_t edges[GROUP_COUNT];
};

/* Returns 0, or -1 without memory; released by heapsnapshot_roots_free() either way. */
int heapsnapshot_roots_find(const struct snapshot *snapshot, const struct retained *retained,
                            struct heapsnapshot_strings *strings, struct heapsnapshot_roots *roots);
void heapsnapshot_roots_free(struct heapsnapshot_roots *roots);

/*
 * Where objects were allocated: the calling-context tree. heapsnapshot_stacks_begin() gives the places
 * their strings; the tree's number of a site is heapsnapshot_stack().
 */
struct heapsnapshot_stacks {
    const struct process *process;
    struct key_table places;  /* function and line of a frame */
    uint32_t *place;          /* site → number of its place */
    uint32_t *name, *file;    /* of places: strings */
    uint64_t *blocks, *bytes; /* site → allocated over the whole run */
};

/* Returns 0, or -1 without memory; released by heapsnapshot_stacks_free() either way. */
int heapsnapshot_stacks_begin(struct heapsnapshot_stacks *stacks, const struct process *process,
                              struct heapsnapshot_strings *strings);
void heapsnapshot_stacks_free(struct heapsnapshot_stacks *stacks);

static inline uint32_t heapsnapshot_stack(uint32_t site)
{
    return site + 1; /* 0: none; 1: the tree's root, where no Python frame was */
}

/* Writes the values of trace_function_infos and trace_tree, JSON arrays both. The latter returns -1
 * without memory. */
void heapsnapshot_places_write(FILE *out, const struct heapsnapshot_stacks *stacks);
int heapsnapshot_tree_write(FILE *out, const struct heapsnapshot_stacks *stacks);

#endif
