/* SPDX-License-Identifier: MIT */
#include "graph/scc.h"

#include <stdlib.h>

/* Members sorted by component: a counting sort. */
static int members_sort(struct scc *scc, uint32_t nodes)
{
    scc->first = calloc((size_t)scc->count + 2, sizeof *scc->first);
    scc->member = malloc(((size_t)nodes + 1) * sizeof *scc->member);
    if (!scc->first || !scc->member)
        return -1;
    for (uint32_t v = 0; v < nodes; v++)
        scc->first[scc->component[v] + 2]++;
    for (uint32_t c = 0; c < scc->count; c++)
        scc->first[c + 2] += scc->first[c + 1];
    for (uint32_t v = 0; v < nodes; v++)
        scc->member[scc->first[scc->component[v] + 1]++] = v;
    return 0;
}

int scc_find(const struct csr *graph, struct scc *scc)
{
    *scc = (struct scc){0};
    uint32_t nodes = graph->nodes;
    int status = -1;

    /*
     * rindex: 0 unvisited; while a node is open, the lowest visit number it can reach; afterwards
     * UINT32_MAX − its component, which is above every visit number. A visited node is either on
     * the path of the traversal or waits for its component, never both: one array of `nodes`
     * entries holds the path (from below) and those that wait (from above).
     */
    uint32_t *rindex = calloc((size_t)nodes + 1, sizeof *rindex);
    uint32_t *stack = malloc(((size_t)nodes + 1) * sizeof *stack);
    uint32_t *cursor = malloc(((size_t)nodes + 1) * sizeof *cursor); /* next edge of an open node */
    uint8_t *is_root = malloc((size_t)nodes + 1);
    if (!rindex || !stack || !cursor || !is_root)
        goto out;

    uint32_t index = 1, components = 0;
    for (uint32_t start = 0; start < nodes; start++) {
        if (rindex[start])
            continue;
        size_t path = 0, waiting = nodes;
        stack[path++] = start;
        rindex[start] = index++;
        is_root[start] = 1;
        cursor[start] = 0;
        while (path) {
            uint32_t v = stack[path - 1];
            uint64_t e = graph->first[v] + cursor[v];
            if (e < graph->first[v + 1]) {
                uint32_t w = graph->target[e];
                if (!rindex[w]) { /* descend; the edge is looked at again on the way back */
                    stack[path++] = w;
                    rindex[w] = index++;
                    is_root[w] = 1;
                    cursor[w] = 0;
                    continue;
                }
                if (rindex[w] < rindex[v]) {
                    rindex[v] = rindex[w];
                    is_root[v] = 0;
                }
                cursor[v]++;
                continue;
            }
            path--;
            if (!is_root[v]) {
                stack[--waiting] = v;
                continue;
            }
            uint32_t done = UINT32_MAX - components++;
            index--;
            while (waiting < nodes && rindex[stack[waiting]] >= rindex[v]) {
                rindex[stack[waiting++]] = done;
                index--;
            }
            rindex[v] = done;
        }
    }
    for (uint32_t v = 0; v < nodes; v++)
        rindex[v] = UINT32_MAX - rindex[v];
    scc->count = components;
    scc->component = rindex;
    rindex = NULL;
    free(stack);
    free(cursor);
    stack = cursor = NULL;
    status = members_sort(scc, nodes);
out:
    free(rindex);
    free(stack);
    free(cursor);
    free(is_root);
    return status;
}

void scc_free(struct scc *scc)
{
    free(scc->component);
    free(scc->first);
    free(scc->member);
    *scc = (struct scc){0};
}
