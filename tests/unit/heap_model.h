/* SPDX-License-Identifier: MIT */
/*
 * A process with one snapshot, made in memory without a trace: for tests of the analyses on many or
 * large graphs. Failures end the test program by abort().
 *
 *     struct heap_model *m = heap_model_new();
 *     uint32_t node = heap_model_type(m, "app.Node", NODE_TYPE);
 *     uint32_t a = heap_model_object(m, node, 64, OURO_OBJECT_TRACKED);
 *     heap_model_edge(m, a, a, OURO_LABEL_ATTRIBUTE, "me");
 *     heap_model_finish(m);
 *     … m->process, m->snapshot …
 *     heap_model_free(m);
 */
#ifndef OURO_HEAP_MODEL_H
#define OURO_HEAP_MODEL_H

#include "model/model.h"

#define NODE_TYPE (OURO_TYPE_GC | OURO_TYPE_TRAVERSE | OURO_TYPE_CLEAR | OURO_TYPE_HEAP)

struct heap_model_edge {
    uint32_t source, target, label;
};

struct heap_model {
    struct process process;
    struct snapshot *snapshot; /* the only one of the process */
    uint32_t type_room, string_room, object_room, root_room;
    struct heap_model_edge *edges;
    uint64_t edge_count, edge_room;
    int64_t *surplus; /* per object */
};

struct heap_model *heap_model_new(void);
void heap_model_free(struct heap_model *m);

uint32_t heap_model_type(struct heap_model *m, const char *name, uint32_t flags);
uint32_t heap_model_string(struct heap_model *m, const char *text);
uint32_t heap_model_object(struct heap_model *m, uint32_t type, uint64_t size, uint32_t flags);
/* The allocation clock at its birth: a multiple of OURO_CLOCK_UNIT, or 0 for not known. */
void heap_model_birth(struct heap_model *m, uint32_t object, uint64_t clock);
/* kind is enum ouro_label_kind, or-ed with OURO_LABEL_HIDDEN or _BORROWED; name may be NULL. */
/* The allocation clock at its birth: a multiple of OURO_CLOCK_UNIT, or 0 for not known. */
void heap_model_birth(struct heap_model *m, uint32_t object, uint64_t clock);
void heap_model_edge(struct heap_model *m, uint32_t source, uint32_t target, uint32_t kind,
                     const char *name);
void heap_model_root(struct heap_model *m, enum ouro_root_kind kind, uint32_t target,
                     const char *name);

/* Sets reference counts to the references there are plus m->surplus, and makes the edges. Edges of an
 * object keep their order. */
void heap_model_finish(struct heap_model *m);

/* The same heap with its objects in another order: object o becomes number[o]. */
struct heap_model *heap_model_renumber(const struct heap_model *m, const uint32_t *number);

/* A pseudo-random number below `below`; the state is any number and changes. */
uint32_t heap_model_random(uint64_t *state, uint32_t below);

#endif
