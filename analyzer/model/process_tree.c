/* SPDX-License-Identifier: MIT */
#include "model/process_tree.h"

#include <stdlib.h>
#include <string.h>

#include "structure/worklist.h"

/* By the trace it inherited, or else by number: of a process that was started anew only that is known,
 * and nothing if something that is not recorded stands between. */
static uint32_t parent_find(const struct run *run, uint32_t process)
{
    const struct process *p = &run->processes[process];
    for (uint32_t i = 0; p->parent_trace && *p->parent_trace && i < run->process_count; i++) {
        if (i != process && strcmp(run->processes[i].file, p->parent_trace) == 0)
            return i;
    }
    uint32_t found = NO_ID; /* the last that had the number before */
    for (uint32_t i = 0; i < run->process_count; i++) {
        const struct process *other = &run->processes[i];
        if (i != process && other->pid == p->parent_pid && other->wall <= p->wall &&
            (found == NO_ID || other->wall >= run->processes[found].wall))
            found = i;
    }
    return found;
}

/* Steps from a process up to a root. A ring, which only forged links make, is cut where it is met. */
static uint32_t depth_find(uint32_t *parent, uint32_t process, uint32_t count)
{
    uint32_t depth = 0;
    for (uint32_t at = process; parent[at] != NO_ID; at = parent[at]) {
        if (++depth > count) {
            parent[process] = NO_ID;
            return 0;
        }
    }
    return depth;
}

struct started {
    uint64_t wall;
    uint32_t process;
};

static int started_compare(const void *left, const void *right)
{
    const struct started *a = left, *b = right;
    if (a->wall != b->wall)
        return a->wall < b->wall ? -1 : 1;
    return (a->process > b->process) - (a->process < b->process);
}

struct process_node *process_tree(const struct run *run)
{
    uint32_t count = run->process_count, used = 0;
    struct process_node *nodes = calloc((size_t)count + 1, sizeof *nodes);
    uint32_t *parent = malloc(((size_t)count + 1) * sizeof *parent);
    uint32_t *depth = calloc((size_t)count + 1, sizeof *depth);
    struct started *order = malloc(((size_t)count + 1) * sizeof *order);
    struct worklist stack = {0};
    bool ok = nodes && parent && depth && order;
    for (uint32_t i = 0; ok && i < count; i++)
        order[i] = (struct started){run->processes[i].wall, i};
    if (ok && count)
        qsort(order, count, sizeof *order, started_compare);
    for (uint32_t i = 0; ok && i < count; i++)
        parent[i] = parent_find(run, i);
    for (uint32_t i = 0; ok && i < count; i++) /* first cut all rings: that changes depths */
        depth_find(parent, i, count);
    for (uint32_t i = 0; ok && i < count; i++)
        depth[i] = depth_find(parent, i, count);
    /* Pushed from the last to the first, so that the first comes out first. */
    for (uint32_t i = count; ok && i-- > 0;)
        ok = parent[order[i].process] != NO_ID || worklist_push(&stack, order[i].process);
    while (ok && stack.count) {
        uint32_t at = stack.items[--stack.count];
        nodes[used++] = (struct process_node){at, parent[at], depth[at]};
        for (uint32_t i = count; ok && i-- > 0;)
            ok = parent[order[i].process] != at || worklist_push(&stack, order[i].process);
    }
    worklist_free(&stack);
    free(parent);
    free(depth);
    free(order);
    if (!ok) {
        free(nodes);
        return NULL;
    }
    return nodes;
}
